"""Verification of the log of a service on request: in a process of its own, one at a time, with its progress.

What it found is kept in memory until the next one: a report is no evidence, whoever wants one runs their own.
"""

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.connection import Connection as Pipe
from threading import Lock, Thread
from typing import Any

from api.settings import Settings
from ledger.clock import Clock, instant_text
from ledger.errors import MunimentError
from ledger.verification import Manner, Subject, verify_database

NICE = 10  # the service goes first
TELL_EVERY = 0.01  # of the whole, so that a pipe is not filled with progress


def subject_of(settings: Settings) -> Subject:
    """The log of the settings, with every room's tables, folds and re-derivers, and its high-water mark."""
    from api.rederivers import rederivers
    from api.wiring import TABLES, folds
    from ledger.keys import load_keys

    vault = None
    try:
        vault = load_keys(settings.key_folder, settings.origin, settings.secret(), settings.identity).vault
    except MunimentError as error:  # a verifier need not hold the keys; what needs them is then not run
        sys.stderr.write(f"muniment verify: openings are not verified: {error}\n")
    known = settings.database(), settings.log, settings.origin
    return Subject(*known, TABLES, folds(), vault, rederivers, settings.marks)


@dataclass(slots=True)
class _Run:
    """One verification; `report` when it ended by itself."""

    started_at: str
    process: Any
    doing: str = "opening"
    done: int = 0
    of: int = 0
    ended_at: str | None = None
    report: dict[str, Any] | None = None

    def as_value(self) -> dict[str, Any]:
        state = "running" if self.ended_at is None else "ended" if self.report is None else "done"
        return {
            "state": state,
            "started_at": self.started_at,
            "ended_at": self.ended_at,
            "progress": {"doing": self.doing, "done": self.done, "of": self.of},
            "report": self.report,
        }


@dataclass(slots=True)
class Verifications:
    """The verifications of one service. `state` is `none`, `running`, `done` (with the report) or `ended` (it could
    not be carried through: its process ended without a report)."""

    settings: Settings
    clock: Clock
    _run: _Run | None = None
    _lock: Lock = field(default_factory=Lock)

    def begin(self, vkeys: Sequence[str]) -> dict[str, Any]:
        """Begin one, unless one is running: then that is told of."""
        with self._lock:
            if self._run is not None and self._run.ended_at is None:
                return self._run.as_value()
            context = get_context("spawn")
            ours, theirs = context.Pipe(duplex=False)
            process = context.Process(target=_verify, args=(self.settings, tuple(vkeys), theirs), daemon=True)
            process.start()
            theirs.close()
            self._run = _Run(instant_text(self.clock.wall()), process)
            Thread(target=self._follow, args=(self._run, ours), daemon=True, name="verification").start()
            return self._run.as_value()

    def state(self) -> dict[str, Any]:
        """How far the newest one is, or what it found."""
        run = self._run
        return {"state": "none", "report": None} if run is None else run.as_value()

    def close(self) -> None:
        """End the one that is running."""
        if self._run is not None:
            self._run.process.terminate()
            self._run.process.join()

    def _follow(self, run: _Run, pipe: Pipe) -> None:
        with suppress(EOFError, OSError):
            while True:
                told = pipe.recv()
                if isinstance(told, dict):
                    run.report = told
                else:
                    run.doing, run.done, run.of = told
        pipe.close()
        run.process.join()
        run.ended_at = instant_text(self.clock.wall())


def _verify(settings: Settings, vkeys: tuple[str, ...], pipe: Pipe) -> None:
    """In the process of its own."""
    os.nice(NICE)
    last = ("", 0)

    def tell(doing: str, done: int, of: int) -> None:
        nonlocal last
        if doing != last[0] or done == of or done - last[1] >= of * TELL_EVERY:
            last = (doing, done)
            pipe.send((doing, done, of))

    report, _ = verify_database(subject_of(settings), Manner(vkeys, progress=tell))
    pipe.send(report.as_json())
    pipe.close()
