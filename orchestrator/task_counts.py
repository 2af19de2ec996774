"""How many open tasks there are for a person, and of which domains, at this instant: counted, not guessed.

What is offered is read as the fold keeps it, by whom it is offered to (`figure_tables.OfferedTo`), so that it costs the
same however much waits. What the person holds or has voted on, what was passed on and what is past due have indexes.
"""

from collections.abc import Collection, Iterator, Sequence
from typing import Any, NamedTuple

from ledger.work import UnitOfWork
from orchestrator.figure_tables import OfferedTo, offered_to
from orchestrator.pages import Candidate
from orchestrator.task_terms import DELEGATED, DONE, OPEN, VOTED, absent, as_list, in_tests, late_by, marks, offered

_ABOVE = "task.above = 1 AND task.state = 'offered'"  # as its index states it


class Counts(NamedTuple):
    """Open tasks a person holds (`mine`) and may take (`team`), how many of both are past due, and how many held.

    `delegated` are those they work on for a holder.
    """

    mine: int
    team: int
    overdue: int
    mine_overdue: int
    delegated: int = 0


class _Asked(NamedTuple):
    """Of which domains and for whom; `late` is the term of what is past due, with its values."""

    domains: Sequence[str]
    candidate: Candidate
    late: tuple[str, tuple[Any, ...]]

    @property
    def of_domains(self) -> str:
        return f"task.domain IN ({marks(self.domains)})"


def counts(rows: UnitOfWork, domains: Sequence[str], candidate: Candidate, beside: Collection[str] = ()) -> Counts:
    """How many there are at this instant. Those `beside` are past no due time."""
    asked = _Asked(domains, candidate, (late_by(beside), (rows.now, *as_list(beside))))
    holds = "task.state = 'claimed' AND task.holder = ?", [candidate.person]
    mine, mine_late = _held(rows, asked, holds)
    taken, taken_late = _held(rows, asked, absent(candidate)) if candidate.stands_in_for else (0, 0)
    passed, passed_late = _passed_on(rows, asked, beside)
    return Counts(
        mine,
        _offered(rows, asked) + passed + taken,
        mine_late + _offered_late(rows, asked) + passed_late + taken_late,
        mine_late,
        _counted(rows, asked, DELEGATED, [candidate.person]),
    )


def open_domains(rows: UnitOfWork, domains: Sequence[str], candidate: Candidate) -> tuple[str, ...]:
    """Those of the domains in which some task is open for the person: held by them, delegated to them, or offered. What
    they have voted on already counts as well, as it is offered to their role all the same."""
    kept = ((domain, to) for domain, to, _ in _kept(rows, domains) if is_offered(to, candidate))
    found = {domain for domain, to in kept if not to.above}
    theirs = [("task.state = 'claimed' AND task.holder = ?", [candidate.person]), (DELEGATED, [candidate.person])]
    if candidate.stands_in_for:
        theirs.append(absent(candidate))
    found |= _domains_with(rows, [one for one in domains if one not in found], theirs)
    left = [one for one in domains if one not in found]
    if left:
        term, values = offered(candidate)
        passed = rows.query(
            "SELECT task.domain, task.instance, task.number FROM task"
            f" WHERE task.log_id = {{log}} AND {_ABOVE} AND task.domain IN ({marks(left)}) AND {term}",
            (*left, *values),
        )
        for domain, instance, number in passed:
            if domain not in found and candidate.takes(f"{instance}.{number}"):
                found.add(domain)
    return tuple([one for one in domains if one in found])


def done_domains(rows: UnitOfWork, domains: Sequence[str], person: str) -> tuple[str, ...]:
    """Those of the domains in which the person has completed a task, or has voted on one that was."""
    found = _domains_with(rows, domains, [(f"{DONE} AND task.holder = ?", [person]), (f"{DONE} AND {VOTED}", [person])])
    return tuple([one for one in domains if one in found])


def _domains_with(rows: UnitOfWork, domains: Sequence[str], theirs: Sequence[tuple[str, list[Any]]]) -> frozenset[str]:
    """The domains with a task of one of these terms: each is found by its first, and not asked for again."""
    left = [*domains]
    for term, values in theirs:
        while left:
            first = rows.query(
                f"SELECT task.domain FROM task WHERE task.log_id = {{log}} AND {term}"
                f" AND task.domain IN ({marks(left)}) LIMIT 1",
                (*values, *left),
            )
            if not first:
                break
            left.remove(first[0][0])
    return frozenset(domains) - frozenset(left)


