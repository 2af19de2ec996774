"""The payloads of every kind this room writes are fixed by a golden file, and its tables agree with their rows.

`MUNIMENT_GOLDEN=write` writes the file anew; a released kind's payload never changes (architecture, invariant 9).
"""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from governance.signature import SIGNED_SCHEMA
from ledger import canonical
from ledger.actor import SYSTEM
from ledger.clock import Instant
from ledger.entry import parse_entry
from ledger.rows import Table
from tests.versioning.change.world import ANNA, BEN, CARA, World
from versioning import entries, fold, tables
from versioning.artefact import Release
from versioning.change import DAY, REVIEW_DAYS_MAX, Verdict
from versioning.commands import ExpireChange, SubmitChange, WithdrawChange
from versioning.kinds.agent import AgentKind
from versioning.kinds.blueprint import BlueprintKind
from versioning.kinds.calendar import CalendarKind
from versioning.kinds.connector import ConnectorKind
from versioning.kinds.feed import FeedKind
from versioning.kinds.reason_code_list import ReasonCodeListKind

GOLDEN = Path(__file__).parent / "golden" / "entries.json"
EARLIER = GOLDEN.with_name("earlier.json")  # entries of schemas that are written no more, read and folded for ever


def _written() -> list[dict[str, Any]]:
    world = World()
    world.secret.data_class = "confidential"
    first = world.propose(ANNA, "greeting: hello", draft=True)
    world.run(ANNA, SubmitChange(first, 1))
    world.review(BEN, first)
    world.edit(ANNA, first, "greeting: good day")
    world.review(BEN, first, Verdict.REQUEST_CHANGES)
    world.edit(ANNA, first, "greeting:")
    world.review(BEN, first)
    world.release(first, CARA)
    sealed = world.propose(ANNA, "staff-7: a name", kind="secret", not_before=world.log.now + DAY)
    world.run(ANNA, WithdrawChange(sealed, 1))
    lapsed = world.propose(ANNA, "other: one")
    world.log.now = Instant(world.log.now + REVIEW_DAYS_MAX * DAY)
    world.run(SYSTEM, ExpireChange(lapsed))
    kept = [canonical.decode(data) for data in world.log.entries]
    return [
        {name: entry[name] for name in ("kind", "schema", "subject", "refs", "basis", "payload") if name in entry}
        for entry in kept
    ]


def _not_read(text: str) -> Any:
    raise AssertionError("a release reads nothing")


def _owned() -> list[dict[str, Any]]:
    world = World()
    step = {"step": "decide", "id": "officer", "authority": "approve-credit", "outcomes": ["approve", "decline"]}
    blueprint = {"title": "Loan", "owner": "lending", "steps": [step, {"step": "end", "id": "done"}]}
    owner = BlueprintKind(_not_read, lambda uow, blueprint, places: ())
    values: list[tuple[Any, str, Any]] = [
        (owner, "loan", blueprint),
        (owner, "loan", {"retired": True}),
        (ConnectorKind(), "bank", {"name": "bank", "title": "Bank"}),
        (ReasonCodeListKind(), "refusals", {"name": "refusals", "title": "Reasons", "codes": []}),
        (FeedKind(frozenset), "siem", {"name": "siem", "title": "Security"}),
        (CalendarKind(), "london", {"name": "london", "title": "London"}),
        (AgentKind(), "summariser", {"name": "summariser", "title": "Summariser"}),
    ]
    drafts = [
        owner.release(
            world.log.uow(ANNA),
            Release("cr_1", owner.kind, name, 1, "digest", value, "text", ("person:a",), ("person:b",), 1),
        )
        for owner, name, value in values
    ]
    return [
        {"kind": draft.kind, "schema": draft.schema, "subject": draft.subject, "payload": draft.payload}
        for draft in drafts
    ]


def test_payloads_are_those_of_the_golden_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("versioning.stating.os.urandom", lambda count: b"s" * count)
    found = [*_written(), *_owned()]
    if os.environ.get("MUNIMENT_GOLDEN") == "write":
        GOLDEN.write_text(json.dumps(found, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    assert found == json.loads(GOLDEN.read_text(encoding="utf-8"))


def test_the_golden_file_holds_every_kind() -> None:
    entries_of = [one for path in (GOLDEN, EARLIER) for one in json.loads(path.read_text(encoding="utf-8"))]
    assert {(entry["kind"], entry["schema"]) for entry in entries_of} == set(fold.folds())


def test_a_review_of_the_earlier_schema_folds_as_it_did() -> None:
    (said,) = json.loads(EARLIER.read_text(encoding="utf-8"))
    world = World()
    change = world.propose(ANNA, "greeting: hello")
    before = world.log.rows.get(tables.CHANGE_REQUEST, change)
    entry = parse_entry(world.log.entries[-1])._replace(kind=said["kind"], schema=1, payload=said["payload"])
    fold.folds()[said["kind"], said["schema"]](world.log.rows, entry)
    (row,) = world.log.rows.group(tables.CHANGE_REVIEW, change)
    assert (row.number, row.verdict, row.person) == (1, "approve", "person:ben")
    after = world.log.rows.get(tables.CHANGE_REQUEST, change)
    assert (before.status, after.status, after.revision) == ("in review", "approved", said["payload"]["revision"])


def test_every_kind_has_a_fold() -> None:
    kinds = {value for name, value in vars(entries).items() if name.isupper() and isinstance(value, str)}
    now = {(kind, SIGNED_SCHEMA if kind == entries.CHANGE_REVIEWED else entries.SCHEMA) for kind in kinds}
    assert now == set(fold.folds()) - {(entries.CHANGE_REVIEWED, 1)}


@pytest.mark.parametrize("table", [*tables.TABLES, *tables.OPERATIONAL], ids=lambda table: table.name)
def test_tables_agree_with_their_rows(table: Table[Any]) -> None:
    sql = tables.metadata.tables[table.name]
    assert [column.name for column in sql.columns] == ["log_id", *table.columns]
    assert [column.name for column in sql.primary_key] == ["log_id", *table.columns[: table.key]]
    assert sql.info["class"] == table.table_class.value
    optional = {name for name, kind in table.row.__annotations__.items() if "None" in str(kind)}
    assert {column.name for column in sql.columns if column.nullable} == optional


def test_only_tables_of_the_room_are_described() -> None:
    assert set(tables.metadata.tables) == {table.name for table in (*tables.TABLES, *tables.OPERATIONAL)}
