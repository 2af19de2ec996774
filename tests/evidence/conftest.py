"""Fixtures of the evidence tests: a bank with one decided instance, and a pack of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from api.packs import BuiltPack, PackRequest, build_pack
from tests.conftest import SetClock
from tests.evidence.bank import Bank, actor_of, found
from tests.evidence.scenes import decide_by, noise, start
from tests.migrated import migrated_sqlite

INSTANCE = "pi_1"


def open_bank(folder: Path, clock: SetClock, **rest: object) -> Bank:
    """A bank on a new database."""
    folder.mkdir(parents=True, exist_ok=True)
    database = migrated_sqlite(folder / "ledger.sqlite")
    return Bank(database, folder / "keys", clock, **rest)  # type: ignore[arg-type]


def live(bank: Bank) -> None:
    """A day at the bank: one instance decided, another still open, and other people's entries."""
    register = found(bank)
    if bank.passkeys:
        bank.play(actor_of("officer"), "passkeys", lambda _: bank.passkeys)
    noise(bank, 9)
    start(bank, INSTANCE)
    noise(bank, 5)
    start(bank, "pi_2")
    decide_by(bank, register, INSTANCE)
    noise(bank, 3)


def ask_for(bank: Bank, **rest: object) -> PackRequest:
    """A pack of the decided instance with staff names opened."""
    allowed = rest.pop("allowed", lambda record_class, data_subject: data_subject.startswith("person:"))
    return PackRequest((INSTANCE,), "annual review", "Regulator", allowed, **rest)  # type: ignore[arg-type]


def pack_of(bank: Bank, **rest: object) -> BuiltPack:
    """The pack, built on the write path."""
    built = build_pack(bank.room, actor_of("reviewer"), "pack-1", ask_for(bank, **rest))
    assert isinstance(built, BuiltPack), built
    return built


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bank]:
    opened = open_bank(tmp_path_factory.mktemp("bank"), SetClock())
    live(opened)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def pack(bank: Bank) -> BuiltPack:
    return pack_of(bank)
