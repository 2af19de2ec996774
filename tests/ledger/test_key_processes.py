"""Changes of keys between processes: writers that follow, crashes, files that are away, and rotation under load."""

import os
import stat
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ledger.batch import Batch
from ledger.connection import Connection
from ledger.database import Database
from ledger.errors import BrokenInput, BrokenState, Unavailable
from ledger.key_life import ChangeKeys
from ledger.key_orders import sign_order
from ledger.key_statements import COMMIT_KEY, IDENTITY_KEY, ROTATED
from ledger.keys import load_keys
from ledger.note import parse_vkey
from ledger.signers import KeyRing, signed_by
from ledger.token_address import IdentityPlace
from ledger.work import Request
from ledger.writer import Writer
from tests.conftest import SetClock
from tests.ledger.keeping import LOG, ORIGIN, PASSPHRASE, Keeper, open_keeper
from tests.ledger.toy import PERSON, Bump


@pytest.fixture
def keeper(database: Database, tmp_path: Path, clock: SetClock) -> Iterator[Keeper]:
    made = open_keeper(database, tmp_path / "keys", clock)
    yield made
    made.close()


def test_another_process_follows_without_a_restart(keeper: Keeper) -> None:
    """A writer that was not told signs with the right key at its next batch, and asks for the keys once, not always."""
    other = keeper.another_process()
    keeper.send(Bump("toy_1"), workings=other)
    keeper.rotate()
    statements = count_statements(keeper, other)
    (answer,) = keeper.send(Bump("toy_1"), workings=other)
    assert answer.receipt is not None
    assert signed_by(answer.receipt.checkpoint) == keeper.current()
    assert statements.asked == 1
    keeper.send(Bump("toy_1"), workings=other)
    keeper.send(Bump("toy_2"), workings=other)
    assert statements.asked == 1
    assert keeper.verify(IDENTITY_KEY).is_sound


class count_statements:  # noqa: N801 - used like a function
    """Counts the questions a batch of these workings asks about keys in force."""

    def __init__(self, keeper: Keeper, workings: Any) -> None:
        self.asked = 0
        ring = workings.log.secrets.ring
        behind = ring.behind

        def counted(note: str, in_force: Any = None) -> Any:
            def ask() -> Any:
                self.asked += 1
                return in_force()

            return behind(note, ask)

        ring.behind = counted


def test_a_commit_asks_no_more_than_before(keeper: Keeper) -> None:
    """The statements of a batch are the same before and after rotations, once the registers that changed are read."""
    counts: list[list[str]] = []
    keeper.bump()
    for _ in range(2):
        connection = Counting(keeper.database.connect())
        Batch(keeper.workings, connection).run([Request(PERSON, Bump("toy_9"), f"q{len(counts)}")])
        connection.close()
        counts.append(connection.calls)
        keeper.rotate()
        keeper.bump()
    assert counts[0] == counts[1] == ["begin", "finish"]


class Counting:
    """A connection that notes what is asked of it."""

    def __init__(self, inner: Connection) -> None:
        self._inner = inner
        self.calls: list[str] = []

    def __getattr__(self, name: str) -> Any:
        if name not in ("close",):
            self.calls.append(name)
        return getattr(self._inner, name)


def test_rotation_under_load_with_two_writers(keeper: Keeper) -> None:
    """Two writers commit while a third rotates: no command is lost, and every kept checkpoint verifies."""
    done: list[int] = []
    stop = threading.Event()

    def work(writer: Writer, name: int) -> None:
        count = 0
        while not stop.is_set() or count < 10:
            writer.run(Request(PERSON, Bump(f"toy_{name}"), f"w{name}.{count}"))
            count += 1
        done.append(count)

    writers = [Writer(keeper.another_process(), keeper.database.connect) for _ in range(2)]
    threads = [threading.Thread(target=work, args=(writer, n)) for n, writer in enumerate(writers)]
    for thread in threads:
        thread.start()
    keys = [keeper.current()]
    for _ in range(3):
        rotated = keeper.order(ROTATED)
        note = sign_order(keeper.ring, keeper.on_record(), rotated)
        writers[0].run(Request(PERSON, ChangeKeys(LOG, note), f"r{len(keys)}"))
        keys.append(keeper.current())
    stop.set()
    for thread in threads:
        thread.join()
    for writer in writers:
        writer.close()
    assert len(set(keys)) == 4
    assert keeper.kinds().count("toy.bumped") == sum(done)
    report = keeper.verify(IDENTITY_KEY)
    assert report.is_sound, report.words()


