"""The live stream from the real service: what is told and when, and how a stream ends."""

import http.client
import json
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import cache
from pathlib import Path

import pytest

from api.identity import service as identity
from api.live.watching import LISTENERS_OF_ONE_MAX
from ledger.work import Request
from tests.api.feeds.conftest import Persons, opened
from tests.api.feeds.served import Served
from tests.api.feeds.sink import PATIENCE, listening
from tests.api.feeds.world import World, world
from tests.api.foundry import Foundry
from tests.api.live.follower import Follower, serving
from versioning.commands import EditChange, ProposeChange

FEED = """\
feed: live
title: {title}
format: cloudevents
sink: {{pull: {{readers: [{reader}]}}}}
kinds: [task.claimed]
start: 0
"""
AT = "2026-01-01T00:00:00.000000Z"
PROMPT = 2.0  # seconds within which a session that ended ends its streams
LATE = 1.0  # seconds within which a change is told


@pytest.fixture
def served(small: World) -> Iterator[Served]:
    """On each engine, for a test that ends the service or loads it."""
    with serving(small) as served:
        served.sign_in()
        yield served


@pytest.fixture
def alone(lone: World) -> Iterator[Served]:
    """For a test that changes the password or counts the streams."""
    with serving(lone) as served:
        served.sign_in()
        yield served


@pytest.fixture(scope="module")
def lasting(foundry: Foundry[Persons], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Served]]:
    """Serves the organisation on an engine, once for all other tests."""
    with ExitStack() as opened_here:

        @cache
        def serve(engine: str) -> Served:
            folder: Path = tmp_path_factory.mktemp(engine) / "data"
            settings, persons = opened(foundry, engine, folder, opened_here.enter_context(listening()))
            made = opened_here.enter_context(serving(opened_here.enter_context(world(settings, persons))))
            made.sign_in()
            return made

        yield serve


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def shared(request: pytest.FixtureRequest, lasting: Callable[[str], Served]) -> Served:
    """On each engine, with a session of one's own."""
    served = lasting(request.param)
    served.again()
    return served


@pytest.fixture
def shared_alone(lasting: Callable[[str], Served]) -> Served:
    """On SQLite alone, with a session of one's own."""
    served = lasting("sqlite")
    served.again()
    return served


def feed(world: World, title: str) -> str:
    return FEED.format(title=title, reader=world.persons["owner"])


def test_what_changed_is_told_and_nothing_else(shared: Served) -> None:
    world = shared.world
    made = world.do(ProposeChange("feed", feed(world, "One"), None, "t", "r"))
    other = world.do(ProposeChange("feed", feed(world, "Two").replace("live", "two"), None, "t", "r"))
    follower = Follower(shared.port, shared.token, f"inbox,change:{made['change_request']}")
    assert follower.open() == 200
    assert follower.response.headers["content-type"].startswith("text/event-stream")
    world.write("a")
    begun = time.monotonic()
    world.do(EditChange(other["change_request"], feed(world, "Two again").replace("live", "two"), other["revision"]))
    event = follower.until("inbox")
    assert event.data["topics"] == ["inbox"]  # the record and the other change request are not followed
    assert event.at - begun < LATE
    assert set(event.data) == {"size", "topics"}
    begun = time.monotonic()
    world.do(EditChange(made["change_request"], feed(world, "One again"), made["revision"]))
    event = follower.until(f"change:{made['change_request']}")
    assert event.at - begun < LATE
    assert follower.last == str(event.data["size"])
    follower.close()


def test_who_comes_back_is_told_what_changed_meanwhile(shared: Served) -> None:
    world = shared.world
    follower = Follower(shared.port, shared.token)
    assert follower.open() == 200
    size = follower.until("ledger", world.write("a")[-1] + 1).data["size"]
    follower.cut()
    world.write("b", "c")
    assert follower.open() == 200
    event = follower.one()
    assert event is not None
    assert (event.name, event.data) == ("changed", {"size": size + 2, "topics": ["ledger"]})
    follower.cut()
    assert follower.open() == 200  # nothing happened: the next event is of what happens now
    event = follower.until("ledger", world.write("d")[-1] + 1)
    assert [one.name for one in follower.events[-2:]] == ["open", "changed"]
    follower.close()


def test_a_killed_process_is_left_for_another_without_a_gap(served: Served) -> None:
    world = served.world
    with serving(world) as other:
        follower = Follower(served.port, served.token)
        assert follower.open() == 200
        follower.until("ledger", world.write("a")[-1] + 1)
        served.process.kill()
        served.process.wait()
        assert follower.one() is None  # without a word: it is to come back
        last = world.write("b")[-1]
        follower.port = other.port
        assert follower.open() == 200
        follower.until("ledger", last + 1)
        follower.close()


def test_a_session_that_is_ended_ends_its_streams_and_no_other(shared: Served) -> None:
    first, second = shared.token, shared.again()
    followers = [Follower(shared.port, first), Follower(shared.port, second)]
    assert [one.open() for one in followers] == [200, 200]
    shared.token = first
    begun = time.monotonic()
    shared.post("/v1/sign-out", {})
    ended = followers[0].ended()
    assert ended.data == {"reason": "session"}
    assert ended.at - begun < PROMPT
    followers[1].until("ledger", shared.world.write("a")[-1] + 1)
    assert followers[0].open() == 401
    for one in followers:
        one.close()


