"""Connectors at the door: what they are and how they stand; and events of other systems that come in signed."""

import json
import os
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest

from api.gauges import gauges
from api.hooks import HOOK_BYTES_MAX
from api.inboxes import FILES_PER_LOOK, Inboxes
from api.settings import Settings
from ledger import webhook
from ledger.actor import SYSTEM
from ledger.clock import SECOND
from ledger.work import Answer, Request
from orchestrator.breaker import Limits
from orchestrator.commands import FailCall, LeaseCalls, StartCall
from orchestrator.kept import DATA_BYTES_MAX
from tests.api.described import differences
from tests.api.organisation import House, copied, running
from tests.api.releasing import release
from tests.api.work import decide, start, task_of

KEEPER = "change-reviewer"
KEY = b"k" * 32
HOOK = """\
connector: crm
title: Customers
via: hook
credential: crm
actor: svc:loan-portal
domain: lending
messages:
  deal.won: {message: deal-won, key: deal.id}
"""
WAITING = """\
blueprint: waiting
title: Waiting
purpose: Wait for a deal.
owner: lending-operations
currency: GBP
data:
  number: {type: string, class: internal, required: true}
  deal: {type: object, class: internal}
start: {by: api, requires: role loan-intake, key: number}
first: deal
steps:
  deal: {wait: {message: deal-won, key: = number}, into: deal, next: done}
  done: {end: done}
"""


