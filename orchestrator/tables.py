"""Tables of the orchestrator. Rows of one instance lie together: every key begins with the instance's id.

A closed task, job, timer or subscription keeps its row with its last state. Columns and indexes in the database stand
in `orchestrator.schema`.
"""

from typing import NamedTuple

from ledger.rows import Table, TableClass
from ledger.tuples import made
from orchestrator.agent_tables import AGENT_FIGURE, AGENT_OUTCOME, PROPOSAL
from orchestrator.breaker import Standing
from orchestrator.bulk_tables import BULK, BULK_ITEM
from orchestrator.deadlines import URGENCY_MAX
from orchestrator.figure_tables import FIGURE
from orchestrator.instance import Instance
from orchestrator.message_tables import MESSAGE, MESSAGE_BOX, SENT
from orchestrator.vote_tables import VOTE


class InstanceRow(NamedTuple):
    """`marking` holds the live activations; `business_key` and whatever else is classed may be a commitment.

    `clock` is the timer of its own deadline, by which it is late at `late_at`; `urgency` came of it. `suspended` since
    `suspended_at`: by an act on it (`itself`) or its `parent`. `test` 1: in test mode. `begun_by`: which of its starts.
    """

    id: str
    blueprint: str
    version: str
    number: int
    status: str
    outcome: str
    revision: int
    next_number: int
    marking: str
    business_key: str
    initiator: str
    domain: str
    data_subject: str
    parent: str
    parent_activation: int
    started_at: int
    ended_at: int | None
    clock: str = ""
    late_at: int | None = None
    urgency: int = 0
    suspended: str = ""
    suspended_at: int | None = None
    test: int = 0
    begun_by: str = ""

    def moved(self, instance: Instance, marking: str, clock: str) -> "InstanceRow":
        """As the instance is after a command. Written out: `_replace` takes five times as long."""
        id_, blueprint, version, number, _, _, _, _, _, key, by, domain, about, parent, place, *_ = self
        return made(
            InstanceRow,
            (
                id_,
                blueprint,
                version,
                number,
                instance.status,
                instance.outcome,
                instance.revision + 1,
                instance.next_number,
                marking,
                key,
                by,
                domain,
                about,
                parent,
                place,
                self.started_at,
                self.ended_at,
                clock,
                self.late_at,
                self.urgency,
                instance.suspended,
                self.suspended_at,
                self.test,
                self.begun_by,
            ),
        )


class VariableRow(NamedTuple):
    """One root of the instance's data as canonical JSON, with commitments where parts of it are classed."""

    instance: str
    name: str
    value: str


class TaskRow(NamedTuple):
    """`state`: offered, claimed, completed, cancelled. `above` 1: offered to higher holders of the decision kind.

    `urgency` is what its deadline added, at most 100; `turn` of an open one is 100 less that and its instance's, so
    that what is most urgent comes first. `delegate` has it from its holder until they give it back.
    Offered to those who have the `skill` and are of the `unit`, where it says so. `stands_in_for`: whose it is, where
    its holder took it as their substitute.
    """

    instance: str
    number: int
    step: str
    blueprint: str
    domain: str
    state: str
    role: str
    decision_kind: str
    above: int
    holder: str
    outcome: str
    revision: int
    due_at: int | None
    opened_at: int
    closed_at: int | None
    urgency: int = 0
    delegate: str = ""
    skill: str = ""
    unit: str = ""
    stands_in_for: str = ""
    turn: int = URGENCY_MAX

    def moved(self, state: str, said: tuple[str, str], revision: int, closed_at: int | None) -> "TaskRow":
        """In another state, with no delegate; `said` is holder and outcome. Written out as `InstanceRow.moved` is."""
        instance, number, step, blueprint, domain, _, role, kind, above, _, _, _, due, opened_at, *_ = self
        holder, outcome = said
        return made(
            TaskRow,
            (
                instance,
                number,
                step,
                blueprint,
                domain,
                state,
                role,
                kind,
                above,
                holder,
                outcome,
                revision,
                due,
                opened_at,
                closed_at,
                self.urgency,
                "",
                self.skill,
                self.unit,
                self.stands_in_for if state == "completed" else "",
                self.turn if closed_at is None else URGENCY_MAX,
            ),
        )


class JobRow(NamedTuple):
    """`state`: created, backing off, suspended, completed, cancelled. `arguments` is canonical JSON.

    `ranks_at` is the place of an open job in its queue (`ranking.ranks_at`); 0 when it is over.
    """

    instance: str
    number: int
    type: str
    arguments: str
    state: str
    tries: int
    priority: int = 50
    ranks_at: int = 0


class CallRow(NamedTuple):
    """`state`: requested, backing off, suspended, succeeded, cancelled, late (answered after it was cancelled), kept.

    `started` counts the tries that went out. `step` and `branch`, of a cancelled one, are what its activation
    visited, so that an answer is known for what it is when that is gone.
    """

    instance: str
    number: int
    operation: str
    arguments: str
    idempotency_key: str
    state: str
    tries: int
    started: int
    step: str = ""
    branch: str = ""


