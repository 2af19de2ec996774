"""Histories that draw everything: agents, calendars, steering, substitutes, starts by message and clock, large answers.

Beside the others and with seeds of their own. The record of each is verified as `muniment verify` does it, and every
instance is walked again as a verifier's fifth verdict walks it.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from api.wiring import TABLES
from governance.questions import acts
from governance.questions.facts import Record, Records
from governance.questions.registers import ReleasedBlueprint
from governance.questions.sequence import deviations
from ledger.canonical import b64url, decode
from ledger.rows import Table
from ledger.verification import Manner, Subject, verify_database
from orchestrator import vacating
from orchestrator.ports import Deps
from orchestrator.schedules import planned, to_plan
from orchestrator.store import Query
from tests.crash.checks import Checked
from tests.orchestrator.wide_blueprints import SEATS, WideBuilder
from tests.simulation import wide_judging as judging
from tests.simulation.actors import Surroundings
from tests.simulation.agents import Agents
from tests.simulation.history import BEGINS, History
from tests.simulation.hub import SECOND
from tests.simulation.wide_actors import ADVICE, LETTER, WideActors
from tests.simulation.wide_company import DAILY, WideCompany
from tests.simulation.wide_helping import WideHelper
from tests.simulation.wide_told import judge_told
from tests.simulation.wide_voting import judge_votes
from tests.simulation.wide_world import WideWorld
from tests.versioning.test_business_time import at
from versioning.blueprint import BlueprintVersion
from versioning.kinds.blueprint import blueprint_value
from versioning.starts import Schedule

# An ordinary day, the days before the clocks change in London, Christmas, and the last days the calendar states.
BEGINNINGS = (
    BEGINS, BEGINS, at("2026-10-24T12:00"), at("2027-03-27T12:00"), at("2026-12-23T09:00"), at("2027-12-29T09:00"),
)  # fmt: skip
CHANGES = (20, 20, 400, 3_000)  # seconds between two changes of the company: several while people act
HOURLY = tuple([f"{hour:02}:30" for hour in range(24)])  # one of them twice, or not at all, when the clocks change
SCHEDULES = (
    Schedule(("business day",), tuple([f"{hour:02}:00" for hour in range(8, 20)]), "latest"),
    Schedule(("day",), HOURLY, "all", zone="Europe/London"),
    Schedule(("day",), HOURLY, "none"),
)


class _Rows:
    """Committed rows, as who looks for vacancies asks for them."""

    def __init__(self, query: Query, now: int) -> None:
        self._query = query
        self.now = now

    def get(self, table: Table[Any], *key: Any) -> Any:
        """The row with this key."""
        return next(iter(self.group(table, *key)), None)

    def group(self, table: Table[Any], *key: Any) -> tuple[Any, ...]:
        """All rows whose key begins so."""
        terms = "".join(f" AND {name} = ?" for name in table.columns[: len(key)])
        found = self._query(f"SELECT {', '.join(table.columns)} FROM {table.name} WHERE log_id = {{log}}{terms}", key)
        return tuple(table.row(*row) for row in found)

    def unseal(self, *_: Any) -> None:
        """Nothing: what is sealed is left to the command, which asks again."""

    def query(self, statement: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """See `ledger.work.UnitOfWork`."""
        return self._query(statement, parameters)


def _started_by(made: BlueprintVersion, by: Any) -> BlueprintVersion:
    """The same, which starts by something else than the API."""
    return replace(made, blueprint=replace(made.blueprint, start=replace(made.blueprint.start, by=by)))


def _told(version: BlueprintVersion) -> ReleasedBlueprint:
    """A version as a verifier reads it."""
    payload = {"value": blueprint_value(version.blueprint), "version": version.number}
    return ReleasedBlueprint(Record(0, "", {"payload": payload}), (), ())


class WideHistory(History):
    """As `History`, in a company where everything there is happens."""

    house: WideCompany
    world: WideWorld
    actors: WideActors

    def _company(self) -> WideCompany:
        def builder(of: str) -> WideBuilder:
            return WideBuilder(self.seed.random(of).choice)

        random = self.seed.random("starts")
        first = builder("blueprint").build(reuse="after end")
        child = builder("child").letter("child", reuse="after end")
        letter = builder("letter").letter("letter", reuse=random.choice(("never", "after end")), message=LETTER)
        versions = [first, child, _started_by(letter, "message"), builder("advice").advised(ADVICE)]
        released_at = self._begins()
        if random.random() < 0.4:
            daily = builder("daily").letter(DAILY, schedule=random.choice(SCHEDULES))
            versions.append(_started_by(daily, "schedule"))
        # Released later; instances that run stay with theirs.
        later = builder("later").build(reuse="after end")
        self._later = replace(later, number=2)
        return WideCompany(
            self._place.agents.running.address, *[replace(one, released_at=released_at) for one in versions]
        )

    def _begins(self) -> int:
        return self.seed.random("begins").choice(BEGINNINGS)

    def _world(self) -> WideWorld:
        world = WideWorld(self.hub, self.seed.random("world"))
        world.agents = Agents(self._place.agents, self.house.agents, self.hub, self.seed.random("agents"))
        return world

    def _deps(self) -> Deps:
        house = self.house
        return Deps(
            house, house, house, house, expressions=house.expressions, calendars=house.calendars,
            agents=house.agents, attributes=house.attributes, stand_ins=house.stand_ins,
        )  # fmt: skip

    def _actors(self, around: Surroundings) -> WideActors:
        return WideActors(around, self.seed.random("actors"), ("A-1", "A-2", "A-3"))

    def _helper(self) -> WideHelper:
        return WideHelper(self.actors)

    def parts(self, query: Query) -> dict[str, Any]:
        """See `tests.simulation.process.Ear`."""
        return {
            "plans": lambda: to_plan(planned(query), self.house.planned()),
            "vacancies": lambda: self._vacancies(_Rows(query, self.hub.now)),
        }

    def _vacancies(self, rows: Any) -> Any:
        held = vacating.unauthorised(self._deps(), rows)
        assert held.after is None, "more is held than one look asks about"
        return vacating.commands_of([*vacating.vacated(self.house, rows), *held.found])

    def _disturbed(self) -> None:
        random = self.seed.random("changes")
        self.hub.spawn("company", lambda: self._change(random))
        super()._disturbed()

    def _change(self, random: Any) -> None:
        """The company changes while instances run."""
        while True:
            self.hub.sleep(random.choice(CHANGES) * SECOND)
            if self.world.healed:
                return
            self.house.change(random, self.hub.now)
            if random.random() < 0.1:
                self.house.release(replace(self._later, released_at=self.hub.now))

    def _healed(self) -> None:
        judging.judge_still(Checked(self._look, self.log))
        self.house.mend()
        self.house.retired.add(DAILY)  # or there would be no end of it
        super()._healed()

    def _judge(self) -> None:
        super()._judge()
        checked = Checked(self._look, self.log)
        broken: set[tuple[str, str]] = {(one.actor.id, one.command_id or "") for one in self.actors.broken}
        judging.judge_refused(checked, self.actors.acknowledged, broken)
        judging.judge_deadlines(checked)
        judging.judge_proposals(checked, self._step_of)
        judging.judge_duties(checked, self._step_of)
        judging.judge_schedule(checked, self.hub.now)
        letter = self.house.released["letter"].blueprint
        judging.judge_keys(checked, frozenset(("letter",) if letter.start.reuse == "never" else ()))
        judging.judge_bulk(checked)
        judging.judge_acts(checked)
        self.said.update(judge_told(checked, SEATS, self.house.stand_ins.known))
        self.said.update(judge_votes(checked, SEATS, self._step_of))
        self.said.update(judging.seen(checked, self._step_of))
        self.said.update(judging.seen_of_agents(checked))
        self._walk(checked)
        self._verify()

    def _walk(self, checked: Checked) -> None:
        """Each instance went as its version allows, and acts on it were confirmed where it asks for that."""
        records = Records(Record(row.idx, b64url(row.leaf_hash), decode(row.bytes)) for row in checked.rows)
        for entry in checked.entries:
            for value in entry.payload.get("transitions", ()):
                if value["t"] == "instance.started":
                    version = _told(self.house.by_digests[value["version"]])
                    found = deviations(records, entry.subject, version)
                    assert not found, f"{entry.subject}: {found[0].text} in {found[0].record.index}"
                    _, wrong = acts.faults(records, entry.subject, version)
                    assert not wrong, f"{entry.subject}: {wrong[0].text} in {wrong[0].record.index}"

    def _verify(self) -> None:
        subject = Subject(self._database, self.log.name, self.log.origin, TABLES, self.folds, self.log.secrets.vault)
        report, _ = verify_database(subject, Manner())
        assert report.is_sound, report.finding
