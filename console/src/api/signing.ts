/**
 * How what was stated is signed: decisions about tasks and reviews of change requests alike.
 *
 *     POST .../statement  ->  digest, nonce      proofOf(proof, digest)  ->  members of the body beside the nonce
 *
 * A passkey signs the digest of the statement, 32 bytes, as its challenge, and nothing else.
 */
import { useQuery } from "@tanstack/react-query";
import type { SignMethod, SignProof } from "../design";
import { client, given } from "./client";
import type { components } from "./schema";
import { bytesOf, hasPasskeys, textOf } from "./webauthn";

type Signature = components["schemas"]["SignatureBody"];

const WAIT = 300_000; // ms that a person has to answer their browser
const EVERY: readonly SignMethod[] = ["passkey", "password"];

/** How one person can sign one thing. */
export interface Ways {
  /** The preferred first; none where only a passkey is taken and they have none that is good at this address. */
  readonly methods: readonly SignMethod[];
  /** Whether a password needs a code of the second factor beside it. */
  readonly needsCode: boolean;
}

/** How this person can sign where these ways are taken (a task tells its `methods`); undefined until it is known. */
export function useWays(taken: readonly SignMethod[] = EVERY): Ways | undefined {
  const passkeys = useQuery({
    queryKey: ["me", "passkeys"],
    queryFn: ({ signal }) => given(client.GET("/v1/me/passkeys", { signal })),
    enabled: taken.includes("passkey"),
  });
  const factor = useQuery({
    queryKey: ["me", "second-factor"],
    queryFn: ({ signal }) => given(client.GET("/v1/me/second-factor", { signal })),
    enabled: taken.includes("password"),
  });
  if (passkeys.isLoading || factor.isLoading) return undefined;
  const isHere = (passkeys.data?.items ?? []).some((item) => item.rp_id === window.location.hostname);
  return {
    methods: taken.filter((method) => method === "password" || (isHere && hasPasskeys())),
    needsCode: factor.data?.totp === "confirmed",
  };
}

/** Nobody signed: the browser was told no, or found no passkey. Not an answer of the server. */
export class NotSigned extends Error {
  override readonly name = "NotSigned";
}

/** The members of a body that prove a signature. */
export type Proof = { readonly password: string; readonly code?: string } | { readonly signature: Signature };

/** What a body carries beside the nonce of the statement with this digest (base64url); throws `NotSigned`. */
export async function proofOf(proof: SignProof, digest: string): Promise<Proof> {
  if (proof.method === "passkey") return { signature: await signatureOn(digest) };
  return { password: proof.password, ...(proof.code === undefined ? {} : { code: proof.code }) };
}

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
