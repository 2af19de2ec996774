"""Who is told of what, once: in the console, by mail and by a signed hook; also when a runner dies in between."""

import email
import email.policy
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest

from api.notifications.causes import Among, Kind, causes
from api.notifications.commands import EndNotification, Item, MakeNotifications
from api.notifications.notifying import Notifier
from api.notifications.words import said
from api.running import notifier_links
from api.settings import Settings
from ledger.actor import SYSTEM
from ledger.clock import SECOND
from ledger.service import Reader
from ledger.webhook import Signed, secret_text, verify
from tests.api.organisation import House, LaterClock, copied, running
from tests.api.outgoing.relays import Relay, relayed
from tests.api.outgoing.servers import Answer, served
from tests.api.releasing import release
from tests.api.work import start, task_of, waiting_task

OWNER, OTHER, CLERK = "budget-owner-1", "finance-director", "accounts-payable-clerk"
KEY = b"k" * 32
WANTED = {"mail": True, "hook": True, "language": "de", "address": "owner@example.com"}


class OwnReader(Reader):
    """Of one notifier: it gives its connections back when that goes."""

    def __del__(self) -> None:
        self.close()


def notifier_of(house: House, ahead: int = 0, **settings: Any) -> Notifier:
    """A notifier as a runner of this organisation has it, some seconds later than it was."""
    with_ways = replace(house.settings, notify_from="desk@bank.example", public_url="https://bank.example", **settings)
    house.clock.ahead += ahead * SECOND
    database = house.settings.database()
    reader = OwnReader(house.service.log, LaterClock(house.clock.ahead), lambda: database.connect(read_only=True))
    links = notifier_links(with_ways, house.service.rooms, reader, house.submit)
    return Notifier(links)


