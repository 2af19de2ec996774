"""The demo organisation with its history, founded once for whoever tests with it.

    from tests.demo_organisation import Demo, copied_demo, demo      # `demo` is a session fixture: read it, or copy it

Founding takes a few seconds. The history ends at `ENDED_AGO` before now unless another end is given: told to the same
end, ids, entries and times are the same.
"""

import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from api.settings import Settings
from api.wiring import open_log
from examples.demo.running import own
from examples.demo.standing import LOG
from examples.demo.told.founding import found_told
from examples.services import payments
from ledger.clock import SECOND, Instant, SystemClock, ToldClock
from ledger.service import Reader, View
from tests.own_folder import made_once

ENDED_AGO = SECOND


@dataclass(frozen=True)
class Demo:
    """A demo at rest. `data` is the data folder in which it stands, `settings` are its own."""

    data: Path
    settings: Settings
    passwords: dict[str, str]
    ends: Instant
    vkey: str

    @property
    def clock(self) -> ToldClock:
        """Stands at the end of the history."""
        return ToldClock(SystemClock(), self.ends)


def found_demo(data: Path, ends: Instant | None = None) -> Demo:
    """Found a demo in a data folder; its outside systems are stopped again."""
    ends = Instant(SystemClock().wall() - ENDED_AGO) if ends is None else ends
    services = payments.start(0)
    try:
        settings = replace(
            own(Settings(), str(data / LOG)), log=LOG, egress_allow=services.address.removeprefix("http://")
        )
        begun = found_told(settings, services.address, lambda _: None, ends)
    finally:
        services.stop()
    return Demo(data, settings, begun.passwords, ends, begun.founded.vkey)


def copied_demo(demo: Demo, data: Path) -> Demo:
    """The same demo, apart: a copy of its folder."""
    shutil.copytree(demo.data, data)
    return replace(demo, data=data, settings=own(replace(demo.settings, mark_dir=""), str(data / LOG)))


@contextmanager
def viewing(demo: Demo) -> Iterator[View]:
    """A view at the end of the history."""
    log, database = open_log(demo.settings)
    with closing(Reader(log, demo.clock, lambda: database.connect(read_only=True))) as reader, reader.view() as view:
        yield view


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """Founded once for all processes of a run, and once in each of them apart; nobody writes to it."""
    return copied_demo(made_once("demo", found_demo), tmp_path_factory.mktemp("demo") / "data")
