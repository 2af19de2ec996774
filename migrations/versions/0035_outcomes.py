"""What reviews said of agents' proposals stays, also where a step was tried again: read from the entries."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0035_outcomes"
down_revision = "0034_starts"

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SHARE = re.compile(r"(?:0(?:\.[0-9]{1,20})?|1(?:\.0{1,20})?)\Z")
_TEXTS = ("step", "profile", "gate", "verdict", "confidence")


def upgrade() -> None:
    op.create_table(
        "agent_outcome",
        sa.Column("log_id", sa.BigInteger(), nullable=False),
        sa.Column("agent", sa.Text(), nullable=False),
        sa.Column("entry", sa.BigInteger(), nullable=False),
        sa.Column("instance", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        *[sa.Column(name, sa.Text(), nullable=False) for name in _TEXTS],
        sa.Column("reviewed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("log_id", "agent", "entry"),
        sqlite_with_rowid=False,
    )
    outcome = sa.table("agent_outcome", *[sa.column(name) for name in ("log_id", "agent", "entry", "instance", "number",
                                                                       *_TEXTS, "reviewed_at")])  # fmt: skip
    bind = op.get_bind()
    asked = "SELECT DISTINCT p.log_id, p.instance FROM agent_proposal p JOIN instance i ON i.log_id = p.log_id"
    for log, instance in bind.execute(sa.text(f"{asked} AND i.id = p.instance WHERE i.test = 0")).all():
        found = [{"log_id": log, **one} for one in _reviews(list(_history(bind, log, instance)))]
        if found:
            bind.execute(outcome.insert(), found)


def _history(bind: sa.Connection, log: int, instance: str) -> Iterator[dict[str, Any]]:
    """The entries of an instance, newest first: each row points to the one before."""
    start = sa.text("SELECT last FROM subject WHERE log_id = :log AND subject = :instance")
    one = sa.text("SELECT previous, bytes FROM entry WHERE log_id = :log AND idx = :idx")
    index = bind.execute(start, {"log": log, "instance": instance}).scalar()
    while index is not None:
        index, text = bind.execute(one, {"log": log, "idx": index}).one()
        yield json.loads(bytes(text))


def _reviews(entries: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """A row for each review, as the fold makes it."""
    known: dict[int, dict[str, Any]] = {}
    for entry in reversed(entries):
        for said in entry["payload"].get("transitions", ()):
            kind, number = said["t"], said.get("activation", 0)
            if kind == "proposal.requested" and not said.get("judging", False):
                known[number] = {**_of(said), "step": said["step"], "gate": "", "confidence": ""}
            elif kind == "proposal.made":
                known[number] |= {**_of(said), "confidence": _confidence(said.get("output"))}
            elif kind == "proposal.gated":
                known[number] |= {"gate": said.get("gate", "")}
            elif kind == "proposal.reviewed":
                at = datetime.fromisoformat(entry["recorded_at"][:-1]).replace(tzinfo=UTC)
                yield {
                    "entry": entry["index"],
                    "instance": entry["subject"],
                    "number": number,
                    **known[number],
                    "verdict": said["verdict"],
                    "reviewed_at": (at - _EPOCH) // timedelta(microseconds=1),
                }


def _of(said: dict[str, Any]) -> dict[str, str]:
    return {"agent": said["agent"], "profile": said["profile"]}


def _confidence(output: Any) -> str:
    """As `orchestrator.confidence` reads it; a classed answer is its commitment."""
    if type(output) is not dict:
        return ""
    if "$commitment" in output and output.keys() <= {"$commitment", "$at"}:
        return json.dumps(output, sort_keys=True, separators=(",", ":"))
    said = output.get("confidence")
    if type(said) is dict and said.keys() == {"$decimal"}:
        said = said["$decimal"]
    text = str(said) if type(said) in (int, str) else ""
    return text if _SHARE.match(text) else ""
