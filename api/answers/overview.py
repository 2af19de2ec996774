"""The overview: figures of one period, each with the address of the list it counts."""

from pydantic import Field

from api.answers.values import Answer, Microseconds


class AgesValue(Answer):
    """Whole seconds since active instances started, by nearest rank; null without any."""

    p50: int | None
    p90: int | None
    p99: int | None


class StepFigure(Answer):
    """Active instances at a step, and how many of them have a task there that is past due."""

    blueprint: str
    step: str
    count: int
    overdue: int
    href: str


class TaskFigure(Answer):
    """Open tasks at a step."""

    blueprint: str
    step: str
    count: int
    href: str


class JobFigure(Answer):
    """Jobs that wait for a worker, by type; `href` lists their instances."""

    blueprint: str
    type: str
    count: int
    href: str


class CallFigure(Answer):
    """Calls to be made, by operation; `href` lists their instances."""

    blueprint: str
    operation: str
    count: int
    href: str


class MessageFigure(Answer):
    """Messages that are waited for, by name; `href` lists their instances."""

    blueprint: str
    message: str
    count: int
    href: str


class WaitingFigures(Answer):
    """What waits now. `steps` is null unless one blueprint is asked for: it is for its drawing."""

    steps: list[StepFigure] | None
    tasks: list[TaskFigure]
    jobs: list[JobFigure]
    calls: list[CallFigure]
    messages: list[MessageFigure]


class IncidentFigure(Answer):
    """Open incidents by cause."""

    blueprint: str
    code: str
    step: str
    count: int
    href: str


class TestFigures(Answer):
    """Instances in test mode, which no other figure counts: active, and started in the period."""

    active: int
    started: int
    href: str


class OverviewLinks(Answer):
    """The address of the list that each single figure counts."""

    active: str
    started: str
    completed: str
    cancelled: str
    failed: str
    tasks_with_deadline: str
    tasks_late: str


class OverviewAnswer(Answer):
    """Figures of one period; each equals a count over the entries at `as_of`, when the log had `size` of them and the
    chain hash `head`.

    The completion rate is completed / (completed + cancelled + failed) of those started in the period, the breach rate
    late / with a deadline of tasks offered in it; decimals as text, null without a denominator.
    """

    active: int
    started: int
    completed: int
    cancelled: int
    failed: int
    completion_rate: str | None
    tasks_with_deadline: int
    tasks_late: int
    deadline_breach_rate: str | None
    age_seconds: AgesValue
    waiting: WaitingFigures
    incidents: list[IncidentFigure]
    test: TestFigures
    links: OverviewLinks
    domains: list[str] = Field(description="of which the caller may read the figures")
    at: Microseconds = Field(description="the same as `as_of`")
    as_of: Microseconds
    size: int
    head: str
