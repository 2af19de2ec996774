"""Whatever is changed in a copied database outside the operational tables, `muniment verify` finds it and names it."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Column
from sqlalchemy import Table as SqlTable

from api.settings import Settings
from ledger.verify.report import Finding
from tests.forked import run
from tests.product import attacking
from tests.product.attacking import EVIDENCE, OPERATIONAL, STEERING, Attacked, Other

CELLS = [
    pytest.param(table, column, id=f"{table.name}.{column.name}")
    for table in EVIDENCE
    for column in table.columns
    if (table.name, column.name) not in STEERING
]
FOLDED = [pytest.param(table, id=table.name) for table in EVIDENCE if table.info["class"] == "folded"]
ROWS = [pytest.param(table, id=table.name) for table in EVIDENCE if table.name != "log"]

ONE_ROW = {"ceremony", "incident", "grant_status", "log_key", "log_state", "authority_register", "vault_epoch"}
"""Tables that hold one row in this log: there is nothing to swap."""


@pytest.fixture(scope="module")
def copy(everything: Settings, tmp_path_factory: pytest.TempPathFactory) -> Attacked:
    return attacking.attacked(everything, tmp_path_factory.mktemp("attacked"))


def named(table: SqlTable, column: str, finding: Finding | None) -> None:
    """A fault that names the table and, where it names a column, this one or one that is judged by it."""
    assert finding is not None, f"{table.name}.{column} was changed and nothing found"
    said = str(finding)
    assert table.name in said or (table.name == "entry" and finding.index is not None), said
    # A changed key is a row too many or too few; entries and sealed values are judged by their whole bytes.
    whole = ("", "bytes", "wrapped", "sealed", *attacking.keys_of(table))
    assert finding.place is None or finding.place.column in (column, *whole), said


def test_the_log_holds_every_kind_of_row_and_is_sound(copy: Attacked) -> None:
    connection = copy.restore()
    empty = [table.name for table in EVIDENCE if not attacking.rows_of(connection, table)]
    connection.close()
    assert empty == []
    assert copy.finding() is None


def _change(copy: Attacked, table: SqlTable, column: Column[Any], other: Other) -> bool:
    """Change one value of a row in the middle of the table; False where no row takes such a value."""
    connection = copy.restore()
    try:
        for row in attacking.from_the_middle(attacking.rows_of(connection, table)):
            value = other(column, row[column.name])
            if value != row[column.name] and attacking.set_cell(connection, table, row, column.name, value):
                return True
        return False
    finally:
        connection.close()


@pytest.mark.parametrize(("table", "column"), CELLS)
def test_a_changed_value_is_named(copy: Attacked, table: SqlTable, column: Column[Any]) -> None:
    assert _change(copy, table, column, attacking.slightly)
    named(table, column.name, copy.finding())


@pytest.mark.long
@pytest.mark.parametrize("other", [attacking.of_another_type, attacking.to_nothing])
@pytest.mark.parametrize(("table", "column"), CELLS)
def test_a_value_of_another_type_or_none_is_named(
    copy: Attacked, table: SqlTable, column: Column[Any], other: Other
) -> None:
    if _change(copy, table, column, other):
        named(table, column.name, copy.finding())
    else:  # the schema itself refused: every row has this value already, or may not take it
        assert other is attacking.to_nothing


@pytest.mark.parametrize("table", FOLDED)
def test_a_text_that_is_no_text_is_named(copy: Attacked, table: SqlTable) -> None:
    """Bytes that are not UTF-8 in a column of text: no driver reads them, and they must not hide a row."""
    column = next((one for one in table.columns if str(one.type) == "TEXT"), None)
    if column is None:
        pytest.skip("no column of text")
    connection = copy.restore()
    connection.execute(f"UPDATE {table.name} SET {column.name} = CAST({column.name} || x'ff' AS TEXT)")
    connection.commit()
    connection.close()
    finding = copy.finding()
    assert finding is not None
    assert table.name in str(finding), finding


@pytest.mark.parametrize("table", FOLDED)
def test_a_row_taken_away_is_named(copy: Attacked, table: SqlTable) -> None:
    connection = copy.restore()
    rows = attacking.rows_of(connection, table)
    attacking.delete(connection, table, rows[len(rows) // 2])
    connection.close()
    if table.name == "log":
        with pytest.raises(Exception, match="expected log `acme`"):
            copy.finding()
        return
    named(table, "", copy.finding())


@pytest.mark.parametrize("table", ROWS)
def test_a_row_put_in_is_named(copy: Attacked, table: SqlTable) -> None:
    connection = copy.restore()
    rows = attacking.rows_of(connection, table)
    row = dict(rows[len(rows) // 2])
    key = table.columns[attacking.keys_of(table)[-1]]
    highest = max(rows, key=lambda one: one[key.name])[key.name]
    row[key.name] = attacking.slightly(key, highest)
    attacking.insert(connection, table, row)
    connection.close()
    named(table, "", copy.finding())


@pytest.mark.parametrize("table", FOLDED)
def test_two_rows_with_their_values_swapped_are_named(copy: Attacked, table: SqlTable) -> None:
    connection = copy.restore()
    rows = attacking.rows_of(connection, table)
    keys = attacking.keys_of(table)
    values = [column.name for column in table.columns if column.name not in keys]
    one, other = rows[0], next((row for row in rows if any(row[name] != rows[0][name] for name in values)), None)
    if other is None:
        connection.close()
        assert table.name in ONE_ROW | {"log"} or not values, "nothing differs between these rows"
        return
    attacking.delete(connection, table, one)
    attacking.delete(connection, table, other)
    attacking.insert(connection, table, {**one, **{name: other[name] for name in values}})
    attacking.insert(connection, table, {**other, **{name: one[name] for name in values}})
    connection.close()
    named(table, next(name for name in values if one[name] != other[name]), copy.finding())


def test_what_is_operational_is_no_evidence(copy: Attacked) -> None:
    connection = copy.restore()
    for table in OPERATIONAL:
        connection.execute(f"DELETE FROM {table.name}")
    connection.commit()
    connection.close()
    assert copy.finding() is None


_SPOTS: list[tuple[str, Callable[[Attacked], None]]] = [
    ("decision", lambda copy: _sql(copy, "UPDATE decision SET outcome = 'decline'")),
    ("entry", lambda copy: _sql(copy, "UPDATE entry SET previous = 1 WHERE idx = 9")),
    ("opening", lambda copy: _sql(copy, "UPDATE opening SET sealed = data_subject || sealed")),
]


def _sql(copy: Attacked, statement: str) -> None:
    connection = copy.restore()
    connection.execute(statement)
    connection.commit()
    connection.close()


@pytest.mark.parametrize(("table", "attack"), [pytest.param(*spot, id=spot[0]) for spot in _SPOTS])
def test_the_command_exits_with_1_and_names_it(
    copy: Attacked, table: str, attack: Callable[[Attacked], None], tmp_path: Path
) -> None:
    attack(copy)
    status, said = _command(copy, tmp_path)
    assert status == 1, said
    assert table in json.dumps(json.loads(said))


def test_the_command_exits_with_0_for_the_copy_as_it_was(copy: Attacked, tmp_path: Path) -> None:
    copy.restore().close()
    status, said = _command(copy, tmp_path)
    assert status == 0, said


def _command(copy: Attacked, folder: Path) -> tuple[int, str]:
    environment = {
        **os.environ,
        "MUNIMENT_DATA_DIR": copy.settings.data_dir,
        "MUNIMENT_LOG": copy.settings.log,
        "MUNIMENT_DATABASE_URL": f"sqlite:///{copy.path}",
    }
    ran = run("verify", "--json", "--vkey", copy.secrets.signer.vkey, environment=environment, folder=folder)
    return ran.returncode, ran.stdout or ran.stderr
