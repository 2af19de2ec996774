"""The two forms entries leave in, as one line each and as the body of a message."""

from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from typing import Final

from api.feeds import ocsf
from api.feeds.sending import Parcel
from ledger import cloudevents
from ledger.canonical import b64url
from ledger.delivery import Message
from ledger.disclosed import Disclosed

NDJSON = "application/x-ndjson"  # one JSON text a line

LINE: Final[Mapping[str, Callable[[str, Disclosed], bytes]]] = {
    "cloudevents": cloudevents.event,
    "ocsf": ocsf.event,
}
"""One entry as one JSON text without a line end, by the name of the format."""


def parcel(form: str, mode: str, log: str, entries: Sequence[Disclosed]) -> Parcel:
    """The body of a message. A command that left several entries goes as a batch in either mode: it is not split."""
    if form == "ocsf":
        return Parcel(NDJSON, b"".join(ocsf.event(log, entry) + b"\n" for entry in entries))
    if mode == "structured" and len(entries) == 1:
        return Parcel(cloudevents.STRUCTURED, cloudevents.event(log, entries[0]))
    return Parcel(cloudevents.BATCH, cloudevents.batch(log, entries))


def message_id(origin: str, feed: str, message: Message) -> str:
    """The same for every try of the same entries to the same feed, another for any others."""
    indexes = ",".join(str(entry.index) for group in message.groups for entry in group.entries)
    digest = sha256(f"{origin}\n{feed}\n{indexes}".encode()).digest()
    return f"msg_{b64url(digest[:16])}"
