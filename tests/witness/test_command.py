"""`muniment witness` as an audit department types it, and the door over HTTP."""

import json
import sqlite3
from argparse import ArgumentParser
from contextlib import closing
from pathlib import Path

import pytest

from ledger.errors import BrokenInput, Unavailable
from ledger.keys import Ed25519Signer
from ledger.note import parse_note, parse_vkey
from ledger.witnessing import BODY_BYTES_MAX, SIZE_TYPE, origin_hash
from tests.witness.logs import KEY, ORIGIN, Log, grown, make_witness
from tests.witness.process import PASSPHRASE, ask, serving
from witness.book import Book
from witness.command import run
from witness.keys import load_witness_keys
from witness.service import Watched

OTHER_NAME = "log.example.com/other"
OTHER = Ed25519Signer(OTHER_NAME, KEY)


def typed(*words: str) -> int:
    return run("witness", ArgumentParser(), list(words))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, value in PASSPHRASE.items():
        monkeypatch.setenv(name, value)
    return tmp_path / "w"


def test_made_served_asked_and_reported(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert typed("init", "--folder", str(folder), "--name", "audit.example.com/w", "--json") == 0
    made = json.loads(capsys.readouterr().out)
    assert [parse_vkey(vkey).type for vkey in made["vkeys"]] == [6, 4]
    log, other = grown(5), grown(4).add("changed")
    place = f"/{origin_hash(ORIGIN)}/checkpoint"
    with serving(folder) as port:
        assert ask(port, log.asking(0))[0] == 404
        listed = (folder / "logs.policy").read_text()
        (folder / "logs.policy").write_text(f"log {Log().signer.vkey}\n{listed}")
        assert ask(port, None, place)[0] == 404
        status, _, lines = ask(port, log.asking(0))
        assert (status, len(parse_note(f"t\n\n{lines.decode()}").signatures)) == (200, 2)
        assert ask(port, log.asking(0)) == (409, SIZE_TYPE, b"5\n")
        assert ask(port, other.asking(5))[0] == 422
        assert ask(port, None, place)[2].endswith(lines)
        for path, body, method, status in (
            ("/add-checkpoint", None, "GET", 405),
            (place, b"", "POST", 405),
            (place.upper(), None, "GET", 404),
            (f"/add-checkpoint{place}", None, "GET", 404),
            ("/", None, "GET", 404),
            ("/add-checkpoint", b"x" * (BODY_BYTES_MAX + 1), "POST", 413),
            ("/add-checkpoint", b"", "POST", 400),
        ):
            assert ask(port, body, path, method)[0] == status, path
    assert typed("report", "--folder", str(folder)) == 1
    words = capsys.readouterr().out
    assert "CONTRADICTION 1" in words
    assert "two different histories of the same length" in words
    assert typed("report", "--folder", str(folder), "--json") == 1
    (kept,) = json.loads(capsys.readouterr().out)["contradictions"]
    assert kept["before"] != kept["then"]
    assert kept["then"] == other.note()


def test_a_list_that_breaks_leaves_the_former_one_in_force(tmp_path: Path) -> None:
    path = tmp_path / "logs.policy"
    path.write_text(f"log {OTHER.vkey}\nquorum none\n")
    watched = Watched(path)
    for broken in ("quorum", f"log {Log().signer.vkey}\n", ""):
        path.write_text(broken)
        assert [one.key.name for one in watched.policy().logs] == [OTHER_NAME]
    path.unlink()
    assert [one.key.name for one in watched.policy().logs] == [OTHER_NAME]
    path.write_text("quorum none\n")
    assert watched.policy().logs == ()
    path.write_text("broken\n")
    with pytest.raises(BrokenInput):
        Watched(path)


def test_nothing_is_made_twice_and_nothing_half(folder: Path) -> None:
    with pytest.raises(BrokenInput):
        typed("init", "--folder", str(folder), "--name", "a b")
    with pytest.raises(BrokenInput):
        typed("init", "--folder", str(folder), "--name", "w" * 256)
    with pytest.raises(BrokenInput):
        typed("init", "--folder", str(folder), "--name", "w", "--log", "no key")
    typed("init", "--folder", str(folder), "--name", "w", "--log", Log().signer.vkey)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    with pytest.raises(BrokenInput):
        typed("init", "--folder", str(folder), "--name", "w")
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert Log().signer.vkey in before["logs.policy"].decode()


def test_key_files_are_for_their_owner_and_their_passphrase(folder: Path) -> None:
    typed("init", "--folder", str(folder), "--name", "w")
    assert load_witness_keys(folder, *PASSPHRASE.values()).name == "w"
    with pytest.raises(BrokenInput, match="passphrase"):
        load_witness_keys(folder, "another")
    assert b"PRIVATE" in (folder / "ed25519.pem").read_bytes()
    assert {(folder / name).stat().st_mode & 0o777 for name in ("ed25519.pem", "ml-dsa-44.pem")} == {0o600}
    (folder / "ed25519.pem").chmod(0o640)
    with pytest.raises(BrokenInput, match="0600"):
        load_witness_keys(folder, *PASSPHRASE.values())
    with pytest.raises(BrokenInput, match="init"):
        load_witness_keys(folder / "elsewhere", "x")


def test_no_hand_turns_the_book_back(tmp_path: Path) -> None:
    witness = make_witness(tmp_path / "w")
    witness.add_checkpoint(grown(5).asking(0))
    witness.add_checkpoint(grown(4).add("changed").asking(5))
    witness.book.close()
    by_hand = sqlite3.connect(tmp_path / "w" / "witness.sqlite")
    for statement in (
        "UPDATE cosigned SET size = 4",
        "UPDATE cosigned SET root = zeroblob(32)",
        "UPDATE cosigned SET at = at - 1",
        "UPDATE cosigned SET origin = 'x'",
        "DELETE FROM cosigned",
        "UPDATE contradiction SET theirs = ours",
        "DELETE FROM contradiction",
    ):
        with pytest.raises(sqlite3.IntegrityError):
            by_hand.execute(statement)
    by_hand.close()


def test_a_database_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BrokenInput):
        Book(tmp_path / "none.sqlite")
    with closing(sqlite3.connect(tmp_path / "other.sqlite")) as other:
        other.executescript("CREATE TABLE x (y); PRAGMA user_version = 1")
    with pytest.raises(BrokenInput):
        Book(tmp_path / "other.sqlite")
    (tmp_path / "text.sqlite").write_text("no database" * 100)
    with pytest.raises(Unavailable):
        Book(tmp_path / "text.sqlite")


def test_a_full_or_locked_database_cosigns_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("witness.book.BUSY_TIMEOUT_MS", 10)
    witness = make_witness(tmp_path / "w")
    other = sqlite3.connect(tmp_path / "w" / "witness.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Unavailable):
        witness.add_checkpoint(grown(5).asking(0))
    other.close()
    assert witness.add_checkpoint(grown(5).asking(0)).status == 200
