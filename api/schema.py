"""The schema of the database that this code works with, and whether a database has it."""

from api.settings import Settings
from ledger.errors import BrokenInput

SCHEMA = "0038_offered"
"""The schema this code works with: the newest migration. A test compares it; importing them would cost the start."""


def check_schema(settings: Settings) -> None:
    """`BrokenInput` unless the database has exactly the schema of this code; one plain statement."""
    connection = settings.database().connect(read_only=True)
    try:
        rows = connection.query(0, "SELECT version_num FROM alembic_version", ())
    finally:
        connection.close()
    found = rows[0][0] if rows else "none"
    if found != SCHEMA:
        way = "run `muniment migrate`" if found == "none" or found < SCHEMA else "this program is older than it"
        raise BrokenInput(f"expected a database of schema {SCHEMA}, found {found}; {way}")
