"""Alembic's entry: brings one database to the head of the schema history, then grants the service role its rights.

It reads the rooms' tables for grants by table class; versions import no room.
"""

from alembic import context
from sqlalchemy import Connection, create_engine, pool, text

from migrations.env_tables import metadata

SERVICE_ROLE = "muniment_service"

_RIGHTS = {
    "ledger": "SELECT, INSERT",
    "folded": "SELECT, INSERT, UPDATE",
    "vault": "SELECT, INSERT, UPDATE, DELETE",
    "operational": "SELECT, INSERT, UPDATE, DELETE",
    "published": "SELECT, INSERT, UPDATE, DELETE",
}
_SPECIAL_RIGHTS = {"head": "SELECT, UPDATE", "log": "SELECT"}  # logs are made by the owner, and never renamed


def grant_service_role(connection: Connection) -> None:
    """PostgreSQL: the role the service acts as owns no table; it may append to the ledger and not change it."""
    exists = connection.execute(text("SELECT 1 FROM pg_roles WHERE rolname = :name"), {"name": SERVICE_ROLE}).first()
    if exists is None:
        connection.execute(text(f"CREATE ROLE {SERVICE_ROLE} NOLOGIN"))
    connection.execute(text(f"GRANT {SERVICE_ROLE} TO CURRENT_USER"))
    connection.execute(text(f"GRANT USAGE ON SCHEMA public TO {SERVICE_ROLE}"))
    connection.execute(text(f"GRANT SELECT ON alembic_version TO {SERVICE_ROLE}"))
    for rooms_metadata in metadata():
        for table in rooms_metadata.tables.values():
            rights = _RIGHTS[table.info["class"]]
            rights = _SPECIAL_RIGHTS.get(table.name, rights)
            connection.execute(text(f"GRANT {rights} ON {table.name} TO {SERVICE_ROLE}"))


def run() -> None:
    """Upgrade the database at `sqlalchemy.url`, in one transaction."""
    url = context.config.get_main_option("sqlalchemy.url")
    assert url is not None
    engine = create_engine(url, poolclass=pool.NullPool)
    with engine.connect() as connection:
        context.configure(connection=connection, target_metadata=metadata(), transaction_per_migration=False)
        with context.begin_transaction():
            context.run_migrations()
            if connection.dialect.name == "postgresql" and context.config.attributes.get("upgrade"):
                grant_service_role(connection)
        connection.commit()
    engine.dispose()


run()
