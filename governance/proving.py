"""What proves that a person signs a statement now: a factor that is taken, their own, shown just now. Pure.

The factor was checked before the writer (`governance.signature.Signed`); here it is judged what that check is worth for
this statement, this person and this instant.
"""

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple, Protocol

from governance.refusal_texts import why
from governance.signature import PASSKEY, AnyStatement, PasskeyProof, Signature, Signed, passkey_signed, signature_of
from ledger.clock import SECOND
from ledger.refusal import Reason, Refusal
from ledger.wording import Wording, as_it_is
from ledger.work import UnitOfWork

SIGNED_WITHIN: Final = 5 * 60 * SECOND  # the factor was entered this shortly before; the person is still there

PASSWORD: Final = "password"  # noqa: S105 - the name of a factor
_BY_PASSWORD: Final = (PASSWORD, "password+totp", "password+recovery-code")
TAKEN: Final[Mapping[str, tuple[str, ...]]] = {PASSWORD: (*_BY_PASSWORD, PASSKEY), PASSKEY: (PASSKEY,)}
"""The factors that are taken where one is demanded: a passkey is more than a password, never the other way round."""


def methods(demanded: str) -> tuple[str, ...]:
    """The ways to sign where this factor is demanded, the stronger first; none where nothing is signed."""
    return tuple(one for one in (PASSKEY, PASSWORD) if one in TAKEN.get(demanded, ()))


class Passkeys(Protocol):
    """Whose a passkey is, for signatures by one."""

    def holds(self, uow: UnitOfWork, person: str, proof: PasskeyProof) -> bool:
        """Whether the person has this passkey in force, with this key."""
        ...


class NoPasskeys:
    """Nobody has any."""

    def holds(self, uow: UnitOfWork, person: str, proof: PasskeyProof) -> bool:  # noqa: ARG002
        """See `Passkeys`."""
        return False


class Signer(NamedTuple):
    """Who signs, and when; `holds` says whether a passkey is theirs, in force, with its key."""

    person: str | None
    now: int
    holds: Callable[[str, PasskeyProof], bool]


def prove(statement: AnyStatement, proof: Signed | None, demanded: str, signer: Signer) -> Signature | Refusal:
    """The signature to record, or SIGNATURE_MISSING or SIGNATURE_WRONG with what was expected."""
    if proof is None:
        return Refusal(Reason.SIGNATURE_MISSING, why("no-signed-statement"))
    if proof.failure:
        return _wrong(why("no-assertion-of-own"), proof.failure)
    if demanded == PASSKEY and proof.factor in _BY_PASSWORD:
        return Refusal(Reason.SIGNATURE_MISSING, why("password-for-passkey"))
    if proof.factor not in TAKEN[demanded] or proof.person != signer.person:
        return Refusal(Reason.SIGNATURE_WRONG, why("not-own-signature", factor=as_it_is(demanded)))
    if not 0 <= signer.now - proof.verified_at <= SIGNED_WITHIN:
        return Refusal(Reason.SIGNATURE_WRONG, why("signature-too-old"))
    if proof.factor != PASSKEY:
        return signature_of(statement, proof.factor, proof.verified_at)
    if proof.passkey is None or proof.digest != statement.digest:
        return _wrong(why("no-assertion"), "challenge of another statement")
    if not signer.holds(proof.person, proof.passkey):
        return _wrong(why("no-passkey-of-own"), "wrong credential")
    return passkey_signed(statement, proof.passkey, proof.verified_at)


def _wrong(message: Wording, failure: str) -> Refusal:
    return Refusal(Reason.SIGNATURE_WRONG, message, (("assertion", failure),))
