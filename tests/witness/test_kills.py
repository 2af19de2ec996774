"""A witness killed around its commit: never two cosignatures that do not go together, never one that was not kept."""

import http.client
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from ledger.checking import CHECKS
from ledger.cosignature import CosignatureVerifier
from ledger.note import open_note, parse_note
from ledger.tree import root_of
from ledger.witnessing import SIZE_TYPE
from tests.conftest import SetClock
from tests.witness.logs import ORIGIN, Log, grown, make_witness, reopened
from tests.witness.process import ask, serving
from witness.book import Book
from witness.keys import load_witness_keys
from witness.service import Watched, Witness

SHARED = 4  # entries that both forks have
LONGEST = 12


class Killed(BaseException):
    """The process is gone here."""


class DyingBook(Book):
    """A book whose process may end before the commit, or after it and before anybody hears of it."""

    dies = ""

    def _finish(self) -> None:
        if self.dies == "before":
            raise Killed
        super()._finish()
        if self.dies == "after":
            raise Killed


class Forks(RuleBasedStateMachine):
    """Two forks of one log ask in any order, with any old size, again and again, while the witness is killed."""

    def __init__(self) -> None:
        super().__init__()
        self.home = tempfile.TemporaryDirectory()
        self.folder = Path(self.home.name) / "w"
        self.clock = SetClock()
        self.witness = make_witness(self.folder, self.clock)
        self.open()
        shared = grown(SHARED)
        self.forks = [shared.fork().add(*[f"{name} {n}" for n in range(LONGEST - SHARED)]) for name in "ab"]
        self.answered: list[tuple[int, bytes]] = []

    def open(self) -> None:
        self.witness.book.close()
        self.witness = reopened(self.folder, self.witness)
        self.witness.book = DyingBook(self.folder / "witness.sqlite")

    @rule(fork=st.sampled_from([0, 1]), size=st.integers(0, LONGEST), dies=st.sampled_from(["", "", "before", "after"]))
    def follow(self, fork: int, size: int, dies: str) -> None:
        """As an honest client asks: from the size that the witness is at."""
        kept = self.witness.book.kept(ORIGIN)
        self.send(self.forks[fork], 0 if kept is None else kept.size, size, dies)

    @rule(
        fork=st.sampled_from([0, 1]),
        old=st.integers(0, LONGEST),
        size=st.integers(0, LONGEST),
        dies=st.sampled_from(["", "after"]),
    )
    def guess(self, fork: int, old: int, size: int, dies: str) -> None:
        """As an old request comes late."""
        self.send(self.forks[fork], old, size, dies)

    @rule(seconds=st.integers(-5_000, 5_000))
    def set_the_clock(self, seconds: int) -> None:
        """Somebody sets the clock."""
        self.clock.at += seconds * 1_000_000

    def send(self, log: Log, old: int, size: int, dies: str) -> None:
        book = self.witness.book
        assert isinstance(book, DyingBook)
        book.dies = dies
        before = book.kept(ORIGIN)
        try:
            reply = self.witness.add_checkpoint(log.asking(old, size))
        except Killed:
            self.open()
            after = self.witness.book.kept(ORIGIN)
            assert after == before or dies == "after"
            return
        book.dies = ""
        if reply.status == 200:
            self.answered.append((size, root_of(log.leaves[:size])))
            verifiers = [CosignatureVerifier(one.key, CHECKS[one.key.type]) for one in self.witness.keys.keys]
            opened = open_note(f"{parse_note(log.note(size)).text}\n{reply.body.decode()}", verifiers)
            assert len(opened.verified) == 2
        else:
            assert reply.status in (400, 409, 422)
            assert self.witness.book.kept(ORIGIN) == before

    @invariant()
    def what_was_answered_lies_on_one_history(self) -> None:
        assert any(all(root == root_of(fork.leaves[:size]) for size, root in self.answered) for fork in self.forks), (
            "cosigned two forks"
        )

    @invariant()
    def what_was_answered_was_kept(self) -> None:
        if self.answered:
            kept = self.witness.book.kept(ORIGIN)
            assert kept is not None
            assert kept.size >= max(size for size, _ in self.answered)

    def teardown(self) -> None:
        self.witness.book.close()
        self.home.cleanup()


TestForks = Forks.TestCase
TestForks.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = make_witness(tmp_path / "w")
    assert made.add_checkpoint(grown(3).asking(0)).status == 200
    made.book.close()
    (tmp_path / "w" / "logs.policy").write_text(f"log {Log().signer.vkey}\nquorum none\n")
    return tmp_path / "w"


@pytest.mark.parametrize(("when", "size"), [("before", 3), ("after", 5)])
def test_killed_with_nine_around_the_commit(folder: Path, when: str, size: int) -> None:
    log, fork = grown(5), grown(4).add("another")
    with serving(folder, ("tests.witness.killed", when)) as port, pytest.raises((OSError, http.client.HTTPException)):
        ask(port, log.asking(3))
    with serving(folder) as port:
        if size == 3:  # nothing was kept, and nobody was told anything: either may go on, one alone
            assert ask(port, fork.asking(3))[0] == 200
            assert ask(port, log.asking(5))[0] == 422
        else:  # it was kept: the fork is refused though no answer ever left, and the log asks again from there
            assert ask(port, fork.asking(3)) == (409, SIZE_TYPE, b"5\n")
            assert ask(port, fork.asking(5))[0] == 422
            assert ask(port, log.asking(5))[0] == 200


def test_two_forks_at_once_and_one_alone_is_cosigned(folder: Path) -> None:
    forks = [grown(4).add(name) for name in "abcdefgh"]
    witnesses = [make_another(folder) for _ in forks]
    with ThreadPoolExecutor(len(forks)) as pool:
        replies = list(pool.map(lambda one, fork: one.add_checkpoint(fork.asking(3)), witnesses, forks))
    assert sorted(reply.status for reply in replies) == [200] + [409] * 7
    assert len(witnesses[0].book.contradictions()) == 7
    for one in witnesses:
        one.book.close()


def make_another(folder: Path) -> Witness:
    """The same witness in another process, as good as: a connection of its own."""
    watched = Watched(folder / "logs.policy").policy
    return Witness(load_witness_keys(folder, "a passphrase"), Book(folder / "witness.sqlite"), watched, SetClock())