def told(house: House, who: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = house.get("/v1/notifications", who).json()["items"]
    return items


def delegate(house: House, to: str = OTHER) -> str:
    task = waiting_task(house)
    said_ = {"to": house.person(to), "reason": "look at it"}
    assert house.post(f"/v1/tasks/{task['id']}/delegate", OWNER, said_).status_code == 200
    return str(task["id"])


def rounds(notifier: Notifier) -> None:
    while notifier.round():
        pass


@pytest.fixture
def alone(founded: Settings, tmp_path: Path) -> Iterator[House]:
    """A house of its own, in which time may pass."""
    with running(copied(founded, tmp_path / "data")) as house:
        rounds(notifier_of(house))
        yield house


@pytest.fixture
def beginning(house: House) -> Notifier:
    """A notifier that has looked at all there is."""
    notifier = notifier_of(house)
    rounds(notifier)
    return notifier


def test_the_right_person_is_told_once_with_what_it_is_about(house: House, beginning: Notifier) -> None:
    before = len(told(house, OTHER))
    task = delegate(house)
    rounds(beginning)
    rounds(notifier_of(house))  # another runner finds nothing left to tell
    items = told(house, OTHER)
    assert len(items) == before + 1
    assert (items[0]["kind"], items[0]["about"], items[0]["target"]) == ("delegated", task, "task")
    assert items[0]["blueprint_title"]
    assert not [one for one in told(house, OWNER) if one["about"] == task]  # nobody is told of what they did
    assert not [one for one in told(house, CLERK) if one["about"] == task]
    with house.service.reader.view() as view:
        made = [orjson.loads(row.bytes)["payload"]["made"] for row in view.history("notifications")]
    causes_of = [one["cause"] for many in made for one in many if one["about"] == task]
    assert causes_of == [items[0]["cause"]]


def test_same_person_and_cause_are_told_once_whoever_says_so_again(house: House, beginning: Notifier) -> None:
    item = Item(house.person(OTHER), 3, "watched", start(house), "finance", False, False)
    before = len(told(house, OTHER))
    made = [house.run(MakeNotifications(house.size, house.size, (item,)), SYSTEM).outcome for _ in range(2)]
    assert [one.result for one in made] == [{"made": 1}, {"made": 0}]
    assert len(told(house, OTHER)) == before + 1
    assert house.run(MakeNotifications(0, 1, (item._replace(cause=2),)), SYSTEM).outcome.outcome == "moved"


def test_read_is_counted_and_never_set_back(house: House, beginning: Notifier) -> None:
    delegate(house)
    rounds(beginning)
    answer = house.get("/v1/notifications", OTHER).json()
    newest = answer["items"][0]["cause"]
    assert answer["unread"] > 0
    house.post("/v1/notifications/read", OTHER, {"upto": newest})
    house.post("/v1/notifications/read", OTHER, {"upto": 0})
    again = house.get("/v1/notifications", OTHER).json()
    assert (again["unread"], again["items"][0]["is_read"]) == (0, True)
    delegate(house)
    rounds(beginning)
    assert house.get("/v1/notifications", OTHER).json()["unread"] == 1


def test_mention_watch_and_return_reach_those_they_are_for(house: House, beginning: Notifier) -> None:
    task = delegate(house)
    at = f"/v1/tasks/{task}"
    instance = task.partition(".")[0]
    assert house.call("PUT", f"/v1/process-instances/{instance}/watch", CLERK).json()["outcome"] == "watched"
    assert house.get(f"/v1/process-instances/{instance}/watch", CLERK).json() == {"is_watched": True}
    house.post(f"{at}/comments", OWNER, {"text": "please see", "mentions": [house.person(OTHER)]})
    house.post(f"{at}/return", OTHER, {"outcome": "approve"})
    rounds(beginning)
    kinds = {who: [one["kind"] for one in told(house, who) if one["instance"] == instance] for who in (OWNER, OTHER)}
    assert kinds == {OWNER: ["returned"], OTHER: ["mentioned", "delegated"]}
    watched = [one["kind"] for one in told(house, CLERK) if one["instance"] == instance]
    assert watched == ["watched"] * 5  # the watched past lies within the same round: claimed, delegated, said, returned
    assert house.call("DELETE", f"/v1/process-instances/{instance}/watch", CLERK).json()["outcome"] == "unwatched"
    assert house.get(f"/v1/process-instances/{instance}/watch", CLERK).json() == {"is_watched": False}
    house.refused(house.get(f"/v1/process-instances/{instance}/watch", "credit-officer-1"), 403, "NO_RULE")
    house.refused(house.get("/v1/process-instances/pi_nothing/watch", CLERK), 404, "NOT_FOUND")
    first = house.get("/v1/notifications?limit=2", CLERK).json()
    rest = house.get(f"/v1/notifications?limit=200&cursor={first['cursor']}", CLERK).json()
    assert len(first["items"]) == 2
    assert rest["cursor"] is None
    assert [*first["items"], *rest["items"]] == told(house, CLERK)
    house.post(f"{at}/comments", OWNER, {"text": "nobody follows"})
    rounds(beginning)
    assert len([one for one in told(house, CLERK) if one["instance"] == instance]) == 5


def test_group_work_is_told_to_who_asks_for_it_and_may_do_it(house: House, beginning: Notifier) -> None:
    wanted = {"mail": False, "group_work": True}
    assert house.call("PUT", "/v1/me/notification-preferences", OTHER, json=wanted).status_code == 200
    instance = start(house)
    rounds(beginning)
    assert [one["kind"] for one in told(house, OTHER) if one["instance"] == instance] == ["offered"]
    assert not [one for one in told(house, OWNER) if one["instance"] == instance]
    taken = start(house)
    task_of(house, taken)  # claimed before anybody looked: nothing is offered any more
    rounds(beginning)
    assert not [one for one in told(house, OTHER) if one["instance"] == taken]
    house.call("PUT", "/v1/me/notification-preferences", OTHER, json={"mail": False})


def sent_by(relay: Relay) -> Any:
    return email.message_from_bytes(relay.taken[-1][2], policy=email.policy.default)


def test_mail_and_hook_go_out_once_in_the_persons_language(house: House, beginning: Notifier) -> None:
    assert house.call("PUT", "/v1/me/notification-preferences", OTHER, json=WANTED).status_code == 200
    folder = house.settings.secrets_folder
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "notifications").write_text(secret_text(KEY))
    (folder / "notifications").chmod(0o600)
    with relayed() as relay, served(Answer()) as outside:
        ways: dict[str, Any] = {
            "smtp_url": relay.url,
            "notify_url": f"{outside.base}/hook",
            "egress_allow": outside.allowed,
        }
        notifier = notifier_of(house, **ways)
        task = delegate(house)
        rounds(notifier)
        rounds(notifier_of(house, **ways))
        assert [taken[1] for taken in relay.taken] == ["owner@example.com"]
        message = sent_by(relay)
        assert message["Subject"].startswith("Ihnen wurde eine Aufgabe zur Bearbeitung gegeben: ")
        assert f"https://bank.example/console/tasks/{task}" in message.get_content()
        assert "PO-1" not in message.get_content()  # nothing of the case
        (asked,) = outside.asked
        told_ = orjson.loads(asked.body)
        assert (told_["kind"], told_["about"], told_["person"]) == ("delegated", task, house.person(OTHER))
        signed = Signed(*(asked.headers[f"webhook-{name}"] for name in ("id", "timestamp", "signature")))
        assert verify((KEY,), signed, asked.body, int(signed.timestamp))
    newest = told(house, OTHER)[0]
    assert (newest["mail"], newest["hook"]) == ("sent", "sent")
    with house.service.reader.view() as view:
        rows = view.history(house.person(OTHER))
    kinds = [orjson.loads(row.bytes)["kind"] for row in rows]
    assert kinds.count("notification.sent") == 2
    assert b"owner@example.com" not in b"".join(row.bytes for row in rows)


