"""Other logs beside ours: two that chain and keep what was committed, and two that do one half of it.

A record of theirs is about as long as an entry of ours; theirs says neither who may, nor keeps a state beside it, and
none of them signs. The target of five times holds against those that chain (`auditchain`, `ledgerchain`); what the
others do is told and decides nothing.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.harness import Peer, Sample
from bench.peers import REQUIREMENTS, Missing, PeerProcess

SCRIPT = Path(__file__).parent / "peer_ledger.py"
NAMES = ("auditchain", "ledgerchain", "eventsourcing", "pymerkle")
CHAINED = ("auditchain", "ledgerchain")
TIMES = 5.0  # the target against those that chain


@dataclass(frozen=True, slots=True)
class LedgerPeers:
    """The peers that could be opened; none when no Python was named."""

    opened: tuple[PeerProcess, ...] = ()

    def appending(self, count: int) -> tuple[Peer, ...]:
        """`count` records, each durable by itself, one after the other: none of them takes many together."""
        return tuple(self._peer(one, "append", count) for one in self.opened)

    def batches(self, count: int) -> tuple[Peer, ...]:
        """`count` records in one transaction."""
        return tuple(self._peer(one, "batch", count) for one in self.opened)

    def verifying(self, count: int) -> tuple[Peer, ...]:
        """All of `count` records and what appending left there."""
        for one in self.opened:
            self._ask(one, "fill", count)
        return tuple(self._peer(one, "verify", count) for one in self.opened)

    def _peer(self, one: PeerProcess, act: str, count: int) -> Peer:
        return Peer(
            id=f"peer.{one.name}.{act}",
            round=lambda: self._ask(one, act, count),
            n=count,
            target=TIMES if one.name in CHAINED else 0.0,
            share=1.0,
            said=one.said,
        )

    def _ask(self, one: PeerProcess, act: str, count: int) -> Sample:
        answer: dict[str, Any] = one.ask({"act": act, "count": count})
        return Sample(answer["count"], max(answer["seconds"], 1e-9))


@contextmanager
def opened(python: str | None, folder: Path, tell: Callable[[str], None]) -> Iterator[LedgerPeers]:
    """The peers installed for this Python, stopped again afterwards; what is missing is told by name and left out."""
    found: list[PeerProcess] = []
    try:
        for name in NAMES if python is not None else ():
            try:
                found.append(PeerProcess.open(str(python), name, folder / name, SCRIPT))
            except Missing as missing:
                tell(f"{missing} is not installed for {python}: peer {name} is left out ({REQUIREMENTS})")
        yield LedgerPeers(tuple(found))
    finally:
        for one in found:
            one.close()
