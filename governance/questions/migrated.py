"""Whether an instance went from one version of its blueprint to another by acts on record. Pure, standard library only.

Every entry of an instance rests on the version that it is under (`basis.blueprint`), so that none is judged by rules of
another. To another version it goes by an entry `instance.migrated`, which names both, with a permit, and to a version
of the same blueprint that was released before and not retired; what is open and was not moved is a step of both, and
the same in both. Whether that permit was given is judged where roles are.
"""

from collections.abc import Iterator, Sequence
from heapq import merge
from typing import Any, NamedTuple

from governance.questions.facts import Record, Records, in_parts
from governance.questions.open_steps import not_kept
from governance.questions.registers import ReleasedBlueprint, blueprint
from governance.questions.sequence import Deviation
from governance.questions.under_version import MIGRATED, Known, Under, stretches, under_after

CHANGE_RELEASED = "change.released"


class Migrations(NamedTuple):
    """How often an instance was migrated, and what is wrong with the versions that its entries name."""

    times: int
    found: tuple[Deviation, ...]


class ReleasesSoFar:
    """Which versions of blueprints were released, and which blueprints retired, as the entries so far tell it."""

    def __init__(self) -> None:
        self._digests: dict[tuple[str, int], str] = {}
        self._retired: set[str] = set()

    def take(self, record: Record) -> None:
        """Go on by a `change.released`."""
        payload = record.payload
        if payload["kind"] != "blueprint":
            return
        name = str(payload["name"])
        if payload.get("retires"):
            self._retired.add(name)
            return
        self._retired.discard(name)
        self._digests[name, int(payload["version"])] = str(payload["digest"])

    def lacking(self, version: Under) -> str:
        """Why no instance can be let go on under a version now, "" when one can."""
        if self._digests.get((version.blueprint, version.number)) != version.digest:
            return f"no version {version.number} of `{version.blueprint}` ({version.digest}) was released before"
        return f"`{version.blueprint}` was retired before" if version.blueprint in self._retired else ""


def version_faults(record: Record, before: Under | None, releases: ReleasesSoFar) -> Iterator[str]:
    """What is wrong with the version that an entry of an instance rests on, and with the one it goes on under.

    `before` is the version that the instance was under until then, `releases` what was released until then.
    """
    stood = before or under_after(None, record)
    if stood is None:  # it has not started
        return
    named = record.basis.get("blueprint", stood.digest)
    if named != stood.digest:
        yield f"it rests on version {named}, and the instance was under {stood.digest}"
    moves = record.transitions(MIGRATED)
    if record.kind == MIGRATED:
        yield from _migration_faults(record, stood, releases)
    elif moves:
        yield f"the instance went on under another version by `{record.kind}`, which is no act that may"


def kept_faults(parts: Sequence[Record], trail: Sequence[Record], known: Known) -> Iterator[str]:
    """What is wrong with what stays open as an instance is migrated: by an entry and those that go on from it, after
    those of `trail` (oldest first).

    Of a version that is not at hand nothing is known; that it was not released is a fault of its own.
    """
    was_under = [one.under for one in stretches([*trail, parts[0]])][-2:]
    old, new = [known(under.digest) for under in was_under] if len(was_under) == 2 else (None, None)
    if old is not None and new is not None:
        yield from not_kept(parts, trail, (old, new))


def faults(records: Records, instance: str) -> Migrations:
    """What is wrong with the versions that the entries of an instance name, by what stands among these entries."""
    releases, under = ReleasesSoFar(), None
    times = 0
    found: list[Deviation] = []
    entries = records.of(instance)

    def known(digest: str) -> ReleasedBlueprint | None:
        return blueprint(records, digest)

    places = enumerate(entries)
    for record in merge(records.kind(CHANGE_RELEASED), entries, key=lambda one: one.index):
        if record.kind == CHANGE_RELEASED:
            releases.take(record)
            continue
        texts, (place, _) = [*version_faults(record, under, releases)], next(places)
        if record.kind == MIGRATED:
            times += 1
            texts += kept_faults(in_parts(entries, place), entries[:place], known)
        found += [Deviation(record, text) for text in texts]
        under = under_after(under, record)
    return Migrations(times, tuple(found))


def _migration_faults(record: Record, stood: Under, releases: ReleasesSoFar) -> Iterator[str]:
    moves = record.transitions(MIGRATED)
    if len(moves) != 1 or record.transitions()[:1] != moves:
        yield "it does not begin with one transition to another version"
        return
    to = under_after(stood, record)
    assert to is not None
    said = record.payload.get("migrated", {})
    if said.get("from") != _named(stood):
        yield f"it says that the instance left another version than {stood.number} ({stood.digest})"
    if said.get("to") != _named(to):
        yield f"it says that the instance goes on under another version than {to.number} ({to.digest})"
    if to == stood:
        yield f"the instance was under version {to.number} before"
    if "permit" not in record.basis:
        yield "nobody's permit to migrate the instance is on record"
    if lacking := releases.lacking(to):
        yield f"the instance goes on under a version it cannot: {lacking}"


def _named(version: Under) -> dict[str, Any]:
    return {"version": version.digest, "number": version.number}
