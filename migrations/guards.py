"""Database guards that the version scripts install: append-only tables, and the compare-and-swap of the head.

The ledger is append-only in code, by these triggers, by a service role that owns no table, and by the signed tree;
each stands when the others are gone.
"""

from alembic import op

MESSAGE = "this table is append-only"
FORWARD = "the head moves forward only"
_RETURNS = "NEW.size <= OLD.size OR NEW.log_id <> OLD.log_id OR NEW.recorded_at < OLD.recorded_at"


def guard_append_only(table: str, key: str) -> None:
    """Refuse UPDATE, DELETE, TRUNCATE and INSERT OR REPLACE on a ledger table; `key` is its key column."""
    if op.get_bind().dialect.name == "sqlite":
        for act in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END"
            )
        _refuse_replace(table, f"log_id = NEW.log_id AND {key} = NEW.{key}")
    else:
        op.execute(
            f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION muniment_append_only()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION muniment_append_only()"
        )


def guard_head() -> None:
    """The head row moves but never goes; on PostgreSQL it moves through a function that raises when it lost."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute(f"CREATE TRIGGER head_no_delete BEFORE DELETE ON head BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END")
        op.execute(
            f"CREATE TRIGGER head_no_return BEFORE UPDATE ON head WHEN {_RETURNS} "
            f"BEGIN SELECT RAISE(ABORT, '{FORWARD}'); END"
        )
        _refuse_replace("head", "log_id = NEW.log_id")
        return
    op.execute(
        f"""
        CREATE FUNCTION muniment_head_forward() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION '{FORWARD}';
        END $$
        """
    )
    op.execute(
        f"CREATE TRIGGER head_no_return BEFORE UPDATE ON head FOR EACH ROW WHEN ({_RETURNS}) "
        "EXECUTE FUNCTION muniment_head_forward()"
    )
    op.execute(
        "CREATE TRIGGER head_no_delete BEFORE DELETE ON head FOR EACH ROW EXECUTE FUNCTION muniment_append_only()"
    )
    op.execute(
        "CREATE TRIGGER head_no_truncate BEFORE TRUNCATE ON head "
        "FOR EACH STATEMENT EXECUTE FUNCTION muniment_append_only()"
    )
    op.execute(
        """
        CREATE FUNCTION muniment_swap_head(
            log bigint, old_size bigint, old_chain bytea, new_size bigint, new_frontier bytea, new_chain bytea,
            new_recorded_at bigint, new_epoch bigint, new_checkpoint text
        ) RETURNS void LANGUAGE plpgsql AS $$
        BEGIN
            UPDATE head SET size = new_size, frontier = new_frontier, chain_hash = new_chain,
                recorded_at = new_recorded_at, register_epoch = new_epoch, checkpoint = new_checkpoint
            WHERE log_id = log AND size = old_size AND chain_hash = old_chain AND new_size > old_size;
            IF NOT FOUND THEN
                RAISE EXCEPTION 'the head moved' USING ERRCODE = 'MU001';
            END IF;
        END $$
        """
    )


def _refuse_replace(table: str, same: str) -> None:
    """SQLite: REPLACE removes old rows without firing delete triggers, so the insert itself must look - for the same
    key, and for the same row number, which an insert may name as well (it is -1 where none is named)."""
    op.execute(
        f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN EXISTS (SELECT 1 FROM {table} WHERE {same}) "
        f"OR EXISTS (SELECT 1 FROM {table} WHERE rowid = NEW.rowid) BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END"
    )


def create_guard_function() -> None:
    """PostgreSQL: the trigger function of the append-only tables."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            f"""
            CREATE FUNCTION muniment_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                RAISE EXCEPTION '{MESSAGE}';
            END $$
            """
        )
