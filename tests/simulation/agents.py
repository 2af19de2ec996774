"""Agents of the histories: the local agent server behind real HTTP, as slow and wrong as the seed says.

What it takes is virtual time: the real request is made at once, and whoever asked waits before or after it.
"""

from collections.abc import Callable, Mapping
from random import Random
from typing import Any

from api.egress import Egress
from api.outgoing.agents import AgentCalls
from examples.services import agents as server
from orchestrator.runner import CallAnswer, CallFailure
from tests.simulation.hub import SECOND, Hub

PROFILE = """\
agent: NAME
endpoint: ENDPOINT
model: by-rules
version: "VERSION"
parameters: {temperature: 0}
prompt: Summarise the report.
sees: CLASS
time_out: 30 seconds
"""
WORKER = """\
agent: NAME
worker: advise
model: by-hand
version: "VERSION"
prompt: Summarise the report.
sees: personal
"""
_MOODS = ("", "", "", "", "wrong", "over-confident", "doubtful", "prose", "html", "misfit", "down", "tool")
_SLOW = 400 * SECOND  # well beyond its time, and beyond a lease


class Served:
    """The local agent server and a way to it. One for many histories."""

    def __init__(self) -> None:
        self.running = server.start()
        self.egress = Egress(self.running.host)

    def close(self) -> None:
        """Free the port."""
        self.egress.close()
        self.running.stop()


class Steady:
    """The clock by which a try has taken too long: that of the history."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    def wall(self) -> Any:
        """See `ledger.clock.Clock`."""
        return self._hub.now

    def monotonic(self) -> int:
        """See `ledger.clock.Clock`."""
        return self._hub.now


class Agents:
    """Those who ask agents over HTTP in one history. `done` is told when a try has reached one."""

    def __init__(self, served: Served, released: Any, hub: Hub, random: Random) -> None:
        self._server = served.running.state
        self._server.kept.clear()  # of an earlier history with the same ids
        self._server.asked.clear()
        self._calls = AgentCalls(released, served.egress, Steady(hub))
        self._hub = hub
        self._random = random
        self.answers: list[CallAnswer | CallFailure] = []

    def ask(
        self, operation: str, arguments: Mapping[str, Any], key: str, done: Callable[[], None], *, healed: bool
    ) -> CallAnswer | CallFailure:
        """One try: in a mood, and sometimes so slow that nobody waits for it any more."""
        sleep, random = self._hub.sleep, self._random
        rounds = self._calls.prepared(None, operation, arguments)  # type: ignore[arg-type]
        if isinstance(rounds, CallFailure):
            return rounds
        mood = "" if healed else random.choice(_MOODS)
        sleep(random.randrange(SECOND))
        if not healed and random.random() < 0.15:
            sleep(random.randrange(_SLOW))
        if mood == "doubtful":  # of a report it has nothing to say against, so that its doubt alone stops it
            self._server.say(confidence=0.31, findings=[])
        else:
            self._server.set(mood, tool="bureau__read_report")
        answer = self._calls.converse(rounds, key)
        if isinstance(answer, CallAnswer):
            done()
        self.answers.append(answer)
        if not healed and random.random() < 0.15:
            sleep(random.randrange(_SLOW))
        return answer
