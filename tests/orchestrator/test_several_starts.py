"""Several ways to begin one blueprint: each with its own role, key and data, and on record by which one it was."""

import dataclasses
from typing import Any

import orjson
import pytest

from governance.questions.answer import Position
from governance.questions.facts import Record, Records
from governance.questions.record import Name, instance_record
from ledger.actor import SYSTEM
from ledger.canonical import encode
from ledger.clock import Instant
from ledger.refusal import Reason, Refusal
from orchestrator import commands as c
from orchestrator import tables
from orchestrator.correcting import values_fault
from orchestrator.pages import instance_row
from orchestrator.plan import plan_of
from tests.orchestrator.house import ANN, BOB, WORKER
from tests.orchestrator.memory import MemoryUow
from tests.orchestrator.office import Office as OneOffice
from tests.orchestrator.test_schedules import NINE, NumberedHouse, Shelf, utc
from tests.orchestrator.toy import FIELDS, HERE, end, task, version
from versioning import blueprint as b
from versioning.starts import Start, start_of

API = Start("api", "role starters", "number")
MESSAGE = Start("message", "role senders", "number", "after end", "wanted")
CLOCK = Start("schedule", "", "note", schedule=NINE)
INSTANCE = Start("instance", "", "number")
OPEN = (b.DataField("number", "string", "internal"), *FIELDS[1:])


class Office(OneOffice):
    """An office whose blueprint begins in four ways, on a Friday before nine."""

    def __init__(self, *starts: Start) -> None:
        self.house = NumberedHouse(calendars=Shelf())
        self.log = self.house.log()
        self.log.now = utc("2026-12-04T08:00")
        self.house.roles["svc:worker"] = {"senders"}
        made = version(task("f", "done"), end())
        first, *more = starts or (API, MESSAGE, CLOCK, INSTANCE)
        value = dataclasses.replace(made.blueprint, start=first, more_starts=tuple(more), calendar="london", data=OPEN)
        self.house.release(dataclasses.replace(made, blueprint=value))

    def begun(self) -> list[tuple[str, str, str]]:
        """Of each instance: business key, by which start, who began it."""
        rows = self.log.view.rows.get("instance", {}).values()
        return [(row.business_key.strip('"'), row.begun_by, row.initiator) for row in rows if row.blueprint == "toy"]


def sent(key: str = "A-1", **data: Any) -> c.Correlate:
    return c.Correlate("wanted", key, {"number": key, **data})


def begin_from_outside(office: Office) -> None:
    """By a person, by a message and by the clock."""
    office.start("A-1")
    office.done(sent("A-2", amount=3), WORKER)
    office.done(c.PlanStarts("toy"), SYSTEM)
    office.log.now = utc("2026-12-04T09:00")
    row = office.row(tables.SCHEDULE, "toy")
    office.done(c.StartByClock("toy", Instant(row.due_at), row.due_local), SYSTEM)


def test_each_way_begins_with_what_it_brings_and_stands_on_record() -> None:
    office = Office()
    begin_from_outside(office)
    parent = version(
        b.RunStep("r", HERE, blueprint="toy", arguments=(("number", "number"),), next="done"), end(), blueprint="parent"
    )
    office.house.release(dataclasses.replace(parent, digest="parent"))
    office.done(c.StartInstance("parent", "A-4", {}), ANN)
    assert office.begun() == [
        ("A-1", "api", "person:ann"),
        ("A-2", "message wanted", "svc:worker"),
        ("2026-12-04", "schedule", "system:muniment"),
        ("A-4", "instance", "person:ann"),
    ]
    followed = [one for entry in office.log.entries for one in entry.payload.get("transitions", ())]
    started = [one for one in followed if one["t"] == "instance.started" and one["blueprint"] == "toy"]
    assert [one["begun_by"] for one in started] == ["api", "message wanted", "schedule", "instance"]
    office.check()


def starts_told(office: Office, **acting: str) -> dict[str, str]:
    """What the compliance record of each instance says of its start, by the name of that."""
    values = [
        {
            "kind": one.kind, "subject": one.subject, "recorded_at": one.recorded_at, "actor": {**one.actor, **acting},
            "payload": orjson.loads(encode(dict(one.payload))), "basis": dict(one.basis),
        }
        for one in office.log.entries
    ]  # fmt: skip
    records = Records(Record(index, "", value) for index, value in enumerate(values))
    told = {}
    for record in records:
        for one in record.transitions("instance.started"):
            found = instance_record(records, record.subject, Position("log", len(values), "", ""), Name)
            assert found is not None
            said = {name: said for name, _, said in found.sections}["who"][0]
            assert (said.cites, said.values.get("begun_by", "")) == ((record,), one.get("begun_by", ""))
            told[one.get("begun_by") or one["blueprint"]] = said.text
    return told


