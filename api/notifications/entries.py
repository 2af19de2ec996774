"""The entries of notifications and their folds.

| kind | schema | subject | payload |
|---|---|---|---|
| notification.made | 1 | `notifications` | end, made: [{person, cause, kind, about, domain, mail, hook}, ...], result |
| notification.sent | 1 | the person | cause, channel, result |
| notification.given_up | 1 | the person | cause, channel, fault, result |
| notification.preferred | 1 | the person | mail, hook, group_work, language, address (a commitment), result |
"""

from api.notifications.tables import NOTIFICATION, PREFERENCE, NotificationRow, PreferenceRow
from ledger.canonical import text_trusted
from ledger.entry import Entry
from ledger.errors import BrokenState
from ledger.rows import Folds, FoldView

SUBJECT = "notifications"
MADE = "notification.made"
SENT = "notification.sent"
GIVEN_UP = "notification.given_up"
PREFERRED = "notification.preferred"

MAIL, HOOK = "mail", "hook"
DUE, WAS_SENT, WAS_GIVEN_UP = "due", "sent", "given up"


def folds() -> Folds:
    """Every fold of notifications."""
    return {(MADE, 1): _made, (SENT, 1): _ended, (GIVEN_UP, 1): _ended, (PREFERRED, 1): _preferred}


def _made(view: FoldView, entry: Entry) -> None:
    for one in entry.payload["made"]:
        view.put(
            NOTIFICATION,
            NotificationRow(
                person=one["person"],
                cause=one["cause"],
                kind=one["kind"],
                about=one["about"],
                domain=one["domain"],
                made_at=entry.recorded,
                mail=DUE if one["mail"] else "",
                hook=DUE if one["hook"] else "",
            ),
        )


def _ended(view: FoldView, entry: Entry) -> None:
    payload = entry.payload
    row = view.get(NOTIFICATION, entry.subject, payload["cause"])
    if row is None:
        raise BrokenState(f"expected {entry.subject} to be told of entry {payload['cause']}")
    how = WAS_SENT if entry.kind == SENT else WAS_GIVEN_UP
    is_mail = payload["channel"] == MAIL
    view.put(NOTIFICATION, row._replace(mail=how) if is_mail else row._replace(hook=how))


def _preferred(view: FoldView, entry: Entry) -> None:
    payload = entry.payload
    view.put(
        PREFERENCE,
        PreferenceRow(
            person=entry.subject,
            mail=int(payload["mail"]),
            hook=int(payload["hook"]),
            group_work=int(payload["group_work"]),
            language=payload["language"],
            address=text_trusted(payload["address"]),
        ),
    )
