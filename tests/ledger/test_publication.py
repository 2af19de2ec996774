"""Keeping publications: compare-and-swap of the published size, lines for published sizes alone, no entry."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ledger.actor import SYSTEM
from ledger.batch import Batch
from ledger.connection import Connection
from ledger.database import Database
from ledger.publication import AddLines, Line, Publication, Publish, Tile, commands, shown_note
from ledger.publication_tables import PUBLISHED, PUBLISHED_LINE, REACHED, TILE, PublishedLineRow
from ledger.work import Answer, Done, Request
from ledger.workings import Workings
from tests.conftest import SetClock
from tests.ledger.toy import Bump, open_workings

Run = Callable[..., Done]


@pytest.fixture
def workings(database: Database, tmp_path: Path, clock: SetClock) -> Workings:
    made = open_workings(database, tmp_path / "keys", clock)
    return replace(made, commands={**made.commands, **commands()})


@pytest.fixture
def connection(database: Database) -> Iterator[Connection]:
    made = database.connect()
    yield made
    made.close()


@pytest.fixture
def run(workings: Workings, connection: Connection) -> Run:
    def carry_out(*asked: object) -> Done:
        last = Batch(workings, connection).run([Request(SYSTEM, command) for command in asked])[-1]
        assert isinstance(last, Answer)
        assert isinstance(last.outcome, Done)
        return last.outcome

    return carry_out


@pytest.fixture
def row(workings: Workings, connection: Connection) -> Callable[..., Any]:
    def read(table: Any, *key: object) -> Any:
        found = connection.load(workings.log.log_id, table, [key[: table.group_width]])
        return {one[: table.key]: one for one in found}.get(key)

    return read


def publication(size: int) -> Publication:
    text = f"origin\n{size}\nroot\n"
    return Publication(size, text, f"{text}\n\u2014 origin line\n")


def test_the_published_size_moves_from_where_it_was_and_from_nowhere_else(run: Run, row: Callable[..., Any]) -> None:
    assert run(Publish(0, publication(3), (Tile(0, 0, bytes(96), b""),))) == Done("published", {"size": 3})
    assert run(Publish(0, publication(5), (Tile(0, 0, bytes(160), b""),))) == Done("behind", {"size": 3})
    assert run(Publish(3, publication(3), ())) == Done("behind", {"size": 3})
    assert row(TILE, 0, 0).hashes == bytes(96)
    assert row(PUBLISHED, 5) is None
    assert run(Publish(3, publication(5), (Tile(0, 0, bytes(160), b""),))) == Done("published", {"size": 5})
    assert row(TILE, 0, 0).hashes == bytes(160)
    assert row(REACHED, "published").size == 5


def test_two_publishers_in_one_batch_publish_once(run: Run) -> None:
    assert run(Publish(0, publication(3), ()), Publish(0, publication(3), ())) == Done("behind", {"size": 3})


def test_lines_are_kept_for_published_sizes_alone(run: Run, row: Callable[..., Any]) -> None:
    run(Publish(0, publication(3), ()))
    lines = (Line(3, "0a", "cosignature", b"x\n", 1), Line(4, "0a", "cosignature", b"y\n", 1))
    assert run(AddLines(lines, "witness:w", 3)) == Done("kept", {"lines": 1})
    assert row(PUBLISHED_LINE, 3, "0a") is not None
    assert row(PUBLISHED_LINE, 4, "0a") is None
    assert row(REACHED, "witness:w").size == 3
    run(AddLines((), "witness:w", 2))
    assert row(REACHED, "witness:w").size == 3


def test_publishing_writes_no_entry(run: Run, connection: Connection, workings: Workings) -> None:
    def entries() -> list[Any]:
        return connection.query(workings.log.log_id, "SELECT idx, bytes FROM entry WHERE log_id = {log}", ())

    run(Bump("a"))
    before = entries()
    run(Publish(0, publication(1), ()))
    assert len(before) == 1
    assert entries() == before


def test_the_note_shown_has_lines_in_order_and_no_token() -> None:
    lines = [
        PublishedLineRow(3, "bb", "cosignature", b"\xe2\x80\x94 w b\n", 1),
        PublishedLineRow(3, "aa", "signature", b"\xe2\x80\x94 w a\n", 1),
        PublishedLineRow(3, "tsa", "timestamp", b"\x30\x00", 1),
    ]
    assert shown_note("text\n\n", lines) == "text\n\n\u2014 w a\n\u2014 w b\n"
