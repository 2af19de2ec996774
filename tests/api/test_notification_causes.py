"""What else people are told: an incident that is theirs, work of whom they stand in for, reviews, changes."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from api.notifications.causes import Among, causes
from api.notifications.commands import MakeNotifications
from api.notifications.notifying import Notifier
from ledger.clock import SECOND
from orchestrator.deadlines import HOLDER_WARNED, LATE, TOLD, WARNED
from tests.api.organisation import House
from tests.api.test_notifications import delegate, notifier_of, rounds, told
from tests.api.work import waiting_task

OWNER, OTHER, SECOND_OWNER = "budget-owner-1", "finance-director", "budget-owner-2"
REVIEWER, AUTHOR, CLERK = "change-reviewer", "process-owner", "accounts-payable-clerk"
HOUR = 3_600 * SECOND


class _Killed(BaseException):
    """In the place of a kill: nothing catches it."""


def dying(notifier: Notifier, is_made: bool) -> Notifier:
    """A notifier that is killed when it would record whom it tells: before, or when that is committed."""
    submit = notifier.links.submit

    def until(request: Any) -> Any:
        answer = submit(request) if is_made or not isinstance(request.command, MakeNotifications) else None
        if isinstance(request.command, MakeNotifications) and request.command.made:
            if answer is not None:
                answer.result()
            raise _Killed
        return answer if answer is not None else submit(request)

    return Notifier(replace(notifier.links, submit=until))


def group_work(house: House, *persons: str, wanted: bool = True) -> None:
    for person in persons:
        said = {"mail": False, "group_work": wanted}
        assert house.call("PUT", "/v1/me/notification-preferences", person, json=said).status_code == 200


def kinds(house: House, who: str, about: str) -> list[str]:
    return [one["kind"] for one in told(house, who) if one["about"] == about]


def standing_in(house: House, absent: str, substitute: str) -> Callable[[], Any]:
    """Record that somebody stands in for somebody; what lifts it again."""
    body = {"substitute": house.person(substitute), "valid_until": house.clock.wall() + HOUR, "reason": "on leave"}
    made = house.post("/v1/substitutions", absent, body)
    assert made.status_code == 200, made.text
    at = f"/v1/substitutions/{made.json()['substitution']}/lifting"
    return lambda: house.post(at, absent, {"reason": "back again"})


def test_causes_that_an_entry_gives() -> None:
    def found(*transitions: dict[str, Any]) -> tuple[str, str, str, str]:
        first = causes("instance.advanced", "pi_1", {"transitions": list(transitions)})[0]
        return first.kind.value, first.about, first.among.value, first.to

    assigned = {"t": "incident.assigned", "incident": 8, "to": "person:p"}
    assert found(assigned) == ("incident assigned", "pi_1.8", "person", "person:p")
    gated = {"t": "proposal.gated", "activation": 7, "gate": "sample"}
    assert found(gated, {"t": "task.offered", "activation": 7}) == ("review", "pi_1.7", "offered group", "")
    assert found(gated, {"t": "task.offered", "activation": 9})[0] == "offered"
    voided = {"t": "votes.voided", "activation": 7, "votes": [8]}
    assert found(voided) == ("offered", "pi_1.7", "voters", "")
    over = [voided, {"t": "task.cancelled", "activation": 7}]  # nobody votes on it any more
    assert causes("instance.advanced", "pi_1", {"transitions": over}) == ()
    nobody = {"transitions": [{"t": "incident.assigned", "incident": 8}]}
    assert [one.kind.value for one in causes("incident.assigned", "pi_1", nobody)] == ["watched"]
    for kind in ("change.proposed", "change.submitted", "change.edited"):
        assert [(one.kind.value, one.about) for one in causes(kind, "cr_1", {})] == [("approval", "cr_1")]
    assert causes("change.reviewed", "cr_1", {}) == ()


def test_who_follows_is_told_of_a_missed_deadline_and_of_no_warning() -> None:
    def watched(act: str) -> list[str]:
        transitions = [{"t": "deadline.escalated", "activation": 4, "act": act, "to": "role r"}]
        found = causes("timer.fired", "pi_1", {"transitions": transitions})
        return [one.about for one in found if one.among is Among.WATCHERS]

    assert watched(LATE) == ["pi_1.4"]
    for act in (WARNED, HOLDER_WARNED, TOLD):
        assert watched(act) == []


@pytest.mark.parametrize("is_made", [False, True])
def test_substitute_is_told_once_whenever_the_notifier_dies(house: House, is_made: bool) -> None:
    rounds(notifier_of(house))
    lift = standing_in(house, OTHER, SECOND_OWNER)
    task = delegate(house, OTHER)
    with pytest.raises(_Killed):
        rounds(dying(notifier_of(house), is_made))
    rounds(notifier_of(house))
    rounds(notifier_of(house))
    assert kinds(house, OTHER, task) == ["delegated"]
    assert kinds(house, SECOND_OWNER, task) == ["standing in"]
    assert lift().status_code == 200
    later = delegate(house, OTHER)
    rounds(notifier_of(house))
    assert (kinds(house, OTHER, later), kinds(house, SECOND_OWNER, later)) == (["delegated"], [])


def test_substitute_who_may_not_read_it_is_told_nothing(house: House) -> None:
    rounds(notifier_of(house))
    lift = standing_in(house, OTHER, "credit-officer-1")
    task = delegate(house, OTHER)
    rounds(notifier_of(house))
    assert kinds(house, "credit-officer-1", task) == []
    lift()


@pytest.mark.parametrize("is_made", [False, True])
def test_a_change_waits_for_those_who_may_approve_it(house: House, is_made: bool) -> None:
    rounds(notifier_of(house))
    group_work(house, REVIEWER, AUTHOR, CLERK)
    house.count += 1
    source = f"person: later-{house.count}\nname: Later\n"
    draft = {"kind": "person", "source": source, "title": "Somebody joins", "reason": "needed"}
    change = house.post("/v1/change-requests", AUTHOR, draft).json()["change_request"]
    with pytest.raises(_Killed):
        rounds(dying(notifier_of(house), is_made))
    rounds(notifier_of(house))
    rounds(notifier_of(house))
    (one,) = [one for one in told(house, REVIEWER) if one["about"] == change]
    assert (one["kind"], one["target"], one["title"]) == ("approval", "change", "Somebody joins")
    assert kinds(house, AUTHOR, change) == []  # it is their own
    assert kinds(house, CLERK, change) == []  # they may not approve
    group_work(house, REVIEWER, AUTHOR, CLERK, wanted=False)


def test_who_did_not_ask_for_group_work_is_told_of_no_change(house: House) -> None:
    rounds(notifier_of(house))
    house.count += 1
    source = f"person: later-{house.count}\nname: Later\n"
    draft = {"kind": "person", "source": source, "title": "Somebody joins", "reason": "needed"}
    change = house.post("/v1/change-requests", AUTHOR, draft).json()["change_request"]
    rounds(notifier_of(house))
    assert kinds(house, REVIEWER, change) == []


def test_taking_what_one_stands_in_for_tells_oneself_nothing(house: House) -> None:
    rounds(notifier_of(house))
    task = waiting_task(house)["id"]
    lift = standing_in(house, OWNER, OTHER)
    assert house.post(f"/v1/tasks/{task}/claim", OTHER, {}).status_code == 200
    rounds(notifier_of(house))
    assert kinds(house, OTHER, task) == []
    lift()


def test_who_stands_in_is_told_for_whom(house: House) -> None:
    rounds(notifier_of(house))
    lift = standing_in(house, OWNER, OTHER)
    rounds(notifier_of(house))
    rounds(notifier_of(house))
    found = [one for one in told(house, OTHER) if one["kind"] == "substitute" and not one["is_read"]]
    assert (found[0]["target"], found[0]["title"]) == ("substitution", OWNER)
    assert len({one["about"] for one in found}) == len(found)
    assert not [one for one in told(house, OWNER) if one["kind"] == "substitute"]
    lift()
