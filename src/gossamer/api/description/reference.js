// Starts Swagger UI, and signs what is tried out with the key that was given under "Authorize": KEY:SECRET, or
// KEY:SECRET:REGION. The secret never leaves the browser.
// Source: AWS General Reference, Signature Version 4.
"use strict";

const hex = (bytes) => [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
const utf8 = (text) => new TextEncoder().encode(text);
const digest = async (text) => hex(await crypto.subtle.digest("SHA-256", utf8(text)));
const escaped = (text) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (one) => "%" + one.charCodeAt(0).toString(16).toUpperCase());

async function mac(key, text) {
  const hmac = { name: "HMAC", hash: "SHA-256" };
  return crypto.subtle.sign("HMAC", await crypto.subtle.importKey("raw", key, hmac, false, ["sign"]), utf8(text));
}

async function signed(request) {
  const given = request.headers.Authorization;
  if (!given || given.startsWith("AWS4-")) return request;
  const [key, secret, region = "us-west-2"] = given.split(":");
  const url = new URL(request.url, location.href);
  const now = new Date().toISOString().replace(/[-:]|\.\d{3}/g, "");
  const scope = [now.slice(0, 8), region, "appmesh", "aws4_request"];
  // The path is escaped twice, as every service but S3 wants it.
  const path = url.pathname.split("/").map(escaped).join("/");
  const query = [...url.searchParams].map(([name, value]) => `${escaped(name)}=${escaped(value)}`).sort();
  const headers = `host:${url.host}\nx-amz-date:${now}\n`;
  const parts = [request.method, path, query.join("&"), headers, "host;x-amz-date", await digest(request.body ?? "")];
  const text = ["AWS4-HMAC-SHA256", now, scope.join("/"), await digest(parts.join("\n"))].join("\n");
  let derived = utf8("AWS4" + secret);
  for (const part of scope) derived = await mac(derived, part);
  request.headers["x-amz-date"] = now;
  request.headers.Authorization =
    `AWS4-HMAC-SHA256 Credential=${key}/${scope.join("/")}, SignedHeaders=host;x-amz-date, ` +
    `Signature=${hex(await mac(derived, text))}`;
  return request;
}

SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  filter: true,
  operationsSorter: "alpha",
  requestInterceptor: signed,
  syntaxHighlight: { activated: true, theme: "nord" },
  validatorUrl: null,
});
