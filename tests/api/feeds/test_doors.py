"""Feeds at the door: lists, letters, fetching, and who may."""

import json
import threading
import time
from typing import Any

import pytest

from api.feeds.commands import LeaseFeed, MoveFeed
from api.gauges import gauges
from api.metrics import Counts
from api.streams import STREAMS_OF_ONE_MAX, Streams
from ledger.actor import SYSTEM
from ledger.clock import SystemClock
from ledger.delivery import Letter, Move
from ledger.work import Request
from tests.api.feeds.sink import PATIENCE
from tests.api.organisation import House
from tests.api.releasing import release

WEBHOOK = """\
feed: partner
title: For a partner
format: cloudevents
sink: {webhook: {url: "https://partner.example.com/in", secret: partner}}
kinds: [task.completed]
"""
FETCHED = """\
feed: fetched
title: To be fetched
format: cloudevents
sink: {pull: {readers: [svc:siem, svc:loan-portal]}}
kinds: ["person.*"]
start: 0
"""


@pytest.fixture(scope="module")
def siem(house: House) -> str:
    """The key of the service that fetches; the feeds are in force."""
    release(house, "feed", WEBHOOK)
    release(house, "feed", FETCHED)
    return house.key("svc:siem", "feed-reader")


def lines(answer: Any) -> list[dict[str, Any]]:
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/x-ndjson"
    return [json.loads(line) for line in answer.content.splitlines()]


def test_feeds_are_listed_with_what_they_tell_and_to_whom(house: House, siem: str) -> None:
    listed = house.get("/v1/feeds", "change-reviewer").json()
    assert [one["name"] for one in listed["items"]] == ["fetched", "partner", "siem"]
    assert listed["cursor"] is None
    one = house.get("/v1/feeds/fetched", "change-reviewer").json()
    assert one["sink"] == {"kind": "pull", "readers": ["svc:loan-portal", "svc:siem"]}
    assert (one["version"], one["discloses"], one["delivery"]) == (1, "entry", None)
    first = house.get("/v1/feeds?limit=1", "change-reviewer").json()
    following = house.get(f"/v1/feeds?limit=2&cursor={first['cursor']}", "change-reviewer").json()
    assert [one["name"] for one in following["items"]] == ["partner", "siem"]


def test_a_delivery_is_told_without_a_word_of_the_sink(house: House, siem: str) -> None:
    def run(command: Any) -> Any:
        return house.service.writer._writer.run(Request(SYSTEM, command)).outcome.result

    token = run(LeaseFeed("partner", 1, 5, "runner", 60))["token"]
    letters = (Letter(5, 6, ("pi_a",), "dead"), Letter(7, 8, ("pi_a",), "parked"))
    run(MoveFeed("partner", token, Move(9, letters, fault="HTTP_422"), 0))
    one = house.get("/v1/feeds/partner", "change-reviewer").json()
    told = one["delivery"]
    assert (told["next_index"], told["state"], told["last_fault"], told["dead_letters"]) == (
        9,
        "running",
        "HTTP_422",
        1,
    )
    assert told["lag_entries"] == one["size"] - 9
    found = house.get("/v1/feeds/partner/dead-letters", "incident-handler").json()["items"]
    assert [(letter["first"], letter["state"], letter["fault"]) for letter in found] == [
        (5, "dead", "HTTP_422"),
        (7, "parked", None),
    ]
    assert house.get("/v1/feeds/partner/dead-letters/5", "incident-handler").json()["subjects"] == ["pi_a"]
    house.refused(house.get("/v1/feeds/partner/dead-letters/6", "incident-handler"), 404, "NOT_FOUND")
    with house.service.reader.view() as view:
        metrics = Counts(SystemClock()).text({"acme": gauges(house.service, view)}, ("",)).decode()
    assert 'muniment_feed_dead_letters{feed="partner",log="acme"} 1.0' in metrics
    assert 'muniment_feed_lag_entries{feed="partner",log="acme"}' in metrics


def test_a_replay_is_asked_for_at_the_door_and_recorded(house: House, siem: str) -> None:
    at = "/v1/feeds/partner/dead-letters/5/replay"
    house.refused(house.post(at, "auditor"), 403, "NO_RULE")
    house.refused(house.post(at, siem), 403, "NO_RULE")
    answer = house.post(at, "incident-handler", headers={"Idempotency-Key": "replay-5"})
    assert (answer.status_code, answer.json()["outcome"]) == (200, "replayed")
    entry = house.get(f"/v1/ledger/entries/{answer.json()['receipt']['index']}", "auditor").json()["entry"]
    assert (entry["kind"], entry["subject"]) == ("feed.replayed", "feed:partner")
    again = house.post(at, "incident-handler", headers={"Idempotency-Key": "replay-5"})
    assert again.json()["receipt"]["index"] == answer.json()["receipt"]["index"]
    states = [one["state"] for one in house.get("/v1/feeds/partner/dead-letters", "incident-handler").json()["items"]]
    assert states == ["due", "due"]
    house.refused(house.post(at, "incident-handler"), 409, "WRONG_STATE")
    house.refused(house.post("/v1/feeds/other/dead-letters/5/replay", "incident-handler"), 404, "NOT_FOUND")


def test_a_reader_fetches_all_of_it_page_by_page(house: House, siem: str) -> None:
    whole = lines(house.get("/v1/feeds/fetched/entries?limit=200", siem))
    assert whole
    assert {one["type"].split(".")[1] for one in whole} == {"person"}
    found: list[dict[str, Any]] = []
    after = "-"
    query = "?limit=3"
    while True:
        answer = house.get(f"/v1/feeds/fetched/entries{query}", siem)
        found += lines(answer)
        if answer.headers["feed-after"] == after:
            break
        after = answer.headers["feed-after"]
        query = f"?limit=3&after={after}"
    assert [one["index"] for one in found] == [one["index"] for one in whole]
    assert int(after) == house.size - 1


