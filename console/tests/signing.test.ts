/** What was stated is signed over its digest and nothing else, and what proves it goes into the body as it came. */
import { afterEach, describe, expect, it, vi } from "vitest";
import { NotSigned, proofOf } from "../src/api/signing";

const DIGEST = "-_8AAQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0"; // 32 bytes: fb ff 00 01 ... 1d

class Assertion {
  clientDataJSON = Uint8Array.of(0xfb, 0xff, 0xfe).buffer;
  authenticatorData = Uint8Array.of(1).buffer;
  signature = Uint8Array.of(2, 3).buffer;
}

class Key {
  rawId = Uint8Array.of(4, 5).buffer;
  response = new Assertion();
}

function stub(get: (asked: CredentialRequestOptions) => unknown) {
  vi.stubGlobal("PublicKeyCredential", Key);
  vi.stubGlobal("AuthenticatorAssertionResponse", Assertion);
  vi.stubGlobal("navigator", { credentials: { get: async (asked: CredentialRequestOptions) => get(asked) } });
}

afterEach(() => vi.unstubAllGlobals());

describe("what proves a signature", () => {
  it("is a passkey's assertion over the digest of the statement, with the person verified", async () => {
    let asked: CredentialRequestOptions | undefined;
    stub((options) => {
      asked = options;
      return new Key();
    });
    expect(await proofOf({ method: "passkey" }, DIGEST)).toEqual({
      signature: {
        method: "passkey",
        credential: "BAU",
        client_data: "-__-",
        authenticator_data: "AQ",
        signature: "AgM",
      },
    });
    const challenge = asked?.publicKey?.challenge as Uint8Array;
    expect([...challenge]).toEqual([0xfb, 0xff, ...Array.from({ length: 30 }, (_, n) => n)]);
    expect(asked?.publicKey?.userVerification).toBe("required");
  });

  it("is thrown when nobody signed, and no other error is hidden", async () => {
    stub(() => {
      throw new DOMException("no", "NotAllowedError");
    });
    await expect(proofOf({ method: "passkey" }, DIGEST)).rejects.toThrow(NotSigned);
    stub(() => null);
    await expect(proofOf({ method: "passkey" }, DIGEST)).rejects.toThrow(NotSigned);
    stub(() => {
      throw new TypeError("a bug");
    });
    await expect(proofOf({ method: "passkey" }, DIGEST)).rejects.toThrow("a bug");
  });

  it("is the password, with a code where one is asked for", async () => {
    expect(await proofOf({ method: "password", password: "word", code: undefined }, DIGEST)).toEqual({
      password: "word",
    });
    expect(await proofOf({ method: "password", password: "word", code: "123456" }, DIGEST)).toEqual({
      password: "word",
      code: "123456",
    });
  });
});