def test_the_compliance_record_says_by_which_start_it_began_and_by_whose_act() -> None:
    """A person over the API, a service by a message, the clock, and a step of another that somebody's task led to."""
    office = Office()
    begin_from_outside(office)
    run = b.RunStep("r", HERE, blueprint="toy", arguments=(("number", "number"),), next="done")
    parent = version(task("first", "r"), run, end(), first="first", blueprint="parent")
    office.house.release(dataclasses.replace(parent, digest="parent"))
    office.done(c.StartInstance("parent", "A-4", {}), ANN)
    office.complete("first", BOB)
    ann, bob = "person:ann (person:ann)", "person:bob (person:bob)"
    assert starts_told(office) == {
        "api": f"{ann} started the instance by its start `api` in organisation",
        "message wanted": "svc:worker started the instance by its start `message wanted` in organisation",
        "schedule": "system:muniment started the instance by its start `schedule` in organisation",
        "parent": f"{ann} started the instance in organisation",
        "instance": f"{ann} started the instance by its start `instance` in organisation, by an act of {bob}",
    }


def test_the_compliance_record_says_on_whose_behalf_it_was_begun() -> None:
    office = Office()
    office.start("A-1")
    told = starts_told(office, on_behalf_of="person:bob")
    assert told["api"].endswith("by its start `api` in organisation, on behalf of person:bob (person:bob)")


def test_each_way_asks_its_own_role() -> None:
    office = Office()
    office.house.roles["svc:worker"] = {"starters"}
    assert office.refused(sent(), WORKER) is Reason.NO_RULE
    office.house.roles["person:bob"] = {"senders"}
    assert office.refused(c.StartInstance("toy", "A-1", {}), BOB) is Reason.NO_RULE
    assert office.done(sent(), BOB).outcome == "started"


def test_what_begins_otherwise_is_not_started_over_the_api() -> None:
    office = Office(MESSAGE, CLOCK)
    office.house.roles["person:ann"] = {"senders"}
    said = office.send(c.StartInstance("toy", "A-1", {}), ANN)
    assert isinstance(said, Refusal)
    assert (said.reason, "message, schedule" in str(said.message)) == (Reason.WRONG_STATE, True)


def test_a_key_is_one_whichever_way_it_came_and_may_come_again_as_its_way_says() -> None:
    office = Office()
    office.start("A-1")
    assert office.refused(sent("A-1"), WORKER) is Reason.BUSINESS_KEY_TAKEN
    office.complete("f")
    assert office.refused(c.StartInstance("toy", "A-1", {}), ANN) is Reason.BUSINESS_KEY_TAKEN  # never again
    assert office.done(sent("A-1"), WORKER).outcome == "started"  # after it has ended


def test_a_step_that_runs_it_needs_a_way_that_is_run() -> None:
    office = Office(MESSAGE, CLOCK)
    parent = version(
        b.RunStep("r", HERE, blueprint="toy", arguments=(("number", "number"),), next="done"), end(), blueprint="parent"
    )
    office.house.release(dataclasses.replace(parent, digest="parent"))
    office.done(c.StartInstance("parent", "A-4", {}), ANN)
    assert office.only(tables.INCIDENT).code == "CHILD_NOT_STARTABLE"


def test_one_way_alone_is_recorded_as_it_always_was() -> None:
    office = Office(dataclasses.replace(API))
    office.start("A-1")
    assert office.begun() == [("A-1", "", "person:ann")]
    (started,) = [one for one in office.log.entries[0].payload["transitions"] if one["t"] == "instance.started"]
    assert "begun_by" not in started


def test_no_key_of_any_way_is_corrected() -> None:
    office = Office()
    instance = office.start("A-1")
    found = instance_row(MemoryUow(office.log, BOB), instance)
    assert found is not None
    assert found.begun_by == "api"
    version_ = office.house.current(None, "toy")
    assert version_ is not None
    for path in ("number", "note"):
        assert values_fault(plan_of(version_), {path: "A-9"}) is not None
    assert values_fault(plan_of(version_), {"amount": 1}) is None


@pytest.mark.parametrize(("begun_by", "key"), [("", "number"), ("schedule", "note"), ("gone", "number")])
def test_the_way_of_an_instance_is_found_by_its_name_and_else_the_first(begun_by: str, key: str) -> None:
    assert start_of((API, MESSAGE, CLOCK), begun_by).key == key
