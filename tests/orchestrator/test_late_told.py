"""Persons told by a deadline that is over: each named on record at that instant, once, and told by the console."""

from dataclasses import replace
from typing import Any

from api.notifications.causes import causes
from governance.substitution import Standing
from ledger.actor import SYSTEM
from ledger.clock import Instant
from orchestrator import store, tables
from orchestrator.commands import FireTimer
from orchestrator.telling import words
from tests.orchestrator.house import ANN, BOB
from tests.orchestrator.office import Office
from tests.orchestrator.toy import end, task, version
from versioning import blueprint as b

HOUR = 3_600_000_000
WHOM = (b.Recipient("role", "leads"), b.Recipient("initiator"), b.Recipient("step", "f"), b.Recipient("office", "head"))


def office_of(whole: b.Deadline | None = None, *late: b.Late) -> Office:
    deadline = b.Deadline("PT1H", late=late) if late else None
    steps = (task("f", "g", expects=("ok",)), task("g", "done", deadline=deadline), end())
    office = Office(*steps)
    released = version(*steps)
    office.house.release(replace(released, blueprint=replace(released.blueprint, deadline=whole)))
    return office


def pass_hours(office: Office, hours: int) -> None:
    """Fire what is due, an hour after the other."""
    for _ in range(hours):
        office.log.now += HOUR
        for timer in store.due_timers(office.log.query, office.log.now, 10):
            office.done(FireTimer(timer.timer_id, Instant(timer.due)), SYSTEM)


def escalations(office: Office) -> list[dict[str, Any]]:
    entries = [entry.payload.get("transitions", ()) for entry in office.log.entries]
    return [one for many in entries for one in many if one["t"] == "deadline.escalated" and one["act"] != "late"]


def told(office: Office) -> list[tuple[str, str, str]]:
    """Why, whom and among which people, of all that deadlines give to tell."""
    found = [one for entry in office.log.entries for one in causes(entry.kind, entry.subject, entry.payload)]
    return [(one.kind.value, one.among.value, one.to) for one in found if one.kind.value == "late" and one.to]


def test_who_has_to_do_with_the_instance_is_named_as_it_is_then() -> None:
    office = office_of(None, b.Late("PT1H", whom=WHOM, urgency=30))
    office.start()
    office.complete("f", BOB, data={"ok": True})
    pass_hours(office, 1)
    assert escalations(office) == []
    office.house.offices["office:head"] = {"person:cid"}
    office.house.stand_ins.known.append(Standing("person:cid", "person:eve", 0, 2**53))
    pass_hours(office, 1)
    first, *others = escalations(office)
    assert (first["act"], first["to"], first["urgency"]) == ("told", "leads", 30)
    assert "told" not in first
    assert [(one["act"], one["to"], one["told"]) for one in others] == [
        ("people told", "initiator", [{"rule": "initiator", "person": ANN.id}]),
        ("people told", "step f", [{"rule": "step f", "person": BOB.id}]),
        (
            "people told",
            "office head",
            [
                {"rule": "office head", "person": "person:cid"},
                {"rule": "office head", "person": "person:eve", "stands_in_for": "person:cid"},
            ],
        ),
    ]
    assert told(office) == [
        ("late", "role", "leads"),
        *[("late", "person", one) for one in (ANN.id, BOB.id)],
        *[("late", "post", one) for one in ("person:cid", "person:eve")],
    ]
    assert office.only(tables.TASK, step="g").urgency == 30, "once, however many are told"
    office.check()


def test_it_happens_again_each_time_with_who_is_there_by_then() -> None:
    late = b.Late("PT0H", whom=(b.Recipient("office", "head"),), every="PT1H", times=3)
    office = office_of(None, late)
    office.start()
    office.complete("f", BOB, data={"ok": True})
    pass_hours(office, 1)
    office.house.offices["office:head"] = {"person:cid"}
    pass_hours(office, 4)
    assert [one["told"] for one in escalations(office)] == [
        [{"rule": "office head"}],  # nobody, which stands on record
        [{"rule": "office head", "person": "person:cid"}],
        [{"rule": "office head", "person": "person:cid"}],
    ]
    assert told(office) == [("late", "post", "person:cid")] * 2
    assert office.only(tables.TASK, step="g").state == "offered"
    office.check()


def test_the_deadline_of_the_instance_tells_them_as_well() -> None:
    office = office_of(b.Deadline("PT2H", late=(b.Late("PT0H", whom=WHOM[1:3]),)))
    office.start()
    pass_hours(office, 3)
    assert [(one["activation"], one["told"]) for one in escalations(office)] == [
        (0, [{"rule": "initiator", "person": ANN.id}]),
        (0, [{"rule": "step f"}]),  # in which nobody has acted yet
    ]
    said = [line for entry in office.log.entries for line in words(entry)]
    assert f"It was escalated: {ANN.id} (initiator)." in said
    assert "It was escalated: nobody (step f)." in said
    office.check()


def test_who_may_not_read_tasks_there_is_not_told() -> None:
    office = office_of(None, b.Late("PT0H", whom=(b.Recipient("initiator"),)))
    office.start()
    office.complete("f", BOB, data={"ok": True})
    office.house.refused.add(("task", "read"))
    pass_hours(office, 1)
    assert [one["told"] for one in escalations(office)] == [[{"rule": "initiator"}]]
    assert told(office) == []
