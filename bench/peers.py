"""Other engines beside ours, each in a process of its own that stands still while somebody else is measured.

Peers are compared by whole instances of five steps, each counted as five, on both sides: of ours one step may be
several recorded commands, of theirs it is one function or task that does nothing and asks nobody for permission. The
ratio by recorded commands is told beside it and decides nothing.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.harness import Peer, Sample

STEPS = 5  # of an instance, theirs and ours
WIDTH = 16  # instances of a peer at once
SCRIPT = Path(__file__).parent / "peer_process.py"
REQUIREMENTS = "bench/requirements-peers.txt"
NAMES = ("dbos", "dbos-wal", "spiffworkflow")
END_SECONDS = 30.0


class Missing(Exception):
    """The peer's package is not installed there."""


@dataclass(slots=True)
class PeerProcess:
    """A peer that has opened its database. It runs only inside `round`."""

    name: str
    process: "subprocess.Popen[str]"
    said: dict[str, Any]

    @classmethod
    def open(cls, python: str, name: str, folder: Path, script: Path = SCRIPT) -> "PeerProcess":
        """Start it and wait until it is ready; `Missing` names the package that is not there."""
        folder.mkdir(parents=True)
        process = subprocess.Popen(
            [python, "-P", str(script), name, str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        opened = cls(name, process, {})
        opened.said = opened._read()
        if "missing" in opened.said:
            opened.close()
            raise Missing(opened.said["missing"])
        opened._stand_still()
        return opened

    def round(self, width: int, instances: int) -> Sample:
        """`instances` one after the other in each of `width` callers."""
        answer = self.ask({"width": width, "instances": instances})
        return Sample(answer["steps"], answer["seconds"])

    def ask(self, question: dict[str, Any]) -> dict[str, Any]:
        """Let it run for one question; then it stands still again."""
        assert self.process.stdin is not None
        self.process.send_signal(signal.SIGCONT)
        self.process.stdin.write(json.dumps(question) + "\n")
        self.process.stdin.flush()
        answer = self._read()
        self._stand_still()
        return answer

    def close(self) -> None:
        """End it."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
        for stream in (self.process.stdin, self.process.stdout):
            assert stream is not None
            stream.close()
        try:
            self.process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def _stand_still(self) -> None:
        self.process.send_signal(signal.SIGSTOP)
        os.waitpid(self.process.pid, os.WUNTRACED)  # until it does

    def _read(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise AssertionError(f"the peer {self.name} ended")
        answer: dict[str, Any] = json.loads(line)
        return answer


@dataclass(frozen=True, slots=True)
class Peers:
    """The peers that could be opened; none when no Python was named."""

    opened: tuple[PeerProcess, ...] = ()

    def sequential(self, recorded: int, quick: bool) -> tuple[Peer, ...]:
        """One instance at a time; an instance of ours is `recorded` counted steps of the bench."""
        return tuple(self._peer(one, (1, 10 if quick else 40), recorded) for one in self.opened)

    def at_once(self, recorded: int, quick: bool) -> tuple[Peer, ...]:
        """Many instances at once, of the peers that have threads for it."""
        threaded = (one for one in self.opened if one.name.startswith("dbos"))
        return tuple(self._peer(one, (WIDTH, 1 if quick else 4), recorded) for one in threaded)

    def _peer(self, one: PeerProcess, size: tuple[int, int], recorded: int) -> Peer:
        width, instances = size
        what = "saved" if one.name == "spiffworkflow" else "sequential" if width == 1 else f"concurrent{width}"
        target = 20.0 if width > 1 else 1.5 if one.name == "spiffworkflow" else 3.0
        return Peer(
            id=f"peer.{one.name}.{what}",
            round=lambda: one.round(width, instances),
            n=width * instances * STEPS,
            target=target,
            share=STEPS / recorded,
            said=one.said,
        )


@contextmanager
def opened(python: str | None, folder: Path, tell: Callable[[str], None]) -> Iterator[Peers]:
    """The peers installed for this Python, stopped again afterwards; what is missing is told by name and left out."""
    found: list[PeerProcess] = []
    try:
        if python is not None:
            found.extend(_each(python, folder, tell))
        yield Peers(tuple(found))
    finally:
        for one in found:
            one.close()


def _each(python: str, folder: Path, tell: Callable[[str], None]) -> Iterable[PeerProcess]:
    for name in NAMES:
        try:
            yield PeerProcess.open(python, name, folder / name)
        except Missing as missing:
            tell(f"{missing} is not installed for {python}: peer {name} is left out ({REQUIREMENTS})")


def told(text: str) -> None:
    """What is left out is said even where progress is not."""
    sys.stderr.write(f"{text}\n")
