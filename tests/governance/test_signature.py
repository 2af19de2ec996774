"""The statement binds every field; whatever changed is named."""

from dataclasses import fields, replace
from typing import Any

import pytest

from governance.signature import (
    ATTESTED,
    Signature,
    Statement,
    compare,
    re_derive,
    signature_of,
    statement_words,
)  # fmt: skip
from ledger import canonical
from ledger.refusal import Reason, Refusal

STATED, EXPIRES = 1_795_000_000_000_000, 1_795_000_900_000_000
STATEMENT = Statement(
    "person:officer", "approve", "I decide this credit", "office:head", "c0mm1t", "sh0wn", "pi_1", "decision",
    "bl", "gr", 7, STATED, EXPIRES, "n0nce",
)  # fmt: skip
OWN = {"nonce", "stated_at", "expires_at"}


def changed(name: str) -> Statement:
    value = getattr(STATEMENT, name)
    changes: dict[str, Any] = {name: value + 1 if isinstance(value, int) else f"{value}x"}
    return replace(STATEMENT, **changes)


@pytest.mark.parametrize("name", [field.name for field in fields(Statement)])
def test_every_field_moves_the_digest(name: str) -> None:
    assert changed(name).digest != STATEMENT.digest


@pytest.mark.parametrize("name", [field.name for field in fields(Statement) if field.name not in OWN])
def test_a_changed_field_is_refused_and_named(name: str) -> None:
    refusal = compare(STATEMENT, changed(name), STATED)
    assert refusal is not None
    assert refusal.reason is Reason.SHOWN_CHANGED
    assert refusal.details == ((name, f"{getattr(STATEMENT, name)} -> {getattr(changed(name), name)}"),)


def test_nonce_and_instants_come_from_the_stored_statement() -> None:
    current = replace(STATEMENT, nonce="other", stated_at=1, expires_at=2)
    assert compare(STATEMENT, current, STATED) is None
    assert re_derive(STATEMENT, current) == STATEMENT
    assert re_derive(STATEMENT, replace(current, outcome="decline")).digest != STATEMENT.digest


@pytest.mark.parametrize(
    ("now", "expired"), [(STATED - 1, True), (STATED, False), (EXPIRES - 1, False), (EXPIRES, True)]
)
def test_a_statement_runs_out_to_the_microsecond(now: int, expired: bool) -> None:
    refusal = compare(STATEMENT, STATEMENT, now)
    assert (refusal is not None and refusal.reason is Reason.STATEMENT_EXPIRED) is expired


def test_a_reason_that_vanished_is_a_change() -> None:
    refusal = compare(STATEMENT, replace(STATEMENT, reason=None), STATED)
    assert refusal is not None
    assert refusal.details == (("reason", "c0mm1t -> none"),)


def test_the_digest_is_the_ledgers_own() -> None:
    assert canonical.digest(STATEMENT.as_value()) == STATEMENT.digest


def test_the_words_say_what_is_signed() -> None:
    words = statement_words(STATEMENT, "Olga Officer", "2026-11-22T21:13:08.000000Z")
    for part in ("Olga Officer", "holder of the office head", "`approve`", "`decision`", "pi_1", "I decide this credit",
                 "2026-11-22T21:13:08.000000Z", "sh0wn", "revision 7", "the reason they gave"):  # fmt: skip
        assert part in words
    plain = statement_words(replace(STATEMENT, capacity="person:officer", reason=None), "Olga Officer", "now")
    assert "in their own name" in plain
    assert "without a reason" in plain


def test_a_password_is_attested_by_the_service_and_nothing_else_signs() -> None:
    signature = signature_of(STATEMENT, "password", STATED + 1)
    assert signature == Signature(STATEMENT.digest, "person:officer", "password", ATTESTED, STATED + 1)
    assert isinstance(signature, Signature)
    assert signature.as_value()["strength"] == "attested by the service"
    refused = signature_of(STATEMENT, "wish", STATED)
    assert isinstance(refused, Refusal)
    assert refused.reason is Reason.SIGNATURE_WRONG
