// A receipt's bytes out of its address, and its fields out of the bytes. Docs: envelope.md sections 1 and 8.
// Whatever the writer would not have written is refused; `reason` names the sentence the page shows.

class Refused extends Error {
  constructor(reason) {
    super(reason);
    this.reason = reason;
  }
}

const BYTES_MAX = 200;
const SIGNATURE = 64;
const LAST_SECOND = 32503679999n; // 2999-12-31T23:59:59Z
const BOX = 1n;
const HALL = 2n;

const digitsOf = (length) => ((1n << BigInt(8 * length)) - 1n).toString().length;

function bytesOf(text) {
  const found = /^(?:https:\/\/[A-Za-z0-9.:-]{1,70}\/r)?#([0-9]{1,482})$/.exec(text.trim());
  if (!found) throw new Refused("refused_text");
  let length = 1;
  while (length < BYTES_MAX && digitsOf(length) < found[1].length) length += 1;
  let number = BigInt(found[1]);
  if (digitsOf(length) !== found[1].length || number >> BigInt(8 * length)) throw new Refused("refused_text");
  const bytes = new Uint8Array(length);
  for (let at = length - 1; at >= 0; at -= 1, number >>= 8n) bytes[at] = Number(number & 255n);
  return bytes;
}

// The one list of numbers, byte strings and texts that a receipt is (RFC 8949 section 4.2.1).
function listOf(bytes) {
  let at = 0;
  const take = (size) => {
    if (at + size > bytes.length) throw new Refused("refused_form");
    at += size;
    return bytes.subarray(at - size, at);
  };
  const head = () => {
    const first = take(1)[0];
    const info = first & 31;
    if (info < 24) return [first >> 5, BigInt(info)];
    const size = { 24: 1, 25: 2, 26: 4, 27: 8 }[info];
    if (!size) throw new Refused("refused_form");
    let number = 0n;
    for (const one of take(size)) number = (number << 8n) | BigInt(one);
    if (number < (size === 1 ? 24n : 1n << BigInt(4 * size))) throw new Refused("refused_form");
    return [first >> 5, number];
  };
  const value = () => {
    const [major, number] = head();
    if (major === 0) return number;
    if (major === 2) return take(Number(number));
    if (major !== 3) throw new Refused("refused_form");
    try {
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(take(Number(number)));
    } catch {
      throw new Refused("refused_form");
    }
  };
  const [major, count] = head();
  if (major !== 4 || count > 16n) throw new Refused("refused_form");
  const found = Array.from({ length: Number(count) }, value);
  if (at !== bytes.length) throw new Refused("refused_form");
  return found;
}

const hex = (bytes) => Array.from(bytes, (one) => one.toString(16).padStart(2, "0")).join("");

function blob(value, size) {
  if (!(value instanceof Uint8Array) || value.length !== size) throw new Refused("refused_form");
  return value;
}

function count(value, high = (1n << 63n) - 1n, low = 0n) {
  if (typeof value !== "bigint" || value < low || value > high) throw new Refused("refused_form");
  return value;
}

function word(value, shape) {
  if (typeof value !== "string" || !shape.test(value)) throw new Refused("refused_form");
  return value;
}

const moment = (value) => Number(count(value, LAST_SECOND));

// The fields of a receipt, their types and sizes checked; nothing of it is believed yet.
function receiptOf(bytes) {
  if (bytes.length <= SIGNATURE) throw new Refused("refused_form");
  const body = bytes.subarray(0, -SIGNATURE);
  const values = listOf(body);
  const form = values[0];
  if (!(form === BOX && values.length === 9) && !(form === HALL && values.length === 11)) throw new Refused("refused_form");
  const shared = { form, body, signature: bytes.subarray(-SIGNATURE), slip: hex(blob(values[2], 32)), procedure: word(values[3], /^[a-z0-9_-]{1,24}$/) };
  blob(values[1], 16);
  return { ...shared, ...(form === BOX ? boxFields(values) : hallFields(values)) };
}

function boxFields(values) {
  return {
    filed: moment(values[4]), notBefore: moment(values[5]), slack: count(values[6], (1n << 32n) - 1n),
    seq: count(values[7], undefined, 1n), keyId: hex(blob(values[8], 8)),
  };
}

function hallFields(values) {
  return {
    number: word(values[4], /^.{1,16}$/), filed: moment(values[5]), notBefore: moment(values[6]), received: moment(values[7]),
    index: count(values[8], 1n << 62n), stage: count(values[9], 2n, 1n), keyId: hex(blob(values[10], 8)),
  };
}

// ISO/IEC 7064 MOD 11,10 over the two-digit year and the six digits.
function numberHolds(text) {
  const found = /^R([1-9][0-9]?)-([0-9]{6})-([0-9])$/.exec(text);
  if (!found) return false;
  let carried = 10;
  for (const digit of found[1].padStart(2, "0") + found[2]) carried = (((carried + Number(digit)) % 10 || 10) * 2) % 11;
  return (11 - carried) % 10 === Number(found[3]);
}
