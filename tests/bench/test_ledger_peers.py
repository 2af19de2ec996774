"""Logs beside ours answer by acts, those that are missing are told by name; peak memory is told and does not grow."""

import sys
from pathlib import Path

import pytest

from bench import command, ledger_peers, logs, verify
from bench.harness import Board, Contest, Sample

FAKE = """
class SqliteBackend:
    def __init__(self, path):
        self.path = path


class Report:
    ok = True


class AuditLog:
    def __init__(self, backend):
        self.records = []
        print("words that are no answer")

    async def init(self):
        pass

    async def append(self, *record, metadata):
        self.records.append(record)

    async def append_many(self, records):
        self.records += records

    async def verify(self):
        return Report()

    async def read(self):
        return self.records
"""


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package that calls itself auditchain, for child processes alone."""
    folder = tmp_path / "packages"
    (folder / "auditchain").mkdir(parents=True)
    (folder / "auditchain" / "__init__.py").write_text(FAKE)
    (folder / "auditchain-9.9.dist-info").mkdir()
    told = "Metadata-Version: 2.1\nName: auditchain\nVersion: 9.9\n"
    (folder / "auditchain-9.9.dist-info" / "METADATA").write_text(told)
    monkeypatch.setenv("PYTHONPATH", str(folder))
    return tmp_path


def test_a_peer_appends_and_verifies_all_it_has(fake: Path) -> None:
    told: list[str] = []
    with ledger_peers.opened(sys.executable, fake / "peers", told.append) as found:
        assert [one.name for one in found.opened] == ["auditchain"]
        assert [text.partition(" ")[0] for text in told] == ["ledgerchain", "eventsourcing", "pymerkle"]
        [appending], [batches] = found.appending(7), found.batches(20)
        assert (appending.id, appending.target) == ("peer.auditchain.append", 5.0)
        assert (appending.round().count, batches.round().count) == (7, 20)
        [verifying] = found.verifying(30)
        assert verifying.round().count == 30, "what was there was filled up"
        batches.round()
        assert verifying.round().count == 50
        assert "without signatures" in verifying.said["durability"]
    with ledger_peers.opened(None, fake / "none", told.append) as found:
        assert found.appending(1) == ()


def test_peak_memory_stands_beside_the_figure() -> None:
    board = Board("verify", rounds=1)
    ours = Contest("ours", "limit", None, 1, lambda: Sample(1, 1.0), lambda: Sample(1, 1.0), peak_mb=lambda: 61.26)
    board.run(ours)
    assert board.results[0]["peak_mb"] == 61.3
    assert "peak 61 MB" in command.table(board)


SMALL, LARGE = 5_000, 45_000
GROWTH_MB = 25.0  # of 40,000 entries more: their bytes alone are 35 MB, a subject each takes 10 until they go to disk


def test_verifying_a_longer_log_takes_no_more_memory_than_its_latest_subjects(tmp_path: Path) -> None:
    small, large = [
        verify._peak(verify._verify_alone, logs.filled(tmp_path / str(count), count)) for count in (SMALL, LARGE)
    ]
    assert large - small < GROWTH_MB, (small, large)
