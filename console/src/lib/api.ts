/** Calls of the API, as any client makes them: JSON in, JSON out, errors as sentences. */

export interface Violation {
  readonly document: number;
  readonly path: string;
  readonly why: string;
}

/** What the server refused, in its own words. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly fault: string,
    message: string,
    readonly violations: readonly Violation[] = [],
  ) {
    super(message);
  }

  /** Somebody else was faster. */
  get isConflict(): boolean {
    return this.fault === "ConflictException";
  }
}

const SIGN_IN_AGAIN = new Set([
  "MissingAuthenticationTokenException",
  "UnrecognizedClientException",
  "InvalidSignatureException",
  "ExpiredTokenException",
  "IncompleteSignatureException",
]);

/** Called when the server no longer knows who we are. */
let signedOut: () => void = () => undefined;

export function onSignedOut(then: () => void): void {
  signedOut = then;
}

export async function call<Answer>(method: string, path: string, body?: unknown): Promise<Answer> {
  const headers: Record<string, string> = { accept: "application/json" };
  if (method !== "GET") headers["x-gossamer-console"] = "1";
  if (body !== undefined) headers["content-type"] = "application/json";
  return answered<Answer>(
    await reached(path, {
      method,
      headers,
      credentials: "same-origin",
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }),
  );
}

/** Browsers say "Failed to fetch", each in its own words. */
async function reached(path: string, request: RequestInit): Promise<Response> {
  try {
    return await fetch(path, request);
  } catch (error) {
    throw new Error("The control plane does not answer.", { cause: error });
  }
}

export async function answered<Answer>(response: Response): Promise<Answer> {
  const text = await response.text();
  if (response.ok) return (text === "" ? undefined : JSON.parse(text)) as Answer;
  const fault = (response.headers.get("x-amzn-errortype") ?? "").split(":")[0] ?? "";
  if (response.status === 401 || SIGN_IN_AGAIN.has(fault)) signedOut();
  const told = sentence(text);
  throw new Refused(
    response.status,
    fault,
    told.message ?? `the server answered ${response.status.toString()}`,
    told.violations,
  );
}

function sentence(text: string): { message?: string; violations?: Violation[] } {
  try {
    return JSON.parse(text) as { message?: string; violations?: Violation[] };
  } catch {
    return text === "" ? {} : { message: text };
  }
}

export const get = async <Answer>(path: string): Promise<Answer> => call<Answer>("GET", path);

/** A path below our own API, each part escaped. */
export function own(...parts: readonly (string | number)[]): string {
  return `/gossamer/v1/${parts.map((one) => encodeURIComponent(one)).join("/")}`;
}

/** What an error says, whatever it is. */
export function why(error: unknown): string {
  if (error instanceof Error) return error.message;
  return String(error);
}
