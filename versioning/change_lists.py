"""Lists of change requests, as screens ask for them: by state, artefact and person, newest first, with true counts."""

import json
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple, get_args

from ledger.actor import Actor
from ledger.work import UnitOfWork
from versioning.change import OPEN, author_ids
from versioning.store import value_of

Among = Literal["", "open", "review", "mine", "release"]
AMONG: tuple[Among, ...] = get_args(Among)

COLUMNS = (
    "id", "kind", "name", "title", "base_version", "digest", "authors", "risk", "approvals_needed", "status",
    "revision", "retires", "not_before", "expires_at", "proposed_at", "changed_at", "version",
)  # fmt: skip


class ChangesAsked(NamedTuple):
    """Which ones. `among` is `open`, `review` (in review, waiting for this actor), `mine` (written by them), `release`
    (approved and open) or empty for all; `name` is that of the artefact; the others are empty for any."""

    actor: Actor
    among: Among = ""
    status: str = ""
    kind: str = ""
    name: str = ""


# An id stands in the list of authors as JSON text, quoted; `!` frees what LIKE would read as a pattern.
_BY = "authors LIKE ? ESCAPE '!'"
_APPROVED = """
NOT EXISTS (SELECT 1 FROM change_review AS given WHERE given.log_id = asked.log_id
AND given.change_request = asked.id AND given.edit = asked.edit AND given.digest = asked.digest
AND given.verdict = 'approve' AND (given.person = ? OR given.on_behalf_of = ?))
"""


def change_list(rows: UnitOfWork, asked: ChangesAsked, before: str, limit: int) -> list[dict[str, Any]]:
    """Newest first; `before` an id, empty for the newest."""
    where, values = _where(asked)
    statement = f"""
    SELECT {", ".join(COLUMNS)} FROM change_request AS asked WHERE log_id = {{log}} AND {where}
    AND (? = '' OR id < ?) ORDER BY id DESC LIMIT ?
    """
    found = rows.query(statement, (*values, before, before, limit))
    return [_listed(dict(zip(COLUMNS, row, strict=True))) for row in found]


def counts(rows: UnitOfWork, actor: Actor) -> dict[str, int]:
    """How many there are among each, all of an actor's; every number is the length of its list."""
    told: dict[str, int] = {}
    for among in AMONG[1:]:
        where, values = _where(ChangesAsked(actor, among))
        statement = f"SELECT COUNT(*) FROM change_request AS asked WHERE log_id = {{log}} AND {where}"
        [(told[among],)] = rows.query(statement, values)
    return told


def open_by_name(rows: UnitOfWork, kind: str, names: Sequence[str]) -> dict[str, int]:
    """How many open change requests there are of each of these artefacts; those without one are left out."""
    if not names:
        return {}
    marks = ", ".join("?" * len(names))
    statement = f"""
    SELECT name, COUNT(*) FROM change_request WHERE log_id = {{log}} AND kind = ? AND name IN ({marks})
    AND status IN ({_OPEN}) GROUP BY name
    """
    return dict(rows.query(statement, (kind, *names)))


_OPEN = ", ".join(f"'{status}'" for status in sorted(OPEN))


def _where(asked: ChangesAsked) -> tuple[str, tuple[Any, ...]]:
    parts, values = [], []
    for column in ("status", "kind", "name"):
        parts.append(f"(? = '' OR {column} = ?)")
        values += [getattr(asked, column)] * 2
    if asked.among == "open":
        parts.append(f"status IN ({_OPEN})")
    if asked.among == "release":
        parts.append("status IN ('approved', 'scheduled')")
    own = sorted(author_ids(asked.actor))
    if asked.among == "mine":
        parts.append(f"({' OR '.join([_BY] * len(own))})")
        values += [_quoted(one) for one in own]
    if asked.among == "review":
        parts.append("status = 'in review'")
        for one in own:
            parts += [f"NOT {_BY}", _APPROVED]
            values += [_quoted(one), one, one]
    return " AND ".join(parts), tuple(values)


def _quoted(actor: str) -> str:
    text = json.dumps(actor)
    for special in "!%_":
        text = text.replace(special, f"!{special}")
    return f"%{text}%"


def _listed(value: dict[str, Any]) -> dict[str, Any]:
    return {
        **value,
        "title": value_of(value["title"]),
        "authors": value_of(value["authors"]),
        "retires": bool(value["retires"]),
    }
