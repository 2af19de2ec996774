"""The company of the histories that draw everything: what changes in it while instances run."""

from dataclasses import dataclass
from random import Random
from typing import Any

from governance.substitution import Standing, circle
from ledger.canonical import digest
from orchestrator.deadlines import Dated
from orchestrator.feel import evaluate_at
from orchestrator.run import Ruled
from orchestrator.schedules import Planned
from tests.orchestrator import toy
from tests.orchestrator.house import WORKER, Having, StandIns, person
from tests.orchestrator.wide_blueprints import CALENDAR, GRADING, HAND, JUDGE, SEATS, SUMMARISER
from tests.simulation import agents
from tests.simulation.actors import LIMITS, PEOPLE, ROLES, Company
from tests.simulation.hub import SECOND
from tests.versioning.test_business_time import calendar
from versioning.blueprint import BlueprintVersion, Step
from versioning.kinds.agent import read_agent

DAN, EVA = person("dan"), person("eva")  # whoever filled a form may not decide on it: others must be left
ALL = (*PEOPLE, DAN, EVA)
DAILY = "daily"  # starts by the clock
DAY = 86_400 * SECOND


@dataclass(frozen=True)
class Released:
    """A released profile of an agent."""

    name: str
    value: Any

    @property
    def digest(self) -> str:
        """Of its value."""
        return digest(self.value)


class Shelf:
    """Calendars by name and digest; releasing one again keeps the older ones."""

    def __init__(self) -> None:
        self._named: dict[str, Dated] = {}
        self._known: dict[str, Dated] = {}
        self.release()

    def release(self, **changes: Any) -> None:
        """Put a calendar in force."""
        dated = Dated(f"calendar-{len(self._known) + 1}", calendar(name=CALENDAR, **changes))
        self._named[CALENDAR] = self._known[dated.digest] = dated

    def retire(self) -> None:
        """None is in force any more; what was is known by its digest."""
        self._named.clear()

    def in_force(self, uow: Any, name: str) -> Dated | None:
        """See `orchestrator.ports.BusinessCalendars`."""
        return self._named.get(name)

    def released(self, uow: Any, digest: str) -> Dated | None:
        """See `orchestrator.ports.BusinessCalendars`."""
        return self._known.get(digest)


class Profiles:
    """Agents in force, for the engine and for who calls them."""

    def __init__(self, endpoint: str) -> None:
        self._endpoint = endpoint
        self.in_force: dict[str, Released] = {}
        for name in (SUMMARISER, JUDGE, HAND, "other"):
            self.release(name, "1")

    def release(self, name: str, number: str) -> None:
        """Put a version of a profile in force."""
        text = agents.WORKER if name == HAND else agents.PROFILE
        text = text.replace("NAME", name).replace("VERSION", number).replace("ENDPOINT", self._endpoint)
        text = text.replace("CLASS", "personal" if name == JUDGE else "internal")
        if name in (SUMMARISER, HAND, "other"):
            order = (SUMMARISER, HAND, "other").index(name) + 1
            when = "when: = amount < 5, " if name == HAND else ""
            text += f"serves: [{{task: {GRADING}, {when}order: {order}}}]\n"
        self.in_force[name] = Released(name, read_agent(text))

    def current(self, view: Any, kind: str, name: str) -> Any:
        """As the runner asks for released artefacts."""
        return self.in_force.get(name) if kind == "agent" else None

    def named(self, uow: Any, name: str) -> Released | None:
        """See `orchestrator.released_agents.ReleasedAgents`."""
        return self.in_force.get(name)

    def every(self, uow: Any) -> tuple[Released, ...]:
        """See `orchestrator.released_agents.ReleasedAgents`."""
        return tuple([one for _, one in sorted(self.in_force.items())])


class WideCompany(Company):
    """Five persons with skills, units and substitutes, calendars, agents, and versions that follow each other."""

    def __init__(self, endpoint: str, *versions: BlueprintVersion) -> None:
        self.numbered: dict[tuple[str, int], BlueprintVersion] = {}
        self.retired: set[str] = set()
        super().__init__(*versions)
        self.roles[WORKER.id] = {"starters"}  # it sends messages that start instances
        self.expressions = evaluate_at
        self.calendars = Shelf()
        self.mend()
        self.agents = Profiles(endpoint)
        self.stand_ins = StandIns()
        self.offices = {office: set(seats) for office, seats in SEATS.items()}
        self.attributes = Having(
            {
                ALL[0].id: {("skill", "sums")},
                ALL[1].id: {("skill", "sums"), ("unit", "north")},
                DAN.id: {("unit", "north")},
            }
        )

    def release(self, version: BlueprintVersion) -> None:
        """Put a version in force; those before stay known."""
        super().release(version)
        self.numbered[version.blueprint.id, version.number] = version

    def current(self, uow: Any, name: str) -> BlueprintVersion | None:
        """The version in force."""
        return None if name in self.retired else self.released.get(name)

    def version(self, uow: Any, name: str, number: int) -> BlueprintVersion | None:
        """A version by its number, in force or not."""
        return self.numbered.get((name, number))

    def starting_by(self, uow: Any, message: str) -> tuple[BlueprintVersion, ...]:
        """Those in force that start by this message."""
        return tuple([one for one in super().starting_by(uow, message) if one.blueprint.id not in self.retired])

    def step(self, blueprint: str, name: str) -> Step:
        """A step by its id, of any version that has it."""
        versions = [one for (of, _), one in self.numbered.items() if of == blueprint]
        return next(step for one in versions for step in one.blueprint.steps if step.id == name)

    def evaluate(self, uow: Any, version: BlueprintVersion, table: str, given: tuple[Any, Any]) -> Any:
        """A rule table; the one that gates lets through what is no worse than 6."""
        if table == "gate":
            return Ruled(given[0].get("grade", 9) < 7, "gate-digest", (1,))
        return toy.rules(table, dict(given[0]), given[1])

    def planned(self) -> tuple[Planned, ...]:
        """By what starts by the clock would be planned."""
        version = self.current(None, DAILY)
        dated = self.calendars.in_force(None, CALENDAR)
        if version is None or dated is None:
            return ()
        return (Planned(DAILY, version.number, dated.digest),)

    def change(self, random: Random, now: int) -> None:
        """Somebody loses a role, leaves, gets back what they had, or is stood in for; all lose their grants; an
        agent or a calendar has another version, or no calendar is in force."""
        match random.randrange(9):
            case 0:
                self.roles[random.choice(ALL).id].discard("clerks")
            case 1 | 8:
                self.mend()
            case 2:
                absent, substitute = random.sample(ALL, 2)
                new = Standing(absent.id, substitute.id, now, now + random.choice((1, 3)) * DAY)
                if not circle(self.stand_ins.known, new):
                    self.stand_ins.known.append(new)
            case 3:
                name = random.choice((SUMMARISER, JUDGE, HAND))
                self.agents.release(name, str(random.randrange(2, 9)))
            case 4:
                self.limits.clear()
            case 5:
                self.roles[random.choice(ALL).id].clear()
            case 6:
                self.calendars.retire()
            case _:
                self.calendars.release(closed=random.choice(({}, {"2026-09-22": "Move"}, {"2027-12-30": "Move"})))

    def mend(self) -> None:
        """Everybody has every role and every grant, and a calendar is in force."""
        for one in ALL:
            self.roles[one.id] = {*ROLES}
            self.limits[one.id] = LIMITS.get(one.id, 100)
        if self.calendars.in_force(None, CALENDAR) is None:
            self.calendars.release()
