"""The folds of kept messages: each is a row, linked with its neighbours in the box of its name, key and domain.

So who begins to wait finds the oldest by key, and a message leaves its box from anywhere, however many are kept.

| kind | schema | subject | payload |
|---|---|---|---|
| message.kept | 1 | `ms_...` | message, key, key_mark, data (where there is some), domain, expires_at, sent, result |
| message.delivered | 1 | `ms_...` | instance, activation, until (of a message with a sender's id) |
| message.expired | 1 | `ms_...` | result |
"""

from ledger.canonical import text_trusted
from ledger.entry import Entry
from ledger.errors import BrokenState
from ledger.rows import Folds, FoldView
from orchestrator.entries import MESSAGE_DELIVERED, MESSAGE_EXPIRED, MESSAGE_KEPT, SCHEMA
from orchestrator.message_tables import MESSAGE, MESSAGE_BOX, SENT, MessageBoxRow, MessageRow, SentRow


def folds() -> Folds:
    """The folds of kept messages, by kind and schema."""
    return {
        (MESSAGE_KEPT, SCHEMA): _kept,
        (MESSAGE_DELIVERED, SCHEMA): _delivered,
        (MESSAGE_EXPIRED, SCHEMA): _expired,
    }


def record_sent(view: FoldView, entry: Entry, outcome: str, instance: str) -> None:
    """What became of a message with a sender's id: `payload.sent` is {id_mark, body, until}."""
    sent = entry.payload["sent"]
    row = SentRow(sent["id_mark"], entry.subject, text_trusted(sent["body"]), outcome, instance, sent["until"])
    view.put(SENT, row)


def _kept(view: FoldView, entry: Entry) -> None:
    payload = entry.payload
    mark, domain = payload["key_mark"], payload["domain"]
    box = view.get(MESSAGE_BOX, mark, domain)
    newest = "" if box is None else box.newest
    if newest:
        view.put(MESSAGE, _row(view, newest)._replace(after=entry.subject))
    oldest = entry.subject if box is None or not box.oldest else box.oldest
    view.put(MESSAGE_BOX, MessageBoxRow(mark, domain, oldest, entry.subject))
    view.put(
        MESSAGE,
        MessageRow(
            id=entry.subject,
            message=payload["message"],
            key=text_trusted(payload["key"]),
            key_mark=mark,
            data=text_trusted(payload["data"]) if "data" in payload else "",
            domain=domain,
            state="kept",
            id_mark=payload["sent"]["id_mark"] if "sent" in payload else "",
            kept_at=entry.recorded,
            expires_at=payload["expires_at"],
            before=newest,
            after="",
            instance="",
            number=0,
        ),
    )
    if "sent" in payload:
        record_sent(view, entry, "kept", "")


def _delivered(view: FoldView, entry: Entry) -> None:
    payload = entry.payload
    row = _taken_out(view, entry.subject)
    view.put(MESSAGE, row._replace(state="delivered", instance=payload["instance"], number=payload["activation"]))
    sent = view.get(SENT, row.id_mark) if row.id_mark else None
    if sent is not None:
        sent = sent._replace(outcome="correlated", instance=payload["instance"], until=payload["until"])
        view.put(SENT, sent)


def _expired(view: FoldView, entry: Entry) -> None:
    view.put(MESSAGE, _taken_out(view, entry.subject)._replace(state="expired"))


def _taken_out(view: FoldView, message: str) -> MessageRow:
    """Join the neighbours of a kept message; its row without them."""
    row = _row(view, message)
    box = view.get(MESSAGE_BOX, row.key_mark, row.domain)
    if box is None or row.state != "kept":
        raise BrokenState(f"expected {message} to be kept, found it is not")
    if row.before:
        view.put(MESSAGE, _row(view, row.before)._replace(after=row.after))
    if row.after:
        view.put(MESSAGE, _row(view, row.after)._replace(before=row.before))
    oldest = row.after if box.oldest == message else box.oldest
    newest = row.before if box.newest == message else box.newest
    view.put(MESSAGE_BOX, box._replace(oldest=oldest, newest=newest))
    return row._replace(before="", after="")


def _row(view: FoldView, message: str) -> MessageRow:
    row = view.get(MESSAGE, message)
    if row is None:
        raise BrokenState(f"expected a row of `message` for {message}, found none")
    return row