@pytest.fixture(scope="module")
def hooked(founded: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder: Path = tmp_path_factory.mktemp("hooked") / "data"
    with running(copied(founded, folder)) as house:
        release(house, "connector", HOOK)
        release(house, "blueprint", WAITING)
        secret = house.settings.secrets_folder / "crm"
        secret.parent.mkdir(parents=True, exist_ok=True)
        secret.write_text(webhook.secret_text(KEY))
        secret.chmod(0o600)
        yield house


def begin(house: House, number: str) -> str:
    key = house.tokens.setdefault("portal", house.key("svc:loan-portal", "loan-intake", domain="lending"))
    body = {"blueprint": "waiting", "business_key": number, "data": {"number": number}, "domain": "lending"}
    made = house.post("/v1/process-instances", key, body)
    assert made.status_code == 200, made.text
    instance: str = made.json()["instance"]
    return instance


def event(number: str, kind: str = "deal.won", **more: str) -> bytes:
    data = {"deal": {"id": number, **more}}
    return json.dumps({"type": kind, "timestamp": "2026-01-01T00:00:00Z", "data": data}).encode()


def send(house: House, body: bytes, message: str = "m-1", **changed: Any) -> Any:
    now = house.service.rooms.clock.wall() // SECOND + changed.get("late", 0)
    signed = webhook.sign([changed.get("key", KEY)], message, now, changed.get("signed", body))
    headers = {"webhook-id": message, "webhook-timestamp": signed.timestamp, "webhook-signature": signed.signature}
    headers |= changed.get("headers", {})
    return house.post(f"/v1/hooks/{changed.get('hook', 'crm')}", content=body, headers=headers)


def test_an_event_becomes_a_message_once(hooked: House) -> None:
    instance = begin(hooked, "D-1")
    first = send(hooked, event("D-1"), "m-once")
    assert (first.status_code, first.json()["instance"]) == (200, instance), first.text
    size = hooked.size
    again = send(hooked, event("D-1"), "m-once")
    assert again.json() == first.json()
    assert hooked.size == size
    entry = hooked.get(f"/v1/ledger/entries/{first.json()['receipt']['index']}", "auditor").json()["entry"]
    assert entry["actor"] == {
        "id": "svc:loan-portal", "kind": "service", "method": "webhook", "sign_in": "connector:crm"
    }  # fmt: skip


def test_the_same_id_with_another_content_is_refused_and_changes_nothing(hooked: House) -> None:
    begin(hooked, "D-21")
    first = send(hooked, event("D-21"), "m-same")
    assert first.status_code == 200, first.text
    waiting = begin(hooked, "D-22")
    hooked.refused(send(hooked, event("D-22"), "m-same"), 422, "COMMAND_ID_REUSED")
    assert hooked.get(f"/v1/process-instances/{waiting}", "auditor").json()["status"] == "active"
    assert send(hooked, event("D-21"), "m-same").json()["receipt"]["index"] == first.json()["receipt"]["index"]


def test_an_event_that_is_too_large_is_turned_away_before_it_is_read(hooked: House) -> None:
    before = hooked.size
    large = event("D-23", note="x" * HOOK_BYTES_MAX)
    assert send(hooked, large, "m-large").status_code == 413
    assert send(hooked, large, "m-large", key=b"x" * 32).status_code == 413
    assert hooked.size == before


def test_an_event_whose_key_is_shown_like_another_is_kept_for_nobody(hooked: House) -> None:
    hooked.refused(send(hooked, event("D-24 "), "m-alike"), 422, "INVALID_DATA")
    assert send(hooked, event("D-24"), "m-plain").json()["outcome"] == "kept"


def test_the_list_says_which_way_each_goes(hooked: House) -> None:
    answer = hooked.get("/v1/connectors?limit=100", KEEPER).json()
    assert differences("GET", "/v1/connectors", answer) == []
    ways = {one["name"]: (one["via"], one["direction"]) for one in answer["items"]}
    assert ways.pop("crm") == ("hook", "in")
    assert set(ways.values()) == {("http", "out")}
    for name, told in (("crm", ("in", "svc:loan-portal", "lending")), ("finance", ("out", None, None))):
        one = hooked.get(f"/v1/connectors/{name}", KEEPER).json()
        assert (one["direction"], one["actor"], one["domain"]) == told


@pytest.mark.parametrize(
    "changed",
    [
        {"key": b"x" * 32}, {"signed": b"{}"}, {"late": -301}, {"late": 301}, {"hook": "none"}, {"hook": "finance"},
    ],
)  # fmt: skip
def test_an_event_that_is_not_signed_for_this_hook_is_turned_away(hooked: House, changed: dict[str, Any]) -> None:
    begin(hooked, f"D-{len(str(changed))}-{changed}"[:60])
    before = hooked.size
    hooked.refused(send(hooked, event("D-1"), "m-forged", **changed), 401, "BAD_CREDENTIALS")
    bare = hooked.post("/v1/hooks/crm", content=event("D-1"))
    hooked.refused(bare, 401, "BAD_CREDENTIALS")
    assert hooked.size == before


@pytest.mark.parametrize(
    ("body", "location"),
    [
        (b"[]", "body.type"),
        (event("D-1", "deal.lost"), "body.type"),
        (b'{"type": "deal.won", "data": {"deal": {}}}', "body.data.deal.id"),
        (b'{"type": "deal.won", "data": {"deal": {"id": true}}}', "body.data.deal.id"),
        (b"<html>", "line 1, column 1"),
    ],
)
def test_a_signed_event_that_is_none_says_where(hooked: House, body: bytes, location: str) -> None:
    problem = hooked.refused(send(hooked, body, "m-odd"), 400, "MALFORMED")
    assert problem["location"] == location


def test_an_event_before_its_wait_is_not_lost(hooked: House) -> None:
    kept = send(hooked, event("D-9"), "m-early").json()
    assert kept["outcome"] == "kept"
    again = send(hooked, event("D-9"), "m-early").json()
    assert again["receipt"]["index"] == kept["receipt"]["index"]
    instance = begin(hooked, "D-9")
    assert hooked.get(f"/v1/process-instances/{instance}", "auditor").json()["status"] == "ended"
    entry = hooked.get(f"/v1/ledger/entries/{kept['receipt']['index']}", "auditor").json()["entry"]
    assert entry["kind"] == "message.kept"


def test_a_message_is_kept_as_long_as_its_sender_says_and_once_by_its_id(hooked: House) -> None:
    begin(hooked, "D-11")
    said = {"name": "deal-won", "key": "D-10", "data": {"id": "D-10"}, "domain": "lending", "message_id": "e-1"}
    hooked.refused(hooked.post("/v1/messages", "portal", said), 404, "NOT_FOUND")
    hooked.refused(hooked.post("/v1/messages", "portal", {**said, "keep_for": "P31D"}), 422, "INVALID_DATA")
    hooked.refused(hooked.post("/v1/messages", "portal", {**said, "message_id": "x" * 201}), 400, "MALFORMED")
    kept = hooked.post("/v1/messages", "portal", {**said, "keep_for": "P2D"}).json()
    again = hooked.post("/v1/messages", "portal", {**said, "keep_for": "P2D"}).json()
    assert (kept["outcome"], again["outcome"], again["receipt"]) == ("kept", "repeated", None)
    assert again["kept"] == kept["kept"]
    hooked.refused(hooked.post("/v1/messages", "portal", {**said, "data": {}}), 422, "MESSAGE_ID_REUSED")
    instance = begin(hooked, "D-10")
    after = hooked.post("/v1/messages", "portal", said).json()
    assert (after["became"], after["instance"]) == ("correlated", instance)


APPLIED = WAITING.replace("blueprint: waiting", "blueprint: applied").replace(
    "start: {by: api,", "start: {by: message, message: applied,"
)


def test_a_message_starts_an_instance_once_for_each_key(hooked: House) -> None:
    release(hooked, "blueprint", APPLIED)
    begin(hooked, "D-12")
    said = {"name": "applied", "key": "D-13", "data": {"number": "D-13"}, "domain": "lending", "keep_for": "P1D"}
    hooked.refused(hooked.post("/v1/messages", "portal", {**said, "data": {"number": 1}}), 422, "INVALID_DATA")
    one = hooked.post("/v1/messages", "portal", {**said, "message_id": "e-1"}).json()
    again = hooked.post("/v1/messages", "portal", {**said, "message_id": "e-1"}).json()
    assert (one["outcome"], again["became"], again["instance"]) == ("started", "started", one["instance"])
    hooked.refused(hooked.post("/v1/messages", "portal", said), 409, "BUSINESS_KEY_TAKEN")
    entry = hooked.get(f"/v1/ledger/entries/{one['receipt']['index']}", "auditor").json()["entry"]
    assert (entry["kind"], entry["payload"]["message"]) == ("instance.started", "applied")
    other = APPLIED.replace("blueprint: applied", "blueprint: applied-again")
    body = {"kind": "blueprint", "source": other, "title": "t", "reason": "r"}
    problem = hooked.refused(hooked.post("/v1/change-requests", "process-owner", body), 422, "CHECKS_FAILED")
    assert "start.message" in str(problem)
    begun = {"blueprint": "applied", "business_key": "D-14", "data": {"number": "D-14"}, "domain": "lending"}
    hooked.refused(hooked.post("/v1/process-instances", "portal", begun), 409, "WRONG_STATE")


def test_an_event_of_a_service_without_the_permission_is_refused(hooked: House) -> None:
    release(hooked, "connector", HOOK.replace("connector: crm", "connector: siem").replace("loan-portal", "siem"))
    begin(hooked, "D-2")
    assert send(hooked, event("D-2"), "m-siem", hook="siem").status_code == 403


# How connectors stand


def test_what_a_connector_is_and_how_it_stands(house: House) -> None:
    assert decide(house, task_of(house, start(house))).status_code == 200
    leased = house.run(LeaseCalls("r", limits=(Limits("finance", failures=1),)), SYSTEM).outcome.result["calls"]
    call = next(one for one in leased if one["operation"].startswith("finance."))
    house.run(StartCall(call["call"], call["lease"]), SYSTEM)
    house.run(FailCall(call["call"], call["lease"], "HTTP_503"), SYSTEM)
    told = house.get("/v1/connectors/finance", KEEPER).json()
    assert (told["via"], told["leads_to"], told["limits"]["at_once"]) == ("http", "http://127.0.0.1:9100", 10)
    assert {one["name"] for one in told["operations"]} == {"pay", "post_invoice", "read_payment"}
    breaker = told["breaker"]
    assert (breaker["state"], breaker["failures"], breaker["failed_with"]) == ("open", 1, "HTTP_503")
    assert breaker["open_until"] - breaker["failed_at"] == 30 * SECOND
    listed = {one["name"]: one["breaker"]["state"] for one in house.get("/v1/connectors", KEEPER).json()["items"]}
    assert (listed["finance"], listed["letters"]) == ("open", "closed")
    with house.service.reader.view() as view:
        found = {(one.name, one.labels): one.value for one in gauges(house.service, view)}
    assert found["muniment_connector_open", (("connector", "finance"),)] == 1
    assert found["muniment_calls_waiting", ()] >= 1  # the one that failed comes again
    assert found["muniment_timer_late_seconds", ()] == 0
    house.refused(house.get("/v1/connectors/none", KEEPER), 404, "NOT_FOUND")
    assert house.get("/v1/connectors/finance").status_code == 401


# Watched folders

INBOX = HOOK.replace("via: hook\ncredential: crm", "via: inbox\nfolder: deals/in").replace(
    "connector: crm", "connector: deals"
)


def put(folder: Path, name: str, data: bytes) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f".{name}").write_bytes(data)
    (folder / f".{name}").rename(folder / f"{name}")


