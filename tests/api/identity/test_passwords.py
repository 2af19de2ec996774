"""Passwords: argon2id with fixed parameters, and the same work for accounts that do not exist."""

import pytest

from api.identity.passwords import LANES, MEMORY_KIB, PASSES, Passwords, check_password
from ledger.errors import BrokenInput

QUICK = Passwords(passes=1, memory_kib=64)


def test_a_hash_says_its_parameters_and_verifies() -> None:
    passwords = Passwords()
    encoded = passwords.hash("correct horse battery")
    assert encoded.startswith(f"$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p={LANES}$")
    assert passwords.verify(encoded, "correct horse battery")
    assert not passwords.verify(encoded, "correct horse batterY")
    assert encoded != passwords.hash("correct horse battery")


def test_no_password_is_right_for_no_account() -> None:
    assert not QUICK.verify(None, "")
    assert not QUICK.verify(None, "anything at all")


def test_an_unknown_account_costs_one_evaluation_like_any_other(monkeypatch: pytest.MonkeyPatch) -> None:
    passwords = Passwords(passes=1, memory_kib=64)
    encoded = passwords.hash("correct horse battery")
    asked: list[str] = []
    real = passwords._hasher.verify

    class Counting:
        def verify(self, encoded: str, password: str) -> bool:
            asked.append(encoded)
            return real(encoded, password)

    monkeypatch.setattr(passwords, "_hasher", Counting())
    for kept in (encoded, None):
        for word in ("correct horse battery", "wrong", "w" * 10_000):
            passwords.verify(kept, word)
    assert len(asked) == 6
    assert len({kept.rsplit("$", 2)[0] for kept in asked}) == 1  # one algorithm, one set of parameters
    assert {len(kept) for kept in asked} == {len(encoded)}


def test_the_same_keys_give_the_same_password() -> None:
    assert QUICK.verify(QUICK.hash("na\u0131\u0308ve passwo\u0301rd"), "na\u0131\u0308ve passw\u00f3rd")
    assert QUICK.verify(QUICK.hash("ﬁrst and second"), "first and second")


@pytest.mark.parametrize("kept", ["", "x", "$argon2id$v=19$m=64,t=1,p=1$AA$AA", "$argon2i$v=19$m=64,t=1,p=1$AAAA$AAAA"])
def test_a_broken_hash_lets_nobody_in(kept: str) -> None:
    assert not QUICK.verify(kept, "correct horse battery")


@pytest.mark.parametrize("password", ["", "short", "x" * 257, "abababababababab", "the p-three password"])
def test_weak_passwords_are_broken_input(password: str) -> None:
    with pytest.raises(BrokenInput):
        check_password(password, ("p-three",))


def test_length_is_counted_in_characters() -> None:
    check_password("ünïcödé wörd")
