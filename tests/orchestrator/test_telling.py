"""Persons told by a step: whom each rule reaches at that instant, what stands on record, and that nobody is a fault."""

from dataclasses import replace
from typing import Any

import pytest

from governance.substitution import Standing
from orchestrator import commands as c
from orchestrator import tables
from orchestrator.notices import notices
from orchestrator.shown import shown_digest
from orchestrator.told import TOLD_MAX
from tests.orchestrator.house import ANN, BOB, WORKER
from tests.orchestrator.memory import MemoryUow
from tests.orchestrator.office import ALL, Office
from tests.orchestrator.toy import HERE, end, task, version
from versioning import blueprint as b

CLERKS, LEADS = b.Recipient("role", "clerks"), b.Recipient("role", "leads")


def tell(*to: b.Recipient, **fields: Any) -> b.TellStep:
    return b.TellStep("say", HERE, to=to, next="done", **{"text": "note", "shows": ("amount", "secret"), **fields})


def said(office: Office) -> list[dict[str, Any]]:
    """What was told, of every entry."""
    entries = [entry.payload.get("transitions", ()) for entry in office.log.entries]
    return [one for many in entries for one in many if one["t"] == "people.told"]


def started(*to: b.Recipient, office: Office | None = None, **fields: Any) -> Office:
    office = office or Office(tell(*to, **fields), end())
    office.start(amount=5, note="Look here", secret={"name": "Jo Doe"})
    office.check()
    return office


def test_each_rule_names_whom_it_reaches_and_what_they_were_shown() -> None:
    office = Office(
        task("f", "say", expects=("ok",)), tell(CLERKS, b.Recipient("initiator"), b.Recipient("step", "f")), end()
    )
    office.house.roles["person:cid"] = {"clerks"}
    started(office=office)
    office.complete("f", BOB, data={"ok": True})
    (one,) = said(office)
    assert one["to"] == [
        {"rule": "role clerks", "person": "person:ann"},
        {"rule": "role clerks", "person": "person:bob"},
        {"rule": "role clerks", "person": "person:cid"},
        {"rule": "initiator", "person": "person:ann"},
        {"rule": "step f", "person": "person:bob"},  # who has completed it in this very command
    ]
    assert (one["step"], one["text"], one["shown"]["amount"]) == ("say", "Look here", 5)
    assert set(one["shown"]["secret"]) >= {"$commitment"}
    assert one["digest"] == shown_digest(one["shown"])
    assert office.only(tables.INSTANCE).status == "ended"
    office.check()


def test_an_office_and_who_stands_in_are_those_of_that_instant() -> None:
    office = Office(tell(b.Recipient("office", "head")), end())
    office.house.offices["office:head"] = {BOB.id}
    office.house.stand_ins.known.append(Standing(BOB.id, "person:cid", 0, 2**53))
    office.house.stand_ins.known.append(Standing(ANN.id, "person:eve", 0, 2**53))  # of somebody who is not told
    started(office=office)
    (one,) = said(office)
    told = [(each["person"], each.get("stands_in_for", "")) for each in one["to"]]
    assert told == [(BOB.id, ""), ("person:cid", BOB.id)]


def test_a_rule_that_reaches_nobody_says_so_beside_those_that_do() -> None:
    office = Office(tell(LEADS, CLERKS), end())
    started(office=office)
    (one,) = said(office)
    assert one["to"][0] == {"rule": "role leads"}
    assert office.only(tables.INSTANCE).status == "ended"


@pytest.mark.parametrize(
    ("to", "fields", "code"),
    [
        ((LEADS,), {}, "NOBODY_TOLD"),
        ((b.Recipient("office", "empty"), b.Recipient("step", "say")), {}, "NOBODY_TOLD"),
        ((CLERKS,), {"text": "fail"}, "EXPRESSION_FAILED"),
        ((CLERKS,), {"text": "risk"}, "TEXT_INVALID"),
        ((CLERKS,), {"text": "amount"}, "TEXT_INVALID"),
    ],
)
def test_who_cannot_be_told_is_an_incident_of_the_role_named_for_it(to: Any, fields: Any, code: str) -> None:
    office = started(*to, hold_for="role ops", **fields)
    incident = office.only(tables.INCIDENT)
    assert (incident.code, incident.role, incident.step) == (code, "ops", "say")
    assert said(office) == []


