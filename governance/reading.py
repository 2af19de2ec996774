"""The sources of instruments, grants, revocations and offices as canonical values. Pure.

A value still holds the handles its source holds (`person credit-officer-1`, names of grants and instruments); they
become ids when the change is released. `places` say where a member stands, for findings made later. Instants are
integers, microseconds; amounts are text.
"""

import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from governance.grant import DIGITS_MAX, EVER, Per, decimal_text, readable
from governance.source import Spot, read_yaml
from governance.source_texts import tell
from ledger.wording import Wording

DAYS_MAX = 3_660  # ten years: a longer window is no period limit
_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?", re.ASCII)
_PARTY = re.compile(r"(person) (\S{1,64})|(office) ([a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?)", re.ASCII)
_DECIMAL = re.compile(r"\d+(?:\.\d+)?", re.ASCII)
_CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)
_WINDOW = re.compile(r"([1-9]\d{0,4}) days?", re.ASCII)
_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:[Zz]|[+-]\d\d:\d\d)", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Artefact:
    """What a source says. `places` are (member, `line:column`)."""

    name: str
    value: dict[str, Any]
    places: dict[str, str] = field(default_factory=dict)


def read_instrument(source: str) -> Artefact:
    """`instrument, kind, title, number, issued-by, issued-on, document?` (hex SHA-256 of the paper)."""
    found = read_yaml(source).record(("instrument", "kind", "title", "number", "issued-by", "issued-on"), ("document",))
    value = {
        "kind": found["kind"].text(),
        "title": found["title"].text(),
        "number": found["number"].text(),
        "issued_by": found["issued-by"].text(),
        "issued_on": _date(found["issued-on"]),
        "document": _match(found["document"], _SHA256, tell("sha-256")) if "document" in found else "",
    }
    return _artefact("instrument", found, value)


def read_grant(source: str) -> Artefact:
    """`authority-grant` and its members. A root grant has neither parent nor, if the instrument gives it, grantor."""
    found = read_yaml(source).record(
        ("authority-grant", "instrument", "grantee", "domain", "powers", "limits", "valid"),
        ("grantor", "parent", "conditions"),
    )
    if "parent" in found and "grantor" not in found:
        found["parent"].fail(tell("grantor-with-parent"))
    value: dict[str, Any] = {
        "instrument": _slug(found["instrument"]),
        "grantee": _party(found["grantee"]),
        "grantor": _party(found["grantor"]) if "grantor" in found else "",
        "parent": _slug(found["parent"]) if "parent" in found else None,
        "domain": _slug(found["domain"]),
        "powers": [_power(power) for power in found["powers"].items()],
        "limits": _limits(found["limits"]),
        "conditions": _texts(found["conditions"]) if "conditions" in found else [],
        **_interval(found["valid"], "valid_from", "valid_to"),
    }
    return _artefact("authority-grant", found, value)


def read_revocation(source: str) -> Artefact:
    """`authority-revocation, grant, action: revoke | suspend, from?, to?, reason`; without `from`: at its release."""
    found = read_yaml(source).record(("authority-revocation", "grant", "action", "reason"), ("from", "to"))
    action = found["action"].text()
    if action not in ("revoke", "suspend"):
        found["action"].fail(tell("revoke-or-suspend"))
    if action == "revoke" and "to" in found:
        found["to"].fail(tell("revocation-without-end"))
    start = _instant(found["from"]) if "from" in found else 0
    end = _instant(found["to"]) if "to" in found else EVER
    if end <= start:
        found["to"].fail(tell("end-after-beginning"))
    value = {
        "grant": _slug(found["grant"]),
        "action": action,
        "effective_at": start,
        "ends_at": end,
        "reason": found["reason"].text(),
    }
    return _artefact("authority-revocation", found, value)


def read_office(source: str) -> Artefact:
    """`office, title, holders: [{person, from, to?}] | none`."""
    found = read_yaml(source).record(("office", "title", "holders"))
    value = {"title": found["title"].text(), "holdings": _holdings(found["holders"])}
    return _artefact("office", found, value)


def instant_of(text: str) -> int | None:
    """Microseconds of an RFC 3339 instant with `Z` or an offset; None for anything else."""
    if not _INSTANT.fullmatch(text):
        return None
    try:
        return (datetime.fromisoformat(text.upper()) - _EPOCH) // timedelta(microseconds=1)
    except (ValueError, OverflowError):
        return None


