"""Every operational table of the product is swept: what is over goes, what is needed stays. (Publications: see
tests/ledger/test_thinning.py.)"""

from typing import Any

import pytest

from api.wiring import SWEPT, TABLES
from ledger.clock import SECOND, Instant
from ledger.connection import Write
from ledger.publication_tables import PUBLISHED, PUBLISHED_LINE
from ledger.rows import Table, TableClass, column_kinds
from ledger.sweeping import sweep
from orchestrator.tables import STATEMENT
from tests.api.organisation import House
from tests.api.work import start, stated, task_of

WHO = "budget-owner-1"


def test_every_operational_table_says_when_a_row_is_over_and_no_other_does() -> None:
    thinned = {PUBLISHED, PUBLISHED_LINE}
    assert set(SWEPT) == {table for table in TABLES if table.table_class is TableClass.OPERATIONAL} | thinned
    assert all(table.expired.count("?") == 1 for table in SWEPT if not table.follows)
    assert not [table.name for table in TABLES if table.expired and table not in SWEPT]


def swept(house: House, now: int) -> None:
    connection = house.settings.database().connect()
    try:
        sweep(connection, house.service.log.log_id, SWEPT, Instant(now))
    finally:
        connection.close()


def keys(house: House, table: Table[Any]) -> set[Any]:
    with house.service.reader.view() as view:
        return {row[0] for row in view.query(f"SELECT {table.columns[0]} FROM {table.name} WHERE log_id = {{log}}")}


OPERATIONAL = [table for table in SWEPT if table.table_class is TableClass.OPERATIONAL]


@pytest.mark.parametrize("table", OPERATIONAL, ids=lambda table: table.name)
def test_a_row_goes_once_it_is_over(house: House, table: Table[Any]) -> None:
    """Rows whose every instant lies before, at and after the sweep; windows have two minutes of grace."""
    now = house.service.rooms.clock.wall() - 30 * 24 * 3600 * SECOND
    grace = 120 * SECOND if table.name == "refusal_window" else 0
    rows = {}
    for name, at in (("over", now - grace - 1), ("due", now - grace), ("later", now + 1)):
        values = [1 if column == "written" else at for column in table.columns]
        kinds = column_kinds(table)
        rows[name] = table.row(*[f"swept-{name}" if kind is str else v for kind, v in zip(kinds, values, strict=True)])
    connection = house.settings.database().connect()
    log = house.service.log.log_id
    connection.begin(log, [])
    connection.finish(log, [Write(table, list(rows.values()))], None)
    connection.close()
    swept(house, now)
    left = {key for key in keys(house, table) if str(key).startswith("swept-")}
    assert left == {"swept-due", "swept-later"}
    swept(house, now + 1 + grace + SECOND)
    assert not {key for key in keys(house, table) if str(key).startswith("swept-")}


def test_a_statement_that_was_swept_is_told_as_one_that_ran_out(house: House) -> None:
    task = task_of(house, start(house))
    body = stated(house, task)
    before = keys(house, STATEMENT)
    assert body["statement_nonce"] in before
    swept(house, house.service.rooms.clock.wall())
    assert body["statement_nonce"] in keys(house, STATEMENT)  # it can be signed for a quarter of an hour
    swept(house, house.service.rooms.clock.wall() + 16 * 60 * SECOND)
    assert body["statement_nonce"] not in keys(house, STATEMENT)
    house.refused(house.post(f"/v1/tasks/{task['id']}/completion", WHO, body), 409, "STATEMENT_EXPIRED")
    assert house.post(f"/v1/tasks/{task['id']}/completion", WHO, stated(house, task)).status_code == 200


def test_a_signed_statement_stays_used_when_its_row_is_gone(house: House) -> None:
    task = task_of(house, start(house))
    body = stated(house, task)
    assert house.post(f"/v1/tasks/{task['id']}/completion", WHO, body).status_code == 200
    swept(house, house.service.rooms.clock.wall() + 16 * 60 * SECOND)
    house.refused(house.post(f"/v1/tasks/{task['id']}/completion", WHO, body), 409, "WRONG_STATE")


def test_whoever_is_signed_in_stays_so_and_an_old_session_is_no_credential(house: House) -> None:
    stays, goes = house.token("auditor"), house.token("change-reviewer")
    swept(house, house.service.rooms.clock.wall())
    assert house.get("/v1/tasks", stays).status_code == 200
    swept(house, house.service.rooms.clock.wall() + 9 * 3600 * SECOND)
    house.refused(house.get("/v1/tasks", goes), 401, "BAD_CREDENTIALS")  # the same answer as before it was swept
