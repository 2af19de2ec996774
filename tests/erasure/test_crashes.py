"""A process is killed at each step of an erasure: nothing of anybody else is lost, and the next process goes on."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ledger import epochs
from ledger.database import Database, SqliteDatabase
from ledger.erasure import Ground, RequestErasure
from ledger.postgresql import PostgresqlConnection
from ledger.sqlite import SqliteConnection
from ledger.work import Done
from tests.conftest import SetClock
from tests.erasure.house import SECRETS, Fences, Process, copy_database


class Killed(BaseException):
    """The process is gone."""


class Steps:
    """Counts what an erasure does to files and rows; from the step `at` on everything fails, before or after it."""

    def __init__(self, at: int, after: bool) -> None:
        self.at = at
        self.after = after
        self.count = 0

    def around(self, act: Callable[..., Any]) -> Callable[..., Any]:
        def step(*arguments: Any, **named: Any) -> Any:
            self.count += 1
            if self.count == self.at and self.after:
                act(*arguments, **named)
            if self.count >= self.at:
                raise Killed
            return act(*arguments, **named)

        return step


class _Os:
    """The operating system as `ledger.epochs` knows it, with steps."""

    def __init__(self, steps: Steps) -> None:
        for name in ("open", "replace", "link", "fsync"):
            setattr(self, name, steps.around(getattr(os, name)))

    def __getattr__(self, name: str) -> Any:
        return getattr(os, name)


def killed_at(process: Process, steps: Steps, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Carry out an erasure with these steps; whether it was killed. What it held open is let go, as a kill does."""
    with monkeypatch.context() as patch:
        patch.setattr(epochs, "os", _Os(steps))
        patch.setattr(Path, "unlink", steps.around(Path.unlink))
        for connection in (SqliteConnection, PostgresqlConnection):
            for name in ("begin", "write", "finish"):
                patch.setattr(connection, name, steps.around(getattr(connection, name)))
        try:
            process.eraser.carry_out()
        except Killed:
            return True
    return False


def fresh(base: Process, folder: Path, server: Any) -> tuple[Database, Path]:
    """Copies of database and keys, so that each kill begins alike."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(base.keys, folder / "keys")
    return copy_database(base.database, folder, server), folder / "keys"


@pytest.fixture(params=["first epoch", "second epoch"])
def asked(house: Process, request: pytest.FixtureRequest) -> Process:
    """An erasure that is asked for: the first one, whose older key lies in secrets.bin, or a later one."""
    if request.param == "second epoch":
        house.erase("ds_3")
    house.send(RequestErasure("ds_1", Ground.CONSENT_WITHDRAWN))
    house.close()
    return house


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_kill_at_each_step(
    asked: Process, after: bool, tmp_path: Path, server: Any, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    at, killed = 0, True
    stride = 1 if isinstance(asked.database, SqliteDatabase) else 5  # a copy of a PostgreSQL database takes its time
    living = asked.opened(SECRETS)
    asked.close()
    while killed:
        at += stride
        database, keys = fresh(asked, tmp_path / "copy", server)
        process = Process(database, keys, clock, Fences())
        killed = killed_at(process, Steps(at, after), monkeypatch)
        process.close()
        again = Process(database, keys, clock, Fences())
        seen = again.opened(living)
        assert seen in ({**living, "toy_1": None}, living), f"after step {at}"
        if killed and again.eraser.is_wanted():
            assert again.verify().is_sound, f"after step {at}: {again.verify().words()}"
        again.eraser.carry_out()
        assert again.opened(living) == {**living, "toy_1": None}, f"after step {at}"
        report = again.verify()
        assert report.is_sound, f"after step {at}: {report.words()}"
        names = sorted(path.name for path in (keys / "acme" / "epochs").iterdir())
        newest = again.log.secrets.vault.ring.newest
        assert names == [f"{newest:04}.kek", f"{newest:04}.keys", "lock"], f"after step {at}"
        again.close()
    assert at > 20


def test_a_kill_while_it_is_finished_after_a_kill(
    asked: Process, tmp_path: Path, server: Any, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    living = asked.opened(SECRETS)
    asked.close()
    for first in (5, 12, 19, 26, 33):
        database, keys = fresh(asked, tmp_path / "copy", server)
        for at in (first, 3, 9, 15):
            process = Process(database, keys, clock, Fences())
            killed_at(process, Steps(at, after=False), monkeypatch)
            process.close()
        last = Process(database, keys, clock, Fences())
        last.eraser.carry_out()
        assert last.opened(living) == {**living, "toy_1": None}
        assert last.verify().is_sound
        assert isinstance(last.erase("ds_2"), Done)
        assert last.verify().is_sound
        last.close()
