"""Random blueprints whose branches nest properly, and ways to spoil them."""

from dataclasses import dataclass, field, replace
from typing import Any

from hypothesis import strategies as st

from versioning.blueprint import (
    AllStep,
    AnyOfStep,
    Blueprint,
    Branch,
    ChooseStep,
    DataField,
    Deadline,
    DecideStep,
    Duty,
    EndStep,
    JobStep,
    Place,
    Step,
    Watch,
)
from versioning.starts import Start

FIELDS = tuple([DataField(name, "string", "internal") for name in "abcd"])
KEY = DataField("number", "string", "internal", required=True)

_LEAF = st.tuples(st.just("job"), st.sampled_from((None, *"abcd")), st.booleans(), st.integers(0, 5))


def _more(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    blocks = st.lists(inner, min_size=1, max_size=3)
    return st.one_of(
        st.tuples(st.just("sequence"), blocks),
        st.tuples(st.just("decide"), blocks),
        st.tuples(st.just("choose"), blocks),
        st.tuples(st.sampled_from(("all", "any of")), st.lists(inner, min_size=2, max_size=3), st.integers(0, 4)),
        st.tuples(st.just("loop"), inner),
    )


SHAPES = st.recursive(_LEAF, _more, max_leaves=7)


@dataclass
class Drawing:
    """Steps in the making; each block is drawn knowing what comes after it."""

    steps: list[Step] = field(default_factory=list)

    def base(self) -> dict[str, Any]:
        number = len(self.steps) + 1
        return {"id": f"s{number}", "place": Place(number, 1)}

    def draw(self, shape: Any, after: str) -> str:
        """The id of the block's first step; `after` is empty at the end of a branch."""
        kind, *rest = shape
        if kind == "sequence":
            for block in reversed(rest[0]):
                after = self.draw(block, after)
            return after
        base = self.base()
        place = len(self.steps)
        self.steps.append(EndStep(**base, outcome="drawn later"))
        self.steps[place] = self.step(kind, rest, base, after)
        return str(base["id"])

    def step(self, kind: str, rest: list[Any], base: dict[str, Any], after: str) -> Step:
        if kind == "job":
            base["watches"] = self.watches(rest[2], after)
            return JobStep(**base, type="work", into=rest[0], skip_when="false" if rest[1] else None, next=after)
        if kind in ("all", "any of"):
            # Often every branch is waited for; sometimes one or two are, and sometimes it is left when it is late.
            some, late = (rest[1] if rest[1] < len(rest[0]) else 0), rest[1] == 4
            base |= {"deadline": Deadline("P1D"), "on_late": after or None} if late and after else {}
            heads = [self.draw(block, "") for block in rest[0]]
            if kind == "all":
                return AllStep(**base, branches=tuple(heads), next=after, need=some)
            branches = (*[Branch("true", head) for head in heads[1:]], Branch(None, heads[0]))
            return AnyOfStep(**base, branches=branches, next=after, need=min(some, 1))
        if kind == "loop":
            body = self.draw(rest[0], base["id"])
            return decision(base, (("again", body), ("enough", after)))
        heads = [self.draw(block, after) for block in rest[0]]
        if kind == "decide":
            return decision(base, tuple([(f"o{number}", head) for number, head in enumerate(heads)]))
        *some, last = heads
        return ChooseStep(**base, branches=(*[Branch("true", head) for head in some], Branch(None, last)))

    def watches(self, which: int, after: str) -> tuple[Watch, ...]:
        """Mostly none; now and then an event on which the step is left, or on which something begins beside it."""
        leaving = (Watch("message", "stop", after, "number", "d"),) if after and which in (4, 5) else ()
        if which not in (3, 5):
            return leaving
        beside = JobStep(**self.base(), type="work")
        self.steps.append(beside)
        return (*leaving, Watch("after", "P1D", beside.id, meanwhile=True))


def decision(base: dict[str, Any], targets: tuple[tuple[str, str], ...]) -> DecideStep:
    outcomes = tuple([outcome for outcome, _ in targets])
    return DecideStep(
        **base,
        outcomes=outcomes,
        authority="approve",
        measure="1",
        shows=("number",),
        duties=(Duty("not initiator"),),
        next=targets,
    )


def blueprint_of(steps: tuple[Step, ...], first: str) -> Blueprint:
    start = Start("api", "staff", "number")
    return Blueprint("drawn", "Drawn", "Test", "owners", "", (KEY, *FIELDS), start, first, steps)


@st.composite
def structured(draw: st.DrawFn) -> Blueprint:
    """A blueprint whose branches nest properly and whose loops have an exit."""
    drawing = Drawing()
    first = drawing.draw(draw(SHAPES), "end")
    return blueprint_of((*drawing.steps, EndStep("end", Place(999, 1), outcome="done")), first)


def spoiled(blueprint: Blueprint, step: Step, **fields: Any) -> Blueprint:
    """The blueprint with one step changed."""
    return replace(blueprint, steps=tuple([replace(step, **fields) if one is step else one for one in blueprint.steps]))