class _Killed(BaseException):
    """In the place of a kill: nothing catches it."""


def _dying(notifier: Notifier) -> Callable[[Any], Any]:
    """Hands commands over until one would record what was sent."""
    submit = notifier.links.submit

    def until(request: Any) -> Any:
        if isinstance(request.command, EndNotification):
            raise _Killed
        return submit(request)

    return until


def test_killed_before_it_is_recorded_the_same_message_goes_out_again(alone: House) -> None:
    assert alone.call("PUT", "/v1/me/notification-preferences", OTHER, json=WANTED | {"hook": False}).status_code == 200
    with relayed() as relay:
        notifier = notifier_of(alone, smtp_url=relay.url)
        delegate(alone)
        dying = Notifier(replace(notifier.links, submit=_dying(notifier)))
        with pytest.raises(_Killed):
            rounds(dying)
        assert told(alone, OTHER)[0]["mail"] == "due"
        rounds(notifier_of(alone, smtp_url=relay.url))  # the lease of who died still holds
        assert len(relay.taken) == 1
        rounds(notifier_of(alone, ahead=50, smtp_url=relay.url))
        ids = [email.message_from_bytes(taken[2])["Message-ID"] for taken in relay.taken]
        assert len(ids) == 2
        assert len(set(ids)) == 1
    assert told(alone, OTHER)[0]["mail"] == "sent"


def test_relay_that_is_down_is_tried_again_a_refused_address_given_up(alone: House) -> None:
    assert alone.call("PUT", "/v1/me/notification-preferences", OTHER, json=WANTED | {"hook": False}).status_code == 200
    with relayed(refuses={"MAIL": b"451 later"}) as relay:
        notifier = notifier_of(alone, smtp_url=relay.url)
        delegate(alone)
        rounds(notifier)
        assert told(alone, OTHER)[0]["mail"] == "due"
        relay.refuses.clear()
        rounds(notifier_of(alone, smtp_url=relay.url))  # its pause is not over
        assert relay.taken == []
        rounds(notifier_of(alone, ahead=40, smtp_url=relay.url))
        assert told(alone, OTHER)[0]["mail"] == "sent"
        relay.refuses["RCPT"] = b"550 nobody"
        notifier = notifier_of(alone, smtp_url=relay.url)
        delegate(alone)
        rounds(notifier)
        assert told(alone, OTHER)[0]["mail"] == "given up"


