"""Peers beside ours: what is missing is told, what is there answers by rounds, a missed ratio is a missed target."""

import argparse
import json
import sys
from pathlib import Path

import pytest

from bench import command, peers
from bench.harness import Board, Contest, Peer, Sample

FAKE = """
import sqlite3


class DBOS:
    path = ""

    def __init__(self, config):
        DBOS.path = config["system_database_url"].removeprefix("sqlite:///")
        print("words that are no answer")

    @staticmethod
    def step():
        return lambda function: function

    workflow = step

    @staticmethod
    def launch():
        sqlite3.connect(DBOS.path).execute("CREATE TABLE IF NOT EXISTS anything (id)")
"""


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package that calls itself dbos, for child processes alone."""
    folder = tmp_path / "packages"
    (folder / "dbos").mkdir(parents=True)
    (folder / "dbos" / "__init__.py").write_text(FAKE)
    (folder / "dbos-9.9.dist-info").mkdir()
    (folder / "dbos-9.9.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: dbos\nVersion: 9.9\n")
    monkeypatch.setenv("PYTHONPATH", str(folder))
    return tmp_path


def state_of(process: int) -> str:
    """The kernel's letter for what a process is doing: T is stopped."""
    return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]


def test_a_missing_package_is_told_by_name_and_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONNOUSERSITE", "1")
    bare = Path(sys.executable)
    told: list[str] = []
    with peers.opened(str(bare), tmp_path / "peers", told.append) as found:
        assert found.sequential(8, True) == found.at_once(8, True) == ()
    assert [text.partition(" ")[0] for text in told] == ["dbos", "dbos", "SpiffWorkflow"]
    assert all(peers.REQUIREMENTS in text for text in told)
    assert (Path(peers.__file__).parent.parent / peers.REQUIREMENTS).is_file()


def test_without_the_option_there_are_none(tmp_path: Path) -> None:
    told: list[str] = []
    with peers.opened(None, tmp_path / "peers", told.append) as found:
        assert found.opened == ()
    assert told == []


def test_a_peer_answers_by_rounds_and_stands_still_between_them(fake: Path) -> None:
    told: list[str] = []
    with peers.opened(sys.executable, fake / "peers", told.append) as found:
        assert [one.name for one in found.opened] == ["dbos", "dbos-wal"]
        assert [text.partition(" ")[0] for text in told] == ["SpiffWorkflow"]
        plain, wal = found.sequential(8, True)
        assert (plain.id, wal.id) == ("peer.dbos.sequential", "peer.dbos-wal.sequential")
        assert plain.said["version"] == "9.9"
        assert plain.said["durability"] == "SQLite, journal_mode=DELETE, synchronous=FULL; its defaults"
        assert "journal_mode=WAL" in wal.said["durability"]
        processes = [one.process for one in found.opened]
        sample = plain.round()
        assert (sample.count, sample.count) == (plain.n, 50)
        if sys.platform == "linux":
            assert [state_of(process.pid) for process in processes] == ["T", "T"]
        [many, _] = found.at_once(8, True)
        assert (many.id, many.round().count, many.n) == ("peer.dbos.concurrent16", 80, 80)
    assert all(process.poll() is not None for process in processes)


def measured(target: float) -> Board:
    """Ours does 800 commands a second, eight an instance of five steps; the peer does 250 steps a second."""
    board = Board("engine", rounds=3)
    peer = Peer("peer.x", lambda: Sample(250, 1.0), 250, target, 5 / 8, {"version": "1", "durability": "none"})
    board.run(Contest("ours", "limit", None, 800, lambda: Sample(800, 1.0), lambda: Sample(900, 1.0), peers=(peer,)))
    return board


def test_peers_are_compared_by_whole_instances() -> None:
    board = measured(2.0)
    ours, theirs = board.results
    assert ours["peers"] == [
        {
            "id": "peer.x",
            "ours": 500.0,
            "median": 250.0,
            "ratio": 2.0,
            "ratio_by_commands": 3.2,
            "limit_ratio": 2.25,
            "target": 2.0,
            "met": True,
        }
    ]
    assert (theirs["id"], theirs["unit"], theirs["median"], theirs["version"]) == ("peer.x", "1/s", 250.0, "1")
    assert board.is_met()
    json.dumps(board.as_json())


def test_a_ratio_that_is_missed_is_a_missed_target() -> None:
    board = measured(2.5)
    assert not board.is_met()
    assert "short" in command.table(board)
    assert "beside peer.x" in command.table(board)
    assert "the limit 2.25" in command.table(board)


def test_peers_go_with_benches_that_know_them(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        command.run("bench", argparse.ArgumentParser(), ["cold", "--peers"])
    assert stopped.value.code == 2
    assert "--peers goes with engine, ledger, verify, rules" in capsys.readouterr().err
