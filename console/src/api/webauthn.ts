/** Passkeys of this browser: what the server's options become, and what goes back, binary members in base64url. */
import type { components } from "./schema";

export type EnrolmentOptions = components["schemas"]["EnrolmentOptionsAnswer"];
export type AssertionOptions = components["schemas"]["AssertionOptionsAnswer"];
export type Attested = Omit<components["schemas"]["PasskeyBody"], "name">;
export type Asserted = components["schemas"]["AssertionBody"];

/** Whether this browser, at this address, can make and use passkeys at all. */
export function hasPasskeys(): boolean {
  return window.isSecureContext && "PublicKeyCredential" in window;
}

/** What the person did instead of going on, or what the browser found; null for an error of another kind. */
export function passkeyFailure(error: unknown): "cancelled" | "known" | "impossible" | null {
  if (!(error instanceof DOMException)) return null;
  if (error.name === "NotAllowedError" || error.name === "AbortError") return "cancelled";
  return error.name === "InvalidStateError" ? "known" : "impossible";
}

/** Makes a passkey; the browser asks its person. Throws a DOMException when none was made. */
export async function makePasskey(options: EnrolmentOptions): Promise<Attested> {
  const made = await navigator.credentials.create({
    publicKey: {
      ...options,
      challenge: bytesOf(options.challenge),
      rp: { id: options.rp.id ?? "", name: options.rp.name ?? "" },
      user: {
        id: bytesOf(options.user.id ?? ""),
        name: options.user.name ?? "",
        displayName: options.user.displayName ?? "",
      },
      pubKeyCredParams: options.pubKeyCredParams as unknown as PublicKeyCredentialParameters[],
      excludeCredentials: options.excludeCredentials.map(descriptor),
    },
  });
  const key = credentialOf(made);
  const response = key.response as AuthenticatorAttestationResponse;
  return {
    credential: textOf(key.rawId),
    client_data: textOf(response.clientDataJSON),
    attestation: textOf(response.attestationObject),
    transports: response.getTransports(),
  };
}

/** Answers a challenge with a passkey; the browser asks its person. Throws a DOMException when none answered. */
export async function assertPasskey(options: AssertionOptions): Promise<Asserted> {
  const found = await navigator.credentials.get({
    publicKey: {
      ...options,
      challenge: bytesOf(options.challenge),
      allowCredentials: options.allowCredentials.map(descriptor),
    },
  });
  const key = credentialOf(found);
  const response = key.response as AuthenticatorAssertionResponse;
  return {
    credential: textOf(key.rawId),
    client_data: textOf(response.clientDataJSON),
    authenticator_data: textOf(response.authenticatorData),
    signature: textOf(response.signature),
  };
}

/** The bytes of base64url without padding. */
export function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (one) => one.charCodeAt(0));
}

/** Base64url without padding. */
export function textOf(buffer: ArrayBuffer): string {
  const binary = Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join("");
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

function descriptor(one: Readonly<Record<string, unknown>>): PublicKeyCredentialDescriptor {
  return { type: "public-key", id: bytesOf(String(one.id)) };
}

function credentialOf(found: Credential | null): PublicKeyCredential {
  if (found instanceof PublicKeyCredential) return found;
  throw new DOMException("expected a passkey, found none", "NotAllowedError");
}
