"""What is looked for in the lists of tasks is found, and nothing else, however many have such a key."""

from random import Random

import orjson
import pytest

from orchestrator import tables, task_lists
from orchestrator.task_lists import Among, TaskRead, TasksAsked, Titled, keyed, sort_key, steps_of, task_list
from tests.orchestrator.house import ANN
from tests.orchestrator.memory import MemoryUow
from tests.orchestrator.test_task_counts import DOMAINS, TASKS, candidate, filled
from tests.orchestrator.test_turns import Planned

TEXTS = ("kay", "AY-1", "K", "%", "_!", "\u00c4b", "\u00c4B", "commitment", "zz", '"')
LISTS: tuple[Among, ...] = ("open", "candidate", "team", "mine", "delegated", "done", "any")


def has(one: TaskRead, text: str) -> bool:
    """Whether its key is in clear and has the text, in small or capital letters of ASCII."""
    key = one.business_key
    return isinstance(key, str) and any(_folded(said) in _folded(key) for said in (text, text.lower()))


def _folded(text: str) -> str:
    return "".join(sign.lower() if sign.isascii() else sign for sign in text)


@pytest.mark.parametrize("most", [0, 3, 1_000])
def test_what_has_the_text_is_found(most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(task_lists, "KEYED_MAX", most)
    found = 0
    for seed in range(3):
        office, draw = filled(seed), Random(f"sought {seed}")
        rows = MemoryUow(office.log, ANN)
        for among in LISTS:
            whole = TasksAsked(DOMAINS, among, candidate(draw), sort=draw.choice(task_lists.SORTS))
            everything = task_list(rows, whole, None, 2 * TASKS)
            for text in TEXTS:
                asked = whole._replace(text=text)
                asked = asked._replace(keyed=keyed(rows, asked))
                listed = task_list(rows, asked, None, 2 * TASKS)
                assert [one.id for one in listed] == [one.id for one in everything if has(one, text)], (among, text)
                found += len(listed)
            called = [Titled("loan", 1, "f3"), Titled("card", 1, "t4"), Titled("card", 2, "f4")]
            named = task_list(rows, whole._replace(text="zz", keyed=(), titled=called), None, 2 * TASKS)
            theirs = {("loan", "f3"), ("card", "t4")}
            assert [one.id for one in named] == [
                one.id for one in everything if (one.row.blueprint, one.row.step) in theirs
            ]
    assert found > 100


@pytest.mark.parametrize("among", LISTS)
def test_the_steps_to_choose_titles_from_are_those_of_the_list_or_more(among: Among) -> None:
    office = filled(2)
    rows, asked = MemoryUow(office.log, ANN), TasksAsked(DOMAINS, among, candidate(Random(5)))
    listed = {(one.row.blueprint, one.row.step) for one in task_list(rows, asked, None, 2 * TASKS)}
    assert listed
    assert listed <= set(steps_of(rows, asked._replace(text="of no key")))


def test_what_is_done_is_what_was_completed_or_voted_on_the_newest_first_page_by_page() -> None:
    office = filled(7)
    rows, asked = MemoryUow(office.log, ANN), TasksAsked(DOMAINS, "done", candidate(Random(2)))
    who = str(asked.candidate and asked.candidate.person)
    completed = {row.instance for row in _rows(rows, f"holder = '{who}'")}
    voted = {row.instance for row in _rows(rows, f"instance IN ({VOTED.format(who)})")}
    assert completed - voted
    assert voted - completed
    found, after = list[str](), None
    while page := task_list(rows, asked, after, 3):
        found += [one.row.instance for one in page]
        after = sort_key(asked, page[-1])
    assert found == sorted(completed | voted, reverse=True)


VOTED = "SELECT instance FROM task_vote WHERE person = '{}' AND state = 'cast'"


def _rows(rows: MemoryUow, term: str) -> list[tables.TaskRow]:
    said = rows.query(
        f"SELECT {', '.join(tables.TaskRow._fields)} FROM task"
        f" WHERE state = 'completed' AND domain IN ('north', 'south') AND {term}"
    )
    return [tables.TaskRow(*row) for row in said]


def test_who_is_done_with_little_reads_little() -> None:
    office = filled(3)
    rows, who = Planned(office.log, ANN), candidate(Random(1))
    task_list(rows, TasksAsked(DOMAINS, "done", who), None, 50)
    assert len(rows.plans) == 2
    assert "task_done" in rows.plans[0]
    assert "SCAN task" not in rows.plans[1]
    assert "LIST SUBQUERY" in rows.plans[1]


def test_what_the_pattern_takes_for_a_sign_is_looked_for_as_it_is() -> None:
    office = filled(4)
    rows = MemoryUow(office.log, ANN)
    asked = TasksAsked(DOMAINS, text="0%_!")
    keys = {one.business_key for one in task_list(rows, asked, None, 2 * TASKS)}
    assert keys == {"100%_!"}
    assert orjson.dumps("100%_!").decode() == '"100%_!"'
