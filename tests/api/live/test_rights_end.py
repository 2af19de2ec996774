"""A right that ends under whoever listens by it: by another process, on either engine. They are told nothing more."""

import http.client
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from tests.api.feeds.served import Served
from tests.api.feeds.sink import PATIENCE
from tests.api.feeds.test_live import FEED
from tests.api.feeds.test_live import Follower as FeedFollower
from tests.api.feeds.world import POLICY, World
from tests.api.live.follower import Follower, serving

LEFT = "person: owner\nname: Owner\nstatus: left\n"
WITHOUT = POLICY.replace("      feed: [read, replay]\n", "").replace("      ledger: [read]\n", "")


@pytest.fixture
def served(small: World) -> Iterator[Served]:
    with serving(small) as served:
        served.sign_in()
        small.put_in_force(FEED.format(reader=small.persons["owner"]))
        yield served


def fetch(served: Served, path: str) -> tuple[int, bytes]:
    """A fetch that waits for something to tell: status and body."""
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=PATIENCE)
    try:
        connection.request("GET", path, headers={"Authorization": f"Bearer {served.token}"})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("source", "kind", "status"),
    [pytest.param(WITHOUT, "access-policy", 403, id="permission"), pytest.param(LEFT, "person", 401, id="person")],
)
def test_who_listens_by_a_right_that_ended_hears_nothing_more(
    served: Served, source: str, kind: str, status: int
) -> None:
    live, feed = Follower(served.port, served.token), FeedFollower(served)
    with closing(live), closing(feed):
        assert (live.open(), feed.open()) == (200, 200)
        hear(served, (live, feed), (source, kind, status))


def hear(served: Served, followers: tuple[Follower, FeedFollower], change: tuple[str, str, int]) -> None:
    world, (live, feed), (source, kind, status) = served.world, followers, change
    feed.until(world.write("before")[-1])
    with world.reader.view() as view:
        last = view.head.size - 1
    with ThreadPoolExecutor(2) as waiting:
        # Behind what the change itself writes: they wait until something else is written.
        ways = (f"/v1/ledger/feed?after={last + 400}", f"/v1/feeds/live/entries?after={last}")
        fetches = [waiting.submit(fetch, served, f"{way}&wait_seconds=20") for way in ways]
        world.put_in_force(source, kind=kind)
        told = len(feed.got)
        if status == 403:  # who has left writes nothing either; what took them away is behind what was told
            world.write(*[f"after-{number}" for number in range(3)])
        assert live.ended().data["reason"] in ("access", "session")
        while (name := feed.one()) not in (None, "ended"):
            pass
        assert name == "ended"
        assert len(feed.got) == told, "what came after was told"
        answers = [one.result(PATIENCE) for one in fetches]
    assert [answer[0] for answer in answers] == [status, status]
    assert not [body for _, body in answers if b"after-" in body]
    assert (live.open(), feed.open()) == (status, status)