class TimerRow(NamedTuple):
    """`state`: set, paused, suspended, fired, cancelled. A deadline's row is set again for its next reaction; number 0
    is that of the instance itself. `calendar` and `since` as in `instance.Timer`.
    """

    instance: str
    number: int
    name: str
    due_at: int
    state: str
    calendar: str = ""
    since: int = 0


class SubscriptionRow(NamedTuple):
    """`state`: open, correlated, closed. `key` is canonical JSON, a commitment when classed; `key_mark` finds it.

    `since` is when it began to wait; 0 of those that did before that was recorded.
    """

    instance: str
    number: int
    message: str
    key: str
    key_mark: str
    state: str
    since: int = 0


class IncidentRow(NamedTuple):
    """`state`: open, resolved. `activation` is what it holds; `place` is where in the step; `assignee` a person."""

    instance: str
    number: int
    activation: int
    step: str
    code: str
    place: str
    role: str
    state: str
    how: str
    raised_at: int
    resolved_at: int | None
    assignee: str = ""


class StepActorRow(NamedTuple):
    """A person who acted in a step of this instance, on any visit; duties read it."""

    instance: str
    step: str
    person: str


class BusinessKeyRow(NamedTuple):
    """The newest instance with this business key, by the key's fingerprint, since keys may be classed."""

    blueprint: str
    key_mark: str
    instance: str


class NonceRow(NamedTuple):
    """A statement that has been signed; its nonce is used once."""

    nonce: str
    instance: str
    number: int


class LeaseRow(NamedTuple):
    """Operational: who works on a job or call, with which token, until when. Losing it costs a repeated try."""

    instance: str
    number: int
    holder: str
    token: str
    until: int


class StatementRow(NamedTuple):
    """Operational: a statement put before a person; losing it means to state it again.

    `salt` (base64url) is that of the reason's commitment, which the statement names; it goes when it is signed.
    """

    nonce: str
    instance: str
    number: int
    statement: str
    shown: str
    expires_at: int
    salt: str


class RecordSubjectRow(NamedTuple):
    """The subject of a foreign instance, by source and fingerprint of its key there."""

    source: str
    key_mark: str
    subject: str


class ProposalRow(NamedTuple):
    """An act on an instance that somebody proposed and a second person of `role` confirms until `expires_at`.

    `said` is what is done, canonical JSON with commitments where it is classed; `digest` is of that and of all that it
    rests on in the instance. `state`: proposed, confirmed, rejected, withdrawn, expired.
    """

    instance: str
    id: str
    act: str
    said: str
    digest: str
    reason: str
    by: str
    role: str
    state: str
    proposed_at: int
    expires_at: int
    closed_by: str
    closed_at: int | None


class ScheduleRow(NamedTuple):
    """By what the instances of a blueprint start by the clock, and which occurrence is next. `state`: set, held, ended.

    `number` and `version` (digest) are of the blueprint version planned by, `calendar` is the digest of the calendar,
    empty where there is none. All up to (`after_at`, `after_local`) is decided. `reason` is why one that is held has no
    next occurrence.
    """

    blueprint: str
    number: int
    version: str
    calendar: str
    state: str
    reason: str
    due_at: int | None
    due_local: str
    after_at: int
    after_local: str


INSTANCE = Table("instance", InstanceRow, key=1)
VARIABLE = Table("variable", VariableRow, key=2, group=1)
TASK = Table("task", TaskRow, key=2)
JOB = Table("job", JobRow, key=2)
CALL = Table("call", CallRow, key=2)
TIMER = Table("timer", TimerRow, key=3)
SUBSCRIPTION = Table("subscription", SubscriptionRow, key=2)
INCIDENT = Table("incident", IncidentRow, key=2)
STEP_ACTOR = Table("step_actor", StepActorRow, key=3, group=1)
BUSINESS_KEY = Table("business_key", BusinessKeyRow, key=2)
NONCE = Table("statement_nonce", NonceRow, key=1)
RECORD_SUBJECT = Table("record_subject", RecordSubjectRow, key=2)
ACT_PROPOSAL = Table("act_proposal", ProposalRow, key=2, group=1)
SCHEDULE = Table("schedule", ScheduleRow, key=1)
LEASE = Table("work_lease", LeaseRow, key=2, table_class=TableClass.OPERATIONAL, expired="until < ?")
STANDING = Table("connector_standing", Standing, key=1, table_class=TableClass.OPERATIONAL, expired="keep_until < ?")
STATEMENT = Table("statement", StatementRow, key=1, table_class=TableClass.OPERATIONAL, expired="expires_at < ?")

FOLDED = (
    INSTANCE, VARIABLE, TASK, JOB, CALL, TIMER, SUBSCRIPTION, INCIDENT, STEP_ACTOR, BUSINESS_KEY, NONCE, RECORD_SUBJECT,
    MESSAGE, MESSAGE_BOX, SENT, ACT_PROPOSAL, PROPOSAL, AGENT_FIGURE, BULK, BULK_ITEM, SCHEDULE,
    VOTE, FIGURE, AGENT_OUTCOME,
)  # fmt: skip
OPERATIONAL = (LEASE, STATEMENT, STANDING)
