// Uploads files with tus-js-client, one after the other; each is aborted on its way and resumed.
// Standard input: {"endpoint", "ca", "cert", "key", "jobs": [{"protocol", "envelope", "item", "file", "chunk", "abortAt"}]}
// Standard output: one list, for each job the offset at which it was resumed (null = it was not aborted).
"use strict";
const fs = require("node:fs");
const tus = require("tus-js-client");

const order = JSON.parse(fs.readFileSync(0, "utf8"));
const tls = {};
for (const name of ["ca", "cert", "key"]) tls[name] = fs.readFileSync(order[name]);
const httpStack = new tus.DefaultHttpStack(tls);

function send(job, data, url) {
  return new Promise((resolve, reject) => {
    let resumedAt = null;
    const upload = new tus.Upload(data, {
      endpoint: order.endpoint,
      uploadUrl: url,
      protocol: job.protocol,
      httpStack,
      chunkSize: job.chunk,
      retryDelays: [0, 100, 500, 2000],
      metadata: { envelope: job.envelope, item: String(job.item) },
      onAfterResponse(request, response) {
        if (request.getMethod() === "HEAD") resumedAt = Number(response.getHeader("Upload-Offset"));
      },
      onProgress(sent) {
        if (!url && job.abortAt && sent > job.abortAt) {
          upload.abort().then(() => resolve({ url: upload.url, resumedAt: null }), reject);
        }
      },
      onError: reject,
      onSuccess: () => resolve({ url: upload.url, resumedAt }),
    });
    upload.start();
  });
}

async function main() {
  const told = [];
  for (const job of order.jobs) {
    const data = fs.readFileSync(job.file);
    const first = await send(job, data, null);
    told.push(job.abortAt ? (await send(job, data, first.url)).resumedAt : null);
  }
  process.stdout.write(JSON.stringify(told));
}

main().then(() => process.exit(0), (error) => {
  console.error(String(error));
  process.exit(1);
});
