"""The traits of the demo's history, each asked of the log as it is: `muniment demo --check`."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from api.reading_as import reading_as
from api.rooms import Rooms
from api.wiring import open_rooms
from examples.demo.parts import ACCOUNTS
from examples.demo.told.contracts import BLUEPRINT as CONTRACTS
from examples.demo.told.contracts import CLARIFICATION
from examples.demo.told.offering import names_of, offered
from ledger.actor import SYSTEM
from ledger.clock import SECOND, parse_instant
from ledger.refusal import Refusal
from ledger.service import View
from orchestrator.instance import parse_marking
from rbac.effective import effective_rights
from rbac.service import demo_accounts, every_held
from versioning import pages
from versioning.change import OPEN
from versioning.diff import diff
from versioning.parse import read_blueprint

DAY = 86_400 * SECOND
PROCESSES = ("customer-onboarding", "invoice-approval", "loan-origination")
BESIDE = ("committee-loan", "risk-data-review", CONTRACTS)
"""What else has a history: votes, what the clock starts, and what people begin, repeat and pass over."""
INSTANCES = 200
STARTED_BY_CLOCK = 7  # of the weeks of the history
SPAN_DAYS = 59  # the history covers sixty; its last look lies within the last
DECIDERS = 8
PAGE = 1_000
ANY_ADDRESS = "http://127.0.0.1"  # where only the names of what is offered are asked for


@dataclass(frozen=True, slots=True)
class Trait:
    """One thing the history has to show: what was expected, what was found, and whether that will do."""

    name: str
    expected: str
    found: str
    holds: bool


@dataclass(frozen=True, slots=True)
class Read:
    """The log read once: the view, and what its entries say that no row does."""

    view: View
    rooms: Rooms
    refusals: Counter[str]  # by reason
    refused: frozenset[tuple[str, str]]  # (reason, actor)
    escalations: Counter[str]  # by act
    branches: Counter[str]  # acts on branches, by kind of entry
    first: int  # instant of the first entry

    def count(self, statement: str, *values: Any) -> int:
        """The number a question answers."""
        return int(self.view.query(statement, values)[0][0])

    def column(self, statement: str, *values: Any) -> list[Any]:
        """The first column of the rows."""
        return [row[0] for row in self.view.query(statement, values)]


def read(view: View) -> Read:
    """Go through the entries once."""
    refusals: Counter[str] = Counter()
    escalations: Counter[str] = Counter()
    branches: Counter[str] = Counter()
    refused: set[tuple[str, str]] = set()
    first = 0
    for entry in _entries(view):
        first = first or parse_instant(entry["recorded_at"])
        if entry["kind"] == "command.refused":
            refusals[entry["payload"]["reason"]] += 1
            refused.add((entry["payload"]["reason"], entry["actor"]["id"]))
        if entry["kind"].startswith("branch."):
            branches[entry["kind"]] += 1
        for transition in entry["payload"].get("transitions", ()):
            if transition["t"] == "deadline.escalated":
                escalations[transition["act"]] += 1
    return Read(view, open_rooms(), refusals, frozenset(refused), escalations, branches, first)


def _entries(view: View) -> Iterator[Mapping[str, Any]]:
    for start in range(0, view.head.size, PAGE):
        for row in view.entries(start, min(view.head.size, start + PAGE)):
            yield orjson.loads(row.bytes)


def traits(view: View) -> list[Trait]:
    """All of them, in the order in which they are told."""
    seen = read(view)
    return [trait for group in (_whole, _instances, _beside, _work, _change, _duties, _people) for trait in group(seen)]


def _at_least(name: str, least: int, found: int, of: str = "") -> Trait:
    return Trait(name, f"at least {least}{of}", f"{found}{of}", found >= least)


def _whole(seen: Read) -> Iterator[Trait]:
    marked = demo_accounts(seen.view)
    accounts = set(ACCOUNTS)
    yield Trait("demo mark", f"{len(accounts)} accounts in the ceremony", f"{len(marked)}", marked == accounts)
    yield _at_least("days of history", SPAN_DAYS, (seen.view.head.recorded_at - seen.first) // DAY)


def _instances(seen: Read) -> Iterator[Trait]:
    processes = tuple(seen.column("SELECT DISTINCT blueprint FROM instance WHERE log_id = {log} ORDER BY blueprint"))
    approved = all(_is_approved(seen, name) for name in processes)
    yield Trait(
        "three processes",
        f"{', '.join(PROCESSES)}, approved by others than their authors",
        f"{', '.join(processes)}, {'so approved' if approved else 'not so approved'}",
        set(PROCESSES) <= set(processes) and approved,
    )
    yield from _offered(seen)
    marks = ", ".join("?" * len(PROCESSES))
    of_three = f"SELECT COUNT(*) FROM instance WHERE log_id = {{log}} AND blueprint IN ({marks})"
    yield _at_least("instances", INSTANCES, seen.count(of_three, *PROCESSES))
    for status, least in (("active", 15), ("ended", 120), ("cancelled", 3)):
        found = seen.count("SELECT COUNT(*) FROM instance WHERE log_id = {log} AND status = ?", status)
        yield _at_least(f"{status} instances", least, found)
    steps = seen.column(
        "SELECT DISTINCT blueprint || '/' || step FROM task WHERE log_id = {log} AND state IN ('offered', 'claimed')"
    )
    yield _at_least("steps at which tasks wait", 5, len(steps))
    held = "SELECT COUNT(DISTINCT holder) FROM task WHERE log_id = {log} AND state = 'claimed'"
    yield _at_least("persons who hold a task", 1, seen.count(held))
    returned = "SELECT COUNT(*) FROM task WHERE log_id = {log} AND outcome = 'send back'"
    yield _at_least("tasks sent back", 3, seen.count(returned))


def _beside(seen: Read) -> Iterator[Trait]:
    """Votes that go on, and what the clock starts."""
    cast = seen.column(
        "SELECT (SELECT COUNT(*) FROM task_vote WHERE task_vote.log_id = task.log_id"
        " AND task_vote.instance = task.instance AND task_vote.number = task.number) FROM task"
        " WHERE log_id = {log} AND state = 'offered' AND step = 'committee'"
    )
    told = f"{len([one for one in cast if one])} with votes, {cast.count(0)} without"
    expected = "at least 2 with votes, 1 without"
    yield Trait("votes in motion", expected, told, len(cast) - cast.count(0) >= 2 and 0 in cast)
    decided = "SELECT DISTINCT outcome FROM instance WHERE log_id = {log} AND blueprint = ? AND status = 'ended'"
    outcomes = sorted(seen.column(decided, BESIDE[0]))
    yield Trait("votes decided", "approved, declined", ", ".join(outcomes), outcomes == ["approved", "declined"])
    planned = seen.count("SELECT COUNT(*) FROM schedule WHERE log_id = {log} AND state = 'set'")
    yield Trait("starts by the clock", "1 planned", f"{planned} planned", planned == 1)
    started = seen.count("SELECT COUNT(*) FROM instance WHERE log_id = {log} AND blueprint = ?", BESIDE[1])
    yield _at_least("started by the clock", STARTED_BY_CLOCK, started)

    yield _in_any_order(seen)


def _in_any_order(seen: Read) -> Trait:
    """Branches that were begun again and passed over, and a page on which somebody may do both."""
    again, over = seen.branches["branch.begun_again"], seen.branches["branch.passed_over"]
    active = "SELECT marking FROM instance WHERE log_id = {log} AND status = 'active' AND blueprint = ?"
    live = [one for marking in seen.column(active, CONTRACTS) for one in parse_marking(marking)]
    both = [one for one in live if one.step == "preparation" and one.arrived == (CLARIFICATION,)]
    told = f"{again} begun again, {over} passed over, {len(both)} where both may be done"
    expected = "1 begun again, 1 passed over, 1 where both may be done"
    return Trait("branches in any order", expected, told, told == expected)


def _offered(seen: Read) -> Iterator[Trait]:
    """What can be started and has no history yet, with the agents."""
    files = offered(ANY_ADDRESS)
    for kind, name, beside in (("blueprint", "processes to start", {*PROCESSES, *BESIDE}), ("agent", "agents", set())):
        wanted = sorted(names_of(files, f"{kind}s") - beside)
        in_force = seen.column("SELECT name FROM artefact WHERE log_id = {log} AND kind = ? AND retired = 0", kind)
        found = sorted(set(in_force) - beside)
        approved = all(_is_approved(seen, one, kind) for one in found)
        told = f"{', '.join(found) or 'none'}, {'so approved' if approved else 'not so approved'}"
        expected = f"{', '.join(wanted)}, approved by others than their authors"
        yield Trait(name, expected, told, set(wanted) <= set(found) and approved)


def _is_approved(seen: Read, name: str, kind: str = "blueprint") -> bool:
    rows = seen.view.query(
        "SELECT authors, approvers FROM artefact_version WHERE log_id = {log} AND kind = ? AND name = ?",
        (kind, name),
    )
    parties = [(set(orjson.loads(authors)), set(orjson.loads(approvers))) for authors, approvers in rows]
    return bool(parties) and all(by and not by & authors for authors, by in parties)


def _work(seen: Read) -> Iterator[Trait]:
    causes = seen.view.query(
        "SELECT call.operation, incident.code, COUNT(*) FROM incident JOIN call ON call.log_id = incident.log_id"
        " AND call.instance = incident.instance AND call.number = incident.activation"
        " WHERE incident.log_id = {log} AND incident.state = 'open' GROUP BY call.operation, incident.code"
    )
    found = "; ".join(f"{operation}: {code} x {count}" for operation, code, count in causes)
    connectors = {operation.partition(".")[0] for operation, _, _ in causes}
    holds = len(causes) == 1 and len(connectors) == 1 and causes[0][2] >= 3
    yield Trait("one failing connector", "one cause, at least 3 instances held by it", found or "none", holds)
    resolved = "SELECT COUNT(*) FROM incident WHERE log_id = {log} AND state = 'resolved' AND how = 'retry'"
    yield _at_least("incidents resolved", 2, seen.count(resolved))
    late = (
        "SELECT COUNT(*) FROM task WHERE log_id = {log} AND decision_kind <> '' AND state = 'completed'"
        " AND due_at IS NOT NULL AND closed_at > due_at"
    )
    number = seen.count(late)
    yield Trait("one late decision", "1", str(number), number == 1)
    overdue = "SELECT COUNT(*) FROM task WHERE log_id = {log} AND state = 'offered' AND due_at < ?"
    yield _at_least("tasks overdue", 1, seen.count(overdue, seen.view.now))
    told = ", ".join(f"{what} {count}" for what, count in sorted(seen.escalations.items()))
    both = bool(seen.escalations["told"]) and bool(seen.escalations["passed on"])
    yield Trait("escalations", "told and passed on", told or "none", both)


def _change(seen: Read) -> Iterator[Trait]:
    rows, marks = reading_as(seen.view, SYSTEM), ", ".join("?" * len(OPEN))
    found = seen.view.query(
        f"SELECT change_request.id FROM change_request JOIN artefact ON artefact.log_id = change_request.log_id"
        f" AND artefact.kind = change_request.kind AND artefact.name = change_request.name"
        f" AND artefact.version = change_request.base_version"
        f" WHERE change_request.log_id = {{log}} AND change_request.kind = 'blueprint' AND status IN ({marks})",
        tuple(status.value for status in sorted(OPEN)),
    )
    one = pages.change_request(rows, found[0][0]) if len(found) == 1 else None
    differences = 0 if one is None else _differences(seen, one)
    expected = "one, against the blueprint in force, with at least 3 differences"
    yield Trait("an open change", expected, f"{len(found)}, with {differences}", len(found) == 1 and differences >= 3)
    standing = Counter() if one is None else Counter(review.standing for review in one.reviews)
    told = f"{standing['fresh']} fresh, {standing['stale']} stale"
    yield Trait("its approvals", "1 fresh, 1 stale by an edit", told, (standing["fresh"], standing["stale"]) == (1, 1))
    refused = seen.count("SELECT COUNT(*) FROM change_request WHERE log_id = {log} AND status = 'refused'")
    yield _at_least("changes refused", 1, refused)


def _differences(seen: Read, one: pages.ChangeRead) -> int:
    """Steps, fields of steps and data that differ from the version in force."""
    before = pages.version_source(reading_as(seen.view, SYSTEM), "blueprint", one.row.name, one.row.base_version)
    if before is None:
        return 0
    base, edited = (read_blueprint(str(place.sealed)).blueprint for place in (before, one.source))
    assert base is not None, "a released blueprint reads"
    assert edited is not None, "a proposed blueprint reads"
    found = diff(base, edited)
    return len(found.head) + len(found.data) + sum(max(1, len(step.fields)) for step in found.steps)


def _duties(seen: Read) -> Iterator[Trait]:
    snapshot = seen.rooms.access.snapshot(seen.view)
    assert not isinstance(snapshot, Refusal), "the access policy cannot be read"
    held = every_held(seen.view)
    rights: dict[tuple[str, str], set[tuple[str, str]]] = {}
    for right in effective_rights(snapshot.policy, held, seen.view.now):
        rights.setdefault((right.actor, right.domain), set()).add((right.object, right.action))
    pairs = [
        (actor, domain)
        for (actor, domain), may in rights.items()
        if actor.startswith("person:") and {("instance", "start"), ("task", "decide")} <= may
    ]
    persons = {actor for actor, _ in pairs}
    on_record = {actor for reason, actor in seen.refused if reason == "SOD"}
    yield Trait(
        "one conflict of duties",
        "1 person who may enter and approve, refused once by the duties of a blueprint",
        f"{len(persons)} who may, {len(on_record & persons)} of them refused",
        len(persons) == 1 and on_record >= persons,
    )


def _people(seen: Read) -> Iterator[Trait]:
    who = "SELECT COUNT(DISTINCT holder) FROM task WHERE log_id = {log} AND decision_kind <> '' AND state = 'completed'"
    yield _at_least("persons who decided", DECIDERS, seen.count(who))
    wanted = {"SOD", "LIMIT_CASE", "WRONG_POWER", "NOT_A_PERSON", "BUSINESS_KEY_TAKEN", "NO_RULE"}
    told = ", ".join(f"{reason} {count}" for reason, count in sorted(seen.refusals.items()))
    yield Trait("refusals on record", ", ".join(sorted(wanted)), told, wanted <= set(seen.refusals))
