"""Verifies RFC 3161 tokens against pinned roots, by `rfc3161-client` (CMS and chain by OpenSSL) and rules around it.

A token holds when: its imprint is the hash of what it is said to cover; one signer signed, whose certificate the token
carries and the signed attribute signingCertificate(V2) binds; that certificate may sign timestamps and nothing else,
and says so critically; a chain leads from it to a pinned root, every certificate valid at the token's genTime, none
signed by SHA-1; and the policy is the one asked for, where one is. Whether the chain is still valid today is not asked:
that a token was good when it was made is what it is kept for, and `Stamp.valid_until` says how long it may be renewed.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from hashlib import new, sha256
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.hashes import MD5, SHA1
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID
from rfc3161_client import VerificationError, VerifierBuilder, decode_timestamp_response

from ledger.clock import Instant
from ledger.errors import BrokenInput, TooLarge
from ledger.timestamp import Stamp, TokenInfo, read_token, wrapped

ROOTS_BYTES_MAX = 1 << 20  # a few hundred certificates
CHAIN_MAX = 8  # certificates from signer to root
CARRIED_MAX = 16  # certificates in a token
ACCURACY_UNSTATED = 1_000_000  # microseconds; genTime itself is stated to the second at least

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Roots:
    """Certificates pinned by whoever verifies: those that signed themselves are trusted, the others help to reach them.

    `policy` is the authority's policy a token must state; empty for any.
    """

    def __init__(self, pem: bytes, policy: str = "") -> None:
        try:
            certificates = x509.load_pem_x509_certificates(pem)
        except ValueError as error:
            raise BrokenInput("expected certificates in PEM") from error
        self._trusted = [one for one in certificates if one.issuer == one.subject]
        self._between = [one for one in certificates if one.issuer != one.subject]
        self._policy = policy
        if not self._trusted:
            raise BrokenInput("expected a root certificate, one that is its own issuer")

    def check(self, token: bytes, message: bytes) -> Stamp:
        """A `ledger.timestamp.CheckToken`."""
        info = read_token(token)
        if new(info.hash, message).digest() != info.imprint:
            raise BrokenInput("expected a token over this checkpoint, found one over something else")
        if self._policy and info.policy != self._policy:
            raise BrokenInput(f"expected the policy {self._policy}, found {info.policy}")
        signer = _signer(info)
        chain = self._chain(signer, info)
        self._verify(token, info, chain)
        return Stamp(
            gen_time=info.gen_time,
            accuracy=ACCURACY_UNSTATED if info.accuracy is None else info.accuracy,
            valid_until=min(_instant(one.not_valid_after_utc) for one in chain),
            signer=sha256(signer.public_bytes(Encoding.DER)).hexdigest(),
        )

    def _verify(self, token: bytes, info: TokenInfo, chain: list[x509.Certificate]) -> None:
        """Signature and chain at genTime, by the library.

        It is given this chain alone: among two certificates of one name and key it would take either.
        """
        signer, *above = chain
        between = [one for one in above if one not in self._trusted]
        verifier = VerifierBuilder(tsa_certificate=signer, intermediates=between, roots=list(self._trusted)).build()
        try:
            verifier.verify(decode_timestamp_response(wrapped(token)), info.imprint)
        except (KeyboardInterrupt, SystemExit):
            raise
        except (VerificationError, ValueError, TypeError) as error:
            raise BrokenInput(f"expected a token that verifies: {_cut(error)}") from error
        except BaseException as error:  # the library's native code panics with one that is no Exception
            raise BrokenInput("expected a token that can be read") from error

    def _chain(self, signer: x509.Certificate, info: TokenInfo) -> list[x509.Certificate]:
        """The shortest chain from the signer to a pinned root, each certificate issued by the next and good then."""
        if not _is_valid(signer, info.gen_time):
            raise BrokenInput("expected certificates that were valid when the token was made")
        if _is_weak(signer):
            raise BrokenInput("expected certificates signed by SHA-256 or better, found SHA-1")
        others = [*self._trusted, *self._between, *_loaded(info.certificates)]
        usable = [one for one in others if _is_valid(one, info.gen_time)]
        chains = [[signer]]
        seen = [signer]
        for chain in chains:  # which grows: breadth first, each certificate once
            if chain[-1] in self._trusted:
                return chain
            if len(chain) == CHAIN_MAX or _is_weak(chain[-1]):
                continue
            for issuer in usable:
                if issuer not in seen and _is_issued(chain[-1], issuer):
                    seen.append(issuer)
                    chains.append([*chain, issuer])
        raise BrokenInput("expected a chain of certificates, valid when the token was made, to a pinned root")


def read_roots(path: Path, policy: str = "") -> Roots:
    """The roots in a PEM file."""
    try:
        if path.stat().st_size > ROOTS_BYTES_MAX:
            raise TooLarge(f"expected a file of at most {ROOTS_BYTES_MAX} bytes", str(path))
        pem = path.read_bytes()
    except OSError as error:
        raise BrokenInput("expected a file of certificates that can be read", str(path)) from error
    try:
        return Roots(pem, policy)
    except BrokenInput as error:
        raise BrokenInput(error.message, str(path)) from error


def _signer(info: TokenInfo) -> x509.Certificate:
    """The one certificate the token binds; it may sign timestamps and nothing else."""
    name, digest = info.bound
    if len(info.certificates) > CARRIED_MAX:
        raise TooLarge(f"expected at most {CARRIED_MAX} certificates in the token")
    found = [one for one in info.certificates if new(name, one, usedforsecurity=name != "sha1").digest() == digest]
    if len(found) != 1:
        raise BrokenInput("expected the certificate that signed in the token, bound by signingCertificate")
    (signer,) = _loaded(found)
    try:
        usage = signer.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    except (x509.ExtensionNotFound, x509.DuplicateExtension, ValueError) as error:
        raise BrokenInput("expected a certificate whose key may sign timestamps") from error
    if not usage.critical or list(usage.value) != [ExtendedKeyUsageOID.TIME_STAMPING]:
        raise BrokenInput("expected a certificate whose key may sign timestamps and nothing else, critically")
    return signer


def _loaded(certificates: Sequence[bytes]) -> list[x509.Certificate]:
    try:
        return [x509.load_der_x509_certificate(one) for one in certificates]
    except ValueError as error:
        raise BrokenInput("expected certificates in the token") from error


def _is_issued(one: x509.Certificate, by: x509.Certificate) -> bool:
    try:
        one.verify_directly_issued_by(by)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True


def _is_valid(one: x509.Certificate, at: Instant) -> bool:
    return _instant(one.not_valid_before_utc) <= at <= _instant(one.not_valid_after_utc)


def _is_weak(one: x509.Certificate) -> bool:
    try:
        return isinstance(one.signature_hash_algorithm, (MD5, SHA1))
    except UnsupportedAlgorithm:
        return True  # unknown to us, so nothing to lean on


def _instant(moment: datetime) -> Instant:
    return Instant((moment - _EPOCH) // _MICROSECOND)


def _cut(error: Exception) -> str:
    return " ".join(str(error).split())[:120]
