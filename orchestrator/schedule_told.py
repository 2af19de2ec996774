"""The next occurrences of a blueprint's schedule, for doors: as planned, else as they will be, each explained."""

from itertools import chain, islice
from typing import Any

from ledger.wording import wording_value
from ledger.work import UnitOfWork
from orchestrator import tables
from orchestrator.ports import BusinessCalendars
from orchestrator.schedules import ENDED, schedule_of
from versioning.blueprint import BlueprintVersion
from versioning.occurrence_words import occurrence_words
from versioning.schedule import Occurrence, calendar_of, clockwork, occurrences

TOLD = 5  # occurrences


def schedule_told(rows: UnitOfWork, calendars: BusinessCalendars, version: BlueprintVersion) -> dict[str, Any] | None:
    """The schedule of the version in force, with its next occurrences; None where it does not start by one.

    `state`: `set`, `held` (with a reason: no next one is known), or `new` while the runner has not planned by it yet.
    """
    blueprint = version.blueprint
    schedule = schedule_of(blueprint)
    if schedule is None:
        return None
    name = calendar_of(schedule, blueprint.calendar)
    dated = calendars.in_force(rows, name) if name is not None else None
    row = rows.get(tables.SCHEDULE, blueprint.id)
    digest = "" if dated is None else dated.digest
    is_planned = row is not None and row.state != ENDED and (row.number, row.calendar) == (version.number, digest)
    told: dict[str, Any] = {
        "state": row.state if row is not None and is_planned else "new",
        "reason": row.reason if row is not None and is_planned else "",
        "calendar": name or "",
        "calendar_digest": digest,
        "next_occurrences": [],
    }
    if name is not None and dated is None:
        return {**told, "zone": ""}
    of = clockwork(schedule, None if dated is None else dated.calendar)
    after = Occurrence(max(rows.now, version.released_at + 1), "")
    due: tuple[Occurrence, ...] = ()
    if row is not None and is_planned and row.due_at is not None:
        after = Occurrence(row.due_at, row.due_local)
        due = (after,)
    since = min(rows.now, after.at)
    for one in islice(chain(due, occurrences(of, after)), TOLD):
        words = occurrence_words(of, one, since)
        told["next_occurrences"].append({**one._asdict(), "words": words, "wording": wording_value(words)})
        since = one.at
    return {**told, "zone": of.zone.key}
