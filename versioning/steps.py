"""The steps of a blueprint as frozen values: what every step may have, and a class for each kind.

Expressions and durations are written as in `versioning.blueprint`, from which all of this is read.
"""

from dataclasses import dataclass
from typing import Literal

from versioning.blueprint_parts import Deadline, Duty, Offer, Quorum, Recipient, Retry, SignRule
from versioning.data_fields import Place


@dataclass(frozen=True, slots=True)
class Branch:
    """One way out of a `choose`; `when` is None for `otherwise`."""

    when: str | None
    next: str


@dataclass(frozen=True, slots=True)
class Watch:
    """An event a step is watched for while it is open, and the step that is entered when it happens.

    `on` is by `kind` the name of a message (with `key`, and `into` for what it brings), a duration from entering
    (`after`), an expression for an instant (`until`), an expression that comes to hold (`condition`), or the code of an
    error, `any` for every one. The step is left for `next`; where it goes on `meanwhile`, `next` begins beside it, and
    ends with it at the latest. `calendar` is that of its business duration; None = the step's, else the blueprint's.
    """

    kind: Literal["message", "after", "until", "condition", "error"]
    on: str
    next: str
    key: str | None = None
    into: str | None = None
    meanwhile: bool = False
    calendar: str | None = None


@dataclass(frozen=True, slots=True)
class StepBase:
    """What every step may have. `on_late`, `on_failure_next` and `skip_to` name steps; `hold_for` names a role."""

    id: str
    place: Place
    title: str = ""
    deadline: Deadline | None = None
    on_late: str | None = None  # a late step is left and this one entered
    hold_for: str | None = None  # `on failure: {hold for: role X}`; None = the blueprint's owner
    on_failure_next: str | None = None  # a step that has failed is left and this one entered, in place of an incident
    skip_when: str | None = None
    skip_to: str | None = None  # where that leads; None = its one way on
    watches: tuple[Watch, ...] = ()
    undo: "CallStep | None" = None  # the call that makes what the step has done undone


@dataclass(frozen=True, slots=True)
class TaskStep(StepBase):
    """A form filled by a person of `role`; `expects` are the paths it sets, `shows` what is put before the person."""

    role: str = ""
    shows: tuple[str, ...] = ()
    expects: tuple[str, ...] = ()
    duties: tuple[Duty, ...] = ()
    next: str = ""
    offer: Offer | None = None


@dataclass(frozen=True, slots=True)
class DecideStep(StepBase):
    """A human decision under a named authority. `next` maps each outcome to its target, in order of `outcomes`.

    `reason_codes` is the list of codes for every outcome, `outcome_codes` names one for each of some. `into` is where
    the decision is laid as data.
    """

    outcomes: tuple[str, ...] = ()
    authority: str = ""  # a decision kind
    measure: str = ""  # expression: what the limit is measured on
    role: str | None = None  # role that may claim it; None = anyone with the permission
    shows: tuple[str, ...] = ()
    reason_required: bool = False
    reason_codes: str | None = None
    sign: SignRule | None = None
    duties: tuple[Duty, ...] = ()
    next: tuple[tuple[str, str], ...] = ()
    outcome_codes: tuple[tuple[str, str], ...] = ()
    quorum: Quorum | None = None
    into: str | None = None
    offer: Offer | None = None

    def codes_of(self, outcome: str) -> str | None:
        """The list a reason for this outcome is taken from; None where there is none."""
        return self.reason_codes or dict(self.outcome_codes).get(outcome)

    @property
    def code_lists(self) -> tuple[str, ...]:
        """The lists of codes that are named."""
        return (self.reason_codes,) if self.reason_codes else tuple([name for _, name in self.outcome_codes])


@dataclass(frozen=True, slots=True)
class CallStep(StepBase):
    """A connector operation, `connector.operation`. `arguments` are (name, expression)."""

    operation: str = ""
    arguments: tuple[tuple[str, str], ...] = ()
    into: str | None = None
    retry: Retry | None = None
    next: str = ""


@dataclass(frozen=True, slots=True)
class JobStep(StepBase):
    """Work for an external worker that asks for jobs of `type`. `priority` is an expression; empty: the usual one."""

    type: str = ""
    arguments: tuple[tuple[str, str], ...] = ()
    into: str | None = None
    retry: Retry | None = None
    next: str = ""
    priority: str = ""


@dataclass(frozen=True, slots=True)
class AgentStep(StepBase):
    """An agent proposes. `agent` is its name, or a type of task that agents serve. `expects` is the schema of its
    answer as canonical JSON.

    The answer is laid `into` the data when it satisfies the schema, `table` (a rule table) answers true, `accept_when`
    holds and the agent `judge` accepts it, and it is not in the `sample` (in ten-thousandths). What does not pass is
    reviewed by a person of `review_by`; `deadline` is that of the review. A rejected one leads to `rejected`, where
    that is said.
    """

    agent: str = ""
    shows: tuple[str, ...] = ()
    expects: str = "{}"
    accept_when: str = ""
    table: str | None = None
    judge: str | None = None
    sample: int = 0
    review_by: str = ""
    rejected: str | None = None
    into: str = ""
    retry: Retry | None = None
    next: str = ""
    offer: Offer | None = None  # of the review


@dataclass(frozen=True, slots=True)
class RulesStep(StepBase):
    """Evaluate a rule table (a governed artefact) into a path."""

    table: str = ""
    arguments: tuple[tuple[str, str], ...] = ()
    into: str = ""
    next: str = ""


