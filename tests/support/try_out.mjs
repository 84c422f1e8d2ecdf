// Calls the server through the reference page's own signing, as Swagger UI does: FILE URL CREDENTIALS.
import { readFileSync } from "node:fs";
import vm from "node:vm";

const [, , file, base, credentials] = process.argv;
const CALLS = [
  ["GET", "/v20190125/meshes?limit=3"],
  ["PUT", "/v20190125/meshes", '{"meshName":"signed"}'],
  ["GET", "/v20190125/meshes/signed/virtualServices/a%20b%2Fc'"],
];

let options;
const browser = { crypto, TextEncoder, URL, Uint8Array, location: { href: `${base}/docs` } };
vm.runInNewContext(readFileSync(file, "utf8"), { ...browser, SwaggerUIBundle: (found) => (options = found) });
for (const [method, path, body] of CALLS) {
  const headers = { Authorization: credentials };
  const request = await options.requestInterceptor({ url: base + path, method, body, headers });
  const answer = await fetch(request.url, { method, body, headers: request.headers });
  console.log(answer.status);
}
