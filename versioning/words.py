"""A blueprint as numbered sentences in plain words. The same value always gives the same words.

One sentence or two for each step, in the order of the source; references to other steps name their number. Every word
of ours comes with its code (`ledger.wording`), so that other languages tell the same.
"""

from collections.abc import Callable, Iterable
from typing import Any

from ledger.wording import NOTHING, Wording, as_it_is, joined
from versioning.blueprint import (
    AgentStep,
    AllStep,
    AnyOfStep,
    Blueprint,
    CallStep,
    ChooseStep,
    DecideStep,
    Duty,
    EachStep,
    EndStep,
    ForkStep,
    JobStep,
    Recipient,
    RulesStep,
    RunStep,
    SendStep,
    Step,
    TaskStep,
    TellStep,
    UndoStep,
    WaitStep,
    is_first_of,
)
from versioning.start_words import start_words
from versioning.starts import Start
from versioning.words_agents import agent_words
from versioning.words_conditions import condition_words, path_words, text_words, value_words
from versioning.words_decisions import decider_words, duty_words, reason_words
from versioning.words_parts import (
    act_words,
    counted_words,
    deadline_words,
    duration_words,
    either_words,
    flat_words,
    joined_words,
    name_words,
    offer_words,
    retry_words,
    sentences,
    signing_words,
)
from versioning.words_reactions import error_words, reaction_words
from versioning.words_texts import tell


def words(blueprint: Blueprint) -> tuple[Wording, ...]:
    """The sentences. The first tells what the blueprint is for, the second how it starts, then one for each step."""
    return StepWords(blueprint).all()


def words_text(blueprint: Blueprint) -> str:
    """The sentences under the title, numbered as they refer to each other."""
    lines = words(blueprint)
    head, steps = lines[:2], lines[2:]
    numbered = "\n".join(f"{number}. {line}" for number, line in enumerate(steps, 1))
    return f"{flat_words(blueprint.title)}\n\n{head[0]}\n{head[1]}\n\n{numbered}\n"


