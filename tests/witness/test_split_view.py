"""Two databases forked from one backup, and an old backup, meet one witness: neither passes unseen."""

import logging
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from api.witnesses import WitnessClient, clients
from api.witnessing import Witnessing
from ledger.checkpoint import parse_checkpoint
from ledger.database import Database, SqliteDatabase
from ledger.note import parse_note
from ledger.policy import Group, Policy, TrustedWitness
from ledger.witnessed import newest_witnessed
from tests.conftest import SetClock
from tests.postgres import PostgresServer
from tests.witness.logs import make_witness
from tests.witness.publishing import House, copied, open_house
from tests.witness.stub import Stub, stub
from witness.judging import NOT_EXTENDED, OTHER_ROOT
from witness.service import Witness
from witness.words import report_words

Copy = Callable[[], House]


class Scene:
    """A log, its witness behind an address, and a policy that asks for it."""

    def __init__(self, house: House, witness: Witness, at: Stub, clock: SetClock) -> None:
        self.house, self.witness, self.at, self.clock = house, witness, at, clock
        key = witness.keys.keys[0].key
        self.policy = Policy((), (TrustedWitness("audit", key, at.url),), (), "audit")
        self.opened: list[WitnessClient] = []
        self.houses = [house]

    def asking(self, house: House) -> list[WitnessClient]:
        """Clients of a new process over this database."""
        made = clients(self.policy, house.log, self.clock)
        self.opened += made
        return made

    def close(self) -> None:
        for client in self.opened:
            client.close()
        for house in self.houses:
            house.reader.close()
        self.witness.book.close()

    def size(self, house: House) -> int:
        with house.reader.view() as view:
            found = newest_witnessed(view, self.policy)
        return 0 if found is None else found.size


@pytest.fixture
def scene(database: Database, tmp_path: Path, clock: SetClock) -> Iterator[Scene]:
    house = open_house(database, tmp_path, clock)
    witness = make_witness(tmp_path / "w", clock, house.vkey)
    with stub() as at:
        at.is_witness(witness)
        made = Scene(house, witness, at, clock)
        yield made
        made.close()


@pytest.fixture
def copy(scene: Scene, tmp_path: Path, request: pytest.FixtureRequest) -> Copy:
    server: PostgresServer | None = None
    if not isinstance(scene.house.database, SqliteDatabase):
        server = request.getfixturevalue("postgresql")

    def make() -> House:
        made = copied(scene.house, tmp_path / "copy.sqlite", scene.clock, server)
        scene.houses.append(made)
        return made

    return make


def test_an_honest_log_is_witnessed_as_it_grows(scene: Scene) -> None:
    house, (client,) = scene.house, scene.asking(scene.house)
    for number in range(1, 6):
        house.grow(f"toy_{number}")
        assert house.ask([client]) == []
        assert scene.size(house) == number
    assert house.ask([client]) == []  # shown again at the same size
    assert {one.path for one in scene.at.came} == {"/add-checkpoint"}
    assert [one.body.split(b"\n")[0] for one in scene.at.came] == [b"old %d" % n for n in (0, 1, 2, 3, 4, 5)]
    assert len({one.port for one in scene.at.came}) == 1  # one connection, kept open
    assert house.lines() == [(n, "cosignature") for n in range(1, 6)]
    with house.reader.view() as view:
        newest = newest_witnessed(view, scene.policy)
    assert newest is not None
    assert newest.names == ("audit",)
    assert len(parse_note(newest.note).signatures) == 2  # the log's and the witness's


def test_one_of_two_is_no_quorum_of_two(scene: Scene) -> None:
    scene.house.grow("toy_1")
    assert scene.house.ask(scene.asking(scene.house)) == []
    ml, ed = (one.key for one in scene.witness.keys.keys)
    two = Policy((), (TrustedWitness("a", ml), TrustedWitness("b", ed)), (Group("g", 2, ("a", "b")),), "g")
    with scene.house.reader.view() as view:
        assert newest_witnessed(view, two) is None  # the client was told of one key and kept its line alone
    assert scene.size(scene.house) == 1


def test_a_new_process_goes_on_where_the_row_says(scene: Scene) -> None:
    scene.house.grow("toy_1")
    scene.house.ask(scene.asking(scene.house))
    scene.house.grow("toy_2")
    assert scene.house.ask(scene.asking(scene.house)) == []
    assert [one.body.split(b"\n")[0] for one in scene.at.came] == [b"old 0", b"old 1"]


