"""Where the writers of one log on one machine meet: one opens, and only who has the log's keys joins."""

import os
import select
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from ledger import meeting
from ledger.clock import SystemClock
from ledger.frames import Peer
from ledger.marks import MarkFolder
from ledger.meeting import CHALLENGE_BYTES, PROOF_BYTES, STRANGERS_MAX, Door, Meeting
from ledger.signers import KeyRing
from ledger.token_address import IdentityPlace
from ledger.workings import Workings
from tests.ledger.toy import Bump, open_workings
from tests.migrated import migrated_sqlite


@pytest.fixture
def workings(tmp_path: Path) -> Workings:
    database = migrated_sqlite(tmp_path / "ledger.sqlite")
    return replace(open_workings(database, tmp_path / "keys", SystemClock()), place=database.place)


@pytest.fixture
def door(workings: Workings) -> Iterator[Door]:
    opened = Meeting(workings).open()
    assert opened is not None
    yield opened
    opened.close()


def keep(door: Door, until: Callable[[list[Peer]], bool]) -> list[Peer]:
    """Let people in until enough have come, or nobody moves."""
    come: list[Peer] = []
    while not until(come):
        ready, _, _ = select.select(door.sockets(), [], [], 10)
        assert ready
        come += door.let_in(ready)
    return come


def join_beside(door: Door, workings: Workings) -> tuple[Peer | None, list[Peer]]:
    """What joining came to, and who was let in meanwhile."""
    found: list[Peer | None] = []
    thread = threading.Thread(target=lambda: found.append(Meeting(workings).join()))
    thread.start()
    come: list[Peer] = []
    while thread.is_alive() or select.select(door.sockets(), [], [], 0)[0]:
        ready, _, _ = select.select(door.sockets(), [], [], 0.05)
        come += door.let_in(ready)
    return found[0], come


def close(*held: Peer | socket.socket) -> None:
    for one in held:
        one.close()


def test_one_opens_and_the_others_join(workings: Workings, door: Door) -> None:
    assert Meeting(workings).open() is None
    joined, come = join_beside(door, workings)
    assert joined is not None
    joined.send(b"hello")
    select.select([come[0]], [], [], 10)
    assert come[0].read() == [b"hello"]
    door.close()
    again = Meeting(workings).open()  # whoever opened it has left it
    assert again is not None
    again.close()
    close(joined, *come)


def test_nobody_joins_where_nobody_has_opened(workings: Workings) -> None:
    assert Meeting(workings).join() is None


def test_nothing_is_shared_without_a_place(workings: Workings) -> None:
    alone = Meeting(replace(workings, place=""))
    assert not alone.is_shared
    assert alone.open() is None
    assert alone.join() is None


@dataclass(frozen=True)
class Another:
    id: str
    more: str


def test_they_meet_where_all_is_the_same(workings: Workings, door: Door) -> None:
    spec = workings.commands[Bump]
    log, secrets = workings.log, workings.log.secrets
    elsewhere_ring = KeyRing(Path("elsewhere"), log.origin, "correct horse", IdentityPlace())
    others = {
        "database": replace(workings, place="another"),
        "marks": replace(workings, marks=MarkFolder(Path("elsewhere"))),
        "key folder": replace(workings, log=replace(log, secrets=replace(secrets, ring=elsewhere_ring))),
        "commands": replace(workings, commands={**workings.commands, Another: spec}),
        "log": replace(workings, log=replace(log, name="another")),
        "number": replace(workings, log=replace(log, log_id=2)),
        "origin": replace(workings, log=replace(log, origin="localhost/another")),
        "keys": replace(workings, log=replace(log, secrets=replace(secrets, mac_key=bytes(32)))),
    }
    for name, other in others.items():
        elsewhere = Meeting(other).open()
        assert elsewhere is not None, name
        elsewhere.close()
    assert Meeting(replace(workings)).open() is None


def stranger(door: Door) -> tuple[socket.socket, bytes]:
    """Who knows the address and nothing else; and what it is asked."""
    address = door._listener.getsockname()
    assert isinstance(address, bytes)
    come = socket.socket(socket.AF_UNIX)
    come.settimeout(10)
    come.connect(address)
    assert door.let_in(select.select(door.sockets(), [], [], 10)[0]) == []
    return come, come.recv(CHALLENGE_BYTES)


def test_who_has_not_the_key_is_not_let_in(workings: Workings, door: Door) -> None:
    come, challenge = stranger(door)
    come.sendall(os.urandom(CHALLENGE_BYTES) + b"x" * PROOF_BYTES)
    assert door.let_in(select.select(door.sockets(), [], [], 10)[0]) == []
    assert come.recv(1) == b""
    # What was right once is not right for another challenge.
    key = workings.log.secrets.mac_key
    own = os.urandom(CHALLENGE_BYTES)
    said = own + meeting._proof(key, "desk.join", challenge + own)
    again, _ = stranger(door)
    again.sendall(said)
    assert door.let_in(select.select(door.sockets(), [], [], 10)[0]) == []
    assert again.recv(1) == b""
    # With the right one the same words are.
    third, challenge = stranger(door)
    third.sendall(own + meeting._proof(key, "desk.join", challenge + own))
    let_in = keep(door, bool)
    assert len(let_in) == 1
    assert third.recv(PROOF_BYTES) == meeting._proof(key, "desk.joined", challenge + own)
    close(come, again, third, *let_in)


def test_who_says_half_holds_nobody_up(workings: Workings, door: Door) -> None:
    slow, _ = stranger(door)
    slow.sendall(b"half")
    assert door.let_in(select.select(door.sockets(), [], [], 10)[0]) == []
    joined, come = join_beside(door, workings)
    assert joined is not None
    assert len(come) == 1
    silent = [stranger(door)[0] for _ in range(STRANGERS_MAX)]
    assert slow.recv(1) == b""  # the oldest is turned out
    assert len(door.sockets()) == STRANGERS_MAX + 1
    close(slow, joined, *come, *silent)


def test_another_user_is_turned_away_on_both_sides(
    workings: Workings, door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = os.getuid()
    monkeypatch.setattr(os, "getuid", lambda: mine + 1)
    assert Meeting(workings).join() is None
    select.select(door.sockets(), [], [], 10)
    assert door.let_in(door.sockets()) == []
    assert len(door.sockets()) == 1  # it was not asked anything


@pytest.fixture
def squatter(workings: Workings) -> Iterator[socket.socket]:
    """Somebody else's socket at the address."""
    with socket.socket(socket.AF_UNIX) as held:
        held.bind(meeting._address(workings))
        held.listen()
        yield held


def test_what_says_nothing_there_is_nobody(
    workings: Workings, squatter: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(meeting, "JOIN_SECONDS", 0.2)
    assert Meeting(workings).open() is None
    assert Meeting(workings).join() is None


def test_what_has_not_the_key_there_is_nobody(workings: Workings, squatter: socket.socket) -> None:
    def answer() -> None:
        come, _ = squatter.accept()
        with come:
            come.sendall(bytes(CHALLENGE_BYTES))
            come.recv(1_000)
            come.sendall(b"x" * PROOF_BYTES)

    thread = threading.Thread(target=answer)
    thread.start()
    assert Meeting(workings).join() is None
    thread.join(10)
