"""A person's signature on a statement by their own passkey: made once, judged off-line for ever. Standard library only.

    challenge = SHA-256 of the statement, the very digest that stands in the signature

So what the passkey signed is the statement: outcome, meaning, capacity, what was shown. The proof goes into the entry
whole, and `verify.py` judges it again with what stands there: key, rp id and origin as the service recorded them. It
proves that the holder of that key signed this statement there. Whose passkey it is, the entry of its enrolment must
say; `judge_signature` is told nothing of that, and who uses it says so.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Final

from governance.refusal_texts import why
from governance.signature import (
    PASSKEY,
    PERSON_HELD_KEY,
    AnyStatement,
    PasskeyProof,
    Signature,
    passkey_signed,
)
from ledger.errors import BrokenInput
from ledger.refusal import Reason, Refusal
from ledger.verify.bytes import b64url, from_b64url
from ledger.verify.cose_key import CheckKey, check_with_key
from ledger.verify.webauthn import Assertion, Expected, Failure, verify_assertion
from ledger.wording import in_english

FACTOR: Final = PASSKEY

_TOLD: Final = {  # the others say what they found: they are told as the verifier has it, in English
    Failure.WRONG_CREDENTIAL: why("other-credential"),
    Failure.BAD_SIGNATURE: why("no-passkey-signature"),
    Failure.WRONG_CHALLENGE: why("other-challenge"),
    Failure.WRONG_ORIGIN: why("other-origin"),
    Failure.CROSS_ORIGIN: why("page-inside-another"),
    Failure.NOT_PRESENT: why("nobody-at-authenticator"),
    Failure.NOT_VERIFIED: why("nobody-recognised"),
}

_MEMBERS = frozenset(field.name for field in fields(PasskeyProof))


@dataclass(frozen=True, slots=True)
class Judged:
    """What a recorded signature proves, in words; `fault` where it does not prove what it says."""

    text: str
    is_fault: bool = False
    is_own_key: bool = False  # signed by a passkey, whose holder is for other entries to name


def challenge_of(statement: AnyStatement) -> bytes:
    """What a passkey is asked to sign."""
    return from_b64url(statement.digest)


def passkey_signature(
    statement: AnyStatement, assertion: Assertion, expected: Expected, signed_at: int, check: CheckKey = check_with_key
) -> Signature | Refusal:
    """The signature to record when the assertion is one of the expected passkey on this statement.

    SIGNATURE_WRONG with the failure (`ledger.verify.webauthn.Failure`) and, in words, what was expected.
    """
    if expected.challenge != challenge_of(statement):
        return Refusal(Reason.SIGNATURE_WRONG, why("other-challenge"))
    verdict = verify_assertion(assertion, expected, check)
    if verdict.failure is not None:
        told = _TOLD.get(verdict.failure) or in_english(verdict.text)
        return Refusal(Reason.SIGNATURE_WRONG, told, (("assertion", verdict.failure.value),))
    proof = PasskeyProof(
        b64url(assertion.credential),
        b64url(expected.public_key),
        b64url(assertion.client_data),
        b64url(assertion.authenticator_data),
        b64url(assertion.signature),
        expected.rp_id,
        json.loads(assertion.client_data)["origin"],
    )
    return passkey_signed(statement, proof, signed_at)


def judge_signature(signature: Mapping[str, Any], check: CheckKey = check_with_key) -> Judged:
    """What a signature proves, as it stands in an entry, once its digest was found to be the statement's."""
    strength, proof = str(signature.get("strength")), signature.get("passkey")
    if signature.get("factor") != FACTOR and proof is None and strength != PERSON_HELD_KEY:
        return Judged(strength)
    if signature.get("factor") != FACTOR or strength != PERSON_HELD_KEY or proof is None:
        return _fault("a person-held key, a passkey and its assertion go together, and here they do not")
    if (
        not isinstance(proof, Mapping)
        or proof.keys() != _MEMBERS
        or not all(isinstance(v, str) for v in proof.values())
    ):
        return _fault("the assertion does not have the members of one")
    try:
        assertion = Assertion(*(from_b64url(proof[field.name]) for field in fields(Assertion)))
        public_key, challenge = from_b64url(proof["public_key"]), from_b64url(str(signature.get("statement_digest")))
    except BrokenInput as error:
        return _fault(str(error))
    expected = Expected(assertion.credential, public_key, proof["rp_id"], frozenset((proof["origin"],)), challenge)
    verdict = verify_assertion(assertion, expected, check)
    if verdict.failure is not None:
        return _fault(f"{verdict.failure.value}: {verdict.text}")
    return Judged(f"{strength}, {verdict.algorithm} at {proof['origin']}", is_own_key=True)


def _fault(text: str) -> Judged:
    return Judged(text, is_fault=True)
