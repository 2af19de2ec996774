"""What lies outside: a system that does what it is asked once for each idempotency key, and answers as it likes."""

from collections import Counter
from collections.abc import Callable, Mapping
from random import Random
from typing import Any

from orchestrator.runner import CallFailure
from tests.simulation.hub import SECOND, Hub

NAME = "Jo Doe"  # who it is about; sealed in every entry
LATE = 400 * SECOND  # well beyond a lease
_TEMPERS = ("ok",) * 6 + ("slow", "slow", "before", "after", "later", "raises", "odd", "float", "never")


class World:
    """`effects` by key: when it happened first. `asked` counts the tries that reached us by key."""

    def __init__(self, hub: Hub, random: Random) -> None:
        self._hub = hub
        self._random = random
        self._down_until = 0
        self.healed = False
        self.effects: dict[str, int] = {}
        self.asked: Counter[str] = Counter()
        self.slow: Callable[[str], None] = lambda key: None  # told of a call that takes its time

    def call(self, operation: str, arguments: Mapping[str, Any], idempotency_key: str) -> Any | CallFailure:
        """See `orchestrator.runner.Connector`."""
        self.asked[idempotency_key] += 1
        assert arguments.get("who") in (None, NAME), "what was sealed came out as something else"
        if self.healed:
            self._hub.sleep(self._random.randrange(SECOND))
            self._do(idempotency_key)
            return self._good(operation, arguments)
        if self._hub.now < self._down_until:
            self._hub.sleep(SECOND)
            return CallFailure("DOWN")
        good = self._good(operation, arguments)
        return self._disturbed(idempotency_key, self._random.choice(_TEMPERS), good)

    def _good(self, operation: str, arguments: Mapping[str, Any]) -> Any:
        """What it answers where nothing is wrong."""
        return {"score": 1}

    def _disturbed(self, key: str, temper: str, good: Any) -> Any | CallFailure:
        sleep, quick = self._hub.sleep, self._random.randrange(SECOND)
        if temper in ("before", "never"):
            if temper == "never":
                self._down_until = self._hub.now + self._random.choice((30, 4_000)) * SECOND
            sleep(quick)
            return CallFailure("DOWN")
        if temper == "later":  # we were told no, and it happens all the same
            self._hub.spawn("effect", lambda: self._do(key), after=self._random.choice((2, 300)) * SECOND)
            sleep(quick)
            return CallFailure("TIMEOUT")
        if temper == "slow":
            self.slow(key)
        if temper == "slow" and self._random.random() < 0.5:
            self._hub.spawn("effect", lambda: self._do(key), after=quick)  # whoever asked may be dead by then
            sleep(self._random.randrange(LATE))
            return {"score": 2}
        sleep(self._random.randrange(LATE) if temper == "slow" else quick)
        self._do(key)
        if temper == "after":
            return CallFailure("TIMEOUT")
        if temper == "raises":
            raise ConnectionError("the connector has a bug")
        return {"odd": "text", "float": 1.5}.get(temper, good)

    def _do(self, key: str) -> None:
        self.effects.setdefault(key, self._hub.now)
