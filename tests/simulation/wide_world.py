"""What lies outside of the histories that draw everything: answers of every size, and agents."""

from collections.abc import Mapping
from random import Random
from typing import Any

from orchestrator.agents import PREFIX
from orchestrator.runner import CallFailure
from tests.simulation.agents import Agents
from tests.simulation.hub import Hub
from tests.simulation.world import NAME, World

# Characters of an answer: small, near to what an entry holds once, twice or not at all, and beyond it.
SIZES = (10, 10, 2_000, 19_000, 29_000, 45_000, 59_500, 61_000, 90_000)


class WideWorld(World):
    """As the other one; some of its answers are large, and some come of agents."""

    def __init__(self, hub: Hub, random: Random) -> None:
        super().__init__(hub, random)
        self.agents: Agents

    def call(self, operation: str, arguments: Mapping[str, Any], idempotency_key: str) -> Any | CallFailure:
        """See `orchestrator.runner.Connector`."""
        if not operation.startswith(PREFIX):
            return super().call(operation, arguments, idempotency_key)
        self.asked[idempotency_key] += 1
        assert arguments.get("secret.name") in (None, NAME), "what was sealed came out as something else"

        def done() -> None:
            self._do(idempotency_key)

        return self.agents.ask(operation, arguments, idempotency_key, done, healed=self.healed)

    def _good(self, operation: str, arguments: Mapping[str, Any]) -> Any:
        if operation != "x.big":
            return super()._good(operation, arguments)
        text = "x" if self.healed else "x" * self._random.choice(SIZES)
        return {"score": 1, "text": text} if arguments else text
