"""What proves that a person signs a statement now: by which factor, whose, how long ago."""

from dataclasses import replace
from typing import Any

import pytest

from governance.proving import SIGNED_WITHIN, TAKEN, NoPasskeys, Signer, methods, prove
from governance.signature import (
    ATTESTED,
    MEANINGS,
    PERSON_HELD_KEY,
    REVIEW_PURPOSE,
    PasskeyProof,
    ReviewStatement,
    Signature,
    Signed,
    compare,
    review_words,
)
from ledger.refusal import Reason, Refusal
from versioning.change import Verdict

NOW = 1_795_000_000_000_000
STATEMENT = ReviewStatement(
    "person:a", "person:a", "approve", "approval", "r", "cr_1", "blueprint", "loans", "d", 2, 1, NOW, NOW + 900, "n"
)
PROOF = PasskeyProof("c", "k", "cd", "ad", "s", "rp", "https://rp")
BY_PASSWORD = Signed("password", "person:a", NOW)
BY_PASSKEY = Signed("passkey", "person:a", NOW, PROOF, STATEMENT.digest)


def proved(proof: Signed | None, demanded: str = "password", **more: Any) -> Signature | Refusal:
    def holds(person: str, _: PasskeyProof) -> bool:
        return person == "person:a" and bool(more.get("holds", True))

    signer = Signer("person:a", more.get("now", NOW), holds)
    return prove(STATEMENT, proof, demanded, signer)


def reason_of(answer: Signature | Refusal) -> Reason:
    assert isinstance(answer, Refusal)
    return answer.reason


@pytest.mark.parametrize("factor", ["password", "password+totp", "password+recovery-code"])
def test_a_password_is_taken_where_no_passkey_is_demanded(factor: str) -> None:
    signed = proved(replace(BY_PASSWORD, factor=factor))
    assert isinstance(signed, Signature)
    assert (signed.statement_digest, signed.factor, signed.strength) == (STATEMENT.digest, factor, ATTESTED)
    assert reason_of(proved(replace(BY_PASSWORD, factor=factor), "passkey")) is Reason.SIGNATURE_MISSING


@pytest.mark.parametrize("demanded", sorted(TAKEN))
def test_a_passkey_is_taken_everywhere(demanded: str) -> None:
    signed = proved(BY_PASSKEY, demanded)
    assert isinstance(signed, Signature)
    assert (signed.strength, signed.passkey) == (PERSON_HELD_KEY, PROOF)


@pytest.mark.parametrize(
    ("proof", "more", "reason"),
    [
        (None, {}, Reason.SIGNATURE_MISSING),
        (replace(BY_PASSWORD, person="person:b"), {}, Reason.SIGNATURE_WRONG),
        (replace(BY_PASSWORD, factor="api-key"), {}, Reason.SIGNATURE_WRONG),
        (BY_PASSWORD, {"now": NOW + SIGNED_WITHIN + 1}, Reason.SIGNATURE_WRONG),
        (BY_PASSWORD, {"now": NOW - 1}, Reason.SIGNATURE_WRONG),
        (replace(BY_PASSKEY, failure="bad signature"), {}, Reason.SIGNATURE_WRONG),
        (replace(BY_PASSKEY, passkey=None), {}, Reason.SIGNATURE_WRONG),
        (replace(BY_PASSKEY, digest="of another"), {}, Reason.SIGNATURE_WRONG),
        (BY_PASSKEY, {"holds": False}, Reason.SIGNATURE_WRONG),
    ],
)
def test_what_proves_nothing_is_refused(proof: Signed | None, more: dict[str, Any], reason: Reason) -> None:
    assert reason_of(proved(proof, **more)) is reason


def test_the_ways_to_sign_are_told_by_what_is_demanded() -> None:
    assert [methods(one) for one in ("password", "passkey", "")] == [("passkey", "password"), ("passkey",), ()]


def test_who_has_no_passkeys_holds_none() -> None:
    assert not NoPasskeys().holds(None, "person:a", PROOF)  # type: ignore[arg-type]


def test_a_review_has_a_meaning_for_each_verdict_and_a_purpose_of_its_own() -> None:
    assert set(MEANINGS) == set(Verdict)
    assert STATEMENT.as_value()["purpose"] == REVIEW_PURPOSE


def test_a_statement_of_a_review_is_compared_field_by_field_and_runs_out() -> None:
    assert compare(STATEMENT, replace(STATEMENT, nonce="other", stated_at=0, expires_at=1), NOW) is None
    changed = compare(STATEMENT, replace(STATEMENT, edit=3, content_digest="e"), NOW)
    assert changed is not None
    assert (changed.reason, [name for name, _ in changed.details]) == (
        Reason.SHOWN_CHANGED,
        ["content_digest", "edit"],
    )
    late = compare(STATEMENT, STATEMENT, STATEMENT.expires_at)
    assert late is not None
    assert late.reason is Reason.STATEMENT_EXPIRED


def test_the_words_say_whom_and_what() -> None:
    said = review_words(replace(STATEMENT, capacity="person:b", base_version=0), "Ann", "noon")
    for word in ("on behalf of person:b", "no version", "edit 2 of cr_1", "`approve`", "approval", "(d)", "at noon"):
        assert word in said
    assert "version 1 of it" in review_words(STATEMENT, "Ann", "noon")
