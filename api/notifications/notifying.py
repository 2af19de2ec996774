"""The notifier: looks at what is new, says who is to be told, and sends what is due by mail and hook.

What waits stands in rows, so a runner that dies loses a lease and an answer at most: then one message goes out again,
under the same Message-ID or webhook id.
"""

import asyncio
import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import format_datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from api.feeds.secrets import keys_of
from api.feeds.sending import Parcel, Sender
from api.notifications.causes import Kind, causes
from api.notifications.commands import ADDRESS_PATH, EndNotification, Item, LeaseNotification, MakeNotifications
from api.notifications.entries import HOOK, MAIL, SUBJECT
from api.notifications.reading import due, told_by
from api.notifications.recipients import Wanted, recipients, still_told, wanted_by
from api.notifications.tables import NOTIFICATION, PREFERENCE, SCANNED, NotificationRow, PreferenceRow
from api.notifications.words import said
from api.outgoing.mail import Mail
from api.rooms import Rooms
from ledger.actor import SYSTEM
from ledger.canonical import b64url
from ledger.clock import SECOND, Clock, moment_of
from ledger.delivery import Answered
from ledger.errors import BrokenInput, MunimentError
from ledger.service import Reader, View
from ledger.webhook import sign
from ledger.work import Answer, Done, Request
from orchestrator.about import is_test
from orchestrator.titles import target, titles

LOOK_SECONDS = 0.5
RETRY_SECONDS = 2.0
CHUNK = 250  # entries read by one statement
ITEMS_MAX = 200  # told by one entry; what is left is looked at next
MOVED_EVERY = 1_000  # entries looked at for nothing before that is written down
SENT_AT_ONCE = 10  # by one channel in a round
LEASE_SECONDS = 45  # beyond the time-outs of both ways
MAIL_SECONDS = 20.0
HOOK_MILLISECONDS = 10_000
SIGNED_WITH = "notifications"  # the name of the file with the secret

logger = logging.getLogger("muniment")


@dataclass(frozen=True, slots=True)
class Ways:
    """By what notifications go out: a relay with a sender's address, an address that is posted to; or not at all."""

    mail: Mail | None
    sender: str
    hook: str
    egress_allow: str
    secrets: Path
    public_url: str


@dataclass(frozen=True, slots=True)
class Links:
    """What notifying works with. `submit` hands a command to the log's writer."""

    reader: Reader
    rooms: Rooms
    submit: Callable[[Request], "Future[Answer]"]
    clock: Clock
    ways: Ways


class _Going(NamedTuple):
    """A message on its way: to whom, in whose language, about what."""

    row: NotificationRow
    chosen: PreferenceRow | None
    address: str
    title: str
    link: str


