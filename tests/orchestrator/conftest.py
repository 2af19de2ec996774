"""The local agent server, for tests that ask an agent."""

from collections.abc import Iterator

import pytest

from examples.services import agents as server
from tests.orchestrator.agency import agent


@pytest.fixture
def running() -> Iterator[server.Running]:
    with agent() as found:
        yield found
