// The few requests that the page makes, all to its own server.

import { say } from "./words.js";

/** What a request came to when it did not succeed; `signedOut` asks for a new sign-in. */
export class Refusal extends Error {
  constructor(status, words) {
    super(words ?? "");
    this.signedOut = status === 401;
  }
}

/** Put a failure into words: the server's own, or that it could not be reached. */
export function why(problem) {
  if (problem.signedOut) return say("signed_out");
  return (problem instanceof Refusal && problem.message) || say("not_sent");
}

async function answered(response) {
  const body = await response.json().catch(() => ({}));
  if (!response.ok) throw new Refusal(response.status, body.error);
  return body;
}

export async function get(path) {
  return answered(await fetch(path));
}

export async function post(path, body) {
  const headers = { "Content-Type": "application/json" };
  return answered(await fetch(path, { method: "POST", headers, body: JSON.stringify(body) }));
}

/** Draw an id for an asking: sent twice, it still has one effect. */
export function newId() {
  // crypto.randomUUID is missing where the page is reached over plain http in a home network.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
