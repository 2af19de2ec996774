"""Engines beside `bench scale`: what they answer becomes results with versions; those that are missing are named."""

import sys
from pathlib import Path

import pytest

from bench import peer_live, scale_peers
from bench.harness import Board
from bench.peers import PeerProcess

FAKE = """
import threading
import time


class DBOS:
    def __init__(self, config):
        print("words that are no answer")

    @staticmethod
    def workflow():
        return lambda function: function

    @staticmethod
    def launch():
        pass

    @staticmethod
    def register_queue(name, worker_concurrency):
        assert worker_concurrency == 1

    @staticmethod
    def enqueue_workflow(queue, workflow, number):
        assert queue == "live"

    @staticmethod
    def start_workflow(workflow, due):
        threading.Thread(target=workflow, args=(due,), daemon=True).start()

    sleep = staticmethod(time.sleep)
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


def test_live_instances_and_timers_of_a_peer_are_told(fake: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scale_peers, "STARTED_QUICK", 7)
    told: list[str] = []
    board = Board("scale", rounds=2)
    with scale_peers.opened(sys.executable, fake / "peers", told.append) as found:
        assert [text.partition(" ")[0] for text in told] == ["SpiffWorkflow"]
        scale_peers.starts(board, found, lambda: 5e8, quick=True)
        scale_peers.timers(board, found, 3)
    live, timed = board.results
    assert (live["id"], live["n"], live["version"], live["beside"]["median"]) == ("peer.dbos.live", 14, "9.9", 5e8)
    assert 5e8 / live["max"] <= live["ratio"] * 1.01
    assert live["ratio"] <= 5e8 / live["min"] * 1.01
    assert (timed["id"], timed["n"], timed["unit"]) == ("peer.dbos.timers", 3, "s")
    assert 0 <= timed["median"] < 60


def test_a_timer_that_never_fires_ends_the_bench(fake: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with scale_peers.opened(sys.executable, fake / "peers", lambda _: None) as found:
        monkeypatch.setattr(PeerProcess, "ask", lambda *_: {"count": 2, "waits": [0.0]})
        with pytest.raises(AssertionError, match="expected 2 timers of dbos"):
            scale_peers.timers(Board("scale", rounds=1), found, 2)


def test_without_a_python_nothing_is_measured(tmp_path: Path) -> None:
    board = Board("scale", rounds=1)
    with scale_peers.opened(None, tmp_path, lambda _: None) as found:
        scale_peers.starts(board, found, lambda: 1.0, quick=True)
        scale_peers.timers(board, found, 1)
    assert board.results == []
    assert set(scale_peers.NAMES) == set(peer_live.PEERS)
