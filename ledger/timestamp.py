"""Trusted time on a checkpoint: RFC 3161 tokens, what they cover, and which are due. Pure, standard library only.

    note            = the published checkpoint as it stands: text || "\\n" || signature lines of the log at publication
    token 1 covers    SHA-256( note )
    token k covers    SHA-256( note || token 1 || ... || token k-1 )         a renewal, before token k-1 runs out
    token           = RFC 3161 TimeStampToken, DER: CMS SignedData (RFC 5652) around a TSTInfo

A token says that what it covers existed at its genTime: the checkpoint, and the log's signature on it, so that a key
stolen later signs nothing that was stamped before. Several tokens of one checkpoint are one chain or several; which
token covers what follows from the imprints, never from the order in which they are kept (the idea is RFC 4998's).

    request         = SEQUENCE { 1, SEQUENCE { SEQUENCE { sha256, NULL }, imprint[32] }, [policy OID], nonce, TRUE }
    answer          = SEQUENCE { SEQUENCE { status INTEGER, ... }, token }            status 0 granted, 1 with changes

What is read here is the structure; whether the token's signature and chain hold says `CheckToken`, handed in.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import new, sha256
from typing import NamedTuple

from ledger import der
from ledger.clock import SECOND, Instant
from ledger.der import Element
from ledger.errors import BrokenInput, TooLarge

TOKEN_BYTES_MAX = 1 << 16  # a token with a chain of four RSA-4096 certificates has about 8 kB
TOKENS_MAX = 64  # of one checkpoint: two a year for thirty years
NONCE_BITS = 64
DAY = 86_400 * SECOND
RENEW_BEFORE = 30 * DAY  # a month to notice that an authority gives no more tokens

SHA256 = "2.16.840.1.101.3.4.2.1"
HASHES = {SHA256: "sha256", "2.16.840.1.101.3.4.2.2": "sha384", "2.16.840.1.101.3.4.2.3": "sha512"}

_SIGNED_DATA = "1.2.840.113549.1.7.2"
_TST_INFO = "1.2.840.113549.1.9.16.1.4"
_CONTENT_TYPE = "1.2.840.113549.1.9.3"
_SIGNING_CERTIFICATE = "1.2.840.113549.1.9.16.2.12"  # binds by SHA-1; it stands against a second pre-image alone
_SIGNING_CERTIFICATE_V2 = "1.2.840.113549.1.9.16.2.47"
_STATUS = ("granted", "granted with changes", "rejected", "waiting", "revocation warning", "revocation notification")


@dataclass(frozen=True, slots=True)
class TokenInfo:
    """What a token says, before anything is verified. `nonce` and `accuracy` (microseconds) where it states them.

    `bound` is (hash name, digest) of the certificate that signed, by the signed attribute signingCertificate(V2);
    `signer_hash` the hash under the signature; `certificates` those it carries, DER.
    """

    policy: str
    hash: str
    imprint: bytes
    serial: int
    gen_time: Instant
    accuracy: int | None
    nonce: int | None
    bound: tuple[str, bytes]
    signer_hash: str
    certificates: tuple[bytes, ...]


class Stamp(NamedTuple):
    """A token that holds: made at `gen_time` give or take `accuracy` (microseconds), its chain valid to `valid_until`.

    `signer` is the SHA-256 of the certificate that signed, hexadecimal.
    """

    gen_time: Instant
    accuracy: int
    valid_until: Instant
    signer: str


CheckToken = Callable[[bytes, bytes], Stamp]
"""(token, what it covers) -> the stamp; `BrokenInput` unless it holds, for a pinned root and at its genTime."""


class Chain(NamedTuple):
    """A chain of tokens on the checkpoint of `size`, oldest first, and the stamps they were found to be."""

    size: int
    note: str
    tokens: tuple[bytes, ...]
    stamps: tuple[Stamp, ...]


def covered(note: str, tokens: Iterable[bytes] = ()) -> bytes:
    """What the next token covers, given the note as published and the tokens of the chain before it."""
    return b"".join([note.encode(), *tokens])


def imprint_of(message: bytes) -> bytes:
    """What is sent to the authority: 32 bytes, and nothing follows from them."""
    return sha256(message).digest()


def request(imprint: bytes, nonce: int, policy: str = "") -> bytes:
    """The request for a token, with the signer's certificate in it; `nonce` is positive and never used before."""
    algorithm = der.write(der.SEQUENCE, der.write_oid(SHA256), der.write(der.NULL))
    return der.write(
        der.SEQUENCE,
        der.write_integer(1),
        der.write(der.SEQUENCE, algorithm, der.write(der.OCTET_STRING, imprint)),
        der.write_oid(policy) if policy else b"",
        der.write_integer(nonce),
        der.write(der.BOOLEAN, b"\xff"),
    )