def is_offered(to: OfferedTo, candidate: Candidate) -> bool:
    """What `task_terms.offered` asks the database, but for what the person has voted on."""
    is_theirs = to.role in candidate.roles if to.role else to.decision_kind in candidate.decision_kinds
    if not is_theirs or (to.skill, to.unit) == ("", ""):
        return is_theirs
    return any(
        to.skill in ("", *has.skills)
        and to.unit in ("", *has.units)
        and (has.roles is None or to.role in ("", *has.roles))
        for has in candidate.has
    )


def _counted(rows: UnitOfWork, asked: _Asked, term: str, values: Sequence[Any]) -> int:
    [(count,)] = rows.query(
        f"SELECT COUNT(*) FROM task WHERE task.log_id = {{log}} AND {asked.of_domains} AND {term}",
        (*asked.domains, *values),
    )
    return int(count)


def _held(rows: UnitOfWork, asked: _Asked, held: tuple[str, list[Any]]) -> tuple[int, int]:
    """How many are held, and how many of them are past due."""
    (is_late, instants), (term, values) = asked.late, held
    [(count, late)] = rows.query(
        f"SELECT COUNT(*), COALESCE(SUM(CASE WHEN {is_late} THEN 1 ELSE 0 END), 0) FROM task"
        f" WHERE task.log_id = {{log}} AND {asked.of_domains} AND {term}",
        (*instants, *asked.domains, *values),
    )
    return int(count), int(late)


def _offered(rows: UnitOfWork, asked: _Asked) -> int:
    """Those that no deadline has passed on: all that are offered to the person, without those they have voted on."""
    candidate = asked.candidate
    found = sum(count for _, to, count in _kept(rows, asked.domains) if not to.above and is_offered(to, candidate))
    if not found:
        return 0
    anybody = candidate._replace(person="")  # nobody's votes
    term, values = offered(anybody)
    voted = _counted(rows, asked, f"{VOTED} AND task.above = 0 AND {term}", [candidate.person, *values])
    return found - voted


def _kept(rows: UnitOfWork, domains: Sequence[str]) -> Iterator[tuple[str, OfferedTo, int]]:
    """What is offered to whom, in which domain: the figures, and in instances in test mode, which no figure has."""
    figures = rows.query(
        "SELECT domain, name, total FROM figure"
        f" WHERE log_id = {{log}} AND what = 'offered' AND domain IN ({marks(domains)}) AND total <> 0",
        tuple(domains),
    )
    for domain, name, count in figures:
        yield domain, offered_to(name), int(count)
    tried = rows.query(
        "SELECT domain, above, role, decision_kind, skill, unit, COUNT(*) FROM task"
        f" WHERE task.log_id = {{log}} AND {in_tests(domains)} AND task.state = 'offered'"
        " GROUP BY domain, above, role, decision_kind, skill, unit",
        tuple(domains),
    )
    for domain, above, role, kind, skill, unit, count in tried:
        yield domain, OfferedTo(int(above), role, kind, skill, unit), int(count)


def _offered_late(rows: UnitOfWork, asked: _Asked) -> int:
    (is_late, instants), (term, values) = asked.late, offered(asked.candidate)
    return _counted(rows, asked, f"{OPEN} AND {is_late} AND task.above = 0 AND {term}", [*instants, *values])


def _passed_on(rows: UnitOfWork, asked: _Asked, beside: Collection[str]) -> tuple[int, int]:
    """Those that a deadline has passed on to the person: each is a question, since it depends on limits."""
    term, values = offered(asked.candidate)
    found = rows.query(
        "SELECT task.instance, task.number, task.due_at FROM task"
        f" WHERE task.log_id = {{log}} AND {_ABOVE} AND {asked.of_domains} AND {term}",
        (*asked.domains, *values),
    )
    named = [(f"{instance}.{number}", due) for instance, number, due in found]
    theirs = [(task, due) for task, due in named if asked.candidate.takes(task)]
    late = sum(1 for task, due in theirs if due is not None and due < rows.now and task not in beside)
    return len(theirs), late
