"""Every decision of a log judged again while the log is read: `ledger.rederiving` shows the entries, in order.

Kept are the authority register as the entries so far make it, the units of persons and who stands in for whom, the
total of every period window, and where each blueprint version was released. The history of an instance is looked up
when a decision is taken in it, and kept while it is one of the latest. A decision is judged by
`governance.decision.decide`, the function it was made by; with which grants the enforcement point named a person is
taken as recorded. A review of a change request is judged by what its change request says before it, and its signature
as those under decisions are.
"""

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from governance.authority import Register
from governance.grant import grant_of, instrument_of, office_of, status_of
from governance.questions.facts import Record, data_after
from governance.questions.parties import people_parts
from governance.questions.people import PEOPLE_KINDS, Held, People, Tasks, take_tasks
from governance.questions.recorded import ActorsByStep, Holder, Votes, Window
from governance.questions.rederive import (
    DECIDED,
    add_actors,
    judge_again,
    recorded_in,
    windows_of,
)
from governance.questions.registers import (
    AUTHORITY_GRANTED,
    AUTHORITY_KINDS,
    INSTRUMENT_RELEASED,
    OFFICE_RELEASED,
    ReleasedBlueprint,
)
from governance.questions.reviews import CHANGE_REVIEWED, judge_review, review_id
from governance.questions.signatures import PASSKEY_ENROLLED, PASSKEY_REMOVED, take_passkey
from governance.questions.voters import voters_part
from governance.questions.votes import take_votes
from ledger.rederiving import Judged, Look, Seen
from ledger.verify.report import Status

INSTANCES_MAX = 2_000  # whose state is kept; one that comes back later is looked up again
VERSIONS_MAX = 64  # blueprint versions kept decoded, of at most 60 KiB each
CHANGE_RELEASED = "change.released"

_WHOLE = frozenset(("register", "passkey holder"))
_NAMES = {
    "authority": "decisions",
    "register": "registers named",
    "signature": "signed statements",
    "passkey holder": "holders of passkeys",
    "votes": "votes and their count",
    "units": "units of who is compared",
    "substitutes": "whom deciders stood in for",
    "voters left": "how many could still vote",
}


@dataclass(slots=True)
class _Instance:
    """An instance as its entries up to the one at `last` make it."""

    last: int | None = None
    begun: Mapping[str, Any] | None = None
    actors: dict[str, dict[str, None]] = field(default_factory=dict)
    data: dict[str, Any] = field(default_factory=dict)
    votes: dict[int, list[tuple[str, str]]] = field(default_factory=dict)
    tasks: dict[int, Held] = field(default_factory=dict)

    def take(self, record: Record) -> None:
        """Go on by one entry."""
        for one in record.transitions("instance.started"):
            self.begun = self.begun or one
        add_actors(self.actors, record)
        take_votes(self.votes, record)
        take_tasks(self.tasks, record)
        self.data = data_after(self.data, record)
        self.last = record.index


class _Past:
    """What the log so far says to one decision: see `governance.questions.recorded.Past`."""

    def __init__(self, again: "DecisionsAgain", instance: _Instance, look: Look) -> None:
        self._again, self._instance, self._look = again, instance, look

    @property
    def register(self) -> Register:
        return self._again.register()

    @property
    def begun(self) -> Mapping[str, Any] | None:
        return self._instance.begun

    @property
    def actors_by_step(self) -> ActorsByStep:
        return tuple((step, tuple(persons)) for step, persons in self._instance.actors.items())

    @property
    def data(self) -> Mapping[str, Any]:
        return self._instance.data

    @property
    def votes(self) -> Votes:
        return self._instance.votes

    @property
    def people(self) -> People:
        return self._again.people

    @property
    def tasks(self) -> Tasks:
        return self._instance.tasks

    def blueprint(self, digest: str) -> ReleasedBlueprint | None:
        return self._again.version(digest, self._look)

    def holder(self, credential: str) -> Holder | None:
        return self._again.passkeys.get(credential)

    def total(self, window: Window) -> Decimal | None:
        return self._again.totals.get(window, Decimal(0))


