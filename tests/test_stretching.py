"""What the tests spare themselves of stretching is nothing that another process would notice."""

from pathlib import Path

import pytest

from ledger import keys
from tests import stretching

ORIGIN = "ledger.example.com/acme"


def test_the_product_takes_no_salt_twice() -> None:
    made = [stretching.new_salt() for _ in range(1_000)]
    assert len(set(made)) == len(made)
    assert {len(salt) for salt in made} == {keys.SALT_BYTES}


def test_keys_made_here_are_those_that_any_other_process_derives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = [keys.create_keys(tmp_path / name, ORIGIN, "correct horse") for name in ("one", "other")]
    assert (tmp_path / "one" / "secrets.bin").read_bytes()[:16] != (tmp_path / "other" / "secrets.bin").read_bytes()[
        :16
    ]
    monkeypatch.setattr(keys, "_stretch", stretching.stretch)
    read = [keys.load_keys(tmp_path / name, ORIGIN, "correct horse") for name in ("one", "other")]
    assert [one.mac_key for one in read] == [one.mac_key for one in made]
    assert made[0].mac_key != made[1].mac_key
