"""One history: a blueprint, a company, two processes, an outside, and what goes wrong - all from one seed."""

from collections import Counter
from dataclasses import dataclass
from random import Random
from typing import Any

import pytest

from governance import service as governance
from governance.tables import DECISION
from ledger import service as ledger
from ledger import writer
from ledger.actor import SYSTEM, Actor
from ledger.commands import ConfirmClock
from ledger.errors import BrokenInput, Unavailable
from ledger.refusal import Reason
from ledger.rows import Folds
from ledger.tables import COMMAND, SUBJECT
from ledger.work import Answer, Request
from orchestrator import commands as c
from orchestrator import runner, service, tables
from orchestrator.agents import PREFIX
from orchestrator.ports import Deps
from orchestrator.store import Query
from tests.crash.checks import Checked
from tests.orchestrator.house import ANN
from tests.orchestrator.random_blueprints import Builder
from tests.simulation import judging, models
from tests.simulation.actors import Actors, Company, Surroundings
from tests.simulation.faults import Faults
from tests.simulation.helping import Helper
from tests.simulation.hub import SECOND, Hub
from tests.simulation.judging import Leases
from tests.simulation.place import Place, open_log
from tests.simulation.process import Hands, Process, Shifted
from tests.simulation.world import NAME, World

BEGINS = 1_790_000_000 * SECOND
ACTS = 18  # of all actors together, in the disturbed part
TENDED_EVERY = 1_800 * SECOND  # as a minute of elsewhere: time here is long, and most statements would be of tending
IMPATIENT, PATIENT = 0.6, 120  # how often somebody cancels what waits for a slow call, after how many seconds
TURNS_MAX = 30_000  # far more than any history takes
FOLDED = (*tables.FOLDED, DECISION, SUBJECT, COMMAND)
_SHIFTS = (-5, -1, 1, 50, 100)  # seconds by which a wall clock is wrong for a while: behind, tolerated, jumped


@dataclass(frozen=True, slots=True)
class Seed:
    """What a history is made of. The rest makes a smaller one of the same seed: fewer acts, faults, processes."""

    number: int
    acts: int = ACTS
    faults: int | None = None
    processes: int = 2
    wide: bool = False  # of the histories that draw everything

    def random(self, of: str) -> Random:
        """A source of its own for each part, so that fewer of one thing leave the others as they were."""
        return Random(f"{'wide ' if self.wide else ''}{self.number} {of}")

    def __str__(self) -> str:
        faults = "" if self.faults is None else f" --faults {self.faults}"
        wide = " --wide" if self.wide else ""
        return f"{self.number} --acts {self.acts}{faults} --processes {self.processes}{wide}"


