"""The figures of the overview equal a slow count over the entries, on random histories."""

from collections import Counter
from dataclasses import replace
from decimal import Decimal
from random import Random
from typing import Any, NamedTuple

from ledger.actor import SYSTEM
from ledger.clock import Instant
from orchestrator import commands as c
from orchestrator import store
from orchestrator.figures import Asked, overview
from tests.orchestrator.house import ANN, BOB, WORKER
from tests.orchestrator.memory import MemoryUow
from tests.orchestrator.office import Office
from tests.orchestrator.toy import HERE, HOUR, SECOND, end, task, version
from versioning import blueprint as b

DOMAINS = ("north", "south")
ACTS = ("start", "start", "task", "task", "task", "job", "call", "timer", "message", "cancel", "help")
STEPS = 120  # commands of one history
EVER = 2**53
SHOWN = ("active", "completed", "cancelled", "tasks_late", "incidents")
WAITED = ("steps", "tasks", "jobs", "calls", "messages")
LATE = b.Deadline("PT4H", 75, (b.Late("PT2H", urgency=10),))

FORMS = (
    b.AllStep("all", HERE, branches=("form", "j", "k", "w"), next="last"),
    task("form", expects=("amount",), deadline=LATE),
    b.JobStep("j", HERE, type="score", retry=b.Retry(1)),
    b.CallStep("k", HERE, operation="x.y", retry=b.Retry(1)),
    b.WaitStep("w", HERE, message="papers", key="number", watches=(b.Watch("after", "PT30H", "asked"),)),
    task("asked"),
    task("last", "done", deadline=LATE),
    end(),
)
SIMPLE = (b.JobStep("j", HERE, type="move", next="form"), task("form", "done", deadline=LATE), end())


class Thing(NamedTuple):
    """A task, job, call, wait or incident as the entries tell of it."""

    name: Any
    opened: int
    due: int = 0
    closed: int = 0


class Told:
    """One instance, read from its entries alone."""

    def __init__(self) -> None:
        self.blueprint = self.domain = ""
        self.started = 0
        self.test = False
        self.status = "active"
        self.steps: dict[int, str] = {}
        self.things: dict[tuple[str, int], Thing] = {}

    def read(self, one: dict[str, Any], at: int) -> None:
        kind, number = one["t"], one.get("activation", 0)
        match kind:
            case "instance.started":
                self.blueprint, self.domain, self.started = one["blueprint"], one["domain"], at
                self.test = one.get("test", False)
            case "instance.ended" | "instance.cancelled":
                self.status = kind.partition(".")[2]
            case "step.entered":
                self.steps[number] = one["step"]
            case "watch.set":
                self.steps[number] = self.steps[one["of"]]
            case "step.left":
                self.steps.pop(number)
            case "task.offered":
                old = self.things.get(("task", number))
                self.things["task", number] = Thing(self.steps[number], old.opened if old else at, one.get("due", 0))
            case "job.created" | "call.requested" | "message.subscribed":
                name = one.get("type") or one.get("operation") or one["message"]
                self.things[kind.partition(".")[0], number] = Thing(name, at)
            case "incident.raised":
                self.things["incident", one["incident"]] = Thing((one["code"], self.steps[number]), at)
            case "incident.resolved":
                self.close("incident", one["incident"], at)
            case "message.unsubscribed" | "message.correlated":
                self.close("message", number, at)
            case _ if kind.partition(".")[2] in ("completed", "cancelled", "succeeded"):
                self.close(kind.partition(".")[0], number, at)

    def close(self, what: str, number: int, at: int) -> None:
        if (what, number) in self.things:
            self.things[what, number] = self.things[what, number]._replace(closed=at)

    def of(self, what: str) -> list[Thing]:
        return [thing for (kind, _), thing in self.things.items() if kind == what]