def test_a_session_that_is_revoked_elsewhere_ends_within_two_seconds(shared: Served) -> None:
    """By another process over the same database, which this one hears nothing of."""
    world = shared.world
    follower = Follower(shared.port, shared.token)
    assert follower.open() == 200
    with serving(world) as other:
        other.token = shared.again()
        begun = time.monotonic()
        other.post("/v1/me/sessions/end", {})
        ended = follower.ended()
    assert ended.data == {"reason": "session"}
    assert ended.at - begun < PROMPT
    follower.close()


def test_a_new_password_ends_the_streams_of_the_old_one(alone: Served) -> None:
    follower = Follower(alone.port, alone.token)
    assert follower.open() == 200
    prepared = identity.prepare_setup_code("main", alone.world.persons["owner"])
    alone.world.writer.run(Request(identity.DOOR, prepared.command))
    body = {"account": "owner", "password": "another horse battery staple", "code": prepared.token}
    begun = time.monotonic()
    alone.post("/v1/password", body)
    ended = follower.ended()
    assert ended.data == {"reason": "session"}
    assert ended.at - begun < PROMPT
    follower.close()


def test_two_hundred_connections_of_one_person_are_bounded(alone: Served) -> None:
    followers = [Follower(alone.port, alone.token) for _ in range(200)]
    with ThreadPoolExecutor(max_workers=16) as pool:
        statuses = list(pool.map(Follower.open, followers))
    assert sorted(statuses) == [200] * LISTENERS_OF_ONE_MAX + [429] * (200 - LISTENERS_OF_ONE_MAX)
    followers[statuses.index(200)].cut()
    again, begun = Follower(alone.port, alone.token), time.monotonic()
    while again.open() != 200:
        assert time.monotonic() - begun < PATIENCE
        time.sleep(0.1)
    again.until("ledger", alone.world.write("a")[-1] + 1)
    for one in (*followers, again):
        one.close()


@pytest.mark.parametrize("last", ["-1", "x", "1 2", "9" * 17, "\u0661".encode().decode("latin-1"), "1e3"])
def test_a_last_event_id_that_is_no_size_is_refused(shared_alone: Served, last: str) -> None:
    follower = Follower(shared_alone.port, shared_alone.token, last=last)
    assert follower.open() == 400


def test_a_size_beyond_the_log_is_another_log_and_everything_changed(shared_alone: Served) -> None:
    follower = Follower(shared_alone.port, shared_alone.token, last="9" * 16)
    assert follower.open() == 200
    event = follower.one()
    assert event is not None
    assert event.data["topics"] == ["inbox", "ledger"]
    follower.close()


def test_only_a_person_who_may_read_it_follows_a_thing(shared_alone: Served) -> None:
    topics = {"instance:pi_1": 403, "change:cr_1": 404, "pack:pk_1": 403, "overview": 403, "everything": 400, "": 400}
    for topic, status in topics.items():
        assert Follower(shared_alone.port, shared_alone.token, topic).open() == status, topic
    assert Follower(shared_alone.port, "").open() == 401
    assert Follower(shared_alone.port, "main_s_x_y").open() == 401


def test_the_cookie_of_our_own_pages_follows_and_no_other_page(shared_alone: Served) -> None:
    follower = Follower(shared_alone.port, "")
    cookie = {"Cookie": f"muniment_session={shared_alone.token}"}
    assert follower.open(**cookie, **{"Sec-Fetch-Site": "same-origin"}) == 200
    follower.until("ledger", shared_alone.world.write("a")[-1] + 1)
    assert follower.open(**cookie, **{"Sec-Fetch-Site": "cross-site"}) == 403
    follower.close()


@pytest.mark.long
def test_a_change_is_told_within_a_second_under_thirty_two_writers(served: Served) -> None:
    """Counted from the answer that made it durable; one event tells of all that came in a quarter second."""
    follower = Follower(served.port, served.token, "ledger")
    assert follower.open() == 200
    stop = time.monotonic() + 5
    answered: list[tuple[int, float]] = []

    def write(number: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=PATIENCE)
        headers = {"Authorization": f"Bearer {served.token}", "Content-Type": "application/json"}
        count = 0
        while time.monotonic() < stop:
            count += 1
            record = {"source": f"w{number}", "key": f"{count}", "activity": "a", "occurred_at": AT}
            headers["Idempotency-Key"] = f"{number}-{count}"
            connection.request("POST", "/v1/records", json.dumps({"records": [record]}), headers)
            receipt = json.loads(connection.getresponse().read())["receipt"]
            answered.append((receipt["index"], time.monotonic()))
        connection.close()

    with ThreadPoolExecutor(max_workers=33) as pool:
        read = pool.submit(follower.until, "ledger", 1 << 62)
        list(pool.map(write, range(32)))
        last = max(index for index, _ in answered)
        while follower.events[-1].data.get("size", 0) <= last:
            time.sleep(0.05)
        follower.connection.sock.shutdown(socket.SHUT_RDWR)
        with pytest.raises(AssertionError):
            read.result(PATIENCE)
    told = [(event.data["size"], event.at) for event in follower.events if event.name == "changed"]
    waited = sorted(next(at for size, at in told if size > index) - when for index, when in answered)
    assert waited[int(len(waited) * 0.99)] < LATE
    assert len(told) <= 4 * (told[-1][1] - told[0][1]) + 2  # at most four a second
    follower.close()