class History:
    """`play` it once. `told` is what happened, a line each; equal seeds tell the same."""

    def __init__(self, seed: Seed, place: Place) -> None:
        self.seed = seed
        self.told: list[str] = []
        self.said: Counter[str] = Counter()  # commands and how they were answered
        self.leases = Leases()
        self._unheard: dict[str, int] = {}  # calls whose answer was turned down, and when
        self._place = place
        self.house = self._company()
        self.begins = self._begins()
        self.hub = Hub(seed.random("turns"), self.begins)
        self.world = self._world()
        self.faults = Faults(seed.random("faults"), seed.faults)
        self.folds: Folds = {**ledger.folds(), **governance.folds(), **service.folds()}
        commands = {**ledger.commands(), **service.commands(self._deps())}
        self._database, self.log = place.new_log()
        ids = seed.random("ids")

        def workings(clock: Shifted) -> Any:
            return place.workings(self.log, clock, (commands, self.folds), ids)

        self._is_confirmed = False
        open_log(self._database, workings(Shifted(self.hub, 0)))
        self._look = self._database.connect(read_only=True)
        where = (self._database, self.faults, workings)
        self.processes = tuple([Process(f"p{n}", self.hub, where, self.world, self) for n in range(seed.processes)])
        around = Surroundings(self.hub, self.house, self.processes, self.look)
        self.actors = self._actors(around)

    # What a history is made of

    def _company(self) -> Company:
        builder = [Builder(self.seed.random(of).choice) for of in ("blueprint", "child")]
        return Company(builder[0].build(reuse="after end"), builder[1].build("child", reuse="after end"))

    def _begins(self) -> int:
        return BEGINS

    def _world(self) -> World:
        return World(self.hub, self.seed.random("world"))

    def _deps(self) -> Deps:
        return Deps(self.house, self.house, self.house, self.house)

    def _actors(self, around: Surroundings) -> Actors:
        return Actors(around, self.seed.random("actors"), ("A-1", "A-2"))

    def _helper(self) -> Helper:
        return Helper(self.actors)

    def parts(self, query: Query) -> dict[str, Any]:
        """See `tests.simulation.process.Ear`."""
        return {}

    def look(self, statement: str) -> list[tuple[Any, ...]]:
        """Committed rows."""
        return self._look.query(self.log.log_id, statement, ())

    def play(self) -> None:
        """From the start to the end, and judge it."""
        hands = pytest.MonkeyPatch()
        try:
            for process in self.processes:
                process.start(self.seed.random(process.name))
            hands.setattr(writer, "TEND_EVERY", TENDED_EVERY)
            # Whoever leases several calls makes them side by side: with hands of ours, that take turns.
            hands.setattr(runner, "ThreadPoolExecutor", self._hands)
            hands.setattr(runner, "wait", lambda *asked: self._hands(0).wait(*asked))
            self._disturbed()
            judging.judge_instances(Checked(self._look, self.log), all_over=False)
            self._healed()
            self._judge()
        finally:
            hands.undo()
            for process in self.processes:
                process.stop()
            self._look.close()

    @property
    def deaths(self) -> int:
        """How often a process died."""
        return sum(process.deaths for process in self.processes)

    def _disturbed(self) -> None:
        self.actors.begin(self.seed.acts)
        tired = self.seed.random("tired")
        self.world.slow = lambda key: self._tire(tired, key)
        clocks = self.seed.random("clocks")
        if clocks.random() < 0.3:
            self.hub.spawn("clocks", lambda: self._shift(clocks))
        while self.actors.left > 0:
            self.hub.turn()

    def _healed(self) -> None:
        self.world.healed = True
        for process in self.processes:
            process.clock.shift = 0
        self.disturbed = self.faults.sent, self.faults.looked
        helper = self._helper()
        self.hub.spawn("helper", helper.help)
        while not helper.is_done:
            self.hub.turn()
            assert self.hub.turns < TURNS_MAX, "too many turns"

    def _tire(self, random: Random, key: str) -> None:
        """Somebody cancels an instance while a call of it is out, now and then."""
        if random.random() < IMPATIENT:
            instance = key.partition(".")[0]
            cancel = c.CancelInstance(instance, "it takes too long")
            self.hub.spawn("tired", lambda: self._ask(cancel), after=random.randrange(PATIENT) * SECOND)

    def _ask(self, command: Any, actor: Actor = ANN) -> None:
        self.actors.ask(actor, command)

    def _shift(self, random: Random) -> None:
        while not self.world.healed:
            process = random.choice(self.processes)
            self.hub.sleep(random.choice((1, 30, 900)) * SECOND)
            if not self.world.healed:
                process.clock.shift = random.choice(_SHIFTS) * SECOND
            self.hub.sleep(random.choice((1, 30, 900)) * SECOND)
            process.clock.shift = 0

    def _hands(self, _: int) -> Hands:
        return Hands(next(one for one in self.processes if one.has_turn))

    def lost(self, request: Request, error: Exception) -> None:
        """Nobody was told what became of this; or it was no command, and nothing did."""
        word = type(error).__name__ if isinstance(error, BrokenInput) else "lost"
        self.told.append(f"{self.hub.now - self.begins} {type(request.command).__name__} {word}")
        self.said[f"{type(request.command).__name__} {word}"] += 1
        if word == "lost":
            self.leases.lost(request.command)
        if self.world.healed and isinstance(error, Unavailable) and error.reason == "CLOCK_JUMPED":
            self._confirm_clock()

    def _confirm_clock(self) -> None:
        """Somebody does, once all clocks are right: a process that began while its own was ahead takes that for right,
        and what has become right for put back."""
        if not self._is_confirmed:
            self._is_confirmed = True
            confirm = ConfirmClock(self.log.name)
            self.hub.spawn("clock", lambda: self._ask(confirm, SYSTEM))

    def heard(self, request: Request, answer: Answer, now: int) -> None:
        """An answer that is about to go out, in the order in which batches are committed."""
        outcome = answer.outcome
        word = getattr(outcome, "outcome", None) or getattr(outcome, "reason", None)
        index = "" if answer.receipt is None else answer.receipt.index
        about = next((getattr(request.command, name) for name in judging.ABOUT if hasattr(request.command, name)), "")
        self.told.append(f"{now - self.begins} {type(request.command).__name__} {about} {word} {index}")
        self.said[f"{type(request.command).__name__} {word}"] += 1
        self.leases.note(request.command, answer, now)
        if isinstance(request.command, c.SucceedCall) and word is Reason.WRONG_STATE:
            self._unheard[request.command.call_id] = now

    def _judge(self) -> None:
        checked = Checked(self._look, self.log)
        checked.is_whole()
        checked.is_fold(self.folds, FOLDED)
        assert not any(NAME.encode() in row.bytes for row in checked.rows), "a name stands in an entry in clear"
        checked.has_each_once(self.actors.acknowledged, losable=True)
        judging.judge_instances(checked, all_over=True)
        judging.judge_world(checked, self.world)
        models.judge_models(checked, self._step_of)
        models.judge_messages(checked)
        models.judge_children(checked)
        unheard = {call: at for call, at in self._unheard.items() if not _is_of_agent(checked, call)}
        judging.judge_undone(checked, self._undoable, unheard)

    def _step_of(self, version: str, step: str) -> Any:
        return self.house.by_digests[version].blueprint.step(step)

    def _undoable(self, version: str) -> frozenset[str]:
        steps = self.house.by_digests[version].blueprint.steps
        return frozenset(step.id for step in steps if step.undo is not None)


def _is_of_agent(checked: Checked, call: str) -> bool:
    """Whether a call asks an agent, who has done nothing outside: a proposal that comes late is of no use."""
    instance, _, number = call.rpartition(".")
    operation: str = checked.table(tables.CALL)[instance, int(number)].operation
    return operation.startswith(PREFIX)
