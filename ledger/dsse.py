"""DSSE envelopes around signed statements (github.com/secure-systems-lab/dsse, protocol 1.0). Standard library only.

    PAE        "DSSEv1" SP len(type) SP type SP len(body) SP body     lengths in bytes, decimal; this is what is signed
    envelope   { "payload": base64( body ), "payloadType": type, "signatures": [ { "keyid": hint, "sig": base64 } ] }

What is signed are bytes, so no canonical form is needed to trust them: whoever receives an envelope verifies first and
parses the body afterwards. A key id is a hint and proves nothing; signatures are counted by distinct keys. Both base64
alphabets are taken; ours is written.
"""

import json
from base64 import b64encode, urlsafe_b64decode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ledger.errors import BrokenInput, TooLarge
from ledger.note import CheckSignature

MEDIA_TYPE = "application/vnd.dsse.envelope.v1+json"
IN_TOTO = "application/vnd.in-toto+json"
IN_TOTO_STATEMENT = "https://in-toto.io/Statement/v1"
DECISION = "application/vnd.muniment.decision.v1+json"

ENVELOPE_BYTES_MAX = 16 << 20  # the manifest of a pack of ten thousand files, in base64
SIGNATURES_MAX = 100
TYPE_BYTES_MAX = 255

SignBytes = Callable[[bytes], tuple[str, bytes]]
"""PAE -> (key id, signature)."""

CheckBytes = Callable[[bytes, bytes], bool]
"""(PAE, signature) -> whether the expected key made it."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """Exact payload bytes, and (key id, signature) pairs; nothing is said about whether they verify."""

    payload_type: str
    payload: bytes
    signatures: tuple[tuple[str, bytes], ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a verifier asks for: signatures by `threshold` of the public keys given, and a type it can read."""

    keys: frozenset[bytes]
    types: tuple[str, ...]
    check: CheckSignature
    threshold: int = 1


def pae(payload_type: str, payload: bytes) -> bytes:
    """The pre-authentication encoding: the bytes a signature covers."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)


def write_envelope(payload_type: str, payload: bytes, signers: Sequence[SignBytes]) -> bytes:
    """The envelope with one signature of each signer, sorted keys, no space, a newline at the end."""
    message = pae(payload_type, payload)
    signed = [sign(message) for sign in signers]
    value = {
        "payload": b64encode(payload).decode("ascii"),
        "payloadType": payload_type,
        "signatures": [{"keyid": key_id, "sig": b64encode(signature).decode("ascii")} for key_id, signature in signed],
    }
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode() + b"\n"


def read_envelope(data: bytes) -> Envelope:
    """The envelope of its JSON; `BrokenInput` for anything else. Members that nobody defined are passed over."""
    if len(data) > ENVELOPE_BYTES_MAX:
        raise TooLarge(f"expected an envelope of at most {ENVELOPE_BYTES_MAX} bytes")
    try:
        value = json.loads(data, object_pairs_hook=_once)
        payload_type, payload, listed = value["payloadType"], value["payload"], value["signatures"]
        is_envelope = type(payload_type) is str and type(listed) is list and 1 <= len(listed) <= SIGNATURES_MAX
        if not is_envelope or len(payload_type.encode()) > TYPE_BYTES_MAX:
            raise BrokenInput(f"expected a payload type and 1 to {SIGNATURES_MAX} signatures in the envelope")
        signatures = tuple((_hint(one.get("keyid", "")), _from_base64(one["sig"])) for one in listed)
        return Envelope(payload_type, _from_base64(payload), signatures)
    except (AttributeError, KeyError, TypeError, ValueError, RecursionError) as error:
        raise BrokenInput("expected a DSSE envelope") from error


def check_envelope(envelope: Envelope, check: CheckBytes) -> bool:
    """Whether one of the signatures is the expected key's."""
    message = pae(envelope.payload_type, envelope.payload)
    return any(check(message, signature) for _, signature in envelope.signatures)


def verified_payload(data: bytes, wanted: Wanted) -> tuple[str, bytes]:
    """(type, payload) of an envelope that enough distinct keys signed; else `BrokenInput`. Only then parse it."""
    if not 1 <= wanted.threshold <= len(wanted.keys):
        raise BrokenInput("expected as many keys as signatures are asked for, at least one")
    envelope = read_envelope(data)
    if envelope.payload_type not in wanted.types:
        raise BrokenInput(f"expected a payload of type {', '.join(wanted.types)}, found another")
    signed = sum(_is_signed(envelope, wanted.check, key) for key in wanted.keys)
    if signed < wanted.threshold:
        raise BrokenInput(f"expected signatures by {wanted.threshold} of the keys given, found {signed}")
    return envelope.payload_type, envelope.payload


def _is_signed(envelope: Envelope, check: CheckSignature, key: bytes) -> bool:
    return check_envelope(envelope, lambda message, signature: check(key, message, signature))


def _once(members: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(members)
    if len(value) != len(members):
        raise ValueError("a member twice")
    return value


def _hint(key_id: Any) -> str:
    if type(key_id) is not str:
        raise TypeError("a key id that is no text")
    return key_id


def _from_base64(text: str) -> bytes:
    """Either alphabet with padding, each alone, as the protocol asks; white space and loose bits are no base64."""
    plain = text.replace("-", "+").replace("_", "/")
    data = urlsafe_b64decode(text.replace("+", "-").replace("/", "_"))
    is_mixed = ("-" in text or "_" in text) and ("+" in text or "/" in text)
    if is_mixed or b64encode(data).decode("ascii") != plain:
        raise ValueError("no base64")
    return data
