"""Holds: what lies under one is not erased. Placed on a data subject or an instance, by a person, on an instrument.

Entries: `governance.entries`. `instrument` names what the hold rests on (a court's letter, a matter); it and the reason
are commitments. Notices, schedules and screens of holds come with the evidence work.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import orjson

from governance.entries import HOLD_LIFTED, HOLD_PLACED
from governance.refusal_texts import why
from governance.tables import HOLD, HoldRow
from ledger.access_point import AccessPoint
from ledger.entry import Entry, EntryDraft
from ledger.errors import BrokenInput, BrokenState
from ledger.refusal import Reason, Refusal
from ledger.rows import Folds, FoldView
from ledger.work import Commands, CommandSpec, Done, Rows, UnitOfWork

TEXT_MAX = 500  # characters of a reason
INSTRUMENT_MAX = 200
Hold = HoldRow  # the row as those may name it who list holds
SHOWN_MAX = 5  # holds named by a refusal

_COLUMNS = ", ".join(HoldRow._fields)
_OPEN = "SELECT id FROM hold WHERE log_id = {log} AND about = ? AND lifted IS NULL ORDER BY id LIMIT ?"


@dataclass(frozen=True, slots=True)
class PlaceHold:
    """Keep what lies about a data subject (`ds_...`, `ext_...`) or an instance (`pi_...`)."""

    about: str
    instrument: str
    reason: str


@dataclass(frozen=True, slots=True)
class LiftHold:
    """The hold is over; what waited for it goes on."""

    hold: str
    reason: str


class Place(Protocol):
    """What rooms to the right know of the things a hold may lie on."""

    def __call__(self, rows: Rows, about: str, /) -> str | None:
        """The domain in which this data subject or instance lies; None when there is none."""
        ...


def commands(access: AccessPoint, place: Place) -> Commands:
    """The commands of this page."""

    def place_hold(uow: UnitOfWork, command: PlaceHold) -> Done | Refusal:
        return _place(access, place, uow, command)

    def lift(uow: UnitOfWork, command: LiftHold) -> Done | Refusal:
        return _lift(access, uow, command)

    return {
        PlaceHold: CommandSpec("PlaceHold", place_hold, lambda command: command.about),
        LiftHold: CommandSpec("LiftHold", lift, lambda command: command.hold, lambda c: [(HOLD, (c.hold,))]),
    }


def folds() -> Folds:
    """The folds of this page."""
    return {(HOLD_PLACED, 1): _fold_placed, (HOLD_LIFTED, 1): _fold_lifted}


def on_hold(rows: Rows, *about: str) -> Refusal | None:
    """`ON_HOLD`, naming the holds, when one lies on any of these; None when none does."""
    found = [hold for one in about if one for (hold,) in rows.query(_OPEN, (one, SHOWN_MAX))]
    if not found:
        return None
    return Refusal(Reason.ON_HOLD, why("on-hold"), tuple(("hold", hold) for hold in found[:SHOWN_MAX]))


def holds(rows: Rows, domains: Sequence[str], about: str, after: str, limit: int) -> list[HoldRow]:
    """Holds in these domains after an id, oldest first, lifted ones as well; `about` is one thing, "" for any."""
    marks = ", ".join("?" * len(domains)) or "NULL"
    found = rows.query(
        f"SELECT {_COLUMNS} FROM hold WHERE log_id = {{log}} AND domain IN ({marks}) AND (? = '' OR about = ?)"
        " AND id > ? ORDER BY id LIMIT ?",
        (*domains, about, about, after, limit),
    )
    return [HoldRow(*row) for row in found]


def check_text(text: str, name: str, limit: int) -> None:
    """Raise `BrokenInput` unless it is one line of 1 to `limit` characters."""
    if not 0 < len(text.strip()) <= limit or not text.isprintable():
        raise BrokenInput(why("one-line", most=limit), name)


def _place(access: AccessPoint, place: Place, uow: UnitOfWork, command: PlaceHold) -> Done | Refusal:
    check_text(command.instrument, "instrument", INSTRUMENT_MAX)
    check_text(command.reason, "reason", TEXT_MAX)
    domain = place(uow, command.about)
    if domain is None:
        return Refusal(Reason.NOT_FOUND, why("nothing-to-hold"))
    permit = access.check(uow, uow.actor, domain, "hold", "place")
    if isinstance(permit, Refusal):
        return permit
    hold = uow.ids.ordered("ho", uow.now)
    result = {"hold": hold, "about": command.about}
    payload = {
        "about": command.about,
        "domain": domain,
        "instrument": uow.seal(hold, "instrument", command.instrument, data_class="confidential"),
        "reason": uow.seal(hold, "reason", command.reason, data_class="confidential"),
        "result": result,
    }
    uow.stage(
        EntryDraft(HOLD_PLACED, 1, hold, payload, refs={"about": command.about}, basis={"permit": permit.as_basis()})
    )
    return Done("placed", result)


def _lift(access: AccessPoint, uow: UnitOfWork, command: LiftHold) -> Done | Refusal:
    check_text(command.reason, "reason", TEXT_MAX)
    row = uow.get(HOLD, command.hold)
    if row is None:
        return Refusal(Reason.NOT_FOUND, why("no-such-hold"))
    permit = access.check(uow, uow.actor, row.domain, "hold", "release")
    if isinstance(permit, Refusal):
        return permit
    if row.lifted is not None:
        return Refusal(Reason.WRONG_STATE, why("hold-lifted"))
    result = {"hold": row.id, "about": row.about}
    reason = uow.seal(row.id, "lifted.reason", command.reason, data_class="confidential")
    payload = {"about": row.about, "reason": reason, "result": result}
    uow.stage(
        EntryDraft(HOLD_LIFTED, 1, row.id, payload, refs={"about": row.about}, basis={"permit": permit.as_basis()})
    )
    return Done("lifted", result)


def _text(value: Any) -> str:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()


def _fold_placed(view: FoldView, entry: Entry) -> None:
    payload = entry.payload
    sealed = (_text(payload["instrument"]), _text(payload["reason"]))
    who = entry.actor.get("person") or entry.actor["id"]
    view.put(HOLD, HoldRow(entry.subject, payload["about"], payload["domain"], *sealed, who, entry.index, None, None))


def _fold_lifted(view: FoldView, entry: Entry) -> None:
    row = view.get(HOLD, entry.subject)
    if row is None:
        raise BrokenState(f"expected hold {entry.subject}, found none")
    who = entry.actor.get("person") or entry.actor["id"]
    view.put(HOLD, row._replace(lifted_by=who, lifted=entry.index))
