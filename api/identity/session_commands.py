"""Ending sign-in sessions of one's own from another one: one of them, or all, wherever they are.

A new password ends them all by itself: a session counts while the credential it began with stands (`authenticate`).
"""

from dataclasses import dataclass
from typing import NamedTuple

from api.identity import entries
from api.identity.tables import CREDENTIAL, SIGN_IN, SignInRow
from api.refusal_texts import why
from ledger.actor import ActorKind
from ledger.clock import SECOND
from ledger.entry import EntryDraft
from ledger.refusal import Reason, Refusal
from ledger.work import Commands, CommandSpec, Done, Rows, UnitOfWork

FRESH_TIME = 10 * 60 * SECOND  # a sign-in of just now; a token stolen later than that enrols and removes nothing
LISTED_MAX = 200  # newest first; a person has a handful, a script may have begun many

_RUNNING = (
    "SELECT id, method, started_at, expires_at, ends_at FROM sign_in_session WHERE log_id = {log} AND person = ? "
    "AND ended = 0 AND ends_at > ? AND expires_at > ? AND credential_index = ? ORDER BY started_at DESC, id LIMIT ?"
)
_OPEN = "SELECT id FROM sign_in_session WHERE log_id = {log} AND person = ? AND ended = 0 AND ends_at > ? ORDER BY id"


class Running(NamedTuple):
    """A sign-in session in force: how and when it began, and until when it lasts idle and at all."""

    id: str
    method: str
    started_at: int
    expires_at: int
    ends_at: int


@dataclass(frozen=True, slots=True)
class EndSessions:
    """End one sign-in session of one's own by its id, or every one of them (None), this one as well."""

    session: str | None


def commands() -> Commands:
    """The command of this module."""
    return {EndSessions: CommandSpec("EndSessions", end_sessions, lambda _: "")}


def running(rows: Rows, person: str) -> tuple[Running, ...]:
    """The person's sessions in force, newest first, at most `LISTED_MAX`. Nothing is kept of where they are."""
    credential = rows.get(CREDENTIAL, person, "password")
    if credential is None:
        return ()
    asked = (person, rows.now, rows.now, credential.entry_index, LISTED_MAX)
    return tuple(Running(*found) for found in rows.query(_RUNNING, asked))


def end_sessions(uow: UnitOfWork, command: EndSessions) -> Done | Refusal:
    """NOT_FOUND for a session of somebody else as for none; WRONG_STATE for one that is over."""
    person = own_person(uow)
    if person is None:
        return Refusal(Reason.DENIED, why("not-for-oneself"))
    ending = _open(uow, person) if command.session is None else _one(uow, person, command.session)
    if isinstance(ending, Refusal):
        return ending
    for row in ending:
        uow.put(SIGN_IN, row._replace(ended=1))
    result = {"ended": len(ending)}
    payload = {"person": person, "session": command.session, "count": len(ending), "result": result}
    uow.stage(EntryDraft(entries.SIGN_IN_ENDED, 2, person, payload))
    return Done("ended", result)


def own_person(uow: UnitOfWork) -> str | None:
    """The person who sends the command out of a sign-in session."""
    actor = uow.actor
    is_signed_in = actor.kind is ActorKind.PERSON and actor.sign_in is not None
    return str(actor.person) if is_signed_in and actor.person is not None else None


def started_just_now(uow: UnitOfWork) -> str | None:
    """How the running session began, if that was just now."""
    row = uow.get(SIGN_IN, uow.actor.sign_in)
    if row is None or row.person != uow.actor.person or row.ended or uow.now >= row.started_at + FRESH_TIME:
        return None
    return row.method


def _one(uow: UnitOfWork, person: str, session: str) -> list[SignInRow] | Refusal:
    row = uow.get(SIGN_IN, session)
    if row is None or row.person != person:
        return Refusal(Reason.NOT_FOUND, why("no-own-session"))
    if row.ended or uow.now >= row.ends_at:
        return Refusal(Reason.WRONG_STATE, why("session-over"))
    return [row]


def _open(uow: UnitOfWork, person: str) -> list[SignInRow]:
    found = [uow.get(SIGN_IN, session) for (session,) in uow.query(_OPEN, (person, uow.now))]
    return [row for row in found if row is not None]
