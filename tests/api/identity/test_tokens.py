"""Tokens: found by id, kept by hash, and no other text is one."""

import json
import os
from pathlib import Path

import pytest

from api.identity import tokens
from api.identity.tokens import API_KEY, SETUP_CODE, SIGN_IN, mint, parse_token, same_hash
from ledger.errors import BrokenInput

CASES = Path(os.environ.get("MUNIMENT_CASES", Path(__file__).parents[4] / "shared" / "cases"))


@pytest.mark.parametrize("kind", [API_KEY, SETUP_CODE, SIGN_IN])
def test_a_minted_token_comes_apart_again(kind: str) -> None:
    minted = mint("acme-2026", kind)
    token = parse_token(minted.text)
    assert token is not None
    assert (token.log, token.kind, token.id, token.hash) == ("acme-2026", kind, minted.id, minted.hash)
    assert minted.hash not in minted.text
    assert len({mint("acme", kind).text for _ in range(20)}) == 20


def test_every_change_of_a_token_changes_its_hash_or_its_kind() -> None:
    text = mint("acme", API_KEY).text
    hashes = {tokens.token_hash(text)}
    for place in range(len(text)):
        changed = text[:place] + ("b" if text[place] == "a" else "a") + text[place + 1 :]
        hashes.add(tokens.token_hash(changed))
    assert len(hashes) == len(text) + 1


@pytest.mark.parametrize(
    "spoil", [str.upper, lambda t: t + "0", lambda t: t[:-1], lambda t: t + "\n", lambda t: " " + t,
              lambda t: t.replace("_ak_", "_xx_"), lambda t: t.replace("acme", ""), lambda t: t.replace("acme", "a_b")]
)  # fmt: skip
def test_other_texts_are_no_tokens(spoil) -> None:  # type: ignore[no-untyped-def]
    assert parse_token(spoil(mint("acme", API_KEY).text)) is None


@pytest.mark.cases
def test_hostile_strings_are_no_tokens() -> None:
    source = CASES / "hostile-strings" / "blns.json"
    if not source.exists():
        pytest.skip("needs hostile-strings/blns.json in MUNIMENT_CASES")
    for text in json.loads(source.read_text(encoding="utf-8")):
        assert parse_token(text) is None
        with pytest.raises(BrokenInput):
            mint(f"{text}_", API_KEY)


def test_hashes_are_compared_whole() -> None:
    assert same_hash("abc", "abc")
    assert not same_hash("abc", "abd")
    assert not same_hash("abc", "ab")
    assert not same_hash("", "ä")