def read_response(data: bytes) -> bytes:
    """The token in an authority's answer; `BrokenInput` with the status when it granted none."""
    if len(data) > TOKEN_BYTES_MAX:
        raise TooLarge(f"expected an answer of at most {TOKEN_BYTES_MAX} bytes")
    parts = der.members(data, der.SEQUENCE)
    if not 1 <= len(parts) <= 2:
        raise BrokenInput("expected a status and a token")
    status = der.integer(_first(der.members(parts[0].whole, der.SEQUENCE)))
    if status not in (0, 1):
        said = _STATUS[status] if 0 <= status < len(_STATUS) else str(status)
        raise BrokenInput(f"expected a token, found the status `{said}`")
    if len(parts) != 2:
        raise BrokenInput("expected a token beside the status, found none")
    return parts[1].whole


def wrapped(token: bytes) -> bytes:
    """The token as an answer that grants it."""
    return der.write(der.SEQUENCE, der.write(der.SEQUENCE, der.write_integer(0)), token)


def read_token(token: bytes) -> TokenInfo:
    """The structure of a token; `BrokenInput` for anything but one CMS SignedData by one signer around a TSTInfo."""
    if len(token) > TOKEN_BYTES_MAX:
        raise TooLarge(f"expected a token of at most {TOKEN_BYTES_MAX} bytes")
    kind, content = _exactly(der.members(token, der.SEQUENCE), 2)
    if der.oid(kind) != _SIGNED_DATA:
        raise BrokenInput("expected CMS SignedData")
    parts = der.members(_inside(content, der.CONTEXT_CONSTRUCTED), der.SEQUENCE)
    if len(parts) < 4 or parts[-1].tag != der.SET:
        raise BrokenInput("expected SignedData with a content and a signer")
    kind, content = _exactly(der.members(parts[2].whole, der.SEQUENCE), 2)
    if der.oid(kind) != _TST_INFO:
        raise BrokenInput("expected a TSTInfo in the token")
    info = der.octets(der.one(_inside(content, der.CONTEXT_CONSTRUCTED), der.OCTET_STRING))
    carried = next((part for part in parts[3:-1] if part.tag == der.CONTEXT_CONSTRUCTED), None)
    certificates = () if carried is None else tuple(one.whole for one in der.read(carried.content))
    return _info(info, _signer(parts[-1]), certificates)


def _info(data: bytes, signer: tuple[str, tuple[str, bytes]], certificates: tuple[bytes, ...]) -> TokenInfo:
    """What a TSTInfo says, with what is known of who signed it."""
    parts = der.members(data, der.SEQUENCE)
    if len(parts) < 5 or der.integer(parts[0]) != 1:
        raise BrokenInput("expected a TSTInfo of version 1")
    algorithm, imprint = _exactly(der.members(parts[2].whole, der.SEQUENCE), 2)
    name = _hash_name(algorithm)
    digest = der.octets(imprint)
    if len(digest) != new(name).digest_size:
        raise BrokenInput(f"expected an imprint by {name}")
    rest = {part.tag: part for part in parts[5:]}
    accuracy, nonce = rest.get(der.SEQUENCE), rest.get(der.INTEGER)
    return TokenInfo(
        policy=der.oid(parts[1]),
        hash=name,
        imprint=digest,
        serial=der.integer(parts[3]),
        gen_time=_time(parts[4]),
        accuracy=None if accuracy is None else _accuracy(accuracy),
        nonce=None if nonce is None else der.integer(nonce),
        bound=signer[1],
        signer_hash=signer[0],
        certificates=certificates,
    )


def _time(element: Element) -> Instant:
    """A GeneralizedTime as DER has it: to the second, or with a fraction that does not end in zero; UTC."""
    text = element.content.decode("ascii", "replace")
    whole, dot, fraction = text.removesuffix("Z").partition(".")
    is_time = element.tag == der.GENERALIZED_TIME and text.endswith("Z") and len(whole) == 14
    is_fraction = not dot or (fraction.isascii() and fraction.isdigit() and fraction[-1] != "0")
    if not (is_time and whole.isascii() and whole.isdigit() and is_fraction):
        raise BrokenInput("expected a time such as 20261122211308Z in the token")
    try:
        moment = datetime.strptime(f"{whole}+0000", "%Y%m%d%H%M%S%z")
    except ValueError as error:
        raise BrokenInput("expected a time that exists in the token") from error
    since = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return Instant(since.days * DAY + since.seconds * SECOND + int(fraction[:6].ljust(6, "0")))


