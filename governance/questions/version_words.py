"""Under which blueprint versions an instance ran, who let it go on under another, and who approved each, in words of a
compliance record. Pure, standard library only.

Each statement is its text, the values it is made of, and the entries it rests on.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from governance.questions.facts import Record
from governance.questions.record_words import shown_value
from governance.questions.registers import ReleasedBlueprint
from governance.questions.under_version import Stretch

Statement = tuple[str, Mapping[str, Any], tuple[Record, ...]]
Person = Callable[[str], str]


def numbers_words(told: Sequence[Stretch]) -> str:
    """The numbers of the versions, in the order in which the instance was under them."""
    return ", then ".join(str(one.under.number) for one in told)


def governed_words(told: Sequence[Stretch], place: int, person: Person) -> Statement:
    """Which version governed the instance, how long, and who let it go on under it; `place` is that among all."""
    under, since = told[place]
    until = told[place + 1].since if place + 1 < len(told) else None
    text = f"blueprint {under.blueprint} version {under.number} ({under.digest}) governed the instance"
    values: dict[str, Any] = {"blueprint": under.blueprint, "version": under.number}
    if place:
        text += f" from {since.at}"
        values |= {"from_version": told[place - 1].under.number, "since": since.at}
    if until is not None:
        text += f" until {until.at}"
        values["until"] = until.at
    if place:
        words, who = _migrated(since, person)
        text, values = f"{text}: {words}", {**values, **who}
    return text, values, (since,)


def _migrated(record: Record, person: Person) -> tuple[str, dict[str, Any]]:
    actor, reason = record.actor, record.payload.get("reason")
    acted = str(actor.get("person") or actor["id"])
    values = {"person": acted, "reason": reason}
    words = f"{person(acted)} let it go on under this version"
    if behalf := actor.get("on_behalf_of"):
        words += f", on behalf of {person(behalf)}"
        values["on_behalf_of"] = behalf
    if proposed := record.payload.get("closes", {}).get("proposed_by"):
        words += f", as {person(proposed)} had proposed"
        values["proposed_by"] = proposed
    why = "without a reason on record" if reason is None else f"giving a reason ({shown_value(reason)})"
    return f"{words}, {why}", values


def approval_words(version: ReleasedBlueprint, person: Person) -> Iterator[Statement]:
    """Who wrote a version, who approved it, and when it was released."""
    authors = ", ".join(person(author) for author in version.authors)
    written = () if version.edit is None else (version.edit.record,)
    request = version.record.subject
    yield f"written by {authors} in change request {request}", {"authors": list(version.authors)}, written
    for one in version.approvals:
        by, digest = one.payload["person"], one.payload["digest"]
        yield f"approved by {person(by)} at {one.at}, bound to digest {digest}", {"person": by}, (one,)
    released = version.record
    yield f"released at {released.at}", {"released_at": released.at}, (released,)
