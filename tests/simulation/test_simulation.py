"""Histories from seeds: each ends with state = fold, nothing lost, nothing doubled, and everything over."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.migrated import migrated_postgresql
from tests.postgres import PostgresServer
from tests.simulation.history import History, Seed
from tests.simulation.place import Place
from tests.simulation.shrinking import played, shrunk

QUICK = 300
LONG = 10_000
SLICE = 970  # of the long run in one test, so that workers share it
DYING = 19  # the number of a history in which a process dies, calls are made and timers fire
ON_POSTGRESQL = 60


# Every kind of trouble, and all that may follow from it: it is no proof where nothing went wrong. What is seldom is
# sure to come up among a thousand histories only, since a change of the engine shifts every history that follows it.
OFTEN = (
    "StartInstance started", "BeginBranch begun", "CancelInstance cancelled", "CompleteTask yes", "CompleteTask no",
    "CompleteTask completed", "CompleteTask CLAIMED_BY_OTHER", "CompleteTask WRONG_STATE", "FireTimer fired",
    "SucceedCall succeeded", "FailCall failed", "CompleteJob completed", "CompleteJob LEASE_LOST", "FailJob failed",
    "Correlate correlated", "Correlate kept", "Correlate repeated", "ExpireMessage expired",
    "ResolveIncident resolved", "StartInstance lost", "CompleteTask lost",
)  # fmt: skip
SELDOM = (
    "FireTimer WRONG_STATE", "FireTimer lost", "LeaseCalls lost", "SucceedCall LEASE_LOST", "SucceedCall late",
    "SucceedCall lost",
)  # fmt: skip


def test_three_hundred_histories(place: Place) -> None:
    said = played(map(Seed, range(QUICK)), place)
    assert said["died"] > QUICK // 2
    assert [what for what in OFTEN if not said[what]] == []
    assert len([what for what in SELDOM if said[what]]) > len(SELDOM) // 2


@pytest.mark.long
@pytest.mark.parametrize("first", range(QUICK, LONG, SLICE))
def test_ten_thousand_histories(place: Place, first: int) -> None:
    said = played(map(Seed, range(first, first + SLICE)), place)
    assert said["died"] > SLICE // 2
    assert [what for what in (*OFTEN, *SELDOM) if not said[what]] == []


@pytest.mark.long
@pytest.mark.postgresql
def test_histories_on_postgresql(postgresql: PostgresServer, tmp_path: Path) -> None:
    database = migrated_postgresql(postgresql)
    assert played(map(Seed, range(ON_POSTGRESQL)), Place(tmp_path, database))["died"] > ON_POSTGRESQL // 2


def test_a_seed_tells_the_same_everywhere(place: Place) -> None:
    history = History(Seed(DYING), place)
    history.play()
    again = History(Seed(DYING), place)
    again.play()
    assert history.deaths
    assert history.told == again.told
    command = [sys.executable, "-m", "tests.simulation", str(history.seed.number)]
    told = subprocess.run(
        command, env={**os.environ, "PYTHONHASHSEED": "1"}, capture_output=True, text=True, check=True
    )
    assert told.stdout.splitlines()[-len(history.told) :] == history.told


def test_a_failing_history_is_made_smaller() -> None:
    def trying(seed: Seed) -> Exception | None:
        return ValueError(str(seed)) if seed.processes == 2 and seed.acts >= 4 else None

    smallest, raised = shrunk(Seed(3), ValueError("first"), trying)
    assert smallest == Seed(3, acts=4, faults=0, processes=2)
    assert str(raised) == str(smallest)