def _accuracy(element: Element) -> int:
    """Microseconds of seconds, [0] milliseconds, [1] microseconds, each where stated."""
    total = 0
    for part in der.read(element.content):
        unit = {der.INTEGER: SECOND, der.CONTEXT: 1_000, der.CONTEXT + 1: 1}.get(part.tag)
        value = int.from_bytes(part.content, "big")
        if unit is None or value > 10**6:
            raise BrokenInput("expected an accuracy of seconds, milliseconds and microseconds")
        total += unit * value
    return total


def _signer(infos: Element) -> tuple[str, tuple[str, bytes]]:
    """(hash under the signature, what binds the certificate) of the one signer."""
    (info,) = _exactly(der.read(infos.content), 1)
    parts = der.members(info.whole, der.SEQUENCE)
    attributes = next((part for part in parts if part.tag == der.CONTEXT_CONSTRUCTED), None)
    if len(parts) < 6 or attributes is None:
        raise BrokenInput("expected signed attributes in the token")
    values: dict[str, bytes] = {}
    for attribute in der.read(attributes.content):
        kind, value = _exactly(der.members(attribute.whole, der.SEQUENCE), 2)
        if values.setdefault(der.oid(kind), value.content) is not value.content:
            raise BrokenInput("expected each signed attribute once")
    if der.oid(der.one(values.get(_CONTENT_TYPE, b""), der.OID)) != _TST_INFO:
        raise BrokenInput("expected a signature over a TSTInfo")
    return _hash_name(parts[2]), _bound(values)


def _bound(values: dict[str, bytes]) -> tuple[str, bytes]:
    """The hash of the certificate that signed: the first one that signingCertificate(V2) names (RFC 5035, 5816)."""
    version_2 = _SIGNING_CERTIFICATE_V2 in values
    value = values.get(_SIGNING_CERTIFICATE_V2 if version_2 else _SIGNING_CERTIFICATE)
    if value is None:
        raise BrokenInput("expected the signed attribute signingCertificate in the token")
    listed = _first(der.members(value, der.SEQUENCE))
    named = der.members(_first(der.members(listed.whole, der.SEQUENCE)).whole, der.SEQUENCE)
    if version_2 and _first(named).tag == der.SEQUENCE:
        return _hash_name(named[0]), der.octets(_first(named[1:]))
    return "sha256" if version_2 else "sha1", der.octets(_first(named))


def _hash_name(algorithm: Element) -> str:
    found = der.oid(_first(der.members(algorithm.whole, der.SEQUENCE)))
    if found not in HASHES:
        raise BrokenInput(f"expected SHA-256, SHA-384 or SHA-512, found the algorithm {found}")
    return HASHES[found]


def _inside(element: Element, tag: int) -> bytes:
    if element.tag != tag:
        raise BrokenInput(f"expected tag 0x{tag:02x} in DER, found 0x{element.tag:02x}")
    return element.content


def _first(elements: Sequence[Element]) -> Element:
    if not elements:
        raise BrokenInput("expected an element in DER, found nothing")
    return elements[0]


def _exactly(elements: Sequence[Element], count: int) -> Sequence[Element]:
    if len(elements) != count:
        raise BrokenInput(f"expected {count} elements in DER, found {len(elements)}")
    return elements


def due(chains: Iterable[Chain], now: Instant) -> tuple[Chain, ...]:
    """The chains to renew at `now`, smallest checkpoint first: of each day's first stamps the first one that still
    lives and runs out within RENEW_BEFORE.

    A log stamps every few minutes and an authority's certificates end all at once; one instant of each day is kept
    alive for good, and the others stay what they are, good at the genTime they state.
    """
    first: dict[int, Chain] = {}
    for chain in sorted(chains, key=lambda chain: (chain.stamps[0].gen_time, chain.size)):
        if chain.stamps[-1].valid_until > now:
            first.setdefault(chain.stamps[0].gen_time // DAY, chain)
    soon = (chain for chain in first.values() if chain.stamps[-1].valid_until - RENEW_BEFORE <= now)
    return tuple(sorted((chain for chain in soon if len(chain.tokens) < TOKENS_MAX), key=lambda chain: chain.size))
