"""Every decision of a log judged again while the log is read: `ledger.rederiving` shows the entries, in order.

Kept are the authority register as the entries so far make it, the units of persons and who stands in for whom, the
total of every period window, where each blueprint version was released, and which one each of the latest instances is
under. The history of an instance is looked up when a decision is taken in it or it is migrated, and kept while it is
one of the latest. A decision is judged by
`governance.decision.decide`, the function it was made by; with which grants the enforcement point named a person is
taken as recorded. A review of a change request is judged by what its change request says before it, and its signature
as those under decisions are.
"""

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import partial
from typing import Any, NamedTuple

from governance.authority import Register
from governance.questions.facts import Record, goes_on
from governance.questions.following import InstanceSoFar
from governance.questions.hands import Hands, InHand
from governance.questions.holding import ACCESS, GIVEN, LIMIT, TAKEN
from governance.questions.left_with import LEFT
from governance.questions.migrated import ReleasesSoFar, kept_faults, version_faults
from governance.questions.parties import people_parts
from governance.questions.people import PEOPLE_KINDS, People, Tasks
from governance.questions.recorded import ActorsByStep, Holder, Votes, Window, version_of
from governance.questions.rederive import DECIDED, judge_again, recorded_in, windows_of
from governance.questions.registers import AUTHORITY_KINDS, RegisterSoFar, ReleasedBlueprint
from governance.questions.reviews import CHANGE_REVIEWED, judge_review, review_id
from governance.questions.signatures import PASSKEY_ENROLLED, PASSKEY_REMOVED, take_passkey
from governance.questions.under_version import MIGRATED, Known, Under, under_after
from governance.questions.voters import voters_part
from ledger.rederiving import Judged, Look, Seen
from ledger.verify.report import Status

INSTANCES_MAX = 2_000  # whose state is kept; one that comes back later is looked up again
UNDER_MAX = 100_000  # instances whose version is kept, about 20 MB; that of an older one is looked up
VERSIONS_MAX = 64  # blueprint versions kept decoded, of at most 60 KiB each
CHANGE_RELEASED = "change.released"

_MIGRATED = "instances that went on under another version"
_OVER = ("instance.ended", "instance.cancelled")
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
    TAKEN: "tasks taken away for want of authority",
    GIVEN: "decisions taken up or handed on",
    LIMIT: "limits of holders",
    LEFT: "decisions held without authority",
}


class _Past:
    """What the log so far says to one decision: see `governance.questions.recorded.Past`."""

    def __init__(self, again: "DecisionsAgain", instance: InstanceSoFar, look: Look) -> None:
        self._again, self._instance, self._look = again, instance, look

    @property
    def register(self) -> Register:
        return self._again.register

    @property
    def begun(self) -> Mapping[str, Any] | None:
        return self._instance.begun

    @property
    def under(self) -> Under | None:
        return self._instance.under

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


class _Known:
    """What the log before an entry says of in whose hands tasks are: see `governance.questions.hands.Known`."""

    def __init__(self, again: "DecisionsAgain", seen: Seen, look: Look) -> None:
        self._again, self._seen, self._look = again, seen, look

    @property
    def register(self) -> Register:
        return self._again.register

    def before(self, _record: Record) -> InstanceSoFar:
        return self._again.before(self._seen, self._look)

    def version(self, digest: str) -> ReleasedBlueprint | None:
        return self._again.version(digest, self._look)


class _Migrating(NamedTuple):
    """A migration that is being read: its entry and those that go on from it, the entries before, and who knows the
    versions; see `governance.questions.migrated.kept_faults`."""

    parts: list[Record]
    trail: list[Record]
    known: Known

    def takes(self, record: Record) -> bool:
        """Whether an entry goes on from it; then it is taken."""
        first = self.parts[0]
        is_part = record.subject == first.subject and goes_on(record, first)
        if is_part:
            self.parts.append(record)
        return is_part


