// Whether a receipt holds: the key is the city's, the signature is the key's, and the times can be true.

const LABELS = { [BOX]: "madobus/box-receipt/v1\0", [HALL]: "madobus/hall-receipt/v1\0" };

const ofHex = (text) => Uint8Array.from(text.match(/../g), (one) => parseInt(one, 16));

// The browser's own Ed25519; none where it has none, or where the page did not come over a safe way.
async function importedKey(raw) {
  try {
    return await crypto.subtle.importKey("raw", raw, { name: "Ed25519" }, false, ["verify"]);
  } catch {
    throw new Refused("no_ed25519");
  }
}

async function judged(text, city) {
  const receipt = receiptOf(bytesOf(text));
  const signer = city.keys.find((one) => one.id === receipt.keyId && BigInt(one.form) === receipt.form);
  if (!signer) throw new Refused("refused_key");
  const label = new TextEncoder().encode(LABELS[receipt.form]);
  const message = new Uint8Array([...label, ...receipt.body]);
  const key = await importedKey(ofHex(signer.ed25519));
  if (!(await crypto.subtle.verify({ name: "Ed25519" }, key, receipt.signature, message))) throw new Refused("refused_signature");
  if (receipt.filed < receipt.notBefore || receipt.filed > (receipt.received ?? receipt.filed)) throw new Refused("refused_times");
  if (receipt.form === HALL && !numberHolds(receipt.number)) throw new Refused("refused_number");
  return { receipt, signer };
}
