"""Random sound blueprints of the whole language: what `random_blueprints` does not draw, around and inside it.

A builder of its own, so that the blueprints of the first one's seeds stay what they are.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ledger.canonical import digest
from tests.orchestrator.random_blueprints import QUORUMS, RETRIES, RUN_WITH, Builder, Pick, undo
from tests.orchestrator.toy import FIELDS, HERE, decide, end, task, version
from versioning import blueprint as b
from versioning.act_rules import ActRule

_NUMBERS = b.DataField("finding", "string", "internal")
FINDINGS = b.DataField("findings", "list", "internal", items=_NUMBERS)
ADVICE = (
    b.DataField("grade", "integer", "internal"),
    b.DataField("summary", "string", "internal"),
    b.DataField("confidence", "number", "internal"),
    FINDINGS,
)
MORE_FIELDS = (
    *FIELDS,
    b.DataField("paper", "string", "internal"),
    b.DataField("bureau", "object", "internal"),
    b.DataField("advice", "object", "internal", properties=ADVICE),
)
EXPECTS = (
    '{"type":"object","required":["grade","summary","confidence","findings"],"properties":'
    '{"grade":{"type":"integer","minimum":1,"maximum":9},"summary":{"type":"string"},"confidence":{"type":"number"},'
    '"findings":{"type":"array","items":{"type":"string"}}}}'
)
SURE = "confidence >= 0.80 and count(findings) = 0"

SUMMARISER, JUDGE, HAND = "summariser", "second", "hand"  # by an endpoint, as another's judge, by a worker
GRADING = "grading"  # a task that several agents serve
ADVISING = "advise"  # the type of job of the agent that works
CALENDAR = "london"

# Deadlines with all that may follow.
DEADLINES = (
    b.Deadline("PT6H", None, (b.Late("PT1H", warn=True, every="PT1H", times=3, urgency=30),), "PT1H", 20),
    b.Deadline("business PT4H", 75, (b.Late("business PT1H", tell="role leads"), b.Late("PT0H", pass_to="approve"))),
    b.Deadline("business P1D", 50, (b.Late("PT0H", reassign="role leads", urgency=60),), "business PT2H", 10),
    b.Deadline("PT2H", 50, (b.Late("PT1H", reassign="role leads"), b.Late("PT2H", pass_to="approve"))),
    b.Deadline("P2D", None, (b.Late("business PT4H", urgency=40, every="business P1D", times=2),)),
    b.Deadline("P400D", None, (b.Late("P1D", tell="role leads"),), "PT3H", 5),
)
# Those whose due time nobody can tell.
UNTOLD = (
    b.Deadline("business P900D"),
    b.Deadline("business PT4H", 75, (), None, 0, "nowhere"),
    b.Deadline("P90000D"),
    b.Deadline("P400D", None, (b.Late("business P200D", tell="role leads"),)),
)
OFFERS = (
    None,
    b.Offer(skill="sums"),
    b.Offer(unit="north", least_loaded=True),
    b.Offer(least_loaded=True),
    b.Offer(skill="nobody has it", least_loaded=True),
)
ACTS = (
    (),
    (),
    (ActRule("cancel", "role owners", reason_required=True, second="role leads", within="PT2H"),),
    (ActRule("modify", second="role leads"), ActRule("correct", second="role owners", within="PT1H")),
    (ActRule("suspend", second="role leads", within="PT1H"), ActRule("resume", reason_required=True)),
)
SEATS = {
    "office:head": ("person:chief",), "office:board": ("person:dan", "person:eva"),
    "office:committee-credit": ("person:ann", "person:bob", "person:dan"),
    "office:committee-credit-chair": ("person:bob",),
}  # fmt: skip
# A committee with its chair, and ties that come to an outcome; by the number of the step, as the others are.
COMMITTEES = (
    b.Quorum(2, of="credit", veto="chair", tie="outcome no"),
    b.Quorum(1, of="credit", veto="chair"),
    b.Quorum(3, of="credit", tie="outcome yes"),
    b.Quorum(3),
)
TELLING = (
    (b.Recipient("initiator"),),
    (b.Recipient("step"), b.Recipient("office", "head")),
    (b.Recipient("role", "leads"), b.Recipient("step"), b.Recipient("initiator")),
    (b.Recipient("office", "board"), b.Recipient("office", "nobody")),
)  # the step is one of the blueprint's
FAR = ('date("2300-01-01")', 'date and time("2255-06-06T00:00:00Z")', "note", '"9999-12-31"')


def _seldom(pick: Pick, among: Sequence[Any]) -> Any:
    """What fails in any case is drawn once in a while: what follows it is seen too."""
    drawn = pick(among)
    return pick(among) if drawn in ("fail", "broken", ()) else drawn


class WideBuilder(Builder):
    """Draws agents, calendars, goals, duties, offers, large answers, far dates, lists after lists, and acts."""

    def __init__(self, pick: Pick) -> None:
        super().__init__(lambda among: _seldom(pick, among))

    def extras(self, next_: str) -> dict[str, Any]:
        if self.pick((True, True, False)):
            return super().extras(next_)
        return {
            "deadline": self.pick(self.pick((DEADLINES, DEADLINES, DEADLINES, UNTOLD))),
            "on_late": self.pick((None, None, None, "done", next_ or "done")),
            "hold_for": self.pick((None, "role leads")),
        }

    def quorum(self) -> b.Quorum | None:
        among = (*QUORUMS, *COMMITTEES)
        return among[self.count % len(among)]

    def block(self, depth: int, next_: str, back: str) -> str:
        if self.pick((True, False, False)):
            return super().block(depth, next_, back)
        draw = self.pick(
            (
                self.agent, self.agent, self.agent, self.called, self.called, self.customer, self.far, self.parted,
                self.offered, self.large, self.large, self.lists, self.lists, self.brings, self.later,
            )
        )  # fmt: skip
        first: str = draw(next_, back)
        return first

    # One block each

    def called(self, next_: str, back: str) -> str:
        """A call that can be undone, and after it one or the other that fails more often than not."""
        first, second = self.name(), self.name()
        self.steps.append(
            b.JobStep(
                second, HERE, type="w", retry=self.pick(RETRIES), next=next_, watches=self.watches(next_, fails=True)
            )
        )
        retry = self.pick((b.Retry(3), b.Retry(2, "fixed", "PT30S"), None))
        call = b.CallStep(first, HERE, operation="x.y", into="risk.bureau", retry=retry, next=second, undo=undo(first))
        self.steps.append(replace(call, watches=self.watches(next_, fails=True), **self.extras(next_)))
        return first

    def agent(self, next_: str, back: str) -> str:
        name = self.name()
        made = b.AgentStep(
            name, HERE, agent=self.pick((SUMMARISER, SUMMARISER, GRADING, GRADING, HAND, "nobody")),
            shows=self.pick((("bureau",), ("bureau",), ("bureau", "secret.name"))), expects=EXPECTS,
            accept_when=self.pick((SURE, SURE, "", "fail")), table=self.pick((None, None, "gate", "broken")),
            judge=self.pick((None, None, JUDGE, "nobody", SUMMARISER)), sample=self.pick((0, 0, 5_000, 10_000)),
            review_by="role clerks", rejected=self.pick((None, next_ or "done")), into="advice",
            retry=self.pick(RETRIES), next=next_, offer=self.pick(OFFERS), watches=self.watches(next_, fails=True),
            **self.extras(next_),
        )  # fmt: skip
        self.steps.append(made)
        return name

    def customer(self, next_: str, back: str) -> str:
        """A wait for the customer, alone or beside work whose clock stands still meanwhile; its own runs on."""
        name, into = self.name(), self.pick((None, "paper"))
        asked = b.WaitStep(name, HERE, message="m", key="number", next=next_, for_customer=True, into=into)
        self.steps.append(replace(asked, watches=self.watches(next_), **self.extras(next_)))
        return name

    def far(self, next_: str, back: str) -> str:
        """A time beyond what an entry can say, or beyond the calendar."""
        name = self.name()
        made = self.pick(
            [
                b.WaitStep(name, HERE, until=self.pick(FAR), next=next_),
                b.WaitStep(name, HERE, delay="business P900D", next=next_),
                b.WaitStep(name, HERE, delay="P90000D", next=next_),
                task(name, next_, watches=(b.Watch("until", self.pick(FAR), "done"),)),
                task(name, next_, watches=(b.Watch("after", "P90000D", "done", meanwhile=False),)),
                b.JobStep(name, HERE, type="w", retry=b.Retry(2, "fixed", "P90000D", "P90000D"), next=next_),
            ]
        )
        self.steps.append(made)
        return name

    def later(self, next_: str, back: str) -> str:
        """A wait of working time."""
        name = self.name()
        self.steps.append(b.WaitStep(name, HERE, delay=self.pick(("business PT3H", "business P1D")), next=next_))
        return name

    def parted(self, next_: str, back: str) -> str:
        """A form, and a decision that who filled it may not take."""
        first, second = self.name(), self.name()
        duties = self.pick(
            (
                (b.Duty("not step", first),),
                (b.Duty("not step", first), b.Duty("not initiator")),
                (b.Duty("not author of blueprint"), b.Duty("not approver of blueprint")),
            )
        )
        ways = (("yes", next_), ("no", back or next_))
        made = decide(second, ways, duties=duties, quorum=self.quorum(), shows=self.pick(((), ("risk", "amount"))))
        self.steps.append(replace(made, **self.extras(next_)))
        self.steps.append(task(first, second, duties=self.pick(((), (b.Duty("not initiator"),))), undo=undo(first)))
        return first

    def offered(self, next_: str, back: str) -> str:
        name, offer = self.name(), self.pick(OFFERS)
        made = self.pick(
            [
                task(name, next_, offer=offer, expects=self.pick(((), ("amount",), ("paper",)))),
                decide(name, (("yes", next_), ("no", back or next_)), offer=offer),
            ]
        )
        self.steps.append(replace(made, watches=self.watches(next_), **self.extras(next_)))
        return name

    def large(self, next_: str, back: str) -> str:
        """An answer near the limit of an entry, and what is done with it."""
        first, second = self.name(), self.name()
        twice = (("one", "paper"), ("two", "paper"))
        after = self.pick(
            [
                b.JobStep(second, HERE, type="w", arguments=twice, next=next_),
                b.SendStep(second, HERE, message="m", key="number", arguments=twice, next=next_),
                task(second, next_, shows=("paper",)),
                b.WaitStep(second, HERE, message="m", key="number", into="paper", next=next_),
                b.CallStep(second, HERE, operation="x.y", arguments=twice, next=next_, undo=undo(second, "paper")),
            ]
        )
        self.steps.append(after)
        made = self.pick(
            [
                b.CallStep(
                    first, HERE, operation="x.big", into="paper", retry=self.pick(RETRIES), next=second,
                    undo=self.pick((None, undo(first, "paper"))), watches=self.watches(next_, fails=True),
                ),
                b.JobStep(first, HERE, type="big", into="paper", next=second),
                task(first, second, expects=("paper",)),
            ]
        )  # fmt: skip
        self.steps.append(made)
        return first

    def lists(self, next_: str, back: str) -> str:
        """Something for each element of a list, and for each result something more."""
        first, second = self.name(), self.name()
        bodies = [
            b.CallStep(second, HERE, operation="x.y", arguments=(("n", "element"),), undo=undo(second)),
            b.JobStep(second, HERE, type="w", retry=self.pick(RETRIES)),
            b.RunStep(second, HERE, blueprint="child", arguments=RUN_WITH),
        ]
        at_once = self.pick((False, True))
        self.steps.append(
            b.EachStep(
                second, HERE, of="items", element="element", body=self.pick(bodies), at_once=at_once,
                until=self.pick((None, None, "amount >= 7")), next=next_, undo=self.pick((None, undo(second))),
                watches=self.watches(next_, fails=True), **self.extras(next_),
            )
        )  # fmt: skip
        body = b.CallStep(first, HERE, operation=self.pick(("x.y", "x.big")), arguments=(("n", "item"),))
        self.steps.append(
            b.EachStep(first, HERE, of="items", element="item", body=body, at_once=True, into="scores", next=second)
        )
        return first

    def brings(self, next_: str, back: str) -> str:
        """Another blueprint, and what is brought home from it."""
        name = self.name()
        bring = self.pick(((), (("amount", "amount"),), (("paper", "paper"),)))
        of = self.pick(("child", "child", "toy", "nothing"))  # one that runs itself is refused
        made = b.RunStep(name, HERE, blueprint=of, arguments=RUN_WITH, bring=bring, next=next_)
        self.steps.append(replace(made, watches=self.watches(next_, fails=True), **self.extras(next_)))
        return name

    def build(self, blueprint: str = "toy", **start: Any) -> b.BlueprintVersion:
        made = self.widened(super().build(blueprint, **start))
        value = self.telling(self.taking_back(self.preceded(made.blueprint)))
        return replace(made, blueprint=value, digest=digest(repr(value)))

    def letter(self, blueprint: str, **start: Any) -> b.BlueprintVersion:
        """A short one."""
        first = self.block(1, "done", "")
        return self.widened(version(*self.steps, end(), first=first, blueprint=blueprint, **start))

    def advised(self, blueprint: str) -> b.BlueprintVersion:
        """Two agents, one after the other: what stops at a gate is reviewed. Of whoever serves a task the first is
        tried once, and then the next."""
        second = self.agent("done", "")
        first = self.agent(second, "")
        tried: dict[str, Any] = {"agent": GRADING, "shows": ("bureau",), "retry": None}
        steps = [replace(step, **tried) if step.id == first else step for step in self.steps]
        return self.widened(version(*steps, end(), first=first, blueprint=blueprint, reuse="after end"))

    def telling(self, made: b.Blueprint) -> b.Blueprint:
        """With deadlines that tell persons in the place of a role; drawn last, so all else stays what it is."""
        people = [step.id for step in made.steps if isinstance(step, b.TaskStep | b.DecideStep)]
        steps = []
        for step in made.steps:
            deadline = getattr(step, "deadline", None)
            steps.append(step if deadline is None else replace(step, deadline=self.telling_of(deadline, people)))
        of_all = None if made.deadline is None else self.telling_of(made.deadline, people)
        return replace(made, steps=tuple(steps), deadline=of_all)

    def telling_of(self, deadline: b.Deadline, people: list[str]) -> b.Deadline:
        """A deadline that tells the initiator, who acted in a step, or who holds an office, as soon as it is over or
        wherever it told a role. Half of them are short, or people would be in time."""
        first = b.Late("PT0H", whom=self.whom(people))
        if self.pick((True, False)):
            deadline = replace(deadline, within="PT10M", goal=None, goal_urgency=0, warn_at=None)
        later = [one if one.tell is None else replace(one, tell=None, whom=self.whom(people)) for one in deadline.late]
        return replace(deadline, late=(first, *later))

    def whom(self, people: list[str]) -> tuple[b.Recipient, ...]:
        """Some of those who may be told; the step is one of the blueprint's."""
        return tuple(
            [
                replace(who, name=self.pick(people)) if who.kind == "step" else who
                for who in self.pick(TELLING)
                if who.kind != "step" or people
            ]
        )

    def taking_back(self, made: b.Blueprint) -> b.Blueprint:
        """With a call before it that is taken back by its name, and another that stays."""
        if not self.pick((True, False, False)):
            return made
        more = (
            b.CallStep("u1", HERE, operation="x.y", retry=b.Retry(3), undo=undo("u1"), next="u2"),
            b.CallStep("u2", HERE, operation="x.y", retry=b.Retry(3), undo=undo("u2"), next="u3"),
            b.UndoStep("u3", HERE, steps=("u1",), next=made.first),
        )
        return replace(made, first="u1", steps=(*made.steps, *more))

    def preceded(self, made: b.Blueprint) -> b.Blueprint:
        """With branches before it that people begin in any order; they are drawn last, so all else stays what it is."""
        if not self.pick((True, False, False)):
            return made
        call = b.CallStep("o2", HERE, operation="x.y", retry=b.Retry(2, "fixed", "PT30S"), undo=undo("o2"))
        need = self.pick((0, 0, 2))
        fork = b.AllStep(
            "o", HERE, branches=("o1", "o2", "o3"), next=made.first, need=need, begun_by="role clerks",
            may_repeat=("o1", "o2"), may_pass_over=("o2", "o3"),
        )  # fmt: skip
        first = task("o1", "o4", expects=("amount",))
        more = (
            fork,
            first,
            call,
            decide("o3", (("yes", ""), ("no", ""))),
            task("o4", duties=(b.Duty("not step", "o1"),)),
        )
        return replace(made, first="o", steps=(*made.steps, *more))

    def ordered(self, step: b.Step) -> b.Step:
        """A step of which people begin the branches, with what else they may do with them."""
        if not isinstance(step, b.AllStep) or step.begun_by is None:
            return step
        some = ((), step.branches[:1], step.branches, step.branches)
        again = self.pick(some) if step.need != 1 else ()
        return replace(step, may_repeat=again, may_pass_over=self.pick(some))

    def named(self, step: b.Step, undoable: tuple[str, ...]) -> b.Step:
        """A step that takes back what all have done, or what some of them have, by their names."""
        if not isinstance(step, b.UndoStep) or not undoable:
            return step
        return replace(step, steps=self.pick(((), undoable, undoable[:1], undoable[-2:])))

    def widened(self, made: b.BlueprintVersion) -> b.BlueprintVersion:
        """With data, calendar, rules of acts and a deadline of its own."""
        calendar = self.pick((CALENDAR,) * 7 + (None,))
        value = replace(
            made.blueprint,
            data=MORE_FIELDS,
            calendar=calendar,
            acts=self.pick(ACTS),
            deadline=self.pick((None, None, None, None, *DEADLINES)) if calendar else None,
            gives=("amount", "paper"),
        )
        value = replace(value, steps=tuple(map(self.ordered, value.steps)))  # drawn last: all else stays what it is
        undoable = tuple([step.id for step in value.steps if step.undo is not None])
        value = replace(value, steps=tuple([self.named(step, undoable) for step in value.steps]))
        return replace(made, blueprint=value, digest=digest(repr(value)))