def test_forked_from_one_backup(scene: Scene, copy: Copy, caplog: pytest.LogCaptureFixture) -> None:
    house = scene.house
    house.grow("toy_1", "toy_2", "toy_3")
    assert house.ask(scene.asking(house)) == []
    fork = copy()
    house.grow("toy_4", "toy_5")
    fork.grow("toy_a", "toy_b", "toy_c")
    assert house.ask(scene.asking(house)) == []
    (client,) = scene.asking(fork)
    came = len(scene.at.came)
    with caplog.at_level(logging.WARNING, "muniment"):
        (why,) = fork.ask([client])
    olds = [one.body.split(b"\n")[0] for one in scene.at.came[came:] if one.method == "POST"]
    assert olds == [b"old 3", b"old 5"]  # told 409 with the size, then 422
    assert "knows another history" in why
    assert "it shows a checkpoint of 5 entries signed by our key" in why
    critical = [record for record in caplog.records if record.levelno == logging.CRITICAL]
    assert len(critical) == 1
    fork.ask([client])
    assert len([r for r in caplog.records if r.levelno == logging.CRITICAL]) == 1  # once
    assert scene.size(fork) == 3
    assert scene.size(house) == 5
    watching = Witnessing(scene.policy, fork.reader, [client])
    assert watching.contradiction
    with fork.reader.view() as view:
        (lag,) = watching.lags(view)
    assert (lag.witness, lag.entries, lag.contradicts) == ("audit", 3, True)
    (kept,) = scene.witness.book.contradictions()
    assert kept.kind == NOT_EXTENDED
    told = [parse_checkpoint(parse_note(note).text) for note in (kept.ours, kept.theirs)]
    assert [one.size for one in told] == [5, 6]
    words = report_words(scene.witness.book.logs(), scene.witness.book.contradictions(), ())
    assert "could not show that it continues" in words
    house.grow("toy_6")
    assert house.ask(scene.asking(house)) == []  # the first goes on


def test_forks_of_one_length_are_a_proof_by_themselves(scene: Scene, copy: Copy) -> None:
    house = scene.house
    house.grow("toy_1")
    house.ask(scene.asking(house))
    fork = copy()
    house.grow("toy_2")
    fork.grow("toy_b")
    house.ask(scene.asking(house))
    (why,) = fork.ask(scene.asking(fork))
    assert "knows another history" in why
    (kept,) = scene.witness.book.contradictions()
    assert kept.kind == OTHER_ROOT
    one, other = (parse_checkpoint(parse_note(note).text) for note in (kept.ours, kept.theirs))
    assert one.size == other.size
    assert one.root != other.root


def test_an_old_backup_in_place_is_noticed(scene: Scene, copy: Copy) -> None:
    house = scene.house
    house.grow("toy_1", "toy_2")
    house.ask(scene.asking(house))
    backup = copy()
    house.grow("toy_3", "toy_4", "toy_5", "toy_6")
    house.ask(scene.asking(house))
    backup.grow("toy_x")
    (client,) = scene.asking(backup)
    (why,) = backup.ask([client])
    assert "cosigned 6 entries, and this database holds fewer" in why
    assert client.standing.contradiction
    assert scene.size(backup) == 2
    backup.grow("toy_y", "toy_z", "toy_1", "toy_2", "toy_3")  # longer again: now it is another history
    (why,) = backup.ask([client])
    assert "history" in why or "fewer" in why
    assert scene.size(backup) == 2


def test_a_newer_publication_of_another_process_is_no_alarm(scene: Scene) -> None:
    house = scene.house
    house.grow("toy_1")
    older = house.publish()
    house.grow("toy_2")
    house.ask(scene.asking(house))
    late = scene.asking(house)
    assert house.ask(late, older) == []
    assert not late[0].standing.contradiction


def test_once_it_cosigns_again_the_alarm_is_over(scene: Scene, copy: Copy) -> None:
    house = scene.house
    house.grow("toy_1")
    house.ask(scene.asking(house))
    backup = copy()
    house.grow("toy_2")
    house.ask(scene.asking(house))
    (client,) = scene.asking(backup)
    backup.grow("toy_x")
    assert backup.ask([client])
    assert client.standing.contradiction
    client._log = house.log  # the right database is put back  # type: ignore[attr-defined]
    house.grow("toy_3")
    assert house.ask([client]) == []
    assert not client.standing.contradiction
