"""A served organisation whose days pass when a test says so: every clock of it goes ahead together."""

from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

from api.settings import Settings
from tests.api.organisation import House, LaterClock, running

SECOND = 1_000_000
HOUR = 3600 * SECOND
DAY = 24 * HOUR


class PassingClock(LaterClock):
    """Time that passes is no jump: the steady clock goes ahead with the other one."""

    def monotonic(self) -> int:
        return super().monotonic() + self.ahead


@contextmanager
def passing(settings: Settings) -> Iterator[House]:
    """As `running`, with one clock for the writer, the readers, the door and the runner."""
    clock = PassingClock(0)
    with (
        patch("api.wiring.SystemClock", lambda: clock),
        patch("tests.api.organisation.LaterClock", lambda _: clock),
        running(settings) as house,
    ):
        yield house


def pass_time(house: House, microseconds: int) -> None:
    """Let so much time pass; who was signed in is not any more."""
    house.clock.ahead += microseconds
    for who in [who for who in house.tokens if not who.startswith("key:")]:
        del house.tokens[who]
