"""Other expression languages beside ours, each in a process of its own: CEL's own library and the other FEEL in Python.

They evaluate and compile the same condition on plain numbers, for neither has money or decimals; what they reach is
told and decides nothing.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.harness import Peer, Sample
from bench.peers import REQUIREMENTS, Missing, PeerProcess

SCRIPT = Path(__file__).parent / "peer_rules.py"
NAMES = ("cel-expr-python", "bkflow-feel")


@dataclass(frozen=True, slots=True)
class RulesPeers:
    """The peers that could be opened; none when no Python was named."""

    opened: tuple[PeerProcess, ...] = ()

    def evaluating(self, count: int) -> tuple[Peer, ...]:
        """The condition, compiled before, `count` times; a tenth of it where the peer is slow."""
        return tuple(self._peer(one, "evaluate", count) for one in self.opened)

    def compiling(self, count: int) -> tuple[Peer, ...]:
        """`count` conditions from their sources."""
        return tuple(self._peer(one, "compile", count) for one in self.opened)

    def _peer(self, one: PeerProcess, act: str, count: int) -> Peer:
        asked = max(1, count // 10) if one.name == "bkflow-feel" else count

        def ask() -> Sample:
            answer: dict[str, Any] = one.ask({"act": act, "count": asked})
            return Sample(answer["count"], max(answer["seconds"], 1e-9))

        return Peer(id=f"peer.{one.name}.{act}", round=ask, n=asked, target=0.0, share=1.0, said=one.said)


@contextmanager
def opened(python: str | None, folder: Path, tell: Callable[[str], None]) -> Iterator[RulesPeers]:
    """The peers installed for this Python, stopped again afterwards; what is missing is told by name and left out."""
    found: list[PeerProcess] = []
    try:
        for name in NAMES if python is not None else ():
            try:
                found.append(PeerProcess.open(str(python), name, folder / name, SCRIPT))
            except Missing as missing:
                tell(f"{missing} is not installed for {python}: peer {name} is left out ({REQUIREMENTS})")
        yield RulesPeers(tuple(found))
    finally:
        for one in found:
            one.close()