class DecisionsAgain:
    """A `ledger.rederiving.Rederiver`: registers, every decision, and the signature under every review."""

    def __init__(self) -> None:
        self._so_far = RegisterSoFar()
        self._stated = ""  # the digest the newest entry of the register states, until it was compared
        self._hands = Hands()
        self.totals: dict[Window, Decimal] = {}
        self.passkeys: dict[str, Holder] = {}
        self.people = People(is_whole=True)
        self._released: dict[str, int] = {}
        self._releases = ReleasesSoFar()
        self._migrating: _Migrating | None = None
        self._same: dict[Under, Under] = {}
        self._under: OrderedDict[str, Under] = OrderedDict()  # by instance
        self._versions: OrderedDict[str, ReleasedBlueprint] = OrderedDict()
        self._instances: OrderedDict[str, InstanceSoFar] = OrderedDict()

    def take(self, seen: Seen, look: Look) -> Iterator[Judged]:
        """See `ledger.rederiving.Rederiver`."""
        yield from self._judge_migrated(seen)
        kind = seen.value["kind"]
        if kind in AUTHORITY_KINDS:
            self._add(kind, seen.value["payload"])
        elif kind == CHANGE_RELEASED:
            payload = seen.value["payload"]
            self._releases.take(_record(seen))
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
        if "transitions" in seen.value["payload"]:
            yield from self._judge_version(_record(seen), seen, look)
            yield from self._judge_hands(seen, look)

    def end(self) -> Iterator[Judged]:
        """See `ledger.rederiving.Rederiver`: the newest register, and decisions that are still held."""
        yield from self._judge_migrated(None)
        yield from self._judge_register()
        yield from map(_in_hand, self._hands.end())

    def _judge_register(self) -> Iterator[Judged]:
        """Whether the register has the digest its newest entry states."""
        stated, self._stated = self._stated, ""
        if stated:
            status = Status.PASSED if self.register.digest == stated else Status.FAILED
            yield Judged("authority registers", status, f"a register of digest {stated}", "another")

    @property
    def register(self) -> Register:
        """The authority register as it stands, `BrokenState` for a value that is none."""
        return self._so_far.register

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
        self._so_far.take(kind, payload)
        self._stated = str(payload["register_digest"])

    def _judge_hands(self, seen: Seen, look: Look) -> Iterator[Judged]:
        for told in self._hands.take(_record(seen), _Known(self, seen, look)):
            if told.part.name != ACCESS:  # that is judged by who keeps roles and permissions
                yield _in_hand(told)

    def _judge(self, seen: Seen, look: Look) -> Iterator[Judged]:
        yield from self._judge_register()
        record = _record(seen)
        past = _Past(self, self.before(seen, look), look)
        number = int(record.payload["task"])
        recorded = recorded_in(record)
        if recorded is None or past.begun is None or version_of(past) is None:
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

    def _judge_version(self, record: Record, seen: Seen, look: Look) -> Iterator[Judged]:
        """Whether an entry of an instance rests on the version it is under, and goes on under another by an act."""
        before = self._under.pop(record.subject, None)
        if before is None and seen.previous is not None:
            before = self.before(seen, look).under
        for text in version_faults(record, before, self._releases):
            yield Judged(_MIGRATED, Status.FAILED, "each entry of an instance by the version that it is under", text)
        if record.kind == MIGRATED:
            self._migrating = _Migrating([record], _trail(seen, look), partial(self.version, look=look))
        after = under_after(before, record)
        if after is None or record.transitions(*_OVER):
            return
        self._under[record.subject] = self._same.setdefault(after, after)
        if len(self._under) > UNDER_MAX:
            self._under.popitem(last=False)

    def _judge_migrated(self, next_one: Seen | None) -> Iterator[Judged]:
        """Whether what stayed open could go on, once everything that followed from a migration has been read."""
        migrating = self._migrating
        if migrating is None:
            return
        if next_one is not None and migrating.takes(_record(next_one)):
            return
        self._migrating = None
        for text in kept_faults(*migrating):
            yield Judged(_MIGRATED, Status.FAILED, "what is open to be the same in the other version", text)
        yield Judged(_MIGRATED, Status.PASSED)

    def _judge_review(self, seen: Seen, look: Look) -> Iterator[Judged]:
        record, trail = _record(seen), _trail(seen, look)
        for part in judge_review(record, trail, self.passkeys.get):
            status = Status.PASSED if part.status is Status.PASSED else Status.FAILED  # the whole trail is at hand
            yield Judged(_NAMES[part.name], status, f"review {review_id(record)} as recorded", part.text)

    def before(self, seen: Seen, look: Look) -> InstanceSoFar:
        """The instance just before an entry of it."""
        subject = str(seen.value["subject"])
        instance = self._instances.pop(subject, None) or self._hands.instance(subject) or InstanceSoFar()
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


def _in_hand(told: InHand) -> Judged:
    """Of a whole log a register that is not there was not merely left out."""
    part = told.part
    is_wrong = part.status is Status.FAILED or (part.name == "register" and part.status is Status.NOT_RUN)
    status = Status.FAILED if is_wrong else part.status
    return Judged(_NAMES[part.name], status, f"task {told.task} in the hands of who may hold it", part.text)


def _trail(seen: Seen, look: Look) -> list[Record]:
    """The entries of an entry's subject before it, oldest first."""
    found: list[Record] = []
    at = seen.previous
    while at is not None:
        earlier = look(at)
        found.append(_record(earlier))
        at = earlier.previous
    return found[::-1]


def _record(seen: Seen) -> Record:
    return Record(seen.index, "", seen.value)