def test_a_crash_between_file_and_entry_is_harmless(keeper: Keeper) -> None:
    """The file is there and no entry names it: nothing changed, and the rotation is made again."""
    keeper.order(ROTATED)
    orphan = sorted(path.name for path in keeper.ring.folder.glob("commit-*.pem"))
    assert len(orphan) == 1
    after_restart = keeper.another_process()
    (answer,) = keeper.send(Bump("toy_1"), workings=after_restart)
    assert answer.receipt is not None
    assert signed_by(answer.receipt.checkpoint) == keeper.current()
    keeper.rotate()
    assert f"commit-{keeper.current()}.pem" not in orphan
    assert keeper.verify(IDENTITY_KEY).is_sound


def test_a_rotation_whose_key_file_is_not_here_has_no_effect(keeper: Keeper) -> None:
    """No other command of the batch pays for it, and the log goes on under the key it has."""
    order = keeper.order(ROTATED)
    command = keeper.command(order)
    (keeper.ring.folder / f"commit-{parse_vkey(order.vkey or '').key_id.hex()}.pem").unlink()
    before = keeper.current()
    connection = keeper.database.connect()
    results = Batch(keeper.workings, connection).run(
        [Request(PERSON, Bump("toy_1"), "m1"), Request(PERSON, command, "m2"), Request(PERSON, Bump("toy_1"), "m3")]
    )
    connection.close()
    assert isinstance(results[1], Unavailable)
    assert [type(result).__name__ for result in results] == ["Answer", "Unavailable", "Answer"]
    assert keeper.current() == before
    assert keeper.verify(IDENTITY_KEY).is_sound


def test_a_writer_without_the_key_in_force_commits_nothing(keeper: Keeper) -> None:
    """A second machine to which the file was not brought: closed, not signed with the old key."""
    other = keeper.another_process()
    keeper.rotate()
    path = keeper.ring.folder / f"commit-{keeper.current()}.pem"
    path.rename(path.with_suffix(".away"))
    size = keeper.size()
    with pytest.raises(Unavailable, match="is not in the key folder"):
        keeper.send(Bump("toy_1"), workings=other)
    assert keeper.size() == size
    path.with_suffix(".away").rename(path)
    keeper.send(Bump("toy_1"), workings=other)


def test_a_head_signed_by_a_key_that_ended_stops_the_writer(keeper: Keeper) -> None:
    old = keeper.ring.commit_signer(keeper.current())
    keeper.rotate()
    with keeper.reader.view() as view:
        text = view.head.checkpoint.partition("\n\n")[0] + "\n"
    fresh = keeper.another_process().log.secrets.ring
    fresh.use(keeper.current())
    with pytest.raises(BrokenState, match="in force"):
        fresh.behind(old.sign_note(text), lambda: [keeper.current()])


def test_files_of_keys(keeper: Keeper) -> None:
    """Mode 0600, encrypted, and refused with another passphrase, when others may read them, or when of another kind."""
    keeper.rotate()
    folder, key_id = keeper.ring.folder, keeper.current()
    files = sorted(path.name for path in folder.iterdir())
    assert files == sorted(["commit.pem", "identity.pem", "post-quantum.pem", "secrets.bin", f"commit-{key_id}.pem"])
    for path in folder.iterdir():
        assert path.stat().st_mode & 0o777 == 0o600
        assert path.suffix == ".bin" or b"ENCRYPTED PRIVATE KEY" in path.read_bytes()
    other = KeyRing(folder, ORIGIN, "another", IdentityPlace())
    with pytest.raises(BrokenInput, match="passphrase"):
        other.commit_signer(key_id)
    with pytest.raises(BrokenInput, match="passphrase"):
        load_keys(folder, ORIGIN, "another")
    path = folder / f"commit-{key_id}.pem"
    path.chmod(0o640)
    with pytest.raises(BrokenInput, match="0600"):
        load_keys(folder, ORIGIN, PASSPHRASE).ring.commit_signer(key_id)
    path.chmod(0o600)
    path.write_bytes((folder / "post-quantum.pem").read_bytes())
    with pytest.raises(BrokenInput, match="Ed25519"):
        load_keys(folder, ORIGIN, PASSPHRASE).ring.commit_signer(key_id)


def test_the_first_key_file_may_be_destroyed_after_a_rotation(keeper: Keeper) -> None:
    keeper.rotate()
    (keeper.ring.folder / "commit.pem").unlink()
    fresh = keeper.another_process()
    with pytest.raises(Unavailable):
        _ = fresh.log.secrets.signer
    (answer,) = keeper.send(Bump("toy_1"), workings=fresh)
    assert answer.receipt is not None
    assert signed_by(answer.receipt.checkpoint) == keeper.current()


def test_a_key_file_is_durable_before_anything_names_it(keeper: Keeper, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file and then its folder are flushed while the key is made."""
    flushed: list[bool] = []
    real = os.fsync

    def fsync(descriptor: int) -> None:
        flushed.append(stat.S_ISDIR(os.fstat(descriptor).st_mode))
        real(descriptor)

    monkeypatch.setattr("ledger.key_files.os.fsync", fsync)
    keeper.ring.make(COMMIT_KEY)
    assert flushed == [False, True]
