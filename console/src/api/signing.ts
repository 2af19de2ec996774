/** Signing: which ways a person has here, and a passkey's signature over the digest of a statement. */
import { useQuery } from "@tanstack/react-query";
import type { SignMethod, SignProof } from "../design";
import { client, given } from "./client";
import type { components } from "./schema";

type Signature = components["schemas"]["SignatureBody"];

const WAIT = 300_000; // ms that a person has to answer their browser

/** Whether this browser can be asked for a passkey at all. */
export function knowsPasskeys(): boolean {
  return "PublicKeyCredential" in window && window.isSecureContext;
}

export interface Ways {
  readonly methods: readonly SignMethod[];
  /** Whether a password needs a code of the second factor beside it. */
  readonly needsCode: boolean;
}

/** How this person can sign here: by passkey first, where they have one that is good at this address. */
export function useWays(): Ways | undefined {
  const passkeys = useQuery({
    queryKey: ["me", "passkeys"],
    queryFn: ({ signal }) => given(client.GET("/v1/me/passkeys", { signal })),
  });
  const factor = useQuery({
    queryKey: ["me", "second-factor"],
    queryFn: ({ signal }) => given(client.GET("/v1/me/second-factor", { signal })),
  });
  if (passkeys.isPending || factor.isPending) return undefined;
  const items = passkeys.data?.items ?? [];
  const has = knowsPasskeys() && items.some((item) => item.rp_id === window.location.hostname);
  return {
    methods: has ? ["passkey", "password"] : ["password"],
    needsCode: factor.data?.totp === "confirmed",
  };
}

/** Nobody signed: the browser was told no, or found no passkey. Not an answer of the server. */
export class NotSigned extends Error {
  override readonly name = "NotSigned";
}

/** What a body carries beside the nonce of the statement with this digest. */
export async function proofOf(
  proof: SignProof,
  digest: string,
): Promise<{ password: string; code?: string } | { signature: Signature }> {
  if (proof.method === "passkey") return { signature: await signatureOn(digest) };
  return { password: proof.password, ...(proof.code === undefined ? {} : { code: proof.code }) };
}

/** A passkey's signature: the challenge is the digest (base64url, 32 bytes) and nothing else. */
async function signatureOn(digest: string): Promise<Signature> {
  const asked = { challenge: bytesOf(digest), userVerification: "required", timeout: WAIT } as const;
  const found = await navigator.credentials.get({ publicKey: asked }).catch((error: unknown) => {
    if (error instanceof DOMException) return null;
    throw error;
  });
  const response = found instanceof PublicKeyCredential ? found.response : null;
  if (!(found instanceof PublicKeyCredential) || !(response instanceof AuthenticatorAssertionResponse))
    throw new NotSigned();
  return {
    method: "passkey",
    credential: textOf(found.rawId),
    client_data: textOf(response.clientDataJSON),
    authenticator_data: textOf(response.authenticatorData),
    signature: textOf(response.signature),
  };
}

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

function textOf(buffer: ArrayBuffer): string {
  const plain = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(plain).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}