def test_files_become_messages_once_and_are_moved(hooked: House, tmp_path: Path) -> None:
    release(hooked, "connector", INBOX)
    instance = begin(hooked, "F-1")
    folder, service = tmp_path / "deals" / "in", hooked.service
    put(folder, "a.json", event("F-1"))
    put(folder, "b.json", b"<html>")
    put(folder, "c.json", event("F-1", "deal.lost"))
    put(folder, "d.json", event("nobody waits"))
    put(folder, "e.json", event("F-1") + b" " * HOOK_BYTES_MAX)
    put(folder, "f.txt", event("F-1"))
    put(folder, "i.json", event("nobody waits", amount="x" * DATA_BYTES_MAX))
    outside = tmp_path / "outside.json"
    outside.write_bytes(event("F-1"))
    (folder / "g.json").symlink_to(outside)
    for number in range(FILES_PER_LOOK):
        (folder / f"0{number}.json").mkdir()  # what is no file takes no place of one, and leaves nothing open
    sent: list[Request] = []

    def submit(request: Request) -> "Future[Answer]":
        sent.append(request)
        future: Future[Answer] = Future()
        future.set_result(service.writer._writer.run(request))
        return future

    def look() -> int:
        return Inboxes(service.reader, service.rooms.versions, tmp_path, service.rooms.clock).look(submit)

    open_before = len(os.listdir("/proc/self/fd"))
    assert look() == 6
    assert len(os.listdir("/proc/self/fd")) <= open_before
    where = {path.name.partition(".")[0]: path.parent.name for path in folder.rglob("*.json") if not path.is_dir()}
    assert where == {
        "a": "taken",
        "b": "refused",
        "c": "refused",
        "d": "taken",
        "e": "refused",
        "g": "in",
        "i": "refused",
    }
    assert [request.command.key for request in sent] == ["F-1", "nobody waits", "nobody waits"]
    with service.reader.view() as view:
        (row,) = view.query("SELECT status FROM instance WHERE log_id = {log} AND id = ?", (instance,))
    assert row == ("ended",)
    size = hooked.size
    put(folder, "a.json", event("F-1"))  # as if a runner had died before it moved the file
    assert look() == 1
    assert hooked.size == size
    put(folder, "h.json", event("F-1"))
    (folder.parent / "elsewhere").mkdir()
    folder.rename(folder.parent / "elsewhere" / "in")
    folder.symlink_to(folder.parent / "elsewhere" / "in")
    assert look() == 0  # a link is not followed, though `h` lies there
    assert len(sent) == 4


