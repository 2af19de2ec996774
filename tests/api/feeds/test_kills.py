"""`kill -9` of the runner at the worst moments: what was in flight goes out again, and nothing else is doubled."""

import os
import signal
import threading

from tests.api.feeds.sink import Sink
from tests.api.feeds.world import FEED, World
from tests.conftest import ROOT
from tests.forked import Begun, begin

KILLS = 3


class Work:
    """`muniment work` as a process of its own."""

    def __init__(self, world: World) -> None:
        settings = world.settings
        self._environment = {
            **os.environ,
            "MUNIMENT_DATA_DIR": settings.data_dir,
            "MUNIMENT_LOG": settings.log,
            "MUNIMENT_DATABASE_URL": settings.database_url,
            "MUNIMENT_EGRESS_ALLOW": settings.egress_allow,
        }
        self.process = self._begin()

    def _begin(self) -> Begun:
        return begin("work", environment=self._environment, folder=ROOT)

    def kill(self) -> None:
        """At once, from whatever thread."""
        os.kill(self.process.pid, signal.SIGKILL)

    def again(self) -> None:
        """Another one."""
        self.process.wait()
        self.process = self._begin()


def test_a_runner_that_is_killed_between_acceptance_and_cursor_resends_that_message_alone(
    small: World, sink: Sink
) -> None:
    small.secret(sink)
    small.put_in_force(FEED.format(address=sink.address))
    for number in range(10):
        small.write("a", f"b{number % 3}")
    work = Work(small)
    killed = threading.Event()

    def die() -> None:
        sink.on_accept = None
        work.kill()
        killed.set()

    try:
        for number in range(KILLS):
            killed.clear()
            sink.on_accept = die
            small.write("a", "c")
            assert killed.wait(60), "the runner never came"
            work.again()
            small.write(f"b{number}")
        wanted = {index for command in small.written for index in command}
        sink.wait_for(lambda: wanted <= set(sink.indexes))
        sink.wait_for(lambda: small.told().lag_entries == 0)
    finally:
        work.kill()
        work.process.wait()
    small.check(sink.accepted)
    doubled = len(sink.indexes) - len(set(sink.indexes))
    assert 0 < doubled <= KILLS * 10, "at most one message for each kill"


def test_a_runner_that_is_killed_while_the_sink_thinks_sends_it_again(lone: World, sink: Sink) -> None:
    lone.secret(sink)
    lone.put_in_force(FEED.format(address=sink.address).replace("1 second}", "3 seconds}"))
    sink.script = ["silence"]
    lone.write("a", "b")
    work = Work(lone)
    try:
        sink.wait_for(lambda: sink.requests)
        work.kill()
        work.again()
        sink.wait_for(lambda: sink.accepted)
        sink.wait_for(lambda: lone.told().lag_entries == 0)
    finally:
        work.process.terminate()
        assert work.process.wait(60) == 0, "a stop as asked is no crash"
    lone.check(sink.accepted)
    assert len({request["id"] for request in sink.requests}) == 1