@dataclass(slots=True)
class Notifier:
    """Rounds over one log. Two may work side by side: entries, rows and leases keep them apart."""

    links: Links
    _seen: int = field(default=-1)  # looked at up to here, by this process

    def round(self) -> bool:
        """Look once and send once; whether there may be more to do at once."""
        has_more = self._tell()
        return self._send(MAIL) or self._send(HOOK) or has_more

    def _tell(self) -> bool:
        with self.links.reader.view() as view:
            row = view.get(SCANNED, SUBJECT)
            start = _beginning(view) if row is None else max(self._seen, row.upto)
            end, made = self._look(view, start)
            has_more = end < view.head.size
        if made or row is None or end - row.upto >= MOVED_EVERY:
            self._done(MakeNotifications(start, end, tuple(made)))
        self._seen = end
        return has_more

    def _look(self, view: View, start: int) -> tuple[int, list[Item]]:
        made: list[Item] = []
        rows = view.entries(start, min(start + CHUNK, view.head.size)) if start < view.head.size else ()
        end = start
        entries = [(row.idx, orjson.loads(row.bytes)) for row in rows]
        wanted = wanted_by(view, {entry["subject"] for _, entry in entries})
        for index, entry in entries:
            made += self._items(view, index, entry, wanted)
            end = index + 1
            if len(made) >= ITEMS_MAX:
                break
        return end, made

    def _items(self, view: View, index: int, entry: dict[str, Any], wanted: Wanted) -> list[Item]:
        told_of = causes(entry["kind"], entry["subject"], entry.get("payload", {}))
        found = [cause for cause in told_of if wanted.reaches(cause)]
        if not found:
            return []
        by, goes_out = entry["actor"].get("person", ""), not is_test(view, entry["subject"])
        if not goes_out:  # a test tells nobody on behalf of the process
            found = [cause for cause in found if cause.kind is not Kind.TOLD]
        items = []
        for told in recipients(self.links.rooms, view, found, by):
            chosen = view.get(PREFERENCE, told.person)
            ways = self.links.ways
            by_mail = chosen is not None and bool(chosen.mail) and ways.mail is not None and goes_out
            by_hook = chosen is not None and bool(chosen.hook) and bool(ways.hook) and goes_out
            kind, about = told.cause.kind.value, told.cause.about
            items.append(Item(told.person, index, kind, about, told.domain, by_mail, by_hook))
        return items

    def _send(self, channel: str) -> bool:
        ways = self.links.ways
        if (ways.mail is None) if channel == MAIL else not ways.hook:
            return False
        with self.links.reader.view() as view:
            waiting = due(view, channel, SENT_AT_ONCE)
        for person, cause in waiting:
            leased = self._done(LeaseNotification(person, cause, channel, LEASE_SECONDS))
            if leased.outcome != "leased":
                continue
            fault, can_retry = self._sent(person, cause, channel)
            self._done(EndNotification(person, cause, channel, leased.result["token"], fault, can_retry))
        return len(waiting) == SENT_AT_ONCE

    def _sent(self, person: str, cause: int, channel: str) -> tuple[str, bool]:
        """Send one; what went wrong ("" for nothing), and whether to try again."""
        with self.links.reader.view() as view:
            going = self._going(view, person, cause)
            identity = message_id(view.origin, person, cause, channel)
            may = going is not None and still_told(self.links.rooms, view, going.row)
        if going is None:
            return "GONE", False
        if not may:
            return "NOT_READABLE", False
        return self._mail(going, identity) if channel == MAIL else self._hook(going, identity)

    def _going(self, view: View, person: str, cause: int) -> _Going | None:
        row = view.get(NOTIFICATION, person, cause)
        if row is None:
            return None
        chosen = view.get(PREFERENCE, person)
        address = None
        if chosen is not None and chosen.mail:
            address = view.unseal(person, ADDRESS_PATH, orjson.loads(chosen.address))
        about = titles(view, self.links.rooms.blueprints, row.about)
        steps = [about.step] if row.kind != Kind.TOLD.value else told_by(self.links.rooms, view, row)
        title = " - ".join(one for one in (*steps, about.blueprint) if one)
        link = link_of(self.links.ways.public_url, target(view, row.about), row.about)
        return _Going(row, chosen, address or "", title, link)

    def _mail(self, going: _Going, identity: str) -> tuple[str, bool]:
        ways = self.links.ways
        if not going.address or ways.mail is None:
            return "NO_ADDRESS", False
        language = "en" if going.chosen is None else going.chosen.language
        words = said(language, going.row.kind, going.title, going.link)
        message = EmailMessage()
        message["From"] = ways.sender
        message["To"] = going.address
        message["Subject"] = words.subject
        message["Date"] = format_datetime(moment_of(self.links.clock.wall()))
        message["Message-ID"] = f"<{identity}@{ways.sender.partition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(words.text)
        fault = ways.mail.send(message, MAIL_SECONDS)
        return ("", False) if fault is None else (fault[0], fault[2])

    def _hook(self, going: _Going, identity: str) -> tuple[str, bool]:
        row = going.row
        told = {"type": "notification", "id": identity, "person": row.person, "kind": row.kind, "about": row.about}
        body = orjson.dumps({**told, "cause": row.cause, "made_at": row.made_at, "link": going.link})
        try:
            keys = keys_of(self.links.ways.secrets, SIGNED_WITH)
        except BrokenInput:
            return "NO_SECRET", True
        signed = sign(keys, identity, self.links.clock.wall() // SECOND, body)
        answered = asyncio.run(_posted(self.links.ways, Parcel("application/json", body), signed))
        return answered.fault, bool(answered.fault)

    def _done(self, command: Any) -> Done:
        outcome = self.links.submit(Request(SYSTEM, command)).result().outcome
        return outcome if isinstance(outcome, Done) else Done("refused")


def _beginning(view: View) -> int:
    """Where to go on when it is not known: behind what somebody was told of last.

    A log in which nobody was told of anything yet begins with what comes next.
    """
    [(last,)] = view.query("SELECT MAX(cause) FROM notification WHERE log_id = {log}")
    return view.head.size if last is None else int(last) + 1


async def _posted(ways: Ways, parcel: Parcel, signed: Any) -> Answered:
    sender = Sender(ways.egress_allow)
    try:
        return await sender.post({"url": ways.hook, "time_out_ms": HOOK_MILLISECONDS}, parcel, signed)
    finally:
        await sender.close()


def message_id(origin: str, person: str, cause: int, channel: str) -> str:
    """The id of a message: the same for every try, and of no other."""
    named = "\n".join((origin, person, str(cause), channel))
    return f"ntf_{b64url(sha256(named.encode()).digest()[:16])}"


def link_of(public_url: str, noun: str, about: str) -> str:
    """Where the console shows what it is about; empty where the service has no public address."""
    if not public_url:
        return ""
    place = {
        "task": "tasks",
        "incident": "incidents",
        "instance": "instances",
        "change": "changes",
        "substitution": "",
    }[noun]
    return f"{public_url.rstrip('/')}/console/" + (f"{place}/{about}" if place else "")


class NotifierThread:
    """A notifier on a thread of its own, in whatever process that is. Stopping or dying loses nothing."""

    def __init__(self, links: Links) -> None:
        self._notifier = Notifier(links)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True, name="notifier")

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End after the present round."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def _work(self) -> None:
        pause = 0.0
        while not self._stopping.wait(pause):
            try:
                pause = 0.0 if self._notifier.round() else LOOK_SECONDS
            except MunimentError:
                pause = RETRY_SECONDS
            except Exception as error:  # a bug in one round must not end telling for good
                logger.error("unexpected %s in the notifier", type(error).__name__)
                pause = RETRY_SECONDS
