"""Questions that no key answers, on both databases: a list is one value, however long it is."""

import pytest

from ledger.database import Database

MANY = 100_000  # more than either database takes as single values of one statement


@pytest.mark.parametrize("among", [["a", "b%", "it's ?"], [f"t.{number}" for number in range(MANY)], []])
def test_a_list_is_one_value_however_long(database: Database, among: list[str]) -> None:
    connection = database.connect(read_only=True)
    try:
        statement = "SELECT CASE WHEN 't.' || CAST(7 AS TEXT) {among} THEN 1 ELSE 0 END, ?"
        assert connection.query(1, statement, (among, "behind it")) == [(int("t.7" in among), "behind it")]
        [(found,)] = connection.query(
            1, "SELECT COUNT(*) FROM (SELECT ? AS it) AS one WHERE NOT it {among}", ("b%", among)
        )
        assert found == int("b%" not in among)
    finally:
        connection.close()
