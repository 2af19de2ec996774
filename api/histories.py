"""An entry of an instance as its history tells it: who, why, and what followed, in words and as values.

What was recorded of data is told as this reader may see it: opened, or shut with the reason. Arguments of calls and
jobs, keys and fingerprints are left out: what went into them is the data told beside them.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from api.actor_names import Names
from api.since_decided import SinceDecided, decided_in
from api.told_again import told_again
from ledger.canonical import b64url
from ledger.entry import Entry, parse_entry
from ledger.wording import wording_value
from orchestrator.notices import Notice
from orchestrator.pages import RecordedRead
from orchestrator.telling import reason_path_of, words

_TOLD = (
    "step", "to", "by", "role", "decision_kind", "above", "due", "outcome", "type", "operation", "code", "tries",
    "why", "holding", "among", "skill", "unit", "name", "act", "table", "rows", "branch", "branches", "path", "message",
    "instance", "incident", "how", "where",
)  # fmt: skip
_TO_SOMEBODY = ("task.assigned", "task.delegated", "incident.assigned")
_OF_DECISION = ("outcome", "grant", "capacity")


class Telling(NamedTuple):
    """Of one instance for one reader: what actors are called, what was recorded and what persons were told as they
    see it."""

    names: Names
    recorded: RecordedRead
    since: SinceDecided
    notice: Callable[[Mapping[str, Any], Mapping[str, Any]], Notice]


def history_item(row: Any, telling: Telling) -> dict[str, Any]:
    """One item of the history. `row` is the entry's."""
    entry = parse_entry(row.bytes)
    payload = entry.payload
    decision = payload.get("decision")
    return {
        "index": row.idx,
        "leaf_hash": b64url(row.leaf_hash),
        "kind": entry.kind,
        "recorded_at": entry.recorded_at,
        "actor": dict(entry.actor),
        "words": list(words(entry)),
        "who": telling.names(entry.actor.get("person") or entry.actor["id"]),
        "reason": _reason(entry, telling),
        "reason_code": {"code": payload["reason_code"], "words": payload["reason_words"]}
        if payload.get("reason_code")
        else None,
        "decision": None if decision is None else {name: telling.names(decision.get(name)) for name in _OF_DECISION},
        "since": _since(entry, telling),
        "refused": _refused(payload) if entry.kind == "command.refused" else None,
        "followed": [_followed(entry, one, telling) for one in payload.get("transitions", ())],
    }


def _refused(payload: Mapping[str, Any]) -> dict[str, Any]:
    message = payload["message"]
    return {"reason": payload["reason"], "message": message, "wording": wording_value(told_again(message))}


def _reason(entry: Entry, telling: Telling) -> Any:
    """Why, in the words of who acted; null where no reason was given."""
    sealed, at = entry.payload.get("reason"), reason_path_of(entry)
    return telling.recorded.reason(at, sealed) if at and sealed is not None else None


def _reached(member: Mapping[str, str], telling: Telling) -> dict[str, str]:
    """A rule of a step, and whom it told, by their reference; nobody where there was none."""
    persons = {name: telling.names(member[name]) for name in ("person", "stands_in_for") if name in member}
    return {"rule": member["rule"], **persons}


def _since(entry: Entry, telling: Telling) -> Any:
    """What has come over the decision or the signature of the entry; null where it holds none."""
    decided = decided_in(entry.payload)
    return None if decided is None else telling.since.listed(f"{entry.subject}.{decided}", telling.names)


def _followed(entry: Entry, one: Mapping[str, Any], telling: Telling) -> dict[str, Any]:
    told: dict[str, Any] = {"type": one["t"], "activation": one.get("activation")}
    told["detail"] = {name: one[name] for name in _TOLD if name in one}
    if "by" in one:
        told["detail"]["by"] = telling.names(one["by"])
    if one["t"] in _TO_SOMEBODY and "to" in one:
        told["detail"]["to"] = telling.names(one["to"])
    if one["t"] == "instance.migrated":
        told["detail"]["number"] = one["number"]
    if one["t"] == "people.told":
        notice = telling.notice({"payload": entry.payload, "basis": entry.basis}, one)
        told["detail"]["to"] = [_reached(member, telling) for member in one["to"]]
        told["detail"] |= {"text": notice.text, "shown": notice.shown, "digest": one.get("digest", "")}
    if "told" in one:
        told["detail"]["to"] = [_reached(member, telling) for member in one["told"]]
    if "stands_in_for" in one:
        told["detail"]["stands_in_for"] = telling.names(one["stands_in_for"])
    if one["t"] == "variable.set":
        told["detail"]["value"] = telling.recorded.value(one["path"], one["value"])
    return told
