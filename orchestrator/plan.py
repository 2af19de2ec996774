"""What the machine needs of a blueprint version, worked out once: steps by id, deadlines, and who reads what.

A plan is immutable and cached, like the version itself.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from orchestrator.deadlines import Course, course_of, course_of_instance
from orchestrator.instance import PARTS, UNDOING, WATCH
from orchestrator.paths import root_of
from orchestrator.refusal_texts import why
from orchestrator.validation import Fault, free_fault, value_fault
from versioning.blueprint import (
    BlueprintVersion,
    DataClass,
    DataField,
    EachStep,
    Step,
    WaitStep,
    Watch,
    element_of,
    inner_of,
)
from versioning.whole_errors import answered

CLASSES: tuple[DataClass, ...] = ("public", "internal", "confidential", "personal", "special")
_RANK = {name: rank for rank, name in enumerate(CLASSES)}
SEALED_FROM = _RANK["confidential"]
_PLANS_MAX = 256  # versions in use at once in one process; the oldest goes


class Plan:
    """A blueprint version made ready. `version` is the value itself; everything else is derived from it."""

    __slots__ = (
        "_open", "_reads", "_words", "answered", "awaits", "beside", "course",
        "courses", "elements", "evaluate", "fields", "offers", "stands_still", "steps", "strictest", "version", "voted",
    )  # fmt: skip

    def __init__(self, version: BlueprintVersion) -> None:
        blueprint = version.blueprint
        self.version = version
        self.steps: dict[str, Step] = {step.id: step for step in blueprint.steps}
        self.fields: dict[str, DataField] = {field.name: field for field in blueprint.data}
        self.elements = tuple([element_of(blueprint, step) for step in blueprint.steps if isinstance(step, EachStep)])
        known = (*blueprint.data, *self.elements)
        self.strictest: dict[str, DataClass] = {field.name: strictest_class(field) for field in known}
        self._words = {name: re.compile(rf"(?<!\w){re.escape(name)}(?!\w)") for name in self.strictest}
        self._reads: dict[str, tuple[str, ...]] = {}
        self._open: dict[str, bool] = {}
        for step in blueprint.steps:
            if isinstance(step, EachStep):  # an element is as classed as the list it lies in
                self.strictest[step.element] = strictest((self.strictest[step.element], self.class_of(step.of)))
        self.answered = answered(blueprint)  # steps whose failures the blueprint answers as a whole
        self.course = course_of_instance(blueprint)
        self.courses: dict[str, Course] = {}
        for step in blueprint.steps:
            course = course_of(step, blueprint.calendar)
            if course is not None:
                self.courses[step.id] = course
        # Whether some clock may stand still: only then is it asked after every command.
        self.stands_still = any(isinstance(step, WaitStep) and step.for_customer for step in blueprint.steps)
        # Whether a condition is waited for anywhere: only then is it looked for after every command.
        self.awaits = any(
            (isinstance(step, WaitStep) and step.condition is not None)
            or any(watch.kind == "condition" for watch in step.watches)
            for step in blueprint.steps
        )
        # Whether some work is offered to a skill or a unit, or given to somebody: only then is it looked for.
        self.offers = any(getattr(step, "offer", None) is not None for step in blueprint.steps)
        self.voted = tuple([step.id for step in blueprint.steps if getattr(step, "quorum", None) is not None])
        self.evaluate: Callable[[int, str, Mapping[str, Any]], Any] | None = (
            None  # compiled expressions, once asked for
        )
        self.beside: dict[str, Plan] = {}  # of expressions about an agent's answer, by step

    def step_of(self, step: str, branch: str) -> Step:
        """The step that an activation is of, or what it does inside it, for an element of its list or to undo it."""
        found = self.steps[step]
        if not branch.startswith(PARTS):
            return found
        inner = found.undo if branch.startswith(UNDOING) else inner_of(found)
        assert inner is not None
        return inner

    def visited(self, step: str, branch: str) -> Step | Watch:
        """The event that an activation waits for on behalf of its step; else its step, as `step_of` says."""
        if branch.startswith(WATCH):
            return self.steps[step].watches[int(branch[1:])]
        return self.step_of(step, branch)

    def reads(self, source: str) -> tuple[str, ...]:
        """The variables an expression may read: every declared name that occurs in its text (rather one too many)."""
        names = self._reads.get(source)
        if names is None:
            names = tuple([name for name, word in self._words.items() if word.search(source)])
            self._reads[source] = names
        return names

    def class_of(self, source: str) -> DataClass:
        """The class of what an expression yields: the strictest of all it may read, and of what that lies in."""
        field = self.field_at(source)
        if field is not None:
            around = self.sealed_at(source)
            rank = _RANK[strictest_class(field)]
            return CLASSES[rank if around is None else max(rank, _RANK[around[1].data_class])]
        ranks = [_RANK[self.strictest[name]] for name in self.reads(source)]
        return CLASSES[max(ranks)] if ranks else "internal"

    def class_of_recorded(self, path: str) -> DataClass:
        """The class of what entries hold at a path. An instance may have gone on under this version from one that had
        other data: what this one does not know is read by nobody who may not read everything."""
        return self.class_of(path) if path.partition(".")[0] in self.strictest else CLASSES[-1]

    def field_at(self, path: str) -> DataField | None:
        """The declared field at a path; None when the text is no path or what lies there is not declared."""
        name, _, rest = path.partition(".")
        field = self.fields.get(name)
        while field is not None and rest:
            if field.type != "object":
                return None
            name, _, rest = rest.partition(".")
            field = next((member for member in field.properties if member.name == name), None)
        return field

    def fault_at(self, path: str, value: Any) -> Fault | None:
        """What is wrong with laying `value` at `path`, whoever it comes from; what is required is taken from nobody.

        Below an object without declared properties all is free.
        """
        at = root_of(path)
        field = self.fields.get(at)
        rest = path[len(at) + 1 :]
        while field is not None and rest:
            if field.type == "object" and not field.properties:
                return free_fault(value, path)
            name, _, rest = rest.partition(".")
            at = f"{at}.{name}"
            field = next((member for member in field.properties if member.name == name), None)
        if field is None:
            return Fault(at, why("declared-field"))
        return Fault(path, why("a-value")) if value is None and field.required else value_fault(field, value, path)

    def is_open(self, path: str) -> bool:
        """Whether a value laid at this path stands in entries as it is: nothing at, above or below it is classed.

        Asked of paths that blueprints name, so what is remembered stays as small as they are.
        """
        known = self._open.get(path)
        if known is None:
            field = self.field_at(path)
            known = self.sealed_at(path) is None and (field is None or not is_sealed(strictest_class(field)))
            self._open[path] = known
        return known

    def sealed_at(self, path: str) -> tuple[str, DataField] | None:
        """The outermost classed field on the way to `path`, itself included, and its own path."""
        at = root_of(path)
        field = self.fields.get(at)
        rest = path[len(at) + 1 :]
        while field is not None:
            if is_sealed(field.data_class):
                return at, field
            if not rest:
                return None
            name, _, rest = rest.partition(".")
            at = f"{at}.{name}"
            field = next((member for member in field.properties if member.name == name), None)
        return None


def is_sealed(data_class: DataClass) -> bool:
    """Whether values of this class stand in entries as commitments."""
    return _RANK[data_class] >= SEALED_FROM


def strictest(classes: Iterable[DataClass]) -> DataClass:
    """The strictest of some classes; of none, internal."""
    return max(classes, key=_RANK.__getitem__, default="internal")


def strictest_class(field: DataField) -> DataClass:
    """The strictest class of a field and all that lies in it."""
    rank = _RANK[field.data_class]
    for member in field.properties:
        rank = max(rank, _RANK[strictest_class(member)])
    if field.items is not None:
        rank = max(rank, _RANK[strictest_class(field.items)])
    return CLASSES[rank]


_plans: dict[int, Plan] = {}


def plan_of(version: BlueprintVersion) -> Plan:
    """The plan of a version, made once per process and version value (each is kept by its cache to the left).

    Known by identity: two releases may have one digest and different authors, and a plan holds its version, so that
    an identity is not used again while its plan is here.
    """
    plan = _plans.get(id(version))
    if plan is None:
        if len(_plans) >= _PLANS_MAX:
            _plans.pop(next(iter(_plans)), None)
        plan = Plan(version)
        _plans[id(version)] = plan
    return plan


def role_name(text: str | None) -> str:
    """`loan-intake` of `role loan-intake`; the text itself when it names the role alone."""
    return "" if text is None else text.removeprefix("role ").strip()
