"""Publications live for a day; what has a reason stays, and the newest one always."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.actor import SYSTEM
from ledger.clock import SECOND
from ledger.database import Database
from ledger.publication import COSIGNATURE, TIMESTAMP, AddLines, Cite, Line, Publication, Publish
from ledger.publication_tables import PUBLISHED, PUBLISHED_LINE
from ledger.sweeping import sweep
from ledger.work import Request
from tests.conftest import SetClock
from tests.ledger.publishing import House, log_of

DAY = 24 * 3600 * SECOND


@pytest.fixture
def house(database: Database, tmp_path: Path, clock: SetClock) -> Iterator[House]:
    made = log_of(database, tmp_path, clock)
    yield made
    made.close()


def test_thinning_keeps_what_has_a_reason_and_the_newest(house: House) -> None:
    for number in range(12):
        house.append(1)
        house.publish()
        house.clock.pass_time(20 * SECOND)
        size = number + 1
        lines = [Line(size, "aa", COSIGNATURE, b"x", 1)] if size in (2, 3, 7, 12) else []
        lines += [Line(size, "tsa", TIMESTAMP, b"x", 1)] if size == 5 else []
        house.submit([Request(SYSTEM, AddLines(tuple(lines), "w", size))])
    house.submit([Request(SYSTEM, Cite(6))])
    reasons = dict(house.ask("SELECT size, kept FROM published WHERE log_id = {log} ORDER BY size"))
    minute = {size: at // (60 * SECOND) for size, at in house.ask("SELECT size, published_at FROM published")}
    witnessed = {
        size for size in (2, 3, 7, 12) if not any(minute[m] == minute[size] and m > size for m in (2, 3, 7, 12))
    }
    hours = {size for size, kept in reasons.items() if kept == "hour"}
    assert 1 in hours
    assert {size for size, kept in reasons.items() if kept == "witnessed"} == witnessed - hours
    assert (reasons[5], reasons[6]) == ("timestamped", "cited")
    house.clock.pass_time(DAY + 1)
    log_id = house.workings.log.log_id
    sweep(house.connection, log_id, (PUBLISHED, PUBLISHED_LINE), house.clock.wall())
    left = {size for (size,) in house.ask("SELECT size FROM published WHERE log_id = {log}")}
    assert left == {size for size, kept in reasons.items() if kept} | {12}
    assert {size for (size,) in house.ask("SELECT size FROM published_line WHERE log_id = {log}")} == left & {
        2,
        3,
        5,
        7,
        12,
    }
    house.append(1)
    house.publish()
    assert house.ask("SELECT max(size) FROM published WHERE log_id = {log}") == [(13,)]


def test_a_publication_under_another_key_is_kept(house: House) -> None:
    house.append(1)
    house.publish()
    ((note,),) = house.ask("SELECT note FROM published WHERE log_id = {log}")
    text = note[: note.rindex("\n\n") + 1]
    other = f"{text}\n\u2014 example.com/other AAAAAAA=\n"
    house.submit([Request(SYSTEM, Publish(1, Publication(9, text, other), ()))])
    assert house.ask("SELECT kept FROM published WHERE log_id = {log} AND size = 9") == [("key",)]
