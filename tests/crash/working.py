"""`muniment work` in processes of its own, which on PostgreSQL does what waits beside the service: to be killed."""

import os
import signal
from collections.abc import Mapping
from pathlib import Path

from api.settings import Settings
from tests.conftest import ROOT
from tests.forked import Begun, begin


def environment_of(settings: Settings, more: Mapping[str, str] | None = None) -> dict[str, str]:
    """The settings as a process is told them."""
    return {
        **os.environ,
        "MUNIMENT_DATA_DIR": settings.data_dir,
        "MUNIMENT_LOG": settings.log,
        "MUNIMENT_DATABASE_URL": settings.database_url,
        "MUNIMENT_EGRESS_ALLOW": settings.egress_allow,
        **(more or {}),
    }


class Works:
    """So many runners; none where the log is a file, in which the service works itself, unless `beside` it."""

    def __init__(
        self, settings: Settings, count: int, more: Mapping[str, str] | None = None, beside: bool = False
    ) -> None:
        self._environment = environment_of(settings, more)
        self._count = count if settings.database_url or beside else 0
        self._running: list[Begun] = []

    def start(self) -> None:
        """Until there are as many as wanted."""
        while len(self._running) < self._count:
            self._running.append(begin("work", environment=self._environment, folder=ROOT, errors=Path(os.devnull)))

    def kill_one(self) -> None:
        """`kill -9` for the eldest, with what it has leased; another takes its place."""
        if self._running:
            eldest = self._running.pop(0)
            assert eldest.poll() is None, "a runner ended on its own"
            os.killpg(eldest.pid, signal.SIGKILL)
            eldest.wait()
            self.start()

    def are_alive(self) -> bool:
        """Whether none ended on its own."""
        return all(one.poll() is None for one in self._running)

    def stop(self) -> list[int]:
        """SIGTERM to all, and their exit statuses."""
        for one in self._running:
            one.terminate()
        return [one.wait(timeout=120) for one in self._running]