def _artefact(kind: str, found: dict[str, Spot], value: dict[str, Any]) -> Artefact:
    places = {name.replace("-", "_"): spot.location for name, spot in found.items()}
    return Artefact(_slug(found[kind]), value, places)


def _power(spot: Spot) -> dict[str, Any]:
    found = spot.record(("decision",), ("blueprint", "step", "outcomes"))
    if "step" in found and "blueprint" not in found:
        found["step"].fail(tell("blueprint-with-step"))
    return {
        "decision_kind": _slug(found["decision"]),
        "blueprint": found["blueprint"].text() if "blueprint" in found else None,
        "step": found["step"].text() if "step" in found else None,
        "outcomes": _texts(found["outcomes"]) if "outcomes" in found else None,
    }


def _limits(spot: Spot) -> list[dict[str, Any]]:
    """A list, or `none` in so many words: a limit somebody forgot must not look like one nobody wanted."""
    if spot.node.value == "none":
        return []
    limits = []
    seen = set()
    for item in spot.items():
        limit = _limit(item)
        if (place := (limit["per"], limit["days"], limit["currency"])) in seen:
            item.fail(tell("one-limit"))
        seen.add(place)
        limits.append(limit)
    return limits


def _limit(spot: Spot) -> dict[str, Any]:
    found = spot.record(("per", "max"), ("currency", "inclusive", "outcomes"))
    window = _WINDOW.fullmatch(found["per"].text())
    days = int(window.group(1)) if window else 0
    if not (window or found["per"].text() == "case") or days > DAYS_MAX:
        found["per"].fail(tell("case-or-days", most=DAYS_MAX))
    highest = Decimal(_match(found["max"], _DECIMAL, tell("amount")))
    if not readable(highest):
        found["max"].fail(tell("digits", most=DIGITS_MAX))
    inclusive = found["inclusive"].text() if "inclusive" in found else "true"
    if inclusive not in ("true", "false"):
        found["inclusive"].fail(tell("true-or-false"))
    return {
        "per": (Per.PERIOD if days else Per.CASE).value,
        "currency": _match(found["currency"], _CURRENCY, tell("currency")) if "currency" in found else "",
        "max": decimal_text(highest),
        "inclusive": inclusive == "true",
        "days": days,
        "outcomes": _texts(found["outcomes"]) if "outcomes" in found else None,
    }


def _holdings(spot: Spot) -> list[dict[str, Any]]:
    if spot.node.value == "none":
        return []
    holdings = []
    for item in spot.items():
        found = item.record(("person", "from"), ("to",))
        start, end = _instant(found["from"]), _instant(found["to"]) if "to" in found else EVER
        if end <= start:
            found["to"].fail(tell("end-after-beginning"))
        holdings.append({"person": f"person {found['person'].text()}", "held_from": start, "held_to": end})
    return holdings


def _interval(spot: Spot, start: str, end: str) -> dict[str, int]:
    found = spot.record(("from",), ("to",))
    value = {start: _instant(found["from"]), end: _instant(found["to"]) if "to" in found else EVER}
    if value[end] <= value[start]:
        found["to"].fail(tell("end-after-beginning"))
    return value


def _texts(spot: Spot) -> list[str]:
    texts = [item.text() for item in spot.items()]
    if len(set(texts)) < len(texts):
        spot.fail(tell("member-once"))
    return texts


def _party(spot: Spot) -> str:
    text = spot.text()
    if not _PARTY.fullmatch(text):
        spot.fail(tell("party"))
    return text


def _slug(spot: Spot) -> str:
    return _match(spot, _SLUG, tell("name"))


def _match(spot: Spot, pattern: re.Pattern[str], expected: Wording) -> str:
    text = spot.text()
    if not pattern.fullmatch(text):
        spot.fail(expected)
    return text


def _instant(spot: Spot) -> int:
    instant = instant_of(spot.text())
    if instant is None or not 0 <= instant < EVER:
        spot.fail(tell("instant"))
    return instant


def _date(spot: Spot) -> str:
    text = spot.text()
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        spot.fail(tell("date"))
