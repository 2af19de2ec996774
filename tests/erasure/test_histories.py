"""Any history of keeping, asking, holding, erasing, backing up and restoring leaves what a simple model says."""

import shutil
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.database import SqliteDatabase
from ledger.erasure import Ground, RequestErasure
from ledger.errors import Unavailable
from ledger.reconciling import is_behind, reconcile
from ledger.refusal import Reason, Refusal
from ledger.work import Done
from tests.conftest import SetClock
from tests.erasure.house import Fences, Keep, Process, copy_database, copy_keys, found
from tests.migrated import migrated_sqlite

PEOPLE = ("ext_0", "ext_1", "ext_2")
ACTS = ("keep", "ask", "hold", "lift", "erase", "back up", "restore")


@dataclass
class Model:
    """What ought to open, by log subject: (data subject, value or None)."""

    values: dict[str, tuple[str, str | None]] = field(default_factory=dict)
    waiting: set[str] = field(default_factory=set)
    marked: set[str] = field(default_factory=set)  # erased, in a restored database, with no certificate in it


class World:
    """The log and the model of it, side by side."""

    def __init__(self, folder: Path, template: Path) -> None:
        self.folder = folder
        self.clock = SetClock()
        self.fences = Fences()
        (folder / "live").mkdir(parents=True)
        shutil.copy(template / "ledger.sqlite", folder / "live" / "ledger.sqlite")
        copy_keys(template / "keys", folder / "keys")
        self.database = SqliteDatabase(folder / "live" / "ledger.sqlite")
        self.process = Process(self.database, folder / "keys", self.clock, self.fences)
        self.model = Model()
        self.copies: list[tuple[Any, Model, int]] = []
        self.erased: list[str] = []  # in the order of time, restores or not
        self.count = 0

    def do(self, act: str, who: str) -> None:
        self.clock.pass_time(1_000)
        getattr(self, act.replace(" ", "_"))(who)
        opened = self.process.opened(dict.fromkeys(self.model.values, ""))
        assert opened == {subject: value for subject, (_, value) in self.model.values.items()}

    def keep(self, who: str) -> None:
        self.count += 1
        subject, value = f"toy_{self.count}", f"value {self.count}"
        command = Keep(subject, who, (("secret", value),))
        if who in self.model.marked:
            with pytest.raises(Unavailable):
                self.process.send(command)
            return
        assert isinstance(self.process.send(command), Done)
        self.model.values[subject] = (who, value)

    def ask(self, who: str) -> None:
        outcome = self.process.send(RequestErasure(who, Ground.OBJECTION))
        known = who in self.model.marked or any(
            about == who and value is not None for about, value in self.model.values.values()
        )
        if not known:
            assert outcome.reason is Reason.NOT_FOUND
        elif who in self.fences.held:
            assert outcome.reason is Reason.ON_HOLD
        elif who in self.model.waiting:
            assert outcome.reason is Reason.WRONG_STATE
        else:
            assert not isinstance(outcome, Refusal), outcome
            self.model.waiting.add(who)

    def hold(self, who: str) -> None:
        self.fences.held.add(who)

    def lift(self, who: str) -> None:
        self.fences.held.discard(who)

    def erase(self, _: str) -> None:
        due = self.model.waiting - self.fences.held
        assert self.process.eraser.carry_out() == len(due)
        for subject, (about, _value) in self.model.values.items():
            if about in due:
                self.model.values[subject] = (about, None)
        self.model.waiting -= due
        self.model.marked -= due
        self.erased += sorted(due)

    def back_up(self, _: str) -> None:
        self.process.close()
        copy = copy_database(self.database, self.folder / f"copy {len(self.copies)}", None)
        self.copies.append((copy, deepcopy(self.model), len(self.erased)))

    def restore(self, _: str) -> None:
        if not self.copies:
            return
        copy, model, erased = self.copies[-1]
        self.process.close()
        for tail in ("-wal", "-shm"):
            Path(f"{self.database.path}{tail}").unlink(missing_ok=True)
        shutil.copy(copy.path, self.database.path)
        self.model = deepcopy(model)
        since = set(self.erased[erased:])
        alive = {about for about, value in model.values.values() if value is not None}
        self.model.marked |= since & alive
        for subject, (about, _value) in model.values.items():
            if about in since:
                self.model.values[subject] = (about, None)
        self.process = Process(self.database, self.folder / "keys", self.clock, self.fences)
        connection = self.database.connect()
        if is_behind(self.process.log, connection):
            reconcile(self.process.log, connection)
        connection.close()


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("template")
    database = migrated_sqlite(folder / "ledger.sqlite")
    found(database, folder, SetClock(), Fences()).close()
    connection = database.connect()
    connection.query(0, "PRAGMA wal_checkpoint(TRUNCATE)", ())
    connection.close()
    return folder


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=st.lists(st.tuples(st.sampled_from(ACTS), st.sampled_from(PEOPLE)), min_size=4, max_size=18))
def test_any_history(history: list[tuple[str, str]], template: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    world = World(tmp_path_factory.mktemp("world"), template)
    for act, who in [("keep", "ext_0"), ("keep", "ext_1"), *history]:
        world.do(act, who)
    assert world.process.verify().is_sound is not bool(world.model.marked)
    for who in sorted(world.model.marked):  # what a restore has left without a certificate is asked for once more
        world.fences.held.discard(who)
        if who not in world.model.waiting:
            world.ask(who)
    world.erase("")
    assert world.process.verify().is_sound, world.process.verify().words()
    world.process.close()
