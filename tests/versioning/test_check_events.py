"""What is said of events that never happen: another one always takes their message, or comes before their time."""

import pytest

from tests.orchestrator.toy import HERE, end, task, version
from versioning import blueprint as b
from versioning.check_events import events
from versioning.notes import Notes


def never(*steps: b.Step) -> list[str]:
    """What is found of the events of these steps."""
    notes = Notes({})
    events(notes, version(*steps, end()).blueprint)
    assert all((found.rule, found.severity) == ("event.never", "warning") for found in notes.found)
    return [found.line().partition("warning: ")[2].partition(";")[0] for found in notes.found]


def message(key: str = "number", name: str = "m") -> b.Watch:
    return b.Watch("message", name, "done", key)


def after(length: str, meanwhile: bool = False) -> b.Watch:
    return b.Watch("after", length, "done", meanwhile=meanwhile)


def first_of(*watches: b.Watch) -> b.WaitStep:
    return b.WaitStep("w", HERE, watches=watches)


TAKEN = ["`w` waits for `m` under this key before, and the first to wait gets it"]


def waits_for(key: str) -> b.WaitStep:
    return b.WaitStep("w", HERE, message="m", key=key, next="done", watches=(message(),))


@pytest.mark.parametrize(
    ("step", "found"),
    [
        (first_of(message(), message()), TAKEN),
        (first_of(message(), message("note")), []),
        (first_of(message(), message(name="n")), []),
        (waits_for("number"), TAKEN),
        (waits_for("note"), []),
        (task("f", "done", watches=(message(), message(name="n"))), []),
    ],
)
def test_the_first_to_wait_for_a_message_gets_it(step: b.Step, found: list[str]) -> None:
    assert never(step) == found


TWO_DAYS = "`f` never lasts as long as 2 days"


@pytest.mark.parametrize(
    ("watches", "found"),
    [
        ((after("P2D"), after("P1D")), [TWO_DAYS]),
        ((after("P1D"), after("P2D")), [TWO_DAYS]),
        ((after("P2D"), after("P2D")), [TWO_DAYS]),
        ((after("P1D"), after("P2D", meanwhile=True)), [TWO_DAYS]),
        ((after("P1D", meanwhile=True), after("P2D")), []),
        ((after("P1D"), after("business P2D")), []),  # nobody knows here how long that is
        ((after("P1D"), message()), []),
    ],
)
def test_a_step_is_left_when_the_first_of_its_times_is_over(watches: tuple[b.Watch, ...], found: list[str]) -> None:
    assert never(task("f", "done", watches=watches)) == found


@pytest.mark.parametrize(
    ("within", "on_late", "found"),
    [
        ("P2D", "done", [TWO_DAYS]),  # of two times at one instant, the deadline comes first
        ("PT47H", "done", [TWO_DAYS]),
        ("PT49H", "done", []),
        ("P1D", None, []),
        ("business P1D", "done", []),
    ],
)
def test_a_step_that_is_left_as_it_is_late_waits_no_longer(within: str, on_late: str | None, found: list[str]) -> None:
    waits = (after("P2D"),)
    assert never(task("f", "done", deadline=b.Deadline(within), on_late=on_late, watches=waits)) == found


def test_where_a_clock_may_stand_still_nothing_is_said() -> None:
    fork = b.AllStep(
        "f", HERE, branches=("w", "t"), next="done", deadline=b.Deadline("P1D"), on_late="done", watches=(after("P2D"),)
    )
    wait = b.WaitStep("w", HERE, message="m", key="number")
    assert never(fork, wait, task("t")) == [TWO_DAYS]
    customer = b.WaitStep("w", HERE, message="m", key="number", for_customer=True)
    assert never(fork, customer, task("t")) == []