def recount(office: Office, asked: Asked) -> dict[str, Any]:
    """Every figure by counting the entries."""
    read: dict[str, Told] = {}
    for entry in office.log.entries:
        for one in entry.payload.get("transitions", ()):
            read.setdefault(entry.subject, Told()).read(one, entry.recorded)
    now, blueprint = office.log.now, asked.blueprint
    whole = [one for one in read.values() if one.domain in asked.domains and blueprint in ("", one.blueprint)]
    tests, meant = [one for one in whole if one.test], [one for one in whole if not one.test]
    started = Counter(one.status for one in meant if asked.start <= one.started < asked.end)
    over = started["ended"] + started["cancelled"]
    active = [one for one in meant if one.status == "active"]
    dated = [one for told in meant for one in told.of("task") if one.due and asked.start <= one.opened < asked.end]
    late = sum((one.closed or now) > one.due for one in dated)
    at = Counter(step for one in active for step in set(one.steps.values()))
    overdue = Counter(
        step for one in active for step in {t.name for t in one.of("task") if not t.closed and 0 < t.due < now}
    )
    return {
        "active": len(active),
        "started": started.total(),
        "completed": started["ended"],
        "cancelled": started["cancelled"],
        "failed": 0,
        "completion_rate": _rate(started["ended"], over),
        "tasks_with_deadline": len(dated),
        "tasks_late": late,
        "deadline_breach_rate": _rate(late, len(dated)),
        "age_seconds": _percentiles(sorted((now - one.started) // SECOND for one in active)),
        "waiting": {
            "steps": [
                {"blueprint": blueprint, "step": step, "count": count, "overdue": overdue[step]}
                for step, count in sorted(at.items())
            ]
            if blueprint
            else None,
            "tasks": _open(meant, "task", "step"),
            "jobs": _open(meant, "job", "type"),
            "calls": _open(meant, "call", "operation"),
            "messages": _open(meant, "message", "message"),
        },
        "incidents": _open(meant, "incident", "code", "step"),
        "test": {
            "active": sum(one.status == "active" for one in tests),
            "started": sum(asked.start <= one.started < asked.end for one in tests),
        },
    }


def _open(meant: list[Told], what: str, *names: str) -> list[dict[str, Any]]:
    counted: Counter[tuple[Any, ...]] = Counter()
    for told in meant:
        for one in told.of(what):
            name = one.name if isinstance(one.name, tuple) else (one.name,)
            counted[(told.blueprint, *name)] += not one.closed
    named = ("blueprint", *names, "count")
    return [dict(zip(named, (*key, count), strict=True)) for key, count in sorted(counted.items()) if count]


def _rate(part: int, whole: int) -> str | None:
    return str((Decimal(part) / whole).quantize(Decimal("0.0001"))) if whole else None


def _percentiles(ages: list[int]) -> dict[str, int | None]:
    """By definition: the least age that at least so many of all do not exceed."""
    return {
        f"p{percent}": next((age for place, age in enumerate(ages, 1) if place * 100 >= percent * len(ages)), None)
        for percent in (50, 90, 99)
    }


def history(seed: int) -> Office:
    """Random commands on instances of two blueprints in two domains; what is refused is tried no less."""
    random = Random(seed)
    office = Office(*FORMS)
    office.house.release(version(*SIMPLE, blueprint="other"))
    for number in range(STEPS):
        act(office, random, number)
        office.log.now += random.choice((SECOND, HOUR // 3, 2 * HOUR))
    return office


def act(office: Office, random: Random, number: int) -> None:
    rows = office.log.view.rows
    match random.choice(ACTS):
        case "start":
            blueprint, domain = random.choice(("toy", "other")), random.choice(DOMAINS)
            start = c.StartInstance(blueprint, f"N-{number}", {"number": f"N-{number}"}, None, domain)
            office.send(replace(start, test=number % 5 == 0), ANN)
        case "task":
            for row in _some(random, [row for row in rows.get("task", {}).values() if row.state == "offered"]):
                place = f"{row.instance}.{row.number}"
                data = {"amount": 1} if (row.blueprint, row.step) == ("toy", "form") else {}
                office.send(c.ClaimTask(place), BOB)
                if random.random() < 0.8:
                    office.send(c.CompleteTask(place, data=data), BOB)
        case "job":
            for job in office.done(c.ActivateJobs(random.choice(("score", "move")), "one", 2), WORKER).result["jobs"]:
                given = job["job"], job["lease"]
                failed = c.FailJob(*given, "BUSY", random.random() < 0.5)
                office.send(failed if random.random() < 0.4 else c.CompleteJob(*given), WORKER)
        case "call":
            for call in office.done(c.LeaseCalls("r", 2), SYSTEM).result["calls"]:
                given = call["call"], call["lease"]
                office.done(c.StartCall(*given), SYSTEM)
                fails = random.random() < 0.4
                office.send(c.FailCall(*given, "DOWN") if fails else c.SucceedCall(*given, None), SYSTEM)
        case "timer":
            for due in store.due_timers(office.log.query, office.log.now, 5):
                office.send(c.FireTimer(due.timer_id, Instant(due.due)), SYSTEM)
        case "message":
            office.send(c.Correlate("papers", f"N-{random.randrange(number + 1)}"))
        case "cancel":
            for row in _some(random, list(rows.get("instance", {}).values())):
                office.send(c.CancelInstance(row.id), ANN)
        case "help":
            for row in _some(random, [row for row in rows.get("incident", {}).values() if row.state == "open"]):
                office.send(
                    c.ResolveIncident(f"{row.instance}.{row.number}", random.choice(("retry", "skip")), reason="why"),
                    BOB,
                )


def _some(random: Random, rows: list[Any]) -> list[Any]:
    return random.sample(rows, min(len(rows), 2))


def test_the_figures_equal_a_count_over_the_entries() -> None:
    seen: Counter[str] = Counter()
    for seed in range(12):
        office = history(seed)
        began, now = office.log.entries[0].recorded, office.log.now
        middle = (began + now) // 2
        for domains in (DOMAINS, ("north",), ()):
            for blueprint in ("", "toy", "other"):
                for start, end_ in ((0, EVER), (middle, EVER), (0, middle), (now, EVER)):
                    asked = Asked(domains, blueprint, start, end_)
                    found = overview(MemoryUow(office.log, ANN), asked)
                    assert found == recount(office, asked), (seed, asked)
                    seen.update(name for name in SHOWN if found[name])
                    seen.update(name for name, value in found["waiting"].items() if value)
    assert min(seen[name] for name in (*SHOWN, *WAITED)) > 20, f"a history that shows nothing proves nothing: {seen}"


class Asking(MemoryUow):
    """Keeps how the database would answer each question."""

    plans: tuple[str, ...] = ()

    def query(self, statement: str, parameters: Any = ()) -> list[tuple[Any, ...]]:
        self.plans += (f"{statement}: {self._log.plan(statement, parameters)}",)
        return super().query(statement, parameters)


def test_no_figure_reads_what_is_live_one_by_one() -> None:
    office = history(1)
    for blueprint in ("", "toy"):
        rows = Asking(office.log, ANN)
        overview(rows, Asked(DOMAINS, blueprint, 0, EVER))
        questions = [plan for plan in rows.plans if " FROM instance " in plan or " FROM task " in plan]
        of_tests = [plan for plan in questions if "test = 1" in plan and " FROM task " not in plan]
        assert all("INDEX instance_test" in plan for plan in of_tests), of_tests
        of_rows = [plan for plan in questions if plan not in of_tests]
        assert of_rows
        for plan in of_rows:  # ages and ends of the period by an index of instants, lateness by one of open tasks
            assert any(
                f"INDEX {name} " in plan for name in ("instance_live", "instance_begun", "task_due", "task_dated")
            )
            assert (
                "started_at>?" in plan or "due_at<?" in plan or "due_at>? AND due_at<?" in plan or "opened_at>?" in plan
            )
        assert not [plan for plan in rows.plans if " FROM job " in plan or " FROM call " in plan]
