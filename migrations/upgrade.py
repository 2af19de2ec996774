"""Bring a database to the newest schema; say which schema a database has."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory


def config(url: str) -> Config:
    """Alembic's configuration for one database, by SQLAlchemy URL."""
    made = Config()
    made.set_main_option("script_location", str(Path(__file__).parent))
    made.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return made


def upgrade(url: str) -> None:
    """Run every migration that is missing. Alembic refuses a schema newer than its newest version."""
    made = config(url)
    made.attributes["upgrade"] = True
    command.upgrade(made, "head")


def newest() -> str:
    """The revision that the code needs."""
    revision = ScriptDirectory.from_config(config("sqlite://")).get_current_head()
    assert revision is not None
    return revision
