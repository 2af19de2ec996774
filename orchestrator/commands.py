"""The commands of the engine: what may be asked of process instances, tasks, jobs, calls, timers and incidents.

Frozen and picklable: they travel to the writer. Ids name the instance and the number within it (`pi_....7`), so the
rows a command needs are known from the command alone. Data is canonical JSON by field name.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, Literal

from governance.signature import Signed
from ledger.clock import Instant
from ledger.errors import BrokenInput
from orchestrator.breaker import Limits
from orchestrator.refusal_texts import why

NUMBER_DIGITS_MAX = 12  # of the number in an id; far beyond any instance, well within 64 bits
_ID = re.compile(rf"(pi_.*)\.([1-9][0-9]{{0,{NUMBER_DIGITS_MAX - 1}}})", re.DOTALL)  # of what lies in an instance


@dataclass(frozen=True, slots=True)
class StartInstance:
    """Start an instance of a blueprint: of `version` (digest), or of the one in force; in test mode where `test`."""

    blueprint: str
    business_key: str
    data: Mapping[str, Any]
    version: str | None = None
    domain: str = "organisation"
    test: bool = False


@dataclass(frozen=True, slots=True)
class CancelInstance:
    instance_id: str
    reason: str = ""
    expected_revision: int | None = None


@dataclass(frozen=True, slots=True)
class SuspendInstance:
    """Let nothing begin, fire or go out in an instance, and in those it runs, until it is resumed."""

    instance_id: str
    reason: str = ""
    expected_revision: int | None = None


@dataclass(frozen=True, slots=True)
class ResumeInstance:
    instance_id: str
    reason: str = ""
    expected_revision: int | None = None


@dataclass(frozen=True, slots=True)
class ModifyInstance:
    """`moves` are (number of an activation, step entered in its place); `ends` what runs beside a step and ends."""

    instance_id: str
    moves: tuple[tuple[int, str], ...] = ()
    ends: tuple[int, ...] = ()
    reason: str = ""
    expected_revision: int | None = None


@dataclass(frozen=True, slots=True)
class CorrectData:
    """Other values of an instance's data, by path."""

    instance_id: str
    values: Mapping[str, Any] = field(default_factory=dict)
    reason: str = ""
    expected_revision: int | None = None


@dataclass(frozen=True, slots=True)
class ConfirmAct:
    """The second person: what was proposed is done now. `digest` is that of the proposal they were shown."""

    instance_id: str
    proposal: str  # ap_...
    digest: str


@dataclass(frozen=True, slots=True)
class RejectAct:
    """It is not done: rejected by a second person, or withdrawn by who proposed it."""

    instance_id: str
    proposal: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ExpireAct:
    """Sent by the runner for a proposal whose time is over; `due` must be the instant that stands in the row."""

    instance_id: str
    proposal: str
    due: Instant


@dataclass(frozen=True, slots=True)
class StartBulk:
    """One act on many instances, or (`resolve`, in the way of `how`) on many incidents, named by their ids.

    `found_by` is the filter that found them where the caller named none: (name, value).
    """

    act: Literal["suspend", "resume", "cancel", "resolve"]
    items: tuple[str, ...]
    reason: str = ""
    how: Literal["", "retry", "skip"] = ""
    found_by: tuple[tuple[str, str], ...] = ()

    def as_asked(self) -> "StartBulk":
        """What makes a repeat the same command: what a filter finds, it finds anew with every try."""
        return replace(self, items=()) if self.found_by else self


@dataclass(frozen=True, slots=True)
class CarryOutItem:
    """Sent by the runner in the name of who asked: the item at this place, from 1."""

    bulk: str  # bk_...
    place: int
    unfit: str = ""


@dataclass(frozen=True, slots=True)
class AssignIncident:
    """`to` is the person who is to resolve it, of the role it is held for; empty gives it back to the role."""

    incident_id: str
    to: str = ""


@dataclass(frozen=True, slots=True)
class ClaimTask:
    task_id: str
    expected_revision: int | None = None


@dataclass(frozen=True, slots=True)
class ReleaseTask:
    task_id: str
    expected_revision: int | None = None


@dataclass(frozen=True, slots=True)
class BeginBranch:
    """Begin one of the branches of a fork that people begin in any order; `fork_id` is that of its activation."""

    fork_id: str  # pi_....7
    branch: str  # its first step


@dataclass(frozen=True, slots=True)
class RepeatBranch:
    """Begin one of them again that has ended and may be repeated, or after all one that was passed over."""

    fork_id: str
    branch: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class PassOverBranch:
    """Wait no longer for one of them that was not begun or is under way, where it may be passed over."""

    fork_id: str
    branch: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class StateStatement:
    """Ask for the statement to sign. Leaves an operational row with the nonce, never an entry."""

    task_id: str
    outcome: str
    reason: str = ""
    reason_code: str = ""
    shown_digest: str = ""


@dataclass(frozen=True, slots=True)
class CompleteTask:
    """Complete a form or take a decision. `shown_digest` is what was put before the person."""

    task_id: str
    outcome: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    reason: str = ""
    reason_code: str = ""
    statement_nonce: str = ""
    shown_digest: str = ""
    signature: Signed | None = None
    expected_revision: int | None = None

    def as_asked(self) -> "CompleteTask":
        """Without the proof: a repeat is proved again at another instant and is still the same command."""
        return self if self.signature is None else replace(self, signature=None)


