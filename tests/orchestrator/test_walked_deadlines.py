"""What a deadline does when, at year ends and where clocks change, against walking minute by minute: goal, warning,
lateness, what is repeated, in working time and in elapsed time, and with a clock that stood still meanwhile."""

from typing import NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as some

from orchestrator.deadlines import Dated
from tests.orchestrator.test_clocks import ASK, Office, Shelf
from tests.orchestrator.toy import end, task
from tests.versioning.walked import DAY_MINUTES, HOURS, WINDOWS, Walk, calendar_of, walk
from versioning import blueprint as b


class Length(NamedTuple):
    """Minutes of working time, or of elapsed time."""

    minutes: int
    is_business: bool

    def text(self) -> str:
        return f"{'business ' if self.is_business else ''}PT{self.minutes}M"


class Stated(NamedTuple):
    """A deadline as it is drawn: its lengths in minutes, and (after, every, times) of what happens when it is late."""

    within: Length
    goal: Length | None
    warn_at: int | None
    late: tuple[tuple[Length, Length, int], ...]

    def deadline(self) -> b.Deadline:
        late = [
            b.Late(after.text(), tell=f"role{place}", every=every.text() if times > 1 else None, times=times)
            for place, (after, every, times) in enumerate(self.late)
        ]
        return b.Deadline(self.within.text(), self.warn_at, tuple(late), self.goal.text() if self.goal else None)

    def expected(self, of: Walk, start: int, stopped: range = range(0)) -> list[tuple[int, str, str]]:
        """What happens at which minute, by walking."""

        def over(since: int, length: Length, share: int = 100) -> int:
            minutes = length.minutes * share // 100
            if length.is_business:
                return of.after(since, minutes, stopped)
            return since + minutes + (len(stopped) if since <= stopped.start < since + minutes else 0)

        due = over(start, self.within)
        found = [(due, "late", "")]
        if self.goal is not None:
            found.append((over(start, self.goal), "goal missed", ""))
        if self.warn_at is not None:
            found.append((over(start, self.within, self.warn_at), "warned", ""))
        for place, (after, every, times) in enumerate(self.late):
            at = over(due, after)
            for _ in range(times):
                found.append((at, "told", f"role{place}"))
                at = over(at, every)
        return sorted(found)


minutes = some.integers(0, 9 * 60)


@some.composite
def stated(draw: some.DrawFn, sorts: some.SearchStrategy[bool]) -> Stated:
    """A deadline; `sorts` says whether each of its lengths is working time."""
    within = Length(draw(some.integers(1, 6 * 60)) * 4, draw(sorts))
    goal = draw(some.none() | some.integers(1, within.minutes - 1))
    late = some.tuples(
        some.builds(Length, minutes, sorts), some.builds(Length, some.integers(1, 9 * 60), sorts), some.integers(1, 3)
    )
    return Stated(
        within,
        None if goal is None else Length(goal, within.is_business),
        draw(some.sampled_from((None, 25, 50, 75))),
        tuple(draw(some.lists(late, max_size=2))),
    )


@some.composite
def walks(draw: some.DrawFn) -> tuple[Walk, int]:
    """A walk with a minute of it."""
    window = draw(some.sampled_from(WINDOWS))
    of = walk(window, draw(some.sampled_from(sorted(HOURS))), draw(some.booleans()))
    return of, draw(
        some.sampled_from(of.edges(window.days * DAY_MINUTES)) | some.integers(1, window.days * DAY_MINUTES)
    )


def office(of: Walk, start: int, steps: tuple[b.Step, ...], deadline: b.Deadline | None = None) -> Office:
    """An office that keeps its hours, from a minute on."""
    shelf = Shelf()
    shelf.named["walked"] = shelf.known["walked"] = Dated("walked", calendar_of(of.office))
    return Office(*steps, start=of.at(start), shelf=shelf, calendar="walked", deadline=deadline)


def fall_due(one: Office, name: str, until: int | None = None) -> list[tuple[int, str, str]]:
    """Let a deadline come as often as it does, up to an instant; what it did when."""
    seen = []
    while (timer := one.timer(name)) is not None and (until is None or timer.due <= until):
        seen += [(timer.due, *did) for did in one.fall_due(name)]
    return sorted(seen)


def at_instants(of: Walk, expected: list[tuple[int, str, str]]) -> list[tuple[int, str, str]]:
    return [(of.at(minute), act, to) for minute, act, to in expected]


@settings(max_examples=50)
@given(walks(), stated(some.booleans()), some.booleans())
def test_everything_happens_when_walking_says_so_and_once(
    begun: tuple[Walk, int], said: Stated, of_the_instance: bool
) -> None:
    of, start = begun
    deadline = said.deadline()
    if of_the_instance:
        one = office(of, start, (task("f", "done"), end()), deadline)
    else:
        one = office(of, start, (task("f", "done", deadline=deadline), end()))
    assert fall_due(one, "" if of_the_instance else "f") == at_instants(of, said.expected(of, start))


@settings(max_examples=50)
@given(
    walks(),
    some.booleans().flatmap(lambda is_business: stated(some.just(is_business))),
    some.integers(0, 12 * 60),
    some.integers(1, 4 * DAY_MINUTES),
)
def test_a_clock_that_stood_still_has_the_same_time_left(
    begun: tuple[Walk, int], said: Stated, before: int, stood: int
) -> None:
    """Whatever was open, closed, skipped or doubled meanwhile: what is left is what would have been worked."""
    of, start = begun
    stopped = range(start + before, start + before + stood)
    one = office(of, start, (task("f", "ask"), ASK, task("after", "done"), end()), said.deadline())
    seen = fall_due(one, "", of.at(stopped.start))
    one.now = of.at(stopped.start)
    one.complete("f")
    one.now = of.at(stopped.stop)
    one.message("ask")
    assert sorted([*seen, *fall_due(one, "")]) == at_instants(of, said.expected(of, start, stopped))