def test_who_is_not_its_reader_does_not_fetch_it(house: House, siem: str) -> None:
    portal = house.key("svc:loan-portal", "loan-intake", domain="lending")
    house.refused(house.get("/v1/feeds/fetched/entries", portal), 403, "NO_RULE")  # named, but without the permission
    house.refused(house.get("/v1/feeds/fetched/entries", "incident-handler"), 403, "DENIED")  # permitted, not named
    house.refused(house.get("/v1/feeds/fetched/entries", "auditor"), 403, "NO_RULE")
    house.refused(house.get("/v1/feeds/partner/entries", siem), 403, "DENIED")
    house.refused(house.get("/v1/feeds/other/entries", siem), 404, "NOT_FOUND")
    house.refused(house.get("/v1/feeds/fetched/entries"), 401, "NO_CREDENTIAL")
    for path in ("/v1/feeds/fetched/live", "/v1/feeds/partner/dead-letters"):
        house.refused(house.get(path, "auditor"), 403, "NO_RULE")
    house.refused(house.get("/v1/feeds", siem), 403, "NO_RULE")
    house.refused(house.get("/v1/ledger/feed", siem), 403, "NO_RULE")


def test_whoever_reads_the_ledger_may_follow_it_in_either_format(house: House, siem: str) -> None:
    for form, index in (("cloudevents", lambda one: int(one["index"])), ("ocsf", lambda one: one["unmapped"]["index"])):
        answer = house.get(f"/v1/ledger/feed?format={form}&after=3&limit=5", "auditor")
        got = [index(one) for one in lines(answer)]
        assert got[0] == 4
        assert got == list(range(4, got[-1] + 1))
        assert answer.headers["feed-after"] == str(got[-1])
    house.refused(house.get("/v1/ledger/feed?format=xml", "auditor"), 400, "MALFORMED")
    house.refused(house.get("/v1/ledger/feed?limit=201", "auditor"), 400, "MALFORMED")
    house.refused(house.get("/v1/ledger/feed?wait_seconds=31", "auditor"), 400, "MALFORMED")
    house.refused(house.get("/v1/ledger/feed?after=-1", "auditor"), 400, "MALFORMED")


def test_a_fetch_from_inside_a_command_begins_with_its_first_entry(house: House, siem: str) -> None:
    entries = [one["data"] for one in lines(house.get("/v1/ledger/feed?limit=200", "auditor"))]
    inside = next(one for one in entries if one.get("part", [1, 1])[0] == 2)
    again = lines(house.get(f"/v1/ledger/feed?after={inside['index'] - 1}&limit=1", "auditor"))
    assert [one["data"]["part"][0] for one in again] == list(range(1, inside["part"][1] + 1))


def test_a_fetch_waits_for_something_to_tell(house: House, siem: str) -> None:
    last = house.size - 1
    answer = house.get(f"/v1/ledger/feed?after={last}&wait_seconds=1", "auditor")
    assert lines(answer) == []
    assert answer.headers["feed-after"] == str(last)
    beyond = house.get(f"/v1/ledger/feed?after={last + 1000}", "auditor")
    assert lines(beyond) == []


def test_fetches_that_wait_are_counted_with_streams(house: House, siem: str) -> None:
    streams: Streams = house.client.app.state.streams
    last, actor = house.size - 1, house.get("/v1/me", "auditor").json()["actor"]["id"]
    for _ in range(STREAMS_OF_ONE_MAX):
        streams.enter(actor)
    house.refused(house.get(f"/v1/ledger/feed?after={last}&wait_seconds=30", "auditor"), 429, "RATE_LIMITED")
    assert lines(house.get(f"/v1/ledger/feed?after={last}", "auditor")) == []  # without a wait it is answered
    for _ in range(STREAMS_OF_ONE_MAX):
        streams.leave(actor)
    assert lines(house.get(f"/v1/ledger/feed?after={last}&wait_seconds=1", "auditor")) == []
    assert streams.count() == 0


def waiting(house: House, path: str, who: str) -> tuple[threading.Thread, list[Any]]:
    """A fetch that waits by now; its answer, once there is one."""
    answers: list[Any] = []
    fetch = threading.Thread(target=lambda: answers.append(house.get(path, who)))
    fetch.start()
    begun = time.monotonic()
    while getattr(house.client.app.state, "streams", Streams()).count() == 0:
        assert time.monotonic() - begun < PATIENCE, "it does not wait"
        time.sleep(0.01)
    return fetch, answers


def test_a_fetch_that_waits_ends_with_the_session(house: House, siem: str) -> None:
    token = house.token("auditor")
    fetch, answers = waiting(house, f"/v1/ledger/feed?after={house.size - 1}&wait_seconds=30", token)
    del house.tokens["auditor"]
    assert house.post("/v1/sign-out", token, {}).status_code == 200  # an entry: what is waited for is there
    fetch.join(timeout=PATIENCE)
    house.refused(answers[0], 401, "BAD_CREDENTIALS")


def test_a_fetch_that_waits_tells_nothing_to_who_is_no_reader_any_more(house: House, siem: str) -> None:
    fetch, answers = waiting(house, f"/v1/feeds/fetched/entries?after={house.size - 1}&wait_seconds=30", siem)
    release(house, "feed", FETCHED.replace("svc:siem, ", ""), 1)
    release(house, "person", "person: newcomer\nname: Newcomer\n")  # what the feed tells of
    fetch.join(timeout=PATIENCE)
    house.refused(answers[0], 403, "DENIED")