@dataclass(frozen=True, slots=True)
class ActivateJobs:
    """Take a lease on up to `limit` jobs of a type, of instances of this domain; the root domain means any.

    No more jobs of the type are under lease than `type_at_once`, and than `worker_at_once` of this worker; 0 is no
    bound. Jobs of instances in test mode are for who asks for them (`test`), and no others are. Operational: leases are
    no evidence.
    """

    type: str
    worker: str
    limit: int = 1
    lease_seconds: int = 60
    domain: str = "organisation"
    type_at_once: int = 0
    worker_at_once: int = 0
    test: bool = False


@dataclass(frozen=True, slots=True)
class CompleteJob:
    job_id: str
    lease: str
    result: Any = None


@dataclass(frozen=True, slots=True)
class FailJob:
    """`code` is a short word of the worker's; `retryable` False goes straight to the incident.

    `retry_after` seconds pass before it is tried again, or more where the blueprint says so.
    """

    job_id: str
    lease: str
    code: str
    retryable: bool = True
    retry_after: int = 0


@dataclass(frozen=True, slots=True)
class ExtendJob:
    job_id: str
    lease: str
    lease_seconds: int = 60


@dataclass(frozen=True, slots=True)
class ReleaseJob:
    """Give a job back that was not begun: another worker may take it at once. No failed try, no entry."""

    job_id: str
    lease: str


@dataclass(frozen=True, slots=True)
class Correlate:
    """A message by name and key, for the one instance of this domain that waits for it; the root domain means any.

    `keep_for` is how long it is kept when nobody waits yet (ISO 8601, at most 30 days; empty: not at all). `message_id`
    is the sender's: of the messages with one name, key, domain and id only the first has an effect. One in test mode
    (`test`) is for instances in test mode, and no other is.
    """

    message: str
    key: Any
    data: Any = None
    domain: str = "organisation"
    keep_for: str = ""
    message_id: str = ""
    test: bool = False


@dataclass(frozen=True, slots=True)
class ExpireMessage:
    """Sent by the runner for a kept message whose time is over; `due` must be the instant that stands in the row."""

    message_id: str  # ms_...
    due: Instant


@dataclass(frozen=True, slots=True)
class FireTimer:
    """Sent by the runner for a due timer; `due` must be the instant that stands in the row.

    Here and below `unfit` says why what follows cannot be recorded (`orchestrator.unrecordable`); mostly it can.
    """

    timer_id: str  # pi_....7/deadline
    due: Instant
    unfit: str = ""


@dataclass(frozen=True, slots=True)
class PlanStarts:
    """Sent by the runner where the schedule of a blueprint in force, or its calendar, is not what is planned by."""

    blueprint: str


@dataclass(frozen=True, slots=True)
class StartByClock:
    """Sent by the runner for an occurrence that is due; `due` and `local` must be those that stand in the row."""

    blueprint: str
    due: Instant
    local: str  # `2026-03-02T09:00`
    unfit: str = ""


@dataclass(frozen=True, slots=True)
class LeaseCalls:
    """Sent by a runner: take a lease on up to `limit` calls that are to be made. Operational.

    `limits` says of connectors how they may be used now; one that is not named is used without limit.
    """

    runner: str
    limit: int = 10
    lease_seconds: int = 60
    limits: tuple[Limits, ...] = ()


@dataclass(frozen=True, slots=True)
class StartCall:
    """Recorded before a try goes out."""

    call_id: str
    lease: str


@dataclass(frozen=True, slots=True)
class CallEvidence:
    """What a try was, as digests (base64url SHA-256): of the connector's version, the request and the answer."""

    connector: str = ""
    request: str = ""
    answer: str = ""


NO_EVIDENCE = CallEvidence()


@dataclass(frozen=True, slots=True)
class SucceedCall:
    """Recorded after the answer came."""

    call_id: str
    lease: str
    result: Any = None
    evidence: CallEvidence = NO_EVIDENCE
    unfit: str = ""


@dataclass(frozen=True, slots=True)
class FailCall:
    call_id: str
    lease: str
    code: str
    retryable: bool = True
    evidence: CallEvidence = NO_EVIDENCE


@dataclass(frozen=True, slots=True)
class ResolveIncident:
    """`correct` lays `data` (by field name) and tries again; `skip` may lay data and goes on without the step; `other`
    may lay data and enters the step `to` in its place."""

    incident_id: str
    how: Literal["retry", "correct", "skip", "other"]
    data: Mapping[str, Any] = field(default_factory=dict)
    reason: str = ""
    to: str = ""


@lru_cache(maxsize=8192)
def split_id(text: str) -> tuple[str, int]:
    """Instance and number of `pi_....7`; `BrokenInput` for any other form."""
    found = _ID.fullmatch(text)
    if found is None:
        raise BrokenInput(why("id-such-as"))
    return found[1], int(found[2])


def split_timer_id(text: str) -> tuple[str, int, str]:
    """Instance, number and name of `pi_....7/deadline`; the number of the instance's own deadline is 0."""
    place, _, name = text.partition("/")
    if place.endswith(".0"):
        return split_id(f"{place[:-1]}1")[0], 0, name
    return (*split_id(place), name)
