"""What follows from one command may be more than one entry holds: it is cut, and not turned down for that."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ledger.actor import SYSTEM
from ledger.canonical import encode
from ledger.clock import Instant
from ledger.database import Database
from ledger.entry import ENTRY_BYTES_MAX
from orchestrator import commands as c
from orchestrator import tables
from orchestrator.each import ELEMENTS_MAX
from orchestrator.entry_parts import FEW, PART_BYTES_MAX, parts_of, put_together
from orchestrator.progress import visits
from tests.conftest import SetClock
from tests.orchestrator.house import ANN
from tests.orchestrator.office import Office
from tests.orchestrator.test_messages_real import check
from tests.orchestrator.test_real_log import RealLog
from tests.orchestrator.toy import HERE, end, task, version
from versioning import blueprint as b


def each(name: str, path: str = "items") -> b.EachStep:
    retry = b.Retry(2, "fixed", "PT1H")
    call = b.CallStep(name, HERE, operation="bank.pay", arguments=(("n", "element"),), retry=retry)
    return b.EachStep(name, HERE, of=path, element="element", body=call, at_once=True)


BOTH = b.AllStep("both", HERE, branches=("a", "b"), next="done", deadline=b.Deadline("P1D"), on_late="f")
STEPS = (BOTH, each("a"), each("b"), task("f", "done"), end())
ITEMS = [*range(ELEMENTS_MAX)]


def backing_off() -> tuple[Office, str]:
    """An instance with as many calls as may be, each of which waits for its next try."""
    office = Office(*STEPS)
    instance = office.start(items=ITEMS)
    while leased := office.done(c.LeaseCalls("r", 100), SYSTEM).result["calls"]:
        for one in leased:
            office.done(c.FailCall(one["call"], one["lease"], "DOWN", True), SYSTEM)
    return office, instance


def parts(office: Office, command: Any, actor: Any = ANN) -> list[str]:
    """The kinds of the entries of one command, each of which holds no more than it may."""
    before, revision = len(office.log.entries), office.only(tables.INSTANCE).revision
    office.done(command, actor)
    made = office.log.entries[before:]
    assert all(len(encode(dict(entry.payload))) < ENTRY_BYTES_MAX for entry in made)
    assert [entry.payload.get("goes_on", False) for entry in made] == [False] + [True] * (len(made) - 1)
    assert office.only(tables.INSTANCE).revision == revision + 1
    office.check()
    return [entry.kind for entry in made]


def nothing_is_open(office: Office) -> None:
    for name in ("call", "timer"):
        assert {row.state for row in office.log.view.rows[name].values()} <= {"cancelled", "fired"}


def test_an_instance_of_which_much_is_open_is_cancelled() -> None:
    office, instance = backing_off()
    assert parts(office, c.CancelInstance(instance)) == ["instance.cancelled", "instance.advanced"]
    assert office.instance(instance).status == "cancelled"
    nothing_is_open(office)
    seen = visits(put_together([(entry.recorded, entry.payload) for entry in office.log.entries]))
    assert {one.how for one in seen.values()} == {"stopped"}  # what tells of each command reads it whole


def test_and_left_when_it_is_late() -> None:
    office, instance = backing_off()
    row = office.row(tables.TIMER, instance, 1, "deadline")
    office.log.now = row.due_at
    fire = c.FireTimer(f"{instance}.1/deadline", Instant(row.due_at))
    assert parts(office, fire, SYSTEM) == ["timer.fired", "instance.advanced"]
    office.complete("f")
    assert office.instance(instance).status == "ended"
    nothing_is_open(office)


def test_what_is_seen_of_its_revision_is_good_for_the_next_act() -> None:
    office, instance = backing_off()
    move = c.ModifyInstance(
        instance, ((1, "f"),), reason="too many", expected_revision=office.instance(instance).revision
    )
    moved = office.done(move, ANN)
    office.done(c.CancelInstance(instance, expected_revision=moved.result["revision"]), ANN)
    office.check()


@pytest.mark.parametrize(
    ("count", "size"),
    [(FEW, 2_000), (FEW + 1, 10), (FEW + 1, 600), (1_000, 100), (1_000, 9_000), (101, PART_BYTES_MAX)],
)
def test_parts_are_the_whole_in_order_and_no_larger_than_they_may(count: int, size: int) -> None:
    transitions = [{"t": "x", "n": place, "x": "x" * size} for place in range(count)]
    found = parts_of(transitions)
    assert [one for part in found for one in transitions[part]] == transitions
    if count <= FEW or count * size < PART_BYTES_MAX:
        assert len(found) == 1
    else:
        assert all(
            len(transitions[part]) == 1 or len(encode(transitions[part])) <= PART_BYTES_MAX + 2 for part in found
        )
        assert len(found) <= 2 * count * (size + 40) // PART_BYTES_MAX + 1


@pytest.fixture
def log(database: Database, tmp_path: Path, clock: SetClock) -> Iterator[RealLog]:
    made = RealLog(database, tmp_path / "keys", clock)
    made.house.release(version(*STEPS, blueprint="much"))
    yield made
    made.connection.close()


def test_on_a_real_log_it_begins_and_is_cancelled_and_is_folded_again_to_the_same(log: RealLog) -> None:
    instance = log.one(ANN, c.StartInstance("much", "A-1", {"items": ITEMS})).result["instance"]
    assert len([row for row in log.rows(tables.CALL).values() if row.state == "requested"]) == 2 * ELEMENTS_MAX
    assert log.one(ANN, c.CancelInstance(instance)).outcome == "cancelled"
    row = log.rows(tables.INSTANCE)[instance,]
    assert (row.status, row.revision) == ("cancelled", 2)
    check(log)
