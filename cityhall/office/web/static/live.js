// Listens to the office's board and fetches pages by itself without counting as a person's touch.
export function listen({ changed, on = () => {}, off = () => {} }) {
  const source = new EventSource("/inbox/events");
  source.addEventListener("hello", (event) => { on(); changed(event); });
  source.addEventListener("changed", (event) => { on(); changed(event); });
  source.addEventListener("ended", () => { source.close(); location.assign("/sign-in"); });
  source.addEventListener("error", off);
  return source;
}

// Gives a page of this server as a document whose scripts never run.
export function fetchPage(address) {
  return new Promise((good, bad) => {
    const request = new XMLHttpRequest();
    request.open("GET", address);
    request.setRequestHeader("X-By-Itself", "1");
    request.setRequestHeader("Accept", "text/html");
    request.responseType = "document";
    request.onload = () => (request.status === 200 && request.response ? good(request.response) : bad(request.status));
    request.onerror = () => bad(0);
    request.send();
  });
}

export async function fetchFacts(address) {
  const answer = await fetch(address, { headers: { "X-By-Itself": "1" } });
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}
