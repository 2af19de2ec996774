"""Agents: their profiles, and what became of what they proposed."""

from typing import Literal

from pydantic import Field, JsonValue

from api.answers.changes import ArtefactListed
from api.answers.values import Answer

BreakerState = Literal["closed", "open", "half-open"]


class AgentFigures(Answer):
    """Counts of transitions. Of the proposals that were `made`, `passed` went on without a person and `referred` were
    given to one; agreement is the share of those reviewed that was accepted as it was, override the rest. The shares
    and the mean time from claim to completion are null where nothing was reviewed."""

    asked: int
    made: int
    passed: int
    referred: int
    reviewed: int
    accepted: int
    corrected: int
    rejected: int
    agreement_per_mille: int | None
    override_per_mille: int | None
    time_on_task_ms: int | None
    timed: int = Field(description="the reviews whose claim is known, over which the time is taken")
    tokens_in: int
    tokens_out: int


class AgentListed(ArtefactListed):
    """An agent with its breaker and the figures of all its versions together."""

    breaker: BreakerState
    figures: AgentFigures


class AgentsAnswer(Answer):
    """A page of agents by name."""

    items: list[AgentListed]
    cursor: str | None


class AgentServes(Answer):
    """A type of task it serves, by `order`, where the condition holds."""

    task: str
    order: int
    when: str | None = None


class AgentLimits(Answer):
    """How often it may be asked. `per_minute` is null without bound."""

    at_once: int
    per_minute: int | None


class AgentVersion(AgentFigures):
    """The figures of one version, by its digest."""

    digest: str
    version: int | None = Field(description="its number; null where it is not known")


class AgentGates(Answer):
    """A step that asks the agent, and what has to let its answer through: the form (`members`, of which `required`
    have to be there), a rule `table`, a `condition`, a second agent as `judge`, and the lot that nothing passes.

    What is null there is no gate of that step. `asked_as`: by its name, for a type of task, or as the judge.
    """

    blueprint: str
    blueprint_title: str
    version: int
    step: str
    step_title: str
    asked_as: Literal["named", "task", "judge"]
    members: list[str]
    required: list[str]
    table: str | None
    condition: str | None
    judge: str | None
    sample_per_cent: str | None = Field(description="of what passed, reviewed all the same by lot; decimal text")
    review_by: str = Field(description="the role that reviews what a gate stops")


class CalibrationShare(Answer):
    """How many were right of how many, and the interval of that share."""

    count: int
    correct: int
    low: str
    high: str


class CalibrationThreshold(CalibrationShare):
    """The confidence from which on the wished precision is claimed, and the share of right ones from there on."""

    confidence: str


class CalibrationValue(Answer):
    """What labelled outcomes say of the agent's confidence; shares are decimal text."""

    digest: str
    outcomes: str = Field(description="the digest of the labelled outcomes")
    level: str = Field(description="of the intervals")
    wished: str = Field(description="the precision that was wished")
    all_: CalibrationShare = Field(alias="all")
    threshold: CalibrationThreshold


class AgentAnswer(Answer):
    """An agent in force. One of `endpoint` and `worker` is told; `credential` is the name of a secret, never the
    secret; `sees` is the strictest class of data it may be shown."""

    name: str
    version: int
    digest: str
    title: str
    model: str
    model_version: str
    prompt: str
    prompt_digest: str
    parameters: JsonValue
    tools: list[str]
    sees: str
    serves: list[AgentServes]
    endpoint: str | None
    worker: str | None
    credential: str | None
    calibration: str | None = Field(description="the digest of the evidence its threshold rests on")
    evidence: CalibrationValue | None = Field(description="that evidence, where it stands in the profile")
    gates: list[AgentGates] | None = Field(description="null for who may not read blueprints")
    time_out_ms: int | None
    limits: AgentLimits
    breaker: BreakerState
    figures: AgentFigures
    versions: list[AgentVersion]


class LabelledOutcomeListed(Answer):
    """What a person made of one proposal. `correct` says that it was accepted as it was, `gate` what had stopped it.

    `confidence` is decimal text; null where `withheld` says why: its class is not the caller's to read
    (`CLASS_NOT_READABLE`), it was erased (`ERASED`), or the answer told none (`NO_CONFIDENCE`)."""

    entry: int = Field(description="the index of the review")
    task: str
    domain: str
    correct: bool
    verdict: Literal["accept", "correct", "reject"]
    gate: str
    confidence: str | None
    withheld: Literal["CLASS_NOT_READABLE", "ERASED", "NO_CONFIDENCE"] | None
    reviewed_at: int


class AgentOutcomesAnswer(Answer):
    """A page of labelled outcomes, the newest review first."""

    agent: str
    version: int
    profile: str = Field(description="the digest by which evidence names the profile")
    items: list[LabelledOutcomeListed]
    cursor: str | None
    as_of: int
