"""The door of the versioning room: commands of change control, and released versions for other rooms."""

from collections.abc import Iterable
from functools import partial
from threading import Lock
from typing import Any, NamedTuple, TypeVar

from ledger.errors import BrokenState
from ledger.rows import Folds, Table
from ledger.work import Commands, CommandSpec, Rows
from versioning import deciding, fold, proposing, store, tables
from versioning.artefact import ArtefactVersion, Kinds
from versioning.blueprint import BlueprintVersion
from versioning.change import ChangeRequest
from versioning.commands import (
    EditChange,
    ExpireChange,
    ProposeChange,
    ReleaseChange,
    RetireArtefact,
    ReviewChange,
    StateReview,
    SubmitChange,
    WithdrawChange,
)
from versioning.control import Deps
from versioning.kinds.agent import AgentKind
from versioning.kinds.blueprint import BlueprintKind
from versioning.kinds.calendar import CalendarKind
from versioning.kinds.connector import ConnectorKind
from versioning.kinds.feed import FeedKind
from versioning.kinds.reason_code_list import ReasonCodeListKind
from versioning.kinds.rule_table import RuleTableKind
from versioning.proposals import Standing
from versioning.standing import standing as _standing
from versioning.starts import starts_in

VERSIONS_CACHED_MAX = 512  # at most 40 KiB of text each: a bound on memory, far above what an organisation runs

K = TypeVar("K")
V = TypeVar("V")
Groups = tuple[tuple[Table[Any], tuple[Any, ...]], ...]


def commands(deps: Deps) -> Commands:
    """Every command of change control."""
    return {
        ProposeChange: CommandSpec("ProposeChange", partial(proposing.propose, deps), _actor),
        RetireArtefact: CommandSpec("RetireArtefact", partial(proposing.retire, deps), _actor),
        EditChange: CommandSpec("EditChange", partial(proposing.edit, deps), _id, _reads),
        SubmitChange: CommandSpec("SubmitChange", partial(proposing.submit, deps), _id, _reads),
        StateReview: CommandSpec("StateReview", partial(deciding.state_review, deps), _id, _reads),
        ReviewChange: CommandSpec("ReviewChange", partial(deciding.review, deps), _id, _reads),
        WithdrawChange: CommandSpec("WithdrawChange", partial(proposing.withdraw, deps), _id, _reads),
        ReleaseChange: CommandSpec("ReleaseChange", partial(deciding.release, deps), _id, _reads),
        ExpireChange: CommandSpec("ExpireChange", partial(deciding.expire, deps), _id, _reads),
    }


def folds() -> Folds:
    """Every fold of change control."""
    return fold.folds()


def own_kinds(blueprint: BlueprintKind, rule_table: RuleTableKind, feed: FeedKind) -> Kinds:
    """The kinds this room owns; wiring adds those of the rooms to the left."""
    own = (blueprint, rule_table, ConnectorKind(), ReasonCodeListKind(), CalendarKind(), AgentKind(), feed)
    return {kind.kind: kind for kind in own}


def _actor(command: Any) -> str:  # noqa: ARG001 - there is no object yet
    return ""


def _id(command: Any) -> str:
    return str(command.id)


def _reads(command: Any) -> Groups:
    return ((tables.CHANGE_REQUEST, (command.id,)), (tables.CHANGE_REVIEW, (command.id,)))


def change_request(uow: Rows, change_id: str) -> ChangeRequest | None:
    """The change request with its reviews, stale ones included (`versioning.change.stale_approvals`)."""
    return store.change_request(uow, change_id)


def standing(uow: Rows, kinds: Kinds, artefacts: Iterable[tuple[str, str]]) -> Standing:
    """What is in force and what is proposed of these (kind, name): against it `versioning.proposals.plan` plans."""
    return _standing(uow, kinds, artefacts)


class DecisionPoint(NamedTuple):
    """A decision step of a released blueprint version, for compiling the authority model."""

    blueprint: str
    version: int
    step: str
    decision_kind: str
    outcomes: tuple[str, ...]


def decision_points(uow: Rows) -> tuple[DecisionPoint, ...]:
    """Every decision step of every released blueprint version, in order."""
    return tuple(
        DecisionPoint(row.blueprint, row.version, row.step, row.decision_kind, tuple(store.value_of(row.outcomes)))
        for row in store.decision_points(uow)
    )


def lapsed(uow: Rows, limit: int) -> tuple[str, ...]:
    """Ids for which the runner sends `ExpireChange`."""
    return store.lapsed(uow, limit)


def due(uow: Rows, limit: int) -> tuple[str, ...]:
    """Ids of scheduled change requests for which the runner sends `ReleaseChange`."""
    return store.due(uow, limit)


