"""The history of the demo: every trait is there, each is missed when it is taken away, and the log says who told it."""

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import orjson
import pytest

from examples.demo.checking import check, judged
from examples.demo.told.committee import APPLICATIONS
from examples.demo.told.contracts import CONTRACTS
from examples.demo.told.history import SPAN
from examples.demo.told.house import METHOD
from examples.demo.told.stories import COUNTS, stories
from examples.demo.traits import STARTED_BY_CLOCK, Trait, traits
from ledger.clock import SECOND, Instant, parse_instant
from tests.demo_organisation import Demo, copied_demo, found_demo, viewing

NAMED = (
    "demo mark", "three processes", "processes to start", "agents", "instances", "one failing connector",
    "votes in motion", "votes decided", "starts by the clock", "started by the clock",
    "branches in any order",
    "an open change", "its approvals", "one conflict of duties", "one late decision", "tasks overdue", "escalations",
    "tasks sent back", "incidents resolved", "refusals on record", "persons who decided", "days of history",
    "the log verifies",
)  # fmt: skip


def entries(demo: Demo) -> Iterator[dict[str, Any]]:
    with closing(sqlite3.connect(f"file:{database_of(demo)}?mode=ro", uri=True)) as connection:
        for (data,) in connection.execute("SELECT bytes FROM entry ORDER BY idx"):
            yield orjson.loads(data)


def database_of(demo: Demo) -> Path:
    return demo.settings.folder / "logs" / "demo" / "ledger.sqlite"


@pytest.fixture(scope="module")
def found(demo: Demo) -> list[Trait]:
    return judged(_standing(demo), demo.clock)


def _standing(demo: Demo) -> Any:
    """The settings under which `muniment demo` finds it."""
    return replace(demo.settings, data_dir=str(demo.data), mark_dir="")


def test_every_trait_is_there(found: list[Trait]) -> None:
    assert [trait for trait in found if not trait.holds] == []
    assert set(NAMED) <= {trait.name for trait in found}


def test_there_are_two_hundred_stories_and_an_instance_for_each(demo: Demo) -> None:
    told = stories()
    assert len(told) == sum(COUNTS.values()) == 200
    assert len({story.key for story in told}) == 200
    with viewing(demo) as view:
        rows = view.query("SELECT blueprint, COUNT(*) FROM instance WHERE log_id = {log} GROUP BY blueprint")
    counts: dict[str, int] = dict(rows)
    assert counts.pop("contract-award") == len(CONTRACTS)
    assert counts.pop("committee-loan") == len(APPLICATIONS)
    assert counts.pop("risk-data-review") in (7, 8, 9)  # Mondays at nine in London
    assert counts == dict(COUNTS)


def test_the_clock_started_each_week_once_and_on_time(demo: Demo) -> None:
    started_on_time(demo)


def test_the_clock_starts_what_is_due_while_people_are_busy(tmp_path: Path) -> None:
    """A history that ends on the evening of a Monday on which a change was talked over from eight to eleven."""
    started_on_time(found_demo(tmp_path, parse_instant("2026-11-30T21:24:00.192078Z")))


def started_on_time(demo: Demo) -> None:
    """Each week once, and within ten minutes."""
    entries_of = [one for one in entries(demo) if one["kind"] == "instance.started" and "occurrence" in one["payload"]]
    planned = [one["payload"]["occurrence"]["at"] for one in entries_of]
    assert len(planned) >= STARTED_BY_CLOCK
    weeks = [later - sooner for sooner, later in pairwise(planned)]
    assert all(abs(week - 7 * 86_400 * SECOND) <= 3600 * SECOND for week in weeks)  # an hour more or less in March
    for entry, at in zip(entries_of, planned, strict=True):
        assert 0 <= parse_instant(entry["recorded_at"]) - at < 600 * SECOND
    assert not any("missed" in one["payload"] for one in entries(demo) if one["kind"] == "schedule.occurred")
    with viewing(demo) as view:
        left = view.query("SELECT step FROM task WHERE log_id = {log} AND step = 'look-back' AND state = 'offered'")
    assert len(left) == 1


