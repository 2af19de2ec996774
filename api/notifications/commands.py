"""Commands of notifications: telling, sending, and what a person chooses, follows and has read.

Telling and sending are the system's own. What is told is an entry before anything goes out, and what went out is one
after: killed in between, a message goes out again under the same id, and nobody is told twice in the console.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

from api.notifications.entries import DUE, GIVEN_UP, HOOK, MADE, MAIL, PREFERRED, SENT, SUBJECT
from api.notifications.tables import (
    KNOWN,
    NEVER,
    NOTIFICATION,
    READ,
    SCANNED,
    TRY,
    WATCH,
    ReadRow,
    ScannedRow,
    TryRow,
    WatchRow,
)
from api.problem_texts import tell
from api.refusal_texts import why
from ledger.actor import ActorKind
from ledger.clock import SECOND
from ledger.entry import EntryDraft
from ledger.errors import BrokenInput
from ledger.refusal import Reason, Refusal
from ledger.wording import listed
from ledger.work import Commands, CommandSpec, Done, UnitOfWork
from orchestrator.about import of_instance
from orchestrator.service import open_task
from rbac.permission import Action, Object
from rbac.service import Access

TRIES_MAX = 12  # of one message by one channel, the last about a day after the first
PAUSE_SECONDS = 30  # before the second try; doubled with each, up to six hours
PAUSE_SECONDS_MAX = 6 * 3_600
KEPT = 86_400 * SECOND  # of a try that is over
LANGUAGES = ("en", "de")
ADDRESS_CHARS_MAX = 254
WATCHED_MAX = 500  # by one person
ADDRESS_PATH = "notifications.address"  # where it is sealed

_SYSTEM_ONLY = Refusal(Reason.DENIED, why("not-the-runner"))
_NOT_A_PERSON = Refusal(Reason.NOT_A_PERSON, why("not-signed-in-person"))
_NOT_FOUND = Refusal(Reason.NOT_FOUND, why("nothing-to-follow"))
_WATCHES = "SELECT COUNT(*) FROM notification_watch WHERE log_id = {log} AND person = ? AND instance <> ''"


class Item(NamedTuple):
    """One person told of one entry, and whether it goes out by mail and hook."""

    person: str
    cause: int
    kind: str
    about: str
    domain: str
    mail: bool
    hook: bool


@dataclass(frozen=True, slots=True)
class MakeNotifications:
    """The entries from `start` to `end` were looked at: these persons are to be told."""

    start: int
    end: int
    made: tuple[Item, ...] = ()


@dataclass(frozen=True, slots=True)
class LeaseNotification:
    """Take what is due to a person by a channel for some seconds."""

    person: str
    cause: int
    channel: str
    seconds: int


@dataclass(frozen=True, slots=True)
class EndNotification:
    """What came of a try, under its lease: nothing wrong, or a fault, after which it may be tried again."""

    person: str
    cause: int
    channel: str
    token: str
    fault: str = ""
    can_retry: bool = False


@dataclass(frozen=True, slots=True)
class PreferNotifications:
    """How the caller wants to be told. `address` empty: no mail goes out."""

    mail: bool
    hook: bool
    group_work: bool
    language: str
    address: str = ""


@dataclass(frozen=True, slots=True)
class Watch:
    """Follow an instance or a task, or follow it no more."""

    about: str
    is_on: bool


@dataclass(frozen=True, slots=True)
class ReadNotifications:
    """The caller has read all up to this cause."""

    upto: int


def commands(access: Access) -> Commands:
    """Every command of notifications."""

    def watching(uow: UnitOfWork, command: Watch) -> Done | Refusal:
        return watch(access, uow, command)

    return {
        MakeNotifications: CommandSpec("MakeNotifications", make, _of_all),
        LeaseNotification: CommandSpec("LeaseNotification", lease, _person),
        EndNotification: CommandSpec("EndNotification", end, _person),
        PreferNotifications: CommandSpec("PreferNotifications", prefer, _nobody),
        Watch: CommandSpec("Watch", watching, lambda command: command.about.partition(".")[0]),
        ReadNotifications: CommandSpec("ReadNotifications", mark_read, _nobody),
    }


def _of_all(command: Any) -> str:  # noqa: ARG001 - all have one subject
    return SUBJECT


def _person(command: LeaseNotification | EndNotification) -> str:
    return command.person


def _nobody(command: Any) -> str:  # noqa: ARG001 - it is about the actor
    return ""


def make(uow: UnitOfWork, command: MakeNotifications) -> Done | Refusal:
    """Done `made` with {made}: how many; `moved` when another runner has looked at these entries."""
    if uow.actor.kind is not ActorKind.SYSTEM:
        return _SYSTEM_ONLY
    row = uow.get(SCANNED, SUBJECT)
    if row is not None and row.upto > command.start:
        return Done("moved")
    new = [one for one in command.made if uow.get(NOTIFICATION, one.person, one.cause) is None]
    result = {"made": len(new)}
    if new:
        payload = {"end": command.end, "made": [one._asdict() for one in new], "result": result}
        uow.stage(EntryDraft(MADE, 1, SUBJECT, payload))
    uow.put(SCANNED, ScannedRow(SUBJECT, command.end, uow.now + KNOWN))
    return Done("made", result)


def lease(uow: UnitOfWork, command: LeaseNotification) -> Done | Refusal:
    """Done `leased` with {token}; `held` while another has it or its next try is not due; `over` when it is done."""
    if uow.actor.kind is not ActorKind.SYSTEM:
        return _SYSTEM_ONLY
    if not _is_due(uow, command.person, command.cause, command.channel):
        return Done("over")
    row = uow.get(TRY, command.person, command.cause, command.channel)
    if row is not None and row.until > uow.now:
        return Done("held")
    tries, fault = (0, "") if row is None else (row.tries, row.fault)
    key = (command.person, command.cause, command.channel)
    taken = TryRow(*key, uow.ids.random("le_"), uow.now + command.seconds * SECOND, tries, fault, NEVER)
    uow.put(TRY, taken)
    return Done("leased", {"token": taken.token, "tries": tries})


def end(uow: UnitOfWork, command: EndNotification) -> Done | Refusal:
    """Done `sent`, `given up` or `waiting` for its next try; `lost` when the lease is not this one any more.

    A message that went out under a lease that has run out is recorded all the same, where nobody else has it.
    """
    if uow.actor.kind is not ActorKind.SYSTEM:
        return _SYSTEM_ONLY
    row = uow.get(TRY, command.person, command.cause, command.channel)
    if row is None or row.token != command.token or not command.token:
        return Done("lost")
    if not _is_due(uow, command.person, command.cause, command.channel):
        return Done("lost")
    tries = row.tries + 1
    if command.fault and command.can_retry and tries < TRIES_MAX:
        pause = min(PAUSE_SECONDS << (tries - 1), PAUSE_SECONDS_MAX)
        uow.put(TRY, row._replace(token="", until=uow.now + pause * SECOND, tries=tries, fault=command.fault))
        return Done("waiting")
    result = {"channel": command.channel}
    payload: dict[str, Any] = {"cause": command.cause, "channel": command.channel, "result": result}
    if command.fault:
        payload["fault"] = command.fault
    uow.stage(EntryDraft(GIVEN_UP if command.fault else SENT, 1, command.person, payload))
    uow.put(TRY, row._replace(token="", until=0, tries=tries, fault=command.fault, over_at=uow.now + KEPT))
    return Done("given up" if command.fault else "sent", result)


def _is_due(uow: UnitOfWork, person: str, cause: int, channel: str) -> bool:
    row = uow.get(NOTIFICATION, person, cause)
    return row is not None and {MAIL: row.mail, HOOK: row.hook}.get(channel) == DUE


def prefer(uow: UnitOfWork, command: PreferNotifications) -> Done | Refusal:
    """Done `preferred`."""
    person = _person_of(uow)
    if isinstance(person, Refusal):
        return person
    if command.language not in LANGUAGES:
        raise BrokenInput(tell("one-of", known=listed(LANGUAGES)), "language")
    if command.address and not is_address(command.address):
        raise BrokenInput(why("address-such-as"), "address")
    if command.mail and not command.address:
        return Refusal(Reason.INVALID_DATA, why("no-mail-address"))
    address = None
    if command.address:
        address = uow.seal(person, ADDRESS_PATH, command.address, data_class="personal", data_subject=person)
    payload: dict[str, Any] = {
        "mail": command.mail,
        "hook": command.hook,
        "group_work": command.group_work,
        "language": command.language,
        "address": address,
        "result": {},
    }
    uow.stage(EntryDraft(PREFERRED, 1, person, payload))
    return Done("preferred")


def is_address(text: str) -> bool:
    """One mail address, in ASCII, with nothing around it."""
    name, at, domain = text.partition("@")
    is_plain = text.isascii() and text.isprintable() and not set(text) & set(' ,;:<>()[]\\"')
    return is_plain and len(text) <= ADDRESS_CHARS_MAX and bool(name and at) and "@" not in domain and "." in domain


def watch(access: Access, uow: UnitOfWork, command: Watch) -> Done | Refusal:
    """Done `watched` or `unwatched`; following again what one follows changes nothing."""
    person = _person_of(uow)
    if isinstance(person, Refusal):
        return person
    instance = command.about.partition(".")[0]
    if not command.is_on:
        row = uow.get(WATCH, person, command.about)
        if row is not None:
            uow.put(WATCH, row._replace(instance="", over_at=uow.now))
        return Done("unwatched")
    found = of_instance(uow, instance)
    if found is None or ("." in command.about and open_task(uow, command.about) is None):
        return _NOT_FOUND
    permit = access.check(uow, uow.actor, found.domain, Object.TASK.value, Action.READ.value)
    if isinstance(permit, Refusal):
        return permit
    if uow.query(_WATCHES, (person,))[0][0] >= WATCHED_MAX:
        return Refusal(Reason.INVALID_DATA, why("followed-counted", most=WATCHED_MAX))
    uow.put(WATCH, WatchRow(person, command.about, instance, uow.now, uow.now + KNOWN))
    return Done("watched")


def mark_read(uow: UnitOfWork, command: ReadNotifications) -> Done | Refusal:
    """Done `read`; a mark is never set back."""
    person = _person_of(uow)
    if isinstance(person, Refusal):
        return person
    row = uow.get(READ, person)
    upto = max(command.upto, -1 if row is None else row.upto)
    uow.put(READ, ReadRow(person, min(upto, uow.next_index), uow.now + KNOWN))
    return Done("read", {"upto": min(upto, uow.next_index)})


def _person_of(uow: UnitOfWork) -> str | Refusal:
    person = uow.actor.person
    return _NOT_A_PERSON if uow.actor.kind is not ActorKind.PERSON or person is None else str(person)
