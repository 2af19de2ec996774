"""Processes that start at once: they are forked from one that has imported all rooms, as that takes seconds.

    process = begin("serve", "--port", "8000", environment=environment, folder=folder)
    ran = run("verify", "--json", environment=environment, folder=folder)

From the first line of `main` on it is the command as a person starts it, in a process and a group of its own. Whoever
tests how it starts, and what a start imports, starts Python instead.
"""

import atexit
import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests import stretching
from tests.crash import shifted

SECONDS_MAX = 120.0  # on a loaded machine; most commands take a fraction of one


def forkserver() -> Any:
    """What starts processes so; there is one server for each test process."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.rooms_imported"])
    return context


class Begun:
    """A running command: what the tests need of `subprocess.Popen`."""

    def __init__(self, process: Any) -> None:
        self._process = process
        self.pid: int = process.pid

    def poll(self) -> int | None:
        """Its exit status once it has ended; the signal that ended it, below zero."""
        status: int | None = self._process.exitcode
        return status

    def wait(self, timeout: float | None = None) -> int:
        """Until it has ended."""
        self._process.join(timeout)
        status = self.poll()
        if status is None:
            raise TimeoutError(f"process {self.pid} is still there after {timeout} s")
        return status

    def send_signal(self, number: int) -> None:
        """To it alone, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask it to stop."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """`kill -9`."""
        self.send_signal(signal.SIGKILL)


@dataclass(frozen=True, slots=True)
class Place:
    """What a process finds: its environment, its folder, where it prints to (output, errors), what is stretched."""

    environment: dict[str, str]
    folder: str
    told: tuple[str | None, str | None]
    stretched: dict[tuple[str, bytes], bytes]


def begin(
    *arguments: str,
    environment: Mapping[str, str],
    folder: Path,
    output: Path | None = None,
    errors: Path | None = None,
) -> Begun:
    """Start `muniment` with these arguments; what it prints goes into files where they are named."""
    told = None if output is None else str(output), None if errors is None else str(errors)
    place = Place(dict(environment), str(folder), told, stretching.known)
    process = forkserver().Process(target=_become, args=(arguments, place))
    process.start()
    return Begun(process)


def run(
    *arguments: str, environment: Mapping[str, str], folder: Path, timeout: float = SECONDS_MAX
) -> subprocess.CompletedProcess[str]:
    """Run it to its end; what it printed."""
    with TemporaryDirectory(prefix="muniment-told-") as place:
        output, errors = Path(place, "output"), Path(place, "errors")
        begun = begin(*arguments, environment=environment, folder=folder, output=output, errors=errors)
        try:
            status = begun.wait(timeout)
        finally:
            begun.kill()
        return subprocess.CompletedProcess(arguments, status, output.read_text("utf-8"), errors.read_text("utf-8"))


def _become(arguments: tuple[str, ...], place: Place) -> None:
    os.setsid()
    os.environ.clear()
    os.environ.update(place.environment)
    os.chdir(place.folder)
    stretching.known.update(place.stretched)
    stretching.remember()
    for number, path in enumerate(place.told, start=1):
        if path is not None:
            os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND), number)
    if shifted.FILE in os.environ:
        shifted.shift()
    sys.argv = ["muniment", *arguments]
    from muniment.main import main

    main()


@atexit.register
def _end_all() -> None:
    """What a failed test left running is not waited for."""
    for process in multiprocessing.active_children():
        process.kill()