TAKEN_AWAY = [
    ("demo mark", "UPDATE ceremony SET demo = ''"),
    ("three processes", "UPDATE instance SET blueprint = 'invoice-approval'"),
    ("three processes", "UPDATE artefact_version SET approvers = authors WHERE name = 'customer-onboarding'"),
    ("processes to start", "UPDATE artefact SET retired = 1 WHERE name = 'purchase-requisition'"),
    ("processes to start", "UPDATE artefact_version SET approvers = authors WHERE name = 'risk-data-load'"),
    ("agents", "DELETE FROM artefact WHERE kind = 'agent'"),
    (
        "instances",
        "DELETE FROM instance WHERE id = (SELECT MIN(id) FROM instance WHERE blueprint = 'invoice-approval')",
    ),
    ("active instances", "UPDATE instance SET status = 'ended' WHERE status = 'active'"),
    ("cancelled instances", "UPDATE instance SET status = 'ended' WHERE status = 'cancelled'"),
    ("persons who hold a task", "UPDATE task SET state = 'offered' WHERE state = 'claimed'"),
    ("tasks sent back", "UPDATE task SET outcome = 'approve' WHERE outcome = 'send back'"),
    ("one failing connector", "UPDATE incident SET state = 'resolved'"),
    (
        "one failing connector",
        "UPDATE incident SET code = 'TIME_OUT'"
        " WHERE instance = (SELECT MIN(instance) FROM incident WHERE state = 'open')",
    ),
    ("incidents resolved", "DELETE FROM incident WHERE state = 'resolved'"),
    ("one late decision", "UPDATE task SET closed_at = due_at WHERE closed_at > due_at"),
    ("tasks overdue", "UPDATE task SET due_at = NULL WHERE state = 'offered'"),
    ("votes in motion", "DELETE FROM task_vote"),
    ("votes in motion", "UPDATE task SET state = 'claimed' WHERE step = 'committee' AND state = 'offered'"),
    ("votes decided", "UPDATE instance SET outcome = 'approved' WHERE blueprint = 'committee-loan'"),
    ("starts by the clock", "UPDATE schedule SET state = 'held'"),
    ("started by the clock", "DELETE FROM instance WHERE blueprint = 'risk-data-review'"),
    ("branches in any order", "UPDATE instance SET status = 'ended' WHERE blueprint = 'contract-award'"),
    ("an open change", "UPDATE change_request SET status = 'withdrawn' WHERE status = 'approved'"),
    ("an open change", "UPDATE artefact SET version = 3 WHERE name = 'loan-origination'"),
    ("its approvals", "DELETE FROM change_review WHERE edit = 1 AND verdict = 'approve'"),
    ("changes refused", "DELETE FROM change_request WHERE status = 'refused'"),
    ("one conflict of duties", "DELETE FROM role_assignment WHERE role = 'invoice-intake'"),
    ("persons who decided", "UPDATE task SET holder = 'person:one'"),
]


@pytest.fixture(scope="module")
def altered(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Demo:
    return copied_demo(demo, tmp_path_factory.mktemp("altered") / "data")


@pytest.mark.parametrize(("name", "statement"), TAKEN_AWAY)
def test_what_is_taken_away_is_missed(altered: Demo, name: str, statement: str) -> None:
    path = database_of(altered)
    kept = path.read_bytes()
    try:
        with closing(sqlite3.connect(path)) as connection:
            assert connection.execute(statement).rowcount > 0
            connection.commit()
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        with viewing(altered) as view:
            missed = {trait.name for trait in traits(view) if not trait.holds}
    finally:
        path.write_bytes(kept)
    assert name in missed


def test_the_command_says_it_to_people_and_machines(demo: Demo, altered: Demo) -> None:
    said: list[str] = []
    assert check(_standing(demo), True, said.append, demo.clock) == 0
    told = json.loads(said[0])
    assert told["holds"] is True
    assert all(set(trait) == {"name", "expected", "found", "holds"} for trait in told["traits"])
    with closing(sqlite3.connect(database_of(altered))) as connection:
        connection.execute("UPDATE task SET closed_at = due_at WHERE closed_at > due_at")
        connection.commit()
    said.clear()
    assert check(_standing(altered), False, said.append, demo.clock) == 1
    missed = [line for line in said if "MISSING" in line]
    # The edited row is found by the verification as well.
    assert [name for name in ("one late decision", "the log verifies") if any(name in line for line in missed)] == [
        "one late decision",
        "the log verifies",
    ]


def test_every_entry_of_somebody_says_that_the_demo_told_it(demo: Demo) -> None:
    methods = Counter(entry["actor"]["method"] for entry in entries(demo) if entry["actor"]["kind"] != "system")
    assert set(methods) == {METHOD}
    assert methods[METHOD] > 1_000


def test_its_times_are_those_of_sixty_days_and_none_is_of_the_future(demo: Demo) -> None:
    times = [parse_instant(entry["recorded_at"]) for entry in entries(demo)]
    assert times == sorted(times)
    assert times[0] == demo.ends - SPAN
    assert times[-1] <= demo.ends
    days = {time // (86_400 * SECOND) for time in times}
    assert len(days) >= 58


def test_people_work_by_day(demo: Demo) -> None:
    last = demo.ends - 86_400 * SECOND
    hours = Counter(
        int(entry["recorded_at"][11:13])
        for entry in entries(demo)
        if entry["kind"] == "task.completed" and parse_instant(entry["recorded_at"]) < last
    )
    assert set(hours) <= set(range(7, 18))


def test_told_again_to_the_same_end_it_is_the_same(demo: Demo, tmp_path: Path) -> None:
    again = found_demo(tmp_path, demo.ends)
    assert [_told(one) for one in entries(again)] == [_told(one) for one in entries(demo)]


def _told(entry: dict[str, Any]) -> tuple[Any, ...]:
    return entry["kind"], entry["recorded_at"], entry["subject"], entry["actor"]["id"]


@pytest.mark.parametrize("hours", [5, 14])
def test_at_whatever_hour_it_ends_its_traits_are_there(demo: Demo, tmp_path: Path, hours: int) -> None:
    other = found_demo(tmp_path, Instant(demo.ends - hours * 3600 * SECOND))
    with viewing(other) as view:
        assert [trait for trait in traits(view) if not trait.holds] == []
