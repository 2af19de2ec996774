"""The counts of the inbox are those of its lists, whoever asks and whatever waits; what waits is not read for them."""

from collections import Counter
from random import Random

import pytest

from orchestrator import tables
from orchestrator.counting import SHARES
from orchestrator.figure_tables import FIGURE, FigureRow, OfferedTo, offered_name, offered_to
from orchestrator.pages import Candidate, Has
from orchestrator.task_counts import counts, done_domains, open_domains
from orchestrator.task_lists import Among, TasksAsked, task_list
from orchestrator.vote_tables import VOTE, VoteRow
from tests.orchestrator.house import ANN
from tests.orchestrator.memory import MemoryUow
from tests.orchestrator.office import Office
from tests.orchestrator.test_turns import Planned
from tests.orchestrator.toy import end, task

DOMAINS = ("north", "south")
PERSONS = ("person:ann", "person:bob", "person:eve")
ROLES, KINDS, SKILLS, UNITS = ("", "clerks", "leads"), ("", "approve"), ("", "french"), ("", "lisbon")
KEYS = ('"Kay-12"', '"kAY-3"', '"100%_!"', '"\u00c4B"', '{"$commitment":"Kay-1"}')
NOW = 1_000
TASKS = 160


def filled(seed: int, size: int = TASKS) -> Office:
    """An office with tasks of every sort, and the figures of them as the fold keeps them."""
    draw, office = Random(seed), Office(task("f"), end())
    shares = SHARES[tables.TASK]
    figures: dict[tuple[str, str, str, str, str, int], int] = {}
    rows = office.log.dirty
    for number in range(size):
        test, domain = int(draw.random() < 0.2), draw.choice((*DOMAINS, "west"))
        blueprint = draw.choice(("loan", "card"))
        rows.append((tables.INSTANCE, tables.InstanceRow(
            f"pi_{number}", blueprint, "v", 1, "active", "", 1, 2, "[]", draw.choice(KEYS), "person:cid", domain, "",
            "", 0, 1, None, test=test,
        )))  # fmt: skip
        state = draw.choice(("offered", "offered", "offered", "claimed", "completed", "cancelled"))
        holder = draw.choice(PERSONS) if state in ("claimed", "completed") else ""
        is_open = state in ("offered", "claimed")
        row = tables.TaskRow(
            f"pi_{number}", 1, f"{'ft'[test]}{number % 9}", blueprint, domain, state,
            draw.choice(ROLES), draw.choice(KINDS), int(draw.random() < 0.2), holder, "", 1,
            draw.choice((None, NOW - 5, NOW + 5)), 1, None if is_open else 2,
            delegate=draw.choice(("", *PERSONS)) if state == "claimed" else "",
            skill=draw.choice(SKILLS), unit=draw.choice(UNITS),
        )  # fmt: skip
        rows.append((tables.TASK, row))
        if state in ("offered", "completed") and draw.random() < 0.5:
            cast = draw.choice(("cast", "cast", "void"))
            rows.append((VOTE, VoteRow(row.instance, 9, 1, row.step, draw.choice(PERSONS), "yes", 0, cast, 1)))
        for share in () if test else shares(row):
            key = blueprint, domain, *share
            figures[key] = figures.get(key, 0) + 1
    rows += [(FIGURE, FigureRow(*key, total)) for key, total in figures.items()]
    return office