@dataclass(frozen=True, slots=True)
class ChooseStep(StepBase):
    """Exclusive choice: the first branch whose condition is true, else `otherwise` (required, last)."""

    branches: tuple[Branch, ...] = ()


@dataclass(frozen=True, slots=True)
class AllStep(StepBase):
    """Parallel: every branch is entered at once, by its first step; or when a person of the role `begun_by` begins it,
    in any order, one after the other.

    The join fires when `need` different branches have arrived; 0 is every one. What is open of the others is closed.
    """

    branches: tuple[str, ...] = ()
    next: str = ""  # the join's target; the last steps of branches have no `next` of their own
    need: int = 0
    begun_by: str | None = None
    may_repeat: tuple[str, ...] = ()  # branches they may begin again, by the first step; and those they may leave out
    may_pass_over: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AnyOfStep(StepBase):
    """Inclusive: every branch whose condition is true is entered, the last (`otherwise`) where none is.

    The join fires when those that were entered have arrived, or when `need` of them have; 0 is every one.
    """

    branches: tuple[Branch, ...] = ()
    next: str = ""
    need: int = 0


@dataclass(frozen=True, slots=True)
class WaitStep(StepBase):
    """Wait for a message by name and key (expression), for `delay` (duration), `until` an instant (expression) or
    until a `condition` over the data holds.

    With none of these it waits for the first of its watches. While it waits `for_customer` the clocks of the deadlines
    around it stand still. `calendar` is that of the business durations it waits for; None = the blueprint's.
    """

    message: str | None = None
    key: str | None = None
    delay: str | None = None
    until: str | None = None
    into: str | None = None
    next: str = ""
    for_customer: bool = False
    condition: str | None = None
    calendar: str | None = None


@dataclass(frozen=True, slots=True)
class RunStep(StepBase):
    """Run another blueprint as an instance of its own; it is cancelled with its parent. `bring` are paths here, each
    with the path there of what is put at it when that has ended."""

    blueprint: str = ""
    arguments: tuple[tuple[str, str], ...] = ()
    into: str | None = None
    next: str = ""
    bring: tuple[tuple[str, str], ...] = ()
    retry: Retry | None = None


@dataclass(frozen=True, slots=True)
class EachStep(StepBase):
    """Do `body` for each element of the list at path `of`, one after the other or all `at_once`.

    An expression of the body reads the element as `element`. The result of element n becomes item n of the list at
    `into`. It is over when every element is done, or as soon as `until` holds; what is open of the others is closed.
    """

    of: str = ""
    element: str = ""
    body: "CallStep | JobStep | RunStep | None" = None  # with the id of this step; None only before one is given
    at_once: bool = False
    until: str | None = None
    into: str | None = None
    next: str = ""


@dataclass(frozen=True, slots=True)
class SendStep(StepBase):
    """Send a message to the one instance that waits for its name and key, or that it starts; else it is kept for the
    duration `keep_for`. Nobody waits for it to arrive."""

    message: str = ""
    key: str = ""  # expression
    arguments: tuple[tuple[str, str], ...] = ()
    keep_for: str = "P1D"
    next: str = ""


@dataclass(frozen=True, slots=True)
class TellStep(StepBase):
    """Tell persons something, each once; nobody waits for them to read it. `text` is an expression, `shows` are paths
    in the data as they are at that moment."""

    to: tuple[Recipient, ...] = ()
    text: str = ""
    shows: tuple[str, ...] = ()
    next: str = ""


@dataclass(frozen=True, slots=True)
class UndoStep(StepBase):
    """Undo what steps with `undo` have done, the last first; of `steps`, or of every one where it names none."""

    steps: tuple[str, ...] = ()
    next: str = ""


@dataclass(frozen=True, slots=True)
class EndStep(StepBase):
    """The instance ends with this outcome."""

    outcome: str = ""


def is_first_of(step: "Step") -> bool:
    """Whether a step does nothing but wait for the first of its watches."""
    if not isinstance(step, WaitStep):
        return False
    return step.message is None and step.delay is None and step.until is None and step.condition is None


ForkStep = AllStep | AnyOfStep
"""What opens branches that meet again at its join."""

Step = (
    TaskStep | DecideStep | CallStep | JobStep | AgentStep | RulesStep | ChooseStep | ForkStep | WaitStep | RunStep
    | EachStep | SendStep | TellStep | UndoStep | EndStep
)  # fmt: skip


def kind_of(step: StepBase) -> str:
    """The word of the language for the kind of a step."""
    return _KINDS.get(type(step)) or type(step).__name__.removesuffix("Step").lower()


_KINDS = {AnyOfStep: "any of", TellStep: "send", UndoStep: "take back"}


def inner_of(step: Step) -> "CallStep | JobStep | RunStep | None":
    """What a step does for each element of a list; None where it does not."""
    return step.body if isinstance(step, EachStep) else None


def heads_of(step: Step) -> tuple[str, ...]:
    """The first step of each branch that a step opens; none where it opens no branches."""
    if isinstance(step, AllStep):
        return step.branches
    return tuple([branch.next for branch in step.branches]) if isinstance(step, AnyOfStep) else ()


def watch_key(step: Step, number: int) -> str:
    """Where a watch stands in its step: among the events that are waited for, which come first, or by its own key."""
    watch = step.watches[number]
    if is_first_of(step):
        return f"wait.{number}"
    return {"message": f"on message {watch.on}", "error": f"on error {watch.on}"}.get(watch.kind, "after")