class DecisionsAgain:
    """A `ledger.rederiving.Rederiver`: registers, every decision, and the signature under every review."""

    def __init__(self) -> None:
        self._parts: dict[str, list[Any]] = {kind: [] for kind in ("instruments", "grants", "statuses", "offices")}
        self._register: Register | None = Register()
        self._stated = ""  # the digest the newest entry of the register states, until it was compared
        self.totals: dict[Window, Decimal] = {}
        self.passkeys: dict[str, Holder] = {}
        self.people = People(is_whole=True)
        self._released: dict[str, int] = {}
        self._versions: OrderedDict[str, ReleasedBlueprint] = OrderedDict()
        self._instances: OrderedDict[str, _Instance] = OrderedDict()

    def take(self, seen: Seen, look: Look) -> Iterator[Judged]:
        """See `ledger.rederiving.Rederiver`."""
        kind = seen.value["kind"]
        if kind in AUTHORITY_KINDS:
            self._add(kind, seen.value["payload"])
        elif kind == CHANGE_RELEASED:
            payload = seen.value["payload"]
            if payload["kind"] == "blueprint" and not payload.get("retires"):
                self._released.setdefault(str(payload["digest"]), seen.index)
        elif kind in PEOPLE_KINDS:
            self.people.take(_record(seen))
        elif kind in (PASSKEY_ENROLLED, PASSKEY_REMOVED):
            take_passkey(self.passkeys, _record(seen))
        elif kind in DECIDED and seen.value["payload"].get("decision"):
            yield from self._judge(seen, look)
        elif kind == CHANGE_REVIEWED:
            yield from self._judge_review(seen, look)

    def end(self) -> Iterator[Judged]:
        """See `ledger.rederiving.Rederiver`: whether the register has the digest its newest entry states."""
        stated, self._stated = self._stated, ""
        if stated:
            status = Status.PASSED if self.register().digest == stated else Status.FAILED
            yield Judged("authority registers", status, f"a register of digest {stated}", "another")

    def register(self) -> Register:
        """The authority register as it stands, `BrokenState` for a value that is none."""
        if self._register is None:
            self._register = Register(**{name: tuple(parts) for name, parts in self._parts.items()})
        return self._register

    def version(self, digest: str, look: Look) -> ReleasedBlueprint | None:
        """A released blueprint version."""
        found = self._versions.get(digest)
        index = self._released.get(digest)
        if found is None and index is not None:
            found = self._versions[digest] = ReleasedBlueprint(_record(look(index)), (), ())
            if len(self._versions) > VERSIONS_MAX:
                self._versions.popitem(last=False)
        return found

    def _add(self, kind: str, payload: Mapping[str, Any]) -> None:
        value = payload["value"]
        if kind == INSTRUMENT_RELEASED:
            self._parts["instruments"].append(instrument_of(value))
        elif kind == OFFICE_RELEASED:
            self._parts["offices"].append(office_of(value))
        elif kind == AUTHORITY_GRANTED:
            self._parts["grants"].append(grant_of(value))
        else:
            self._parts["statuses"].append(status_of(value))
        self._register, self._stated = None, str(payload["register_digest"])

    def _judge(self, seen: Seen, look: Look) -> Iterator[Judged]:
        yield from self.end()
        record = _record(seen)
        past = _Past(self, self._before(seen, look), look)
        number = int(record.payload["task"])
        recorded = recorded_in(record)
        if recorded is None or past.begun is None or past.blueprint(str(past.begun["version"])) is None:
            expected = f"the completion of task {number} in an instance of a released blueprint version"
            yield Judged("decisions", Status.FAILED, expected, "none")
            return
        for part in (*judge_again(past, recorded).parts, *people_parts(past, recorded), *voters_part(past, recorded)):
            # The whole log is at hand: a register or an enrolment that is not there was not merely left out of it.
            is_wrong = part.status is Status.FAILED or (part.name in _WHOLE and part.status is Status.NOT_RUN)
            status = Status.FAILED if is_wrong else part.status
            name = _NAMES.get(part.name, part.name)
            yield Judged(name, status, f"decision {recorded.id} as recorded", part.text)
        if recorded.decision.get("test"):  # judged like any, and uses up nothing
            return
        for window, total in windows_of(recorded.decision):
            self.totals[window] = total

    def _judge_review(self, seen: Seen, look: Look) -> Iterator[Judged]:
        record, trail = _record(seen), []
        at = seen.previous
        while at is not None:
            earlier = look(at)
            trail.append(_record(earlier))
            at = earlier.previous
        for part in judge_review(record, trail[::-1], self.passkeys.get):
            status = Status.PASSED if part.status is Status.PASSED else Status.FAILED  # the whole trail is at hand
            yield Judged(_NAMES[part.name], status, f"review {review_id(record)} as recorded", part.text)

    def _before(self, seen: Seen, look: Look) -> _Instance:
        """The instance just before an entry of it."""
        subject = str(seen.value["subject"])
        instance = self._instances.pop(subject, None) or _Instance()
        self._instances[subject] = instance
        if len(self._instances) > INSTANCES_MAX:
            self._instances.popitem(last=False)
        ahead: list[int] = []
        at = seen.previous
        while at is not None and at != instance.last:
            ahead.append(at)
            at = look(at).previous
        for index in reversed(ahead):
            instance.take(_record(look(index)))
        return instance


def _record(seen: Seen) -> Record:
    return Record(seen.index, "", seen.value)
