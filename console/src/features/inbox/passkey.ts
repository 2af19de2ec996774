/** A passkey signs a statement: the challenge is the statement's digest, 32 bytes, and nothing else. */
import type { components } from "../../api/schema";

type Signature = components["schemas"]["SignatureBody"];

const WAIT = 300_000; // ms that a person has for it

/** Whether this browser can be asked for a passkey at all. */
export function knowsPasskeys(): boolean {
  return "PublicKeyCredential" in window && window.isSecureContext;
}

/** Asks for a signature over a digest (base64url). Null when the person did not give one. */
export async function signatureOn(digest: string): Promise<Signature | null> {
  let given: Credential | null;
  try {
    given = await navigator.credentials.get({
      publicKey: { challenge: bytesOf(digest), userVerification: "required", timeout: WAIT },
    });
  } catch (error) {
    if (error instanceof DOMException) return null;
    throw error;
  }
  if (!(given instanceof PublicKeyCredential)) return null;
  const { response } = given;
  if (!(response instanceof AuthenticatorAssertionResponse)) return null;
  return {
    method: "passkey",
    credential: textOf(given.rawId),
    client_data: textOf(response.clientDataJSON),
    authenticator_data: textOf(response.authenticatorData),
    signature: textOf(response.signature),
  };
}

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (each) => each.charCodeAt(0));
}

function textOf(buffer: ArrayBuffer): string {
  const plain = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(plain).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}
