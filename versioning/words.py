"""A blueprint as numbered sentences in plain words. The same value always gives the same words.

One sentence or two for each step, in the order of the source; references to other steps name their number.
"""

from collections.abc import Callable, Iterable
from typing import Any

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
from versioning.words_conditions import condition_words, path_words, text_words, value_words
from versioning.words_decisions import decider_words, duty_words, reason_words
from versioning.words_parts import (
    act_words,
    capital,
    counted_words,
    deadline_words,
    duration_words,
    flat_words,
    joined_words,
    name_words,
    offer_words,
    retry_words,
    signing_words,
)
from versioning.words_reactions import error_words, reaction_words


def words(blueprint: Blueprint) -> tuple[str, ...]:
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
        self.kinds: dict[type, Callable[[Any], list[str]]] = {
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

    def all(self) -> tuple[str, ...]:
        """Every sentence."""
        blueprint = self.blueprint
        purpose = flat_words(blueprint.purpose).rstrip(".")
        serves = f" It serves {joined_words(blueprint.regimes)}." if blueprint.regimes else ""
        return (
            f"{purpose}. It is owned by the role {name_words(blueprint.owner)}.{serves}",
            f"{self.starts()} It begins with {self.to(blueprint.first)}.{self.whole()}",
            *(self.step(step) for step in blueprint.steps),
        )

    def starts(self) -> str:
        """Every way to begin, each with its business key."""
        blueprint = self.blueprint
        ways = f"An instance starts in one of {len(blueprint.starts)} ways. " if blueprint.more_starts else ""
        return f"{ways}{' '.join([self.start(start) for start in blueprint.starts])}"

    def start(self, start: Start) -> str:
        """One way to begin."""
        again = " A business key may come again once its instance has ended." if start.reuse == "after end" else ""
        said = start_words(start, self.blueprint.calendar, alone=not self.blueprint.more_starts)
        return f"{said} Its business key is {self.path(start.key)}.{again}"

    def whole(self) -> str:
        """By which calendar business durations count, the deadline of the whole instance, what acts on it need."""
        calendar, deadline = self.blueprint.calendar, self.blueprint.deadline
        said = [] if calendar is None else [f"Working time is counted by the calendar {name_words(calendar)}."]
        if deadline is not None:
            said += ["This is the deadline of the whole instance:", *deadline_words(deadline)]
        said += filter(None, map(act_words, self.blueprint.acts))
        if self.blueprint.gives:
            said.append(f"It gives {self.paths(self.blueprint.gives)} to a step that runs it.")
        said += [error_words(self, watch) for watch in self.blueprint.watches]
        return "".join(f" {sentence}" for sentence in said)

    def step(self, step: Step) -> str:
        """The sentences about one step."""
        title = flat_words(step.title) or name_words(step.id)
        said = [*self.kinds[type(step)](step), *reaction_words(self, step)]
        ends = "" if title.endswith(("?", "!", ".")) else "."
        return f"{title[0].upper()}{title[1:]}{ends} {' '.join(said)}"

    def to(self, target: str) -> str:
        """A step by its number and name; without one the join of the branch."""
        if not target:
            return "the end of its branch"
        number = self.numbers.get(target)  # None where the checks find that there is no such step
        return f"step {number} ({name_words(target)})" if number else f"an unknown step ({name_words(target)})"

    def then(self, target: str) -> str:
        """Where a step leads."""
        return f"Then comes {self.to(target)}." if target else "This ends its branch."

    def condition(self, source: str) -> str:
        """A condition in words."""
        return condition_words(source, self.blueprint.data, self.blueprint.currency)

    def task(self, step: TaskStep) -> list[str]:
        said = [f"A person with the role {name_words(step.role)} fills in {self.paths(step.expects)}."]
        said += offer_words(step.offer)
        if step.shows:
            said.append(f"They are shown {self.paths(step.shows)}.")
        return [*said, *self.duties(step.duties), self.then(step.next)]

    def decide(self, step: DecideStep) -> list[str]:
        limit = value_words(step.measure, self.blueprint.data)
        said = [
            *decider_words(step, limit),
            *offer_words(step.offer),
            f"They are shown exactly {self.paths(step.shows)}.",
            *reason_words(step),
        ]
        if step.sign is not None:
            said.append(f'They sign "{flat_words(step.sign.meaning)}", {signing_words(step.sign)}.')
        laid = [f"The decision becomes {self.path(step.into)}."] if step.into else []
        ways = [f"on {outcome} comes {self.to(target)}" for outcome, target in step.next]
        return [*said, *self.duties(step.duties), *laid, f"{capital('; '.join(ways))}."]

    def duties(self, duties: tuple[Duty, ...]) -> list[str]:
        """Who may not, and how many it takes."""
        return duty_words(duties, self.to)

    def call(self, step: CallStep) -> list[str]:
        said = f"The service {self.calling(step)}"
        return [f"{said}{self.into(step.into)}.", *retry_words(step.retry), self.then(step.next)]

    def calling(self, step: CallStep) -> str:
        """A call as the rest of a sentence."""
        connector, _, operation = step.operation.partition(".")
        return f"calls {name_words(connector)} ({name_words(operation)}){self.handed(step.arguments)}"

    def job(self, step: JobStep) -> list[str]:
        said = f"A worker does the job {name_words(step.type)}{self.handed(step.arguments)}"
        first = [f"Its priority is {value_words(step.priority, self.blueprint.data)}."] if step.priority else []
        return [f"{said}{self.into(step.into)}.", *first, *retry_words(step.retry), self.then(step.next)]

    def agent(self, step: AgentStep) -> list[str]:
        from versioning.words_agents import agent_words

        return [*agent_words(self, step), *retry_words(step.retry), self.then(step.next)]

    def rules(self, step: RulesStep) -> list[str]:
        given = self.handed(step.arguments) or " on the data"
        return [
            f"The rule table {name_words(step.table)} is evaluated{given}{self.into(step.into)}.",
            self.then(step.next),
        ]

    def run(self, step: RunStep) -> list[str]:
        said = f"The blueprint {name_words(step.blueprint)} runs as an instance of its own{self.handed(step.arguments)}"
        home = [f"It brings home {self.brought(step)}."] if step.bring else []
        return [f"{said}{self.into(step.into)}.", *home, *retry_words(step.retry), self.then(step.next)]

    def brought(self, step: RunStep) -> str:
        """What a step brings home from the blueprint it runs, and where that is put."""
        return joined_words(f"its {name_words(given)} as {self.path(path)}" for path, given in step.bring)

    def each(self, step: EachStep) -> list[str]:
        body = step.body
        what = ""
        if isinstance(body, CallStep):
            what = f"the service {self.calling(body)}"
        elif isinstance(body, JobStep):
            what = f"a worker does the job {name_words(body.type)}{self.handed(body.arguments)}"
        elif body is not None:
            ran = f"the blueprint {name_words(body.blueprint)} runs as an instance of its own"
            what = f"{ran}{self.handed(body.arguments)}"
        order = "at the same time" if step.at_once else "one after the other"
        said = [f"For each element of {self.path(step.of)}, {order}, {what}{self.into(step.into, 'results become')}."]
        said += [] if body is None else retry_words(body.retry)
        if step.until is not None:
            said.append(f"It is over as soon as {self.condition(step.until)}.")
        return [*said, self.then(step.next)]

    def send(self, step: SendStep) -> list[str]:
        said = f"The message {name_words(step.message)} that carries {self.value(step.key)} is sent"
        kept = f"It is kept for {duration_words(step.keep_for)} when nobody waits for it yet."
        return [f"{said}{self.handed(step.arguments)}.", kept, self.then(step.next)]

    def tell(self, step: TellStep) -> list[str]:
        text = text_words(step.text, self.blueprint.data)
        said = [f"{capital(self.told(step.to))} are told {text}, and so is who stands in for them."]
        said += [f"With it they are shown {self.paths(step.shows)}."] if step.shows else []
        return [*said, "Nobody waits for them.", self.then(step.next)]

    def told(self, to: tuple[Recipient, ...]) -> str:
        """Whom a notification is for."""
        return joined_words(map(self.recipient, to))

    def recipient(self, one: Recipient) -> str:
        """One of them."""
        if one.kind == "initiator":
            return "whoever started the instance"
        if one.kind == "step":
            return f"whoever acted in {self.to(one.name)}"
        return f"{'those with the role' if one.kind == 'role' else 'who holds the office'} {name_words(one.name)}"

    def take_back(self, step: UndoStep) -> list[str]:
        of = joined_words(map(self.to, step.steps)) if step.steps else "every step that can be undone"
        return [f"What {of} has done is undone, the last first.", self.then(step.next)]

    def choose(self, step: ChooseStep) -> list[str]:
        said: list[str] = []
        for number, branch in enumerate(step.branches):
            if branch.when is None:
                said.append(f"In all other cases comes {self.to(branch.next)}.")
            else:
                start = "When" if number == 0 else "Else, when"
                said.append(f"{start} {self.condition(branch.when)}, {self.to(branch.next)} comes next.")
        return said

    def parallel(self, step: AllStep) -> list[str]:
        heads = joined_words(self.to(branch) for branch in step.branches)
        if step.begun_by is not None:
            who = f"A person with the role {name_words(step.begun_by)}"
            said = [f"{who} begins {heads}, in any order and one after the other."]
            return [*said, *self.any_order(step), *self.join(step, "all of them have ended")]
        return [f"At the same time begin {heads}.", *self.join(step, "all of these branches have ended")]

    def any_order(self, step: AllStep) -> list[str]:
        """What such a person may do with the branches besides."""
        said = []
        if step.may_repeat:
            again = joined_words(map(self.to, step.may_repeat), "or")
            said.append(f"Until then such a person may begin {again} again, with a reason.")
        if step.may_pass_over:
            over = joined_words(map(self.to, step.may_pass_over), "or")
            said.append(f"Such a person may pass over {over}, with a reason; what is passed over is not waited for.")
        return said

    def inclusive(self, step: AnyOfStep) -> list[str]:
        said: list[str] = []
        for branch in step.branches:
            if branch.when is None:
                said.append(f"Where none of these holds, {self.to(branch.next)} begins.")
            else:
                said.append(f"When {self.condition(branch.when)}, {self.to(branch.next)} begins.")
        return [*said, *self.join(step, "all branches that were begun have ended")]

    def join(self, step: ForkStep, every: str) -> list[str]:
        """When the branches have met."""
        if not step.need:
            return [f"When {every}: {self.to(step.next)}."]
        some = "one branch has ended" if step.need == 1 else f"{step.need} branches have ended"
        return [f"When {some}: {self.to(step.next)}.", "What is still open in the others is then closed."]

    def wait(self, step: WaitStep) -> list[str]:
        if step.delay is not None:
            length = f"{duration_words(step.delay)}{counted_words(step.calendar)}"
            return [f"The instance waits for {length}.", *self.stopped(step), self.then(step.next)]
        if step.until is not None:
            return [f"The instance waits until {self.value(step.until)}.", *self.stopped(step), self.then(step.next)]
        if step.condition is not None:
            holds = self.condition(step.condition)
            return [f"The instance waits until {holds}.", *self.stopped(step), self.then(step.next)]
        if is_first_of(step):
            said = f"The instance waits for the first of these events{counted_words(step.calendar)}"
            return [f"{said}; it closes the others.", *self.stopped(step)]
        key = value_words(step.key or "", self.blueprint.data)
        said = f"The instance waits for the message {name_words(step.message or '')} that carries {key}"
        return [f"{said}{self.into(step.into)}.", *self.stopped(step), self.then(step.next)]

    def stopped(self, step: WaitStep) -> list[str]:
        """That clocks stand still meanwhile."""
        return ["Meanwhile the clocks of the deadlines around it stand still."] if step.for_customer else []

    def end(self, step: EndStep) -> list[str]:
        return [f"The instance ends: {step.outcome}."]

    def handed(self, arguments: tuple[tuple[str, str], ...]) -> str:
        """What is handed over, and as what where the names differ."""
        said = [_handed(name, value_words(source, self.blueprint.data)) for name, source in arguments]
        return f", handing over {joined_words(said)}" if said else ""

    def path(self, path: str) -> str:
        """A path as a noun."""
        return path_words(path, self.blueprint.data)

    def paths(self, paths: Iterable[str]) -> str:
        """Several paths."""
        return joined_words(map(self.path, paths))

    def into(self, path: str | None, become: str = "result becomes") -> str:
        """Where a result goes, as the end of a sentence."""
        return f"; the {become} {self.path(path)}" if path else ""

    def value(self, source: str) -> str:
        """An expression as a noun."""
        return value_words(source, self.blueprint.data)


def _handed(name: str, value: str) -> str:
    return value if value.removeprefix("the ") == name_words(name) else f"{value} as {name_words(name)}"