def test_a_folder_that_cannot_be_written_holds_up_no_other(hooked: House, tmp_path: Path) -> None:
    release(hooked, "connector", INBOX.replace("connector: deals", "connector: a-first").replace("deals/in", "first"))
    begin(hooked, "F-2")
    service = hooked.service
    put(tmp_path / "first", "a.json", b"<html>")
    (tmp_path / "first" / "refused").write_text("in the way")
    put(tmp_path / "deals" / "in", "b.json", event("F-2"))

    def submit(request: Request) -> "Future[Answer]":
        future: Future[Answer] = Future()
        future.set_result(service.writer._writer.run(request))
        return future

    assert Inboxes(service.reader, service.rooms.versions, tmp_path, service.rooms.clock).look(submit) == 1
    assert [path.parent.name for path in (tmp_path / "deals").rglob("b.*")] == ["taken"]


def test_a_file_with_a_name_that_nobody_expects_holds_up_no_other(hooked: House, tmp_path: Path) -> None:
    """As long as a name may be, so that nothing can be put behind it; and one that is no text."""
    release(hooked, "connector", INBOX.replace("connector: deals", "connector: names").replace("deals/in", "names"))
    instance = begin(hooked, "F-3")
    folder, service = tmp_path / "names", hooked.service
    put(folder, "z.json", event("F-3"))
    for name in (b"0" * 250, b"1\xff", "\u20ac".encode() * 83):
        (folder / os.fsdecode(name + b".json")).write_bytes(event("nobody waits"))

    def submit(request: Request) -> "Future[Answer]":
        future: Future[Answer] = Future()
        future.set_result(service.writer._writer.run(request))
        return future

    inboxes = Inboxes(service.reader, service.rooms.versions, tmp_path, service.rooms.clock)
    assert inboxes.look(submit) == 4
    assert len(list((folder / "taken").iterdir())) == 4
    with service.reader.view() as view:
        assert view.query("SELECT status FROM instance WHERE log_id = {log} AND id = ?", (instance,)) == [("ended",)]