@pytest.mark.parametrize("ends", ["role", "person", "mail"])
def test_what_waits_to_go_out_is_not_sent_to_who_may_not_read_it_any_more(alone: House, ends: str) -> None:
    assert alone.call("PUT", "/v1/me/notification-preferences", OTHER, json=WANTED | {"hook": False}).status_code == 200
    with relayed(refuses={"MAIL": b"451 later"}) as relay:
        delegate(alone)
        rounds(notifier_of(alone, smtp_url=relay.url))
        assert told(alone, OTHER)[0]["mail"] == "due"
        before = alone.size
        if ends == "role":
            for role in ("budget-owner", "finance-operations"):
                assigned = f"role assignment: {OTHER}-{role}\nto: {OTHER}\nrole: {role}\ndomain: finance\n"
                release(alone, "role-assignment", f"{assigned}until: 2026-01-01T00:00:00.000000Z\n", 1)
        elif ends == "person":
            release(alone, "person", f"person: {OTHER}\nname: Finance Director\nstatus: left\n", 1)
        else:
            alone.call("PUT", "/v1/me/notification-preferences", OTHER, json=WANTED | {"hook": False, "mail": False})
        relay.refuses.clear()
        rounds(notifier_of(alone, ahead=40, smtp_url=relay.url))
        assert relay.taken == []
    with alone.service.reader.view() as view:
        entries = [orjson.loads(row.bytes) for row in view.entries(before, view.head.size)]
    given_up = [one["payload"]["fault"] for one in entries if one["kind"] == "notification.given_up"]
    assert given_up == ["NO_ADDRESS" if ends == "mail" else "NOT_READABLE"]


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"address": "two@a.example, three@b.example"}, 400),
        ({"address": "a@b.example\r\nBcc: c@d.example"}, 400),
        ({"address": "nobody"}, 400),
        ({"address": ""}, 422),
        ({"language": "fr"}, 400),
        ({"more": 1}, 400),
    ],
)
def test_preferences_that_cannot_be_are_refused(house: House, changes: dict[str, Any], status: int) -> None:
    answer = house.call("PUT", "/v1/me/notification-preferences", OWNER, json=WANTED | changes)
    assert answer.status_code == status, answer.text
    assert house.get("/v1/me/notification-preferences", OWNER).json()["address"] == ""


def test_nobody_follows_what_they_may_not_read_and_machines_are_told_nothing(house: House) -> None:
    instance = start(house)
    house.refused(house.call("PUT", f"/v1/process-instances/{instance}/watch", "credit-officer-1"), 403, "NO_RULE")
    house.refused(house.call("PUT", "/v1/process-instances/pi_nothing/watch", OWNER), 404, "NOT_FOUND")
    house.refused(house.call("PUT", f"/v1/tasks/{instance}.99/watch", OWNER), 404, "NOT_FOUND")
    key = house.key("svc:invoice-intake", "invoice-intake", domain="finance")
    house.refused(house.get("/v1/notifications", key), 403, "NOT_A_PERSON")


def test_log_of_before_tells_nothing_of_what_is_past(founded: Settings, tmp_path: Path) -> None:
    with running(copied(founded, tmp_path / "data")) as house:
        delegate(house)
        rounds(notifier_of(house))
        assert told(house, OTHER) == []
        delegate(house)
        rounds(notifier_of(house))
        assert [one["kind"] for one in told(house, OTHER)] == ["delegated"]


def entry_of(
    *transitions: dict[str, Any], kind: str = "instance.advanced", **payload: Any
) -> list[tuple[str, str, str]]:
    found = causes(kind, "pi_1", {"transitions": list(transitions), **payload})
    return [(one.kind.value, one.about, one.among.value) for one in found]


def test_deadlines_and_incidents_say_whom_they_are_for() -> None:
    late = {"t": "deadline.escalated", "activation": 7, "reaction": 1}
    assert entry_of({**late, "act": "warned"})[0] == ("due soon", "pi_1.7", "holder")
    assert entry_of({**late, "act": "late"})[0] == ("late", "pi_1.7", "holder")
    assert entry_of({**late, "act": "told", "to": "leads"})[0] == ("late", "pi_1.7", "role")
    offered = {"t": "task.offered", "activation": 7}
    assert entry_of({**late, "act": "passed on", "to": "k"}, offered)[0] == ("escalated", "pi_1.7", "offered")
    assert entry_of(offered)[0] == ("offered", "pi_1.7", "offered group")
    whole = {**late, "activation": 0, "act": "told", "to": "leads"}
    assert entry_of(whole)[0] == ("late", "pi_1", "role")
    incident = {"t": "incident.raised", "activation": 7, "incident": 8, "role": "ops"}
    assert entry_of(incident)[0] == ("incident", "pi_1.8", "group")
    assert causes("change.released", "cr_1", {}) == ()
    assert causes("command.refused", "pi_1", {"reason": "NO_RULE"}) == ()
    assert Among.WATCHERS in {one.among for one in causes("task.claimed", "pi_1", {"transitions": []})}


@pytest.mark.parametrize("language", ["en", "de"])
def test_every_kind_has_words_in_every_language(language: str) -> None:
    for kind in Kind:
        words = said(language, kind.value, "Approve\nBcc: x@y.example", "https://a.example/1")
        assert "\n" not in words.subject
        assert words.text.endswith("https://a.example/1\n")
