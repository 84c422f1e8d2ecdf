/**
 * AWS Signature Version 4 by the browser's own cryptography: the secret signs, and goes nowhere.
 *
 * Source: AWS Identity and Access Management user guide, AWS Signature Version 4 for API requests.
 */

export interface Key {
  readonly id: string;
  readonly secret: string;
  readonly region: string;
}

const utf8 = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

function hex(bytes: ArrayBuffer): string {
  return [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function digest(text: string): Promise<string> {
  return hex(await crypto.subtle.digest("SHA-256", utf8(text)));
}

async function mac(key: Uint8Array<ArrayBuffer> | ArrayBuffer, text: string): Promise<ArrayBuffer> {
  const hmac = { name: "HMAC", hash: "SHA-256" };
  const imported = await crypto.subtle.importKey("raw", key, hmac, false, ["sign"]);
  return crypto.subtle.sign("HMAC", imported, utf8(text));
}

function escaped(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** The headers that sign a request without a query. */
export async function signature(
  method: string,
  url: URL,
  body: string,
  key: Key,
  at: Date,
): Promise<Record<string, string>> {
  const now = at.toISOString().replace(/[-:]|\.\d{3}/g, "");
  const scope = [now.slice(0, 8), key.region, "appmesh", "aws4_request"];
  // The path is escaped twice, as every service but S3 wants it.
  const path = url.pathname.split("/").map(escaped).join("/");
  const canonical = [
    method,
    path,
    "",
    `host:${url.host}\nx-amz-date:${now}\n`,
    "host;x-amz-date",
    await digest(body),
  ];
  const text = ["AWS4-HMAC-SHA256", now, scope.join("/"), await digest(canonical.join("\n"))].join("\n");
  let derived: Uint8Array<ArrayBuffer> | ArrayBuffer = utf8(`AWS4${key.secret}`);
  for (const part of scope) derived = await mac(derived, part);
  return {
    "x-amz-date": now,
    authorization:
      `AWS4-HMAC-SHA256 Credential=${key.id}/${scope.join("/")}, ` +
      `SignedHeaders=host;x-amz-date, Signature=${hex(await mac(derived, text))}`,
  };
}
