"""Drawings: where nodes and lines lie, in whole pixels from the upper left corner. The same for screen and print."""

from typing import Literal

from pydantic import Field

from api.answers.values import Answer, Worded, Wordings

Mark = Literal["", "added", "removed", "changed"]
NodeKind = Literal[
    "start", "task", "decide", "call", "job", "agent", "rules", "choose", "all", "any of", "wait", "run", "each",
    "send", "take back", "end", "join",
]  # fmt: skip


class PointValue(Answer):
    """A place."""

    x: int
    y: int


class NodeValue(Answer):
    """A box. `step` is empty for the start; a join carries the step of its `all`. `lines` are the title as drawn."""

    id: str
    step: str
    kind: NodeKind
    mark: Mark = Field(description="what a change does to it; empty where nothing, or where no change is drawn")
    x: int
    y: int
    width: int
    height: int
    title: str
    lines: list[str]


class LabelValue(Answer):
    """When a way is taken: the box on its line, the whole text, and the lines as drawn."""

    x: int
    y: int
    width: int
    height: int
    text: str
    lines: list[str]
    wording: Worded


class WayValue(Answer):
    """What leads along a line: a cause and its detail, such as an outcome."""

    cause: str
    detail: str


class EdgeValue(Answer):
    """A line from node `source` to node `target` with its corners; `is_back` where it closes a loop."""

    source: str
    target: str
    order: int
    is_back: bool
    mark: Mark
    ways: list[WayValue]
    points: list[PointValue]
    label: LabelValue | None


class DrawingValue(Answer):
    """A whole drawing. Nodes stand in the order of the source text, the start first."""

    title: str
    direction: Literal["right", "down"]
    width: int
    height: int
    nodes: list[NodeValue]
    edges: list[EdgeValue]


class DiagramAnswer(Answer):
    """The drawing of one blueprint version."""

    name: str
    version: int
    digest: str
    diagram: DrawingValue


class StepHolder(Answer):
    """A visit to a step that is not over. Of a task `id` opens it, else it is empty, and so is `holder` where nobody
    has taken it; of a step that runs another instance `holder` is that one's id."""

    id: str
    state: Literal[
        "entered", "offered", "claimed", "created", "requested", "backing off", "waiting", "running", "joining", "held"
    ]
    holder: str
    holder_ref: str = Field(description="what the holder is called: a person's reference, else the id")
    role: str
    decision_kind: str
    since: int
    due_at: int | None
    incident: str | None


class StepStatus(Answer):
    """How far an instance is at one step. `visits` counts how often it was entered, `done_at` when it was done last.

    `failed`: held by an open incident; `waiting`: for a person, a worker, a message or a time; `active`: work on it is
    under way; `skipped`: its last visit was passed over; `stopped`: it was taken away before it was done, by a deadline
    or with the instance; `untouched`: never entered.
    """

    step: str
    status: Literal["untouched", "waiting", "active", "done", "skipped", "stopped", "failed"]
    visits: int
    since: int | None
    done_at: int | None
    due_at: int | None
    is_due_later: bool = Field(description="its clock stands still for a customer: it is due later, and not overdue")
    live: list[StepHolder]


class VisitValue(Answer):
    """One visit to a step. `left_at` is null while it goes on; `how` it ended counts once it did."""

    activation: int
    step: str
    entered_at: int
    left_at: int | None
    how: Literal["done", "skipped", "stopped"]


class InstanceDiagramAnswer(DiagramAnswer):
    """The drawing of an instance's version, the status of each step, and every visit to one, the earliest first.

    `is_whole` is false where the history is longer than is read at once: then visits count the newest part alone.
    """

    instance: str
    instance_status: Literal["active", "ended", "cancelled"]
    steps: list[StepStatus]
    visits: list[VisitValue]
    is_whole: bool
    as_of: int


class FieldRow(Answer):
    """One row of the table of fields, in words; empty where a side has nothing. `step` is empty for the head."""

    step: str
    what: Literal["field", "way", "data", "step"]
    field: str
    before: str
    after: str
    field_wording: Worded
    before_wording: Worded
    after_wording: Worded


class ChangeDiagramAnswer(Answer):
    """A change of a blueprint as one drawing of both sides, in words, and as a table of fields.

    `diagram` is null where there is nothing to draw: another kind of artefact, a retirement, or a source this reader
    may not see or that is no blueprint; `why_not` says which.
    """

    change_request: str
    base_version: int
    digest: str
    diagram: DrawingValue | None
    why_not: Literal["", "NOT_A_BLUEPRINT", "RETIRES", "CLASS_NOT_READABLE", "NOT_READABLE_AS_BLUEPRINT"]
    marks: str
    words: list[str]
    wordings: Wordings
    fields: list[FieldRow]


class ComparisonAnswer(Answer):
    """Two versions of a blueprint as one drawing, in words, and as a table of fields: what `version` has against
    `base_version`."""

    name: str
    version: int
    digest: str
    base_version: int
    base_digest: str
    diagram: DrawingValue
    marks: str
    words: list[str]
    wordings: Wordings
    fields: list[FieldRow]