def candidate(draw: Random) -> Candidate:
    """Somebody, with some of what there is, who may stand in for others."""

    def some(values: tuple[str, ...]) -> tuple[str, ...]:
        return tuple([one for one in values if one and draw.random() < 0.6])

    return Candidate(
        draw.choice(PERSONS), some(ROLES), some(KINDS), lambda one: int(one[3:].split(".")[0]) % 2 == 0,
        (Has(some(SKILLS), some(UNITS)), Has(some(SKILLS), some(UNITS), some(ROLES)))[: draw.randrange(3)],
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(12))
def test_they_are_as_many_as_are_listed(seed: int) -> None:
    office, draw, seen = filled(seed), Random(f"who {seed}"), Counter[str]()
    office.log.now = NOW
    for _ in range(12):
        who, rows = candidate(draw), MemoryUow(office.log, ANN)
        stands = tuple([one for one in PERSONS if one != who.person and draw.random() < 0.3])
        who = who._replace(stands_in_for=stands)
        beside = frozenset(f"pi_{draw.randrange(TASKS)}.1" for _ in range(draw.choice((0, 0, 8))))
        asked = TasksAsked(DOMAINS, candidate=who)
        found = {
            name: {one.id: one.row for one in task_list(rows, asked._replace(among=name), None, 2 * TASKS)}
            for name in ("mine", "team", "delegated")
        }
        late = {
            name: {one for one, row in found[name].items() if row.due_at is not None and row.due_at < NOW} - beside
            for name in ("mine", "team")
        }
        told = counts(rows, DOMAINS, who, beside)
        seen.update(dict(told._asdict()))
        assert told == (
            len(found["mine"]), len(found["team"]), len(late["mine"]) + len(late["team"]), len(late["mine"]),
            len(found["delegated"]),
        )  # fmt: skip
    assert min(seen.values()) > 0, "what never waits proves nothing"


def test_domains_are_those_of_what_is_listed() -> None:
    lists: tuple[Among, ...] = ("candidate", "team", "done")
    draw, seen = Random("where"), set[tuple[str, int]]()
    for number in range(60):
        office = filled(number, draw.choice((2, 4, 8, 16)))
        who, rows = candidate(draw), MemoryUow(office.log, ANN)
        who = who._replace(stands_in_for=tuple([one for one in PERSONS if one != who.person and draw.random() < 0.3]))
        asked = TasksAsked((*DOMAINS, "east"), candidate=who)
        found = {one: domains_of(rows, asked._replace(among=one)) for one in lists}
        # What has a vote of theirs is listed no more, and is offered to their role all the same.
        anybody = asked._replace(among="team", candidate=who._replace(person="person:nobody"))
        voted = {one.row.domain for one in task_list(rows, anybody, None, TASKS) if not one.row.above}
        told = {
            "open": open_domains(rows, asked.domains, who),
            "done": done_domains(rows, asked.domains, who.person),
        }
        assert told["open"] == tuple(sorted(found["candidate"] | found["team"] | voted))
        assert told["done"] == tuple(sorted(found["done"]))
        seen.update((name, len(domains)) for name, domains in told.items())
    assert seen == {(name, many) for name in ("open", "done") for many in (0, 1, 2)}


def domains_of(rows: MemoryUow, asked: TasksAsked) -> set[str]:
    return {one.row.domain for one in task_list(rows, asked, None, TASKS)}


def test_to_whom_it_is_offered_is_read_back() -> None:
    for to in (OfferedTo(0, "clerks", "", "", ""), OfferedTo(1, "", "approve", "french", "Retail\nNorth")):
        assert offered_to(offered_name(to)) == to


def test_what_waits_is_not_read_to_count_it() -> None:
    office = filled(1)
    rows = Planned(office.log, ANN)
    ann = Candidate("person:ann", ("clerks",), (), lambda _: True, (), ("person:bob",))
    counts(rows, DOMAINS, ann)
    open_domains(rows, (*DOMAINS, "east"), ann)
    done_domains(rows, (*DOMAINS, "east"), "person:ann")
    plans = [plan for plan in rows.plans if " task" in plan]
    assert plans
    for plan in plans:
        assert "SCAN task" not in plan, plan
        assert any(f"USING INDEX {one}" in plan for one in INDEXES) or "PRIMARY KEY" in plan, plan


INDEXES = ("task_held", "task_due", "task_above", "task_delegated", "task_done", "sqlite_autoindex_task_1")
