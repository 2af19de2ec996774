"""What operational rows hold sealed: it opens at its place, verification is content, and an erasure reaches it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pytest

from ledger.errors import BrokenState, Unavailable
from ledger.reconciling import reconcile
from ledger.sealed_rows import SealsRows
from ledger.work import CommandSpec, Done, UnitOfWork
from tests.erasure.house import Fences, Process, copy_database, copy_keys

TYPED = {"reason": "typed about person 1"}


@dataclass(frozen=True, slots=True)
class Type:
    """Seal a row at a place. No entry."""

    place: str
    data_subject: str


def _type(uow: UnitOfWork, command: Type) -> Done:
    sealed = cast(SealsRows, uow).seal_row(command.place, TYPED, command.data_subject)
    return Done("typed", {"sealed": sealed.hex()})


def typed(process: Process, place: str, data_subject: str) -> bytes:
    process.workings.commands[Type] = CommandSpec("Type", _type, lambda _: "")
    return bytes.fromhex(process.send(Type(place, data_subject)).result["sealed"])


def opened(process: Process, place: str, sealed: bytes, data_subject: str) -> Any:
    with process.reader.view() as view:
        return view.unseal_row(place, sealed, data_subject)


def test_it_opens_at_its_place_alone(house: Process) -> None:
    with house.reader.view() as view:
        size = view.head.size
    sealed = typed(house, "here", "ds_1")
    assert b"person" not in sealed
    assert opened(house, "here", sealed, "ds_1") == TYPED
    assert opened(house, "here", sealed, "ds_none") is None
    typed(house, "here", "ds_2")
    for place, bytes_, subject in (("there", sealed, "ds_1"), ("here", sealed[:-1], "ds_1"), ("here", sealed, "ds_2")):
        with pytest.raises(BrokenState):
            opened(house, place, bytes_, subject)
    report = house.verify()
    assert report.is_sound, report.words()
    with house.reader.view() as view:
        assert view.head.size == size


@pytest.mark.parametrize("classes", [(), ("personal",)])
def test_an_erasure_reaches_it_whatever_classes_it_names_and_nobody_elses(
    house: Process, classes: tuple[str, ...]
) -> None:
    one, two, nobody = typed(house, "p", "ds_1"), typed(house, "p", "ds_2"), typed(house, "p", "")
    house.erase("ds_1", classes=classes)
    assert opened(house, "p", one, "ds_1") is None
    assert opened(house, "p", two, "ds_2") == TYPED  # under a new key of keys
    assert opened(house, "p", nobody, "") == TYPED
    report = house.verify()
    assert report.is_sound, report.words()


def test_a_backup_beside_the_newer_keys_does_not_open_it(
    house: Process, fences: Fences, tmp_path: Path, server: Any, clock: Any
) -> None:
    one, two = typed(house, "p", "ds_1"), typed(house, "p", "ds_2")
    house.close()
    backup = copy_database(house.database, tmp_path / "backup", server)
    house.erase("ds_1")
    keys = copy_keys(house.keys, tmp_path / "newer keys")
    process = Process(backup, keys, clock, fences)
    try:
        connection = backup.connect()
        reconcile(process.log, connection)
        connection.close()
        assert opened(process, "p", two, "ds_2") == TYPED
        assert opened(process, "p", one, "ds_1") is None
        with pytest.raises(Unavailable):
            typed(process, "p", "ds_1")
    finally:
        process.close()