class Versions:
    """Released versions of governed artefacts: immutable, re-hashed against their digest when loaded, and cached.

    Which version is in force, and where a digest is found, is known for one register epoch: every release raises it,
    and an epoch raised inside a batch is never seen again. A version itself is cached only once its batch is over
    (`released_at` before `now`), since a batch may still be rolled back; and never where its text is classed
    confidential or above, since its opening may be destroyed.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._versions: dict[tuple[str, str, str, int], ArtefactVersion] = {}
        self._places: dict[str, _Places] = {}

    def current(self, uow: Rows, kind: str, name: str) -> ArtefactVersion | None:
        """The version in force; None when there is none or it was retired."""
        found = self.newest(uow, kind, name)
        return None if found is None or found.retired else found

    def newest(self, uow: Rows, kind: str, name: str) -> ArtefactVersion | None:
        """The newest version, the one that ends the artefact included."""
        known = self._known(uow).newest
        place = known.get((kind, name))
        if place is None:
            place = store.current(uow, kind, name)
            if place is None:
                return None
            _keep(known, (kind, name), place)
        found = self.version(uow, kind, name, place.version)
        if found is None or found.digest != place.digest:
            raise BrokenState("the artefact and its version in force state different digests")
        return found

    def version(self, uow: Rows, kind: str, name: str, number: int) -> ArtefactVersion | None:
        """One version by its number; `BrokenState` when its row was edited."""
        key = (uow.origin, kind, name, number)
        known = self._versions.get(key)
        if known is None:
            row = store.version_row(uow, kind, name, number)
            if row is None:
                return None
            known = store.artefact_version(uow, row)
            if known.released_at < uow.now and not known.sealed:
                with self._lock:
                    _keep(self._versions, key, known)
        return known

    def by_digest(self, uow: Rows, digest: str) -> ArtefactVersion | None:
        """The newest version with this digest."""
        known = self._known(uow).by_digest
        place = known.get(digest)
        if place is None:
            place = store.place_of_digest(uow, digest)
            if place is None:
                return None
            _keep(known, digest, place)
        return self.version(uow, *place)

    def names(self, uow: Rows, kind: str) -> tuple[str, ...]:
        """Names of the artefacts of this kind in force."""
        return store.names(uow, kind)

    def _known(self, uow: Rows) -> "_Places":
        known = self._places.get(uow.origin)
        if known is None or known.epoch != uow.register_epoch:
            known = self._places[uow.origin] = _Places(uow.register_epoch, {}, {})
        return known


class _Places(NamedTuple):
    """Where the versions of one log are found at one register epoch."""

    epoch: int
    newest: dict[tuple[str, str], tables.ArtefactRow]
    by_digest: dict[str, tuple[str, str, int]]


def _keep(known: dict[K, V], key: K, value: V) -> None:
    if len(known) >= VERSIONS_CACHED_MAX:
        known.clear()
    known[key] = value


class Blueprints:
    """Released blueprint versions as the value the machine runs, cached by digest and number."""

    def __init__(self, versions: Versions, kind: BlueprintKind) -> None:
        self._versions = versions
        self._kind = kind
        self._read: dict[tuple[str, str, int, str], BlueprintVersion] = {}
        self._by_message: dict[str, tuple[int, dict[str, list[str]]]] = {}  # by origin, for one register epoch
        self._lasting: dict[tuple[str, str, int], BlueprintVersion] = {}  # those that `Versions` may keep, too

    def current(self, uow: Rows, name: str) -> BlueprintVersion | None:
        """The version in force; None when there is none or it was retired."""
        return self._of(uow, self._versions.current(uow, "blueprint", name))

    def version(self, uow: Rows, name: str, number: int) -> BlueprintVersion | None:
        """One version by its number."""
        known = self._lasting.get((uow.origin, name, number))
        return known or self._of(uow, self._versions.version(uow, "blueprint", name, number))

    def released(self, uow: Rows, name: str, number: int) -> BlueprintVersion:
        """One that must be there, such as the version an instance runs on; `BrokenState` when it is not."""
        found = self.version(uow, name, number)
        if found is None:
            raise BrokenState(f"no version {number} of blueprint {name} was released")
        return found

    def by_digest(self, uow: Rows, digest: str) -> BlueprintVersion | None:
        """The newest version with this digest."""
        return self._of(uow, self._versions.by_digest(uow, digest))

    def starting_by(self, uow: Rows, message: str) -> tuple[BlueprintVersion, ...]:
        """The versions in force that start an instance by a message of this name, in order of their names."""
        known = self._by_message.get(uow.origin)
        if known is None or known[0] != uow.register_epoch:
            known = self._by_message[uow.origin] = uow.register_epoch, self._messages(uow)
        found = [self.current(uow, name) for name in known[1].get(message, ())]
        return tuple([version for version in found if version is not None])

    def _messages(self, uow: Rows) -> dict[str, list[str]]:
        """The names of the blueprints in force by the message they start by."""
        names: dict[str, list[str]] = {}
        for name in sorted(self._versions.names(uow, "blueprint")):
            version = self._versions.current(uow, "blueprint", name)
            for start in [] if version is None else starts_in(version.value):
                if start.get("message"):
                    names.setdefault(start["message"], []).append(name)
        return names

    def _of(self, uow: Rows, found: ArtefactVersion | None) -> BlueprintVersion | None:
        if found is None or found.kind != "blueprint" or found.retired or found.source is None:
            return None
        key = (uow.origin, found.name, found.number, found.digest)
        known = self._read.get(key)
        if known is None:
            artefact = self._kind.read(found.source)
            if artefact.value != found.value:
                raise BrokenState("the released blueprint no longer reads as it was approved")
            known = BlueprintVersion(
                blueprint=artefact.blueprint,
                number=found.number,
                digest=found.digest,
                authors=found.authors,
                approvers=found.approvers,
                source=found.source,
                released_at=found.released_at,
            )
            _keep(self._read, key, known)
        if found.released_at < uow.now and not found.sealed:
            _keep(self._lasting, key[:3], known)
        return known
