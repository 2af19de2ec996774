"""Verdict 5 of acts that a second person confirms: who it was, in time, of what was proposed, and not left out."""

import copy
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import orjson
import pytest

from governance.questions.acts import faults
from governance.questions.facts import Record, Records
from ledger.actor import SYSTEM
from ledger.canonical import encode
from ledger.clock import Instant
from orchestrator import commands as c
from orchestrator import store
from tests.orchestrator.house import ANN
from tests.orchestrator.office import Office
from tests.orchestrator.test_steering import governed, held
from tests.orchestrator.toy import HERE, end, task
from versioning import blueprint as b
from versioning.act_rules import ActRule

Json = dict[str, Any]
RULES = (ActRule("suspend", second="role ops"), ActRule("cancel", second="role ops", within="PT4H"))
VERSION: Any = SimpleNamespace(value={"acts": [{"act": "suspend", "second": "role ops"}, {"act": "modify"}]})


def confirmed() -> tuple[Office, str, list[Json]]:
    """An instance that was suspended as proposed, and its entries as values."""
    office = governed(task("f", "done"), end(), acts=RULES)
    instance = office.start()
    said = office.done(c.SuspendInstance(instance, "why"), ANN).result
    office.done(c.ConfirmAct(instance, said["proposal"], said["digest"]))
    return office, instance, values(office)


def values(office: Office) -> list[Json]:
    return [
        {
            "kind": one.kind, "subject": one.subject, "recorded_at": one.recorded_at, "actor": dict(one.actor),
            "payload": orjson.loads(encode(dict(one.payload))), "basis": dict(one.basis),
        }
        for one in office.log.entries
    ]  # fmt: skip


def wrong(entries: list[Json], instance: str) -> tuple[int, list[str]]:
    records = Records(Record(index, "", entry) for index, entry in enumerate(entries))
    count, found = faults(records, instance, VERSION)
    return count, [one.text for one in found]


def test_an_act_confirmed_as_proposed_is_counted_and_nothing_is_wrong() -> None:
    _, instance, entries = confirmed()
    assert wrong(entries, instance) == (1, [])


def _set(index: int, *path: str, to: Any) -> Callable[[list[Json]], None]:
    def change(entries: list[Json]) -> None:
        at: Any = entries[index]
        for name in path[:-1]:
            at = at[name]
        at[path[-1]] = to

    return change


PROPOSED, DONE = -2, -1


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (_set(DONE, "actor", "person", to="person:ann"), "is not the person who acted"),
        (_set(PROPOSED, "payload", "proposed", "by", to="person:bob"), "who proposed it confirmed it"),
        (_set(PROPOSED, "actor", "person", to="person:bob"), "who proposed it confirmed it"),
        (_set(DONE, "kind", to="instance.modified"), "something else was done"),
        (_set(DONE, "payload", "closes", "digest", to="another"), "is not what was proposed"),
        (_set(PROPOSED, "payload", "proposed", "digest", to="another"), "is not what was proposed"),
        (_set(PROPOSED, "payload", "proposed", "expires_at", to=1), "after its time was over"),
        (_set(PROPOSED, "payload", "proposed", "id", to="ap_other"), "is not there"),
        (lambda entries: entries.pop(PROPOSED), "is not there"),
        (lambda entries: entries.append(copy.deepcopy(entries[DONE])), "has ended before"),
        (lambda entries: entries[DONE]["payload"].pop("closes"), "without the second person"),
    ],
)
def test_whatever_is_otherwise_is_found(change: Callable[[list[Json]], Any], text: str) -> None:
    _, instance, entries = confirmed()
    change(entries)
    _, found = wrong(entries, instance)
    assert [text in one for one in found] == [True], found


def test_what_nobody_confirmed_in_time_expires_on_record_and_not_before() -> None:
    office = governed(task("f", "done"), end(), acts=RULES)
    instance = office.start()
    said = office.done(c.CancelInstance(instance, "why"), ANN).result
    assert store.due_acts(office.log.query, office.log.now, 9) == []
    office.log.now = said["expires_at"]
    (due,) = store.due_acts(office.log.query, office.log.now, 9)
    office.refused(c.ExpireAct(due.instance, due.proposal, Instant(due.due)), ANN)
    office.refused(c.ExpireAct(due.instance, due.proposal, Instant(due.due - 1)), SYSTEM)
    office.done(c.ExpireAct(due.instance, due.proposal, Instant(due.due)), SYSTEM)
    office.refused(c.ExpireAct(due.instance, due.proposal, Instant(due.due)), SYSTEM)
    entry = office.log.entries[-1]
    assert (entry.kind, entry.payload["closes"]["as"], office.instance(instance).status) == (
        "act.expired", "expired", "active",
    )  # fmt: skip
    assert store.due_acts(office.log.query, office.log.now, 9) == []
    office.check()
    entries = values(office)
    assert wrong(entries, instance) == (0, [])
    _set(-2, "payload", "proposed", "expires_at", to=office.log.now + 1)(entries)
    assert wrong(entries, instance)[1] == ["a proposal expired before its time was over"]


def resolved() -> tuple[str, list[Json]]:
    """An instance whose incident was resolved with other data, as proposed, and its entries as values."""
    rule = ActRule("correct", second="role ops")
    broken = b.RulesStep("r", HERE, table="broken", into="risk.grade", next="done")
    office = governed(broken, end(), acts=(rule,))
    instance = office.start()
    said = office.done(c.ResolveIncident(held(office), "correct", {"amount": 3}, "why"), ANN).result
    office.done(c.ConfirmAct(instance, said["proposal"], said["digest"]))
    return instance, values(office)


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (lambda entries: None, ""),
        (lambda entries: entries[DONE]["payload"].pop("closes"), "without the second person"),
        (_set(DONE, "payload", "incident", to=9), "something else was done"),
        (_set(DONE, "payload", "acts", to=["modify"]), "something else was done"),
        (_set(DONE, "kind", to="instance.corrected"), "something else was done"),
        (_set(PROPOSED, "payload", "proposed", "by", to="person:bob"), "who proposed it confirmed it"),
    ],
)
def test_a_resolution_that_is_an_act_needs_the_second_person_of_the_act(change: Any, text: str) -> None:
    instance, entries = resolved()
    change(entries)
    needs: Any = SimpleNamespace(value={"acts": [{"act": "correct", "second": "role ops"}]})
    records = Records(Record(index, "", entry) for index, entry in enumerate(entries))
    found = [one.text for one in faults(records, instance, needs)[1]]
    assert [text in one for one in found] == ([True] if text else []), found
