"""A decision as data: what is laid where, under which class, and that nothing of an earlier one stays."""

from dataclasses import replace
from typing import Any

import orjson
import pytest

from ledger.refusal import Reason
from orchestrator import commands as c
from orchestrator import tables
from orchestrator.paths import is_commitment
from tests.orchestrator.house import BOB, person
from tests.orchestrator.office import Office
from tests.orchestrator.toy import decide, end, version
from versioning import blueprint as b

WAYS = (("approve", "done"), ("again", "d"))
CEE = person("cee")


def said_field(data_class: b.DataClass, **members: b.TypeName) -> b.DataField:
    properties = tuple([b.DataField(name, kind, data_class) for name, kind in members.items()])
    return b.DataField("said", "object", data_class, properties=properties)


def office_of(step: b.Step, *fields: b.DataField) -> Office:
    office = Office(step, end())
    released = version(step, end())
    value = replace(released.blueprint, data=(*released.blueprint.data, *fields))
    office.house.release(replace(released, blueprint=value, digest="with more data"))
    office.start(amount=3)
    return office


def decided(office: Office, outcome: str, **said: Any) -> None:
    task = office.task_id("d")
    office.done(c.ClaimTask(task), BOB)
    office.done(c.CompleteTask(task, outcome, **said), BOB)


def laid(office: Office, name: str) -> Any:
    return orjson.loads(office.only(tables.VARIABLE, name=name).value)


def test_a_text_is_the_outcome() -> None:
    office = office_of(decide("d", WAYS, into="note"))
    decided(office, "approve")
    assert laid(office, "note") == "approve"
    office.check()


def test_an_object_gets_the_members_it_declares() -> None:
    office = office_of(
        decide("d", WAYS, into="said"), said_field("internal", outcome="string", by="string", at="date and time")
    )
    decided(office, "approve", reason="because of Jo Doe")
    assert laid(office, "said") == {"outcome": "approve", "by": BOB.id, "at": "2023-11-14T22:13:20.000000Z"}
    office.check()


def test_a_reason_is_sealed_by_the_class_of_its_datum() -> None:
    office = office_of(decide("d", WAYS, into="said"), said_field("confidential", outcome="string", reason="string"))
    decided(office, "approve", reason="because of Jo Doe")
    assert is_commitment(laid(office, "said"))
    office.check()  # it stands nowhere in clear


def test_nothing_of_an_earlier_decision_stays() -> None:
    office = office_of(decide("d", WAYS, into="said"), said_field("internal", outcome="string", code="string"))
    decided(office, "again")
    assert laid(office, "said") == {"outcome": "again", "code": None}
    decided(office, "approve")
    assert laid(office, "said") == {"outcome": "approve", "code": None}
    office.check()


def test_votes_lay_what_they_came_to() -> None:
    step = decide("d", WAYS, into="said", quorum=b.Quorum(2, tie="outcome again"))
    office = office_of(step, said_field("internal", outcome="string", how="string"))
    office.house.limits[CEE.id] = 100
    for one in (BOB, CEE):
        office.done(c.CompleteTask(office.task_id("d"), "approve"), one)
    assert laid(office, "said") == {"outcome": "approve", "how": "agreed"}
    office.check()


@pytest.mark.parametrize("quorum", [None, b.Quorum(1, tie="outcome again")])
def test_what_does_not_fit_is_refused_before_anything_happens(quorum: b.Quorum | None) -> None:
    """The checks of a blueprint find it; one that was released without them does no harm."""
    office = office_of(decide("d", WAYS, into="said", quorum=quorum), said_field("internal", outcome="integer"))
    task = office.task_id("d")
    if quorum is None:
        office.done(c.ClaimTask(task), BOB)
    assert office.refused(c.CompleteTask(task, "approve"), BOB) is Reason.INVALID_DATA
