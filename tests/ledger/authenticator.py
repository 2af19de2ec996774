"""A small authenticator: makes keys and assertions as a passkey does, with libraries the verifier does not use."""

import json
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePrivateKey, derive_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256

from ledger.verify.webauthn import Assertion, Expected

RP_ID = "ledger.test"
ORIGIN = "https://ledger.test"
CHALLENGE = sha256(b"a statement").digest()
PRESENT, VERIFIED, ELIGIBLE, BACKED_UP, ATTESTED, EXTENDED = 0x01, 0x04, 0x08, 0x10, 0x40, 0x80
ALGORITHMS = ("ES256", "RS256", "EdDSA")

PrivateKey = EllipticCurvePrivateKey | RSAPrivateKey | Ed25519PrivateKey


@lru_cache(maxsize=1)
def rsa_key() -> RSAPrivateKey:
    return generate_private_key(65537, 2048)


def private_key(algorithm: str) -> PrivateKey:
    if algorithm == "RS256":
        return rsa_key()
    if algorithm == "EdDSA":
        return Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    return derive_private_key(0x5EED, SECP256R1())


def cose_members(key: PrivateKey) -> dict[int, Any]:
    """The members of the public key as a COSE_Key."""
    if isinstance(key, RSAPrivateKey):
        numbers = key.public_key().public_numbers()
        return {1: 3, 3: -257, -1: numbers.n.to_bytes(256, "big"), -2: numbers.e.to_bytes(3, "big")}
    if isinstance(key, Ed25519PrivateKey):
        return {1: 1, 3: -8, -1: 6, -2: key.public_key().public_bytes_raw()}
    point = key.public_key().public_numbers()
    return {1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32, "big"), -3: point.y.to_bytes(32, "big")}


@dataclass
class Authenticator:
    """One passkey. Every part of what it says can be set otherwise before it signs."""

    algorithm: str = "ES256"
    rp_id: str = RP_ID
    flags: int = PRESENT | VERIFIED
    count: int = 0
    extensions: bytes = b""
    client: dict[str, Any] = field(default_factory=dict)
    credential: bytes = b"credential one"

    @property
    def key(self) -> PrivateKey:
        return private_key(self.algorithm)

    @property
    def public_key(self) -> bytes:
        return cbor2.dumps(cose_members(self.key), canonical=True)

    def authenticator_data(self) -> bytes:
        head = sha256(self.rp_id.encode()).digest() + bytes((self.flags,)) + self.count.to_bytes(4, "big")
        return head + self.extensions

    def client_data(self, challenge: bytes) -> bytes:
        """As a browser writes it, with what was set; a member set to `...` is left out."""
        said = {
            "type": "webauthn.get",
            "challenge": urlsafe_b64encode(challenge).rstrip(b"=").decode(),
            "origin": ORIGIN,
            "crossOrigin": False,
            **self.client,
        }
        kept = {name: value for name, value in said.items() if value is not ...}
        return json.dumps(kept, separators=(",", ":")).encode()

    def sign(self, challenge: bytes = CHALLENGE, client_data: bytes | None = None) -> Assertion:
        """An assertion on a challenge, or on client data as they are given."""
        client_data = self.client_data(challenge) if client_data is None else client_data
        told = self.authenticator_data()
        return Assertion(self.credential, client_data, told, self.sign_bytes(told + sha256(client_data).digest()))

    def sign_bytes(self, message: bytes) -> bytes:
        key = self.key
        if isinstance(key, RSAPrivateKey):
            return key.sign(message, PKCS1v15(), SHA256())
        if isinstance(key, Ed25519PrivateKey):
            return key.sign(message)
        return key.sign(message, ECDSA(SHA256()))

    def attest(self, challenge: bytes, flags: int = PRESENT | VERIFIED | ATTESTED) -> tuple[bytes, bytes]:
        """(client data, attestation object) of a new passkey, as a browser hands them over that was asked for none."""
        client_data = self.client_data(challenge).replace(b'"webauthn.get"', b'"webauthn.create"')
        head = sha256(self.rp_id.encode()).digest() + bytes((flags,)) + self.count.to_bytes(4, "big")
        named = bytes(16) + len(self.credential).to_bytes(2, "big") + self.credential
        told = head + named + self.public_key
        return client_data, cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": told}, canonical=True)

    def expected(self, challenge: bytes = CHALLENGE, sign_count: int = 0) -> Expected:
        """What a service expects of this passkey; not what was set on it to say."""
        origins = frozenset((ORIGIN, "https://other.ledger.test"))
        return Expected(self.credential, self.public_key, RP_ID, origins, challenge, sign_count)
