"""Tasks: the inbox, one task, and what commands about tasks answer."""

from typing import Literal

from pydantic import Field, JsonValue

from api.answers.values import Answer, DueExplained, Microseconds, ReceiptValue, RefusedValue, Text, Value, Worded

HOLDER_NAME = Field(description="the holder's name for who may read personal data, else their reference; or empty")
OFFERED_TO = Field(description="to whom it is offered, in words: the title of a role or the name of an authority")


class TaskValue(Answer):
    """A task as it stands. `above`: a deadline passed it on to holders with a higher limit. `holder` may be empty.

    One of `role` and `decision_kind` says to whom it is offered; the other may be empty.
    """

    id: str
    instance: str
    number: int
    step: str
    blueprint: str
    domain: str
    state: Literal["offered", "claimed", "completed", "cancelled"]
    role: str
    decision_kind: str
    above: bool
    holder: str
    outcome: str
    revision: int
    due_at: Microseconds | None
    opened_at: Microseconds
    closed_at: Microseconds | None
    delegate: str = Field(description="who works on it for its holder; empty for nobody")
    skill: str = Field(description="the skill it is offered to alone; may be empty")
    unit: str = Field(description="the unit it is offered to alone; may be empty")
    stands_in_for: str = Field(description="whose it is, where its holder took it as their substitute; may be empty")
    urgency: int = Field(description="0 to 100: what its deadline and that of its instance have added")


class StoppedClockValue(Answer):
    """The clock of a task stands still since then: something that the deadline of `step` lies around waits for the
    `customer`, or its instance is `suspended`, by itself or with its `parent`.
    """

    since: Microseconds
    why: Literal["customer", "suspended", "parent"]
    step: str = Field(description="the title of the step whose deadline it is due by; empty: its instance stands still")
    moves: bool = Field(description="the due time moves on by as long as it stands still, once the clock goes on")


class TaskListed(TaskValue):
    """A task in a list, with what a person picks it by. `barred` says why the caller may not take or decide it.

    `barred` is told only where it was asked for, with `explained=1`; null is: nothing stands against it.
    """

    kind: Literal["task", "decide", "review"]
    title: str
    business_key: Text
    blueprint_title: str
    version: int = Field(description="the number of the blueprint version")
    holder_name: str = HOLDER_NAME
    offered_to: str = OFFERED_TO
    is_mine: bool
    delegate_name: str
    is_delegated_to_me: bool
    is_overdue: bool
    test: bool = Field(description="its instance is in test mode")
    stopped: StoppedClockValue | None
    is_voted: bool = Field(description="it is decided by votes, and so taken by nobody")
    barred: RefusedValue | None = None


class TaskCounts(Answer):
    """Open tasks: those the caller holds, those they may take, how many of both are past due, and how many held."""

    mine: int
    team: int
    overdue: int
    mine_overdue: int
    delegated: int = Field(description="those they work on for a holder")


class TasksAnswer(Answer):
    """A page of tasks; `counts` and `domains` are told where they were asked for, with `counts=1`, and are true for the
    instant."""

    items: list[TaskListed]
    cursor: str | None
    counts: TaskCounts | None = None
    domains: list[str] | None = Field(
        default=None, description="of what is open for the caller, whatever is asked for; for `done` of what is done"
    )
    as_of: Microseconds


class ReasonCode(Answer):
    """A code of a list, in words."""

    code: str
    words: str


class ReasonCodeList(Answer):
    """A list of reason codes in force, by name, version and digest."""

    list_: str = Field(alias="list")
    version: int = Field(description="0 where none of this name is in force: then no code counts")
    digest: str
    codes: list[ReasonCode]


class StepNext(Answer):
    """The step that comes next, and what happens there in words."""

    step: str
    title: str
    words: str
    wording: Worded


class OutcomeBarred(Answer):
    """An outcome of a decision, what follows it, and why the caller would be refused it now; null where nothing stands
    against it. `next` is null where a branch ends, `reason_codes` where its reason is taken from no list."""

    outcome: str
    barred: RefusedValue | None
    next: StepNext | None
    reason_codes: ReasonCodeList | None


class VoteValue(Answer):
    """A vote. `id` names it as the decision that it is; `in_chair` says that its person was in the chair then."""

    id: str
    by: str
    by_name: str = Field(description="their name for who may read personal data, else their reference")
    outcome: str
    in_chair: bool
    voted_at: Microseconds


class VotingValue(Answer):
    """A decision that is taken by votes: how many an outcome needs, and those that were cast and count."""

    committee: str = Field(description="the committee whose members vote; empty: whoever holds the authority")
    need: int
    veto: str = Field(description="`chair`, where a vote of the chair against the first outcome ends it; or empty")
    tie: str = Field(description="the outcome once none can get enough votes; empty: an incident")
    votes: list[VoteValue]