def test_a_service_that_started_it_is_nobody_to_tell() -> None:
    office = Office(tell(b.Recipient("initiator")), end())
    office.house.roles[WORKER.id] = {"starters"}
    office.start(actor=WORKER, note="Look here")
    assert office.only(tables.INCIDENT).code == "NOBODY_TOLD"


def test_who_may_not_read_tasks_there_is_not_told() -> None:
    office = Office(tell(CLERKS), end())
    office.house.refused.add(("task", "read"))
    office.start(note="Look here")
    assert office.only(tables.INCIDENT).code == "NOBODY_TOLD"


def test_trying_again_tells_whoever_is_there_by_then() -> None:
    office = started(LEADS)
    office.house.roles["person:eve"] = {"leads"}
    incident = office.only(tables.INCIDENT)
    office.done(c.ResolveIncident(f"{incident.instance}.{incident.number}", "retry"))
    (one,) = said(office)
    assert one["to"] == [{"rule": "role leads", "person": "person:eve"}]
    assert office.only(tables.INSTANCE).status == "ended"
    office.check()


def test_more_than_an_entry_should_name_is_an_incident() -> None:
    office = Office(tell(CLERKS), end())
    office.house.roles.update({f"person:p{number}": {"clerks"} for number in range(TOLD_MAX)})
    started(office=office)
    assert office.only(tables.INCIDENT).code == "TOLD_LIMIT"


def test_it_is_passed_over_where_its_condition_holds() -> None:
    office = started(CLERKS, skip_when="true")
    assert said(office) == []
    assert office.only(tables.INSTANCE).status == "ended"


def test_a_text_of_classed_data_is_sealed_and_opened_for_who_may_read_it() -> None:
    office = started(CLERKS, text="secret.name")
    (one,) = said(office)
    assert set(one["text"]) >= {"$commitment"}
    entry = next(e for e in office.log.entries if "people.told" in str(e.payload))
    value = {"subject": entry.subject, "payload": entry.payload, "basis": entry.basis}

    def read(person: str, classes: frozenset[Any]) -> Any:
        return notices(MemoryUow(office.log, BOB), office.house, value, person, classes)

    (open_,) = read(BOB.id, ALL)
    assert (open_.step, open_.text) == ("say", "Jo Doe")
    assert open_.shown == {"amount": 5, "secret": {"name": "Jo Doe"}}
    (shut,) = read(BOB.id, frozenset(("public", "internal")))
    assert shut.text["reason"] == shut.shown["secret"]["reason"] == "CLASS_NOT_READABLE"
    assert shut.shown["amount"] == 5
    assert read("person:eve", ALL) == ()  # it was not for them


def test_what_was_shown_stays_what_it_was() -> None:
    office = Office(replace(tell(CLERKS), next="f"), task("f", "done", expects=("amount",)), end())
    started(office=office)
    office.complete("f", BOB, data={"amount": 9})
    assert said(office)[0]["shown"]["amount"] == 5


def test_steps_renamed_are_told_of_by_their_new_name() -> None:
    before = version(task("f", "say", expects=("ok",)), tell(b.Recipient("step", "f")), end()).blueprint
    from versioning.diff import diff
    from versioning.flows import renamed

    after = renamed(before, {"f": "form"})
    say = after.step("say")
    assert isinstance(say, b.TellStep)
    assert say.to == (b.Recipient("step", "form"),)
    assert diff(before, after).renamed == (("f", "form"),)
    assert diff(before, after).steps == ()
