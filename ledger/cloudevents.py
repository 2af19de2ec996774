"""Entries as CloudEvents 1.0 in the JSON format: one event, or a batch. Pure.

`source` and `id` together name an entry for ever, so a receiver drops by them what it has already. `data` is the
entry's exact bytes, which are JSON: nothing is printed again, and whoever hashes them (RFC 6962 leaf) finds
`leafhash`. Extension attributes have names of lower-case letters and digits; numbers stand in them as text, since an
Integer of CloudEvents ends at 2^31 - 1 and an index does not.
"""

from collections.abc import Sequence
from typing import Any

import orjson

from ledger.canonical import b64url
from ledger.disclosed import Disclosed

STRUCTURED = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"
TYPE_PREFIX = "muniment."
SCHEMA_PREFIX = "urn:muniment:entry:"


def event(log: str, entry: Disclosed) -> bytes:
    """One event. `log` is the short name of the log, the first half of the event's id."""
    value = entry.value
    attributes: dict[str, Any] = {
        "specversion": "1.0",
        "id": f"{log}-{entry.index}",
        "source": f"//{value['origin']}",
        "type": f"{TYPE_PREFIX}{value['kind']}.v{value['schema']}",
        "subject": value["subject"],
        "time": value["recorded_at"],
        "datacontenttype": "application/json",
        "dataschema": f"{SCHEMA_PREFIX}{value['kind']}:{value['schema']}{'' if entry.is_whole else ':envelope'}",
        "index": str(entry.index),
        "subjectindex": str(value["subject_index"]),
        "leafhash": b64url(entry.leaf_hash),
    }
    if "correlation_id" in value:
        attributes["correlationid"] = value["correlation_id"]
    return orjson.dumps(attributes)[:-1] + b',"data":' + entry.data + b"}"


def batch(log: str, entries: Sequence[Disclosed]) -> bytes:
    """A batch of events in order."""
    return b"[" + b",".join([event(log, entry) for entry in entries]) + b"]"