class FieldExpected(Answer):
    """A field that completing the task fills in. `type` is null where any value is taken; `items` is that of a list."""

    path: str
    type: str | None
    items: str | None
    data_class: str | None
    required: bool


class AgentProposalValue(Answer):
    """What an agent proposed and which gate did not let it through. `output` is shut where the reader may not see it;
    `expects` is the JSON Schema it has to satisfy, `into` where it is laid."""

    agent: str
    profile: str = Field(description="the digest of the agent's version")
    gate: str = Field(description="output, schema, rules, condition, judge or sample")
    code: str
    fault: str
    output: Value
    into: str
    expects: JsonValue


class ReturnedValue(Answer):
    """What a delegate proposed when they returned the task: an outcome, or values by path."""

    by: str
    by_name: str
    outcome: str
    data: dict[str, Value]
    reason: Value
    proposed_at: Microseconds


class TaskAnswer(TaskValue):
    """One task with what it shows this reader. What is signed is bound to `shown_digest`.

    `choices` are the outcomes of a decision with what stands against each; of a form `barred` says the same.
    """

    kind: Literal["task", "decide", "review"]
    due_explained: DueExplained | None
    stopped: StoppedClockValue | None
    title: str
    business_key: Value
    blueprint_title: str
    version: int
    holder_name: str = HOLDER_NAME
    is_mine: bool
    stands_in_for_name: str = Field(description="in whose place its holder took it; empty for nobody's")
    delegate_name: str
    is_delegated_to_me: bool
    returned: ReturnedValue | None = Field(description="of the delegate, while the task stands as it was returned")
    offered_to: str = OFFERED_TO
    currency: str
    outcomes: list[str]
    choices: list[OutcomeBarred]
    barred: RefusedValue | None
    expects: list[str]
    fields: list[FieldExpected]
    reason_required: bool
    reason_codes: ReasonCodeList | None
    voting: VotingValue | None = Field(description="null where one person decides")
    meaning: str = Field(description="what a signature means; empty where nothing is signed")
    factor: str = Field(description="what the step demands: password or passkey; empty where nothing is signed")
    methods: list[Literal["passkey", "password"]] = Field(
        description="the ways to sign, the stronger first: a password is not taken where the step demands a passkey"
    )
    shown: dict[str, Value]
    shown_digest: str
    proposal: AgentProposalValue | None = Field(description="of a review; null of any other task")


class TaskMoved(Answer):
    """A task that was taken or given back."""

    outcome: Literal["claimed", "released"]
    task: str
    revision: int
    receipt: ReceiptValue


class TaskTaken(Answer):
    """One of many that were asked for: taken, with its revision, or `refused` as it would have been alone. A refusal
    has a receipt where it was recorded."""

    task: str
    revision: int | None
    refused: RefusedValue | None
    receipt: ReceiptValue | None


class TakenAnswer(Answer):
    """What became of each task, in the order in which they were named, and how many were taken."""

    total: int
    taken: int
    items: list[TaskTaken]


class TaskHanded(Answer):
    """A task that changed hands. `proposed`: returned with a proposal; `holder` is who holds it now."""

    outcome: Literal["reassigned", "delegated", "returned", "proposed"]
    task: str
    revision: int
    holder: str
    receipt: ReceiptValue


class PersonCalled(Answer):
    """A person by reference; `name` is null for who may not read it, and where it was erased."""

    id: str
    ref: str
    name: str | None


class CandidatesAnswer(Answer):
    """The persons a task could be given to."""

    items: list[PersonCalled]


class StatementValue(Answer):
    """What is signed, as canonical JSON; its digest is signed."""

    purpose: str
    person: str
    outcome: str
    meaning: str
    capacity: str
    reason: str | None
    shown_digest: str
    instance: str
    step: str
    blueprint_digest: str
    grant_digest: str
    data_revision: int
    stated_at: Microseconds
    expires_at: Microseconds
    nonce: str
    reason_code: str


class StatedAnswer(Answer):
    """A statement to sign, in words too, with a nonce that is good once, and what was shown."""

    outcome: Literal["stated"]
    statement: StatementValue
    words: str
    digest: str
    nonce: str
    shown: dict[str, Value]
    receipt: ReceiptValue | None


class VotesDecided(Answer):
    """What the votes came to. `outcome` is empty for a tie that became an incident."""

    outcome: str
    how: Literal["agreed", "vetoed", "tied"]


class CompletedAnswer(Answer):
    """A task that was completed, or a decision taken: `outcome` is that of the decision, or `completed`.

    Of a vote it is what was voted for, `vote` is its number, and `decided` is there when the voting is over with it.
    """

    outcome: str
    task: str
    instance: str
    status: Literal["active", "ended", "cancelled"]
    vote: int | None = None
    decided: VotesDecided | None = None
    receipt: ReceiptValue