class StepWords:
    """Words for the steps of one blueprint and for what stands in them."""

    def __init__(self, blueprint: Blueprint) -> None:
        self.blueprint = blueprint
        self.numbers = {step.id: number for number, step in enumerate(blueprint.steps, 1)}
        self.kinds: dict[type, Callable[[Any], list[Wording]]] = {
            TaskStep: self.task,
            DecideStep: self.decide,
            CallStep: self.call,
            JobStep: self.job,
            AgentStep: self.agent,
            RulesStep: self.rules,
            ChooseStep: self.choose,
            AllStep: self.parallel,
            AnyOfStep: self.inclusive,
            WaitStep: self.wait,
            RunStep: self.run,
            EachStep: self.each,
            SendStep: self.send,
            TellStep: self.tell,
            UndoStep: self.take_back,
            EndStep: self.end,
        }

    def all(self) -> tuple[Wording, ...]:
        """Every sentence."""
        blueprint = self.blueprint
        serves = [tell("serves", regimes=named_words(blueprint.regimes))] if blueprint.regimes else []
        purpose = as_it_is(flat_words(blueprint.purpose).rstrip("."))
        first = [*self.starts(), tell("begins-with", step=self.to(blueprint.first)), *self.whole()]
        return (
            sentences([purpose, tell("owned-by", role=name_words(blueprint.owner)), *serves]),
            sentences(first),
            *(self.step(step) for step in blueprint.steps),
        )

    def starts(self) -> list[Wording]:
        """Every way to begin, each with its business key."""
        blueprint = self.blueprint
        ways = [tell("a-few-ways", ways=len(blueprint.starts))] if blueprint.more_starts else []
        return [*ways, *[said for start in blueprint.starts for said in self.start(start)]]

    def start(self, start: Start) -> list[Wording]:
        """One way to begin."""
        again = [tell("again-once-ended")] if start.reuse == "after end" else []
        said = start_words(start, self.blueprint.calendar, alone=not self.blueprint.more_starts)
        return [said, tell("business-key", path=self.path(start.key)), *again]

    def whole(self) -> list[Wording]:
        """By which calendar business durations count, the deadline of the whole instance, what acts on it need."""
        calendar, deadline = self.blueprint.calendar, self.blueprint.deadline
        said = [] if calendar is None else [tell("working-time", calendar=name_words(calendar))]
        if deadline is not None:
            due, *more = deadline_words(deadline, self.told)
            said += [tell("deadline-of-all", deadline=due), *more]
        said += filter(None, map(act_words, self.blueprint.acts))
        if self.blueprint.gives:
            said.append(tell("gives", paths=self.paths(self.blueprint.gives)))
        return [*said, *[error_words(self, watch) for watch in self.blueprint.watches]]

    def step(self, step: Step) -> Wording:
        """The sentences about one step."""
        title = flat_words(step.title) or name_words(step.id)
        named = as_it_is(f"{title[0].upper()}{title[1:]}")
        said = joined([*self.kinds[type(step)](step), *reaction_words(self, step)], "list.sentence", ". ")
        return tell("step-asked" if title.endswith(("?", "!", ".")) else "step", title=named, said=said)

    def to(self, target: str) -> Wording:
        """A step by its number and name; without one the join of the branch."""
        if not target:
            return tell("end-of-branch")
        number = self.numbers.get(target)  # None where the checks find that there is no such step
        name = name_words(target)
        return tell("step-named", number=number, name=name) if number else tell("unknown-step", name=name)

    def then(self, target: str) -> Wording:
        """Where a step leads."""
        return tell("then-comes", step=self.to(target)) if target else tell("ends-branch")

    def condition(self, source: str) -> Wording:
        """A condition in words."""
        return condition_words(source, self.blueprint.data, self.blueprint.currency)

    def task(self, step: TaskStep) -> list[Wording]:
        said = [tell("fills-in", role=name_words(step.role), paths=self.paths(step.expects))]
        said += offer_words(step.offer)
        if step.shows:
            said.append(tell("shown", paths=self.paths(step.shows)))
        return [*said, *self.duties(step.duties), self.then(step.next)]

    def decide(self, step: DecideStep) -> list[Wording]:
        said = [*decider_words(step, self.value(step.measure)), *offer_words(step.offer)]
        said += [tell("shown-exactly", paths=self.paths(step.shows)), *reason_words(step)]
        if step.sign is not None:
            said.append(tell("sign", meaning=flat_words(step.sign.meaning), how=signing_words(step.sign)))
        laid = [tell("decision-becomes", path=self.path(step.into))] if step.into else []
        ways = [
            tell("on-outcome" if number else "on-outcome-first", outcome=as_it_is(outcome), step=self.to(target))
            for number, (outcome, target) in enumerate(step.next)
        ]
        return [*said, *self.duties(step.duties), *laid, joined(ways, "list.semicolon", "; ")]

    def duties(self, duties: tuple[Duty, ...]) -> list[Wording]:
        """Who may not, and how many it takes."""
        return duty_words(duties, self.to)

    def call(self, step: CallStep) -> list[Wording]:
        said = tell("calls", **self.call_parts(step), into=self.into(step.into))
        return [said, *retry_words(step.retry), self.then(step.next)]

    def call_parts(self, step: CallStep) -> dict[str, Wording]:
        """Of which system what is called, with what."""
        connector, _, operation = step.operation.partition(".")
        handed = self.handed(step.arguments)
        return {"connector": name_words(connector), "operation": name_words(operation), "handed": handed}

    def job(self, step: JobStep) -> list[Wording]:
        handed, into = self.handed(step.arguments), self.into(step.into)
        first = [tell("its-priority", value=self.value(step.priority))] if step.priority else []
        said = tell("job", job=name_words(step.type), handed=handed, into=into)
        return [said, *first, *retry_words(step.retry), self.then(step.next)]

    def agent(self, step: AgentStep) -> list[Wording]:
        return [*agent_words(self, step), *retry_words(step.retry), self.then(step.next)]

    def rules(self, step: RulesStep) -> list[Wording]:
        given, into = self.handed(step.arguments) or tell("on-the-data"), self.into(step.into)
        return [tell("rules", table=name_words(step.table), given=given, into=into), self.then(step.next)]

    def run(self, step: RunStep) -> list[Wording]:
        handed, into = self.handed(step.arguments), self.into(step.into)
        said = tell("runs", blueprint=name_words(step.blueprint), handed=handed, into=into)
        home = [tell("home", brought=self.brought(step))] if step.bring else []
        return [said, *home, *retry_words(step.retry), self.then(step.next)]

    def brought(self, step: RunStep) -> Wording:
        """What a step brings home from the blueprint it runs, and where that is put."""
        return joined_words(
            tell("home-as", given=name_words(given), path=self.path(path)) for path, given in step.bring
        )

    def each(self, step: EachStep) -> list[Wording]:
        said = [self.for_each(step, tell("results-become", path=self.path(step.into)) if step.into else NOTHING)]
        said += [] if step.body is None else retry_words(step.body.retry)
        if step.until is not None:
            said.append(tell("over-when", condition=self.condition(step.until)))
        return [*said, self.then(step.next)]

    def for_each(self, step: EachStep, into: Wording = NOTHING) -> Wording:
        """What is done for each element."""
        body, what = step.body, NOTHING
        if isinstance(body, CallStep):
            what = tell("calls-each", **self.call_parts(body))
        elif isinstance(body, JobStep):
            what = tell("job-each", job=name_words(body.type), handed=self.handed(body.arguments))
        elif body is not None:
            what = tell("runs-each", blueprint=name_words(body.blueprint), handed=self.handed(body.arguments))
        return tell("each-at-once" if step.at_once else "each-in-turn", path=self.path(step.of), what=what, into=into)

    def send(self, step: SendStep) -> list[Wording]:
        key, handed = self.value(step.key), self.handed(step.arguments)
        said = tell("sent", message=name_words(step.message), key=key, handed=handed)
        return [said, tell("kept-for", duration=duration_words(step.keep_for)), self.then(step.next)]

    def tell(self, step: TellStep) -> list[Wording]:
        first, *others = step.to
        who = joined_words([self.recipient(first, begins=True), *map(self.recipient, others)])
        said = [tell("told", who=who, text=text_words(step.text, self.blueprint.data))]
        said += [tell("shown-with-it", paths=self.paths(step.shows))] if step.shows else []
        return [*said, tell("told-waits"), self.then(step.next)]

    def told(self, to: tuple[Recipient, ...]) -> Wording:
        """Whom a notification is for."""
        return joined_words(map(self.recipient, to))

    def recipient(self, one: Recipient, *, begins: bool = False) -> Wording:
        """One of them; with `begins` as the beginning of a sentence."""
        if one.kind == "initiator":
            return tell("told-initiator-first" if begins else "told-initiator")
        if one.kind == "step":
            return tell("told-acted-first" if begins else "told-acted", step=self.to(one.name))
        if one.kind == "role":
            return tell("told-role-first" if begins else "told-role", name=name_words(one.name))
        return tell("told-office-first" if begins else "told-office", name=name_words(one.name))

    def take_back(self, step: UndoStep) -> list[Wording]:
        of = joined_words(map(self.to, step.steps)) if step.steps else tell("every-undoable")
        return [tell("is-undone", steps=of), self.then(step.next)]

    def choose(self, step: ChooseStep) -> list[Wording]:
        said = []
        for number, branch in enumerate(step.branches):
            to = self.to(branch.next)
            if branch.when is None:
                said.append(tell("else-comes", step=to))
            else:
                condition = self.condition(branch.when)
                said.append(tell("else-when-comes" if number else "when-comes", condition=condition, step=to))
        return said

    def parallel(self, step: AllStep) -> list[Wording]:
        heads = joined_words(self.to(branch) for branch in step.branches)
        if step.begun_by is None:
            return [
                tell("branches-begin", steps=heads),
                *self.join(step, tell("join-branches", step=self.to(step.next))),
            ]
        said = tell("begin-in-any-order", role=name_words(step.begun_by), steps=heads)
        return [said, *self.any_order(step), *self.join(step, tell("join-all", step=self.to(step.next)))]

    def any_order(self, step: AllStep) -> list[Wording]:
        """What such a person may do with the branches besides."""
        again, over = (either_words(map(self.to, steps)) for steps in (step.may_repeat, step.may_pass_over))
        said = [tell("may-begin-again", steps=again)] if step.may_repeat else []
        return [*said, tell("may-pass-over", steps=over)] if step.may_pass_over else said

    def inclusive(self, step: AnyOfStep) -> list[Wording]:
        said = []
        for branch in step.branches:
            to = self.to(branch.next)
            if branch.when is None:
                said.append(tell("else-begins", step=to))
            else:
                said.append(tell("begins", condition=self.condition(branch.when), step=to))
        return [*said, *self.join(step, tell("join-of-begun", step=self.to(step.next)))]

    def join(self, step: ForkStep, every: Wording) -> list[Wording]:
        """When the branches have met; `every` is said where all of them have to."""
        if not step.need:
            return [every]
        to, need = self.to(step.next), step.need
        some = tell("join-one", step=to) if need == 1 else tell("join-some", need=need, step=to)
        return [some, tell("open-is-closed")]

    def wait(self, step: WaitStep) -> list[Wording]:
        leads = [] if is_first_of(step) else [self.then(step.next)]
        stopped = [tell("clocks-stand-still")] if step.for_customer else []  # meanwhile
        return [self.waiting(step), *stopped, *leads]

    def waiting(self, step: WaitStep) -> Wording:
        """What it waits for."""
        counted = counted_words(step.calendar)
        if step.delay is not None:
            return tell("waits-for", duration=duration_words(step.delay), counted=counted)
        if step.until is not None:
            return tell("waits-until", value=self.value(step.until))
        if step.condition is not None:
            return tell("waits-until-holds", condition=self.condition(step.condition))
        if is_first_of(step):
            return tell("waits-for-first", counted=counted)
        message, key = name_words(step.message or ""), self.value(step.key or "")
        return tell("waits-for-message", message=message, key=key, into=self.into(step.into))

    def end(self, step: EndStep) -> list[Wording]:
        return [tell("ends", outcome=as_it_is(step.outcome))]

    def handed(self, arguments: tuple[tuple[str, str], ...]) -> Wording:
        """What is handed over as the end of a phrase; nothing of nothing."""
        return tell("handed", values=self.values(arguments)) if arguments else NOTHING

    def values(self, arguments: tuple[tuple[str, str], ...]) -> Wording:
        """What is handed over, and as what where the names differ."""
        return joined_words(_handed(name, self.value(source)) for name, source in arguments)

    def path(self, path: str) -> Wording:
        """A path as a noun."""
        return path_words(path, self.blueprint.data)

    def paths(self, paths: Iterable[str]) -> Wording:
        """Several paths."""
        return joined_words(map(self.path, paths))

    def into(self, path: str | None) -> Wording:
        """Where a result goes, as the end of a sentence."""
        return tell("result-becomes", path=self.path(path)) if path else NOTHING

    def value(self, source: str) -> Wording:
        """An expression as a noun."""
        return value_words(source, self.blueprint.data)


def named_words(names: Iterable[str]) -> Wording:
    """Names as they stand, as a list."""
    return joined_words(map(as_it_is, names))


def _handed(name: str, value: Wording) -> Wording:
    named = name_words(name)
    return value if value.removeprefix("the ") == named else tell("handed-as", value=value, name=named)
