"""The engine broken on purpose where only the histories that draw everything come by: it is found by a few of them."""

from collections.abc import Callable

import pytest

from orchestrator import fold_steered, on_steering, on_tasks
from tests.simulation.history import Seed
from tests.simulation.place import Place
from tests.simulation.shrinking import fails
from tests.simulation.test_broken import OF_OURS
from tests.simulation.test_wide import ACTS

SEEDS = 80

Patch = pytest.MonkeyPatch


def duties_are_not_asked(patch: Patch) -> None:
    """Whoever holds the role fills the form."""
    patch.setattr(on_tasks, "broken_duty", lambda *asked: None)


def one_person_is_two(patch: Patch) -> None:
    """Whoever proposed an act confirms it."""

    patch.setattr(on_steering, "stands_against", lambda act, subject, row: None)


def timers_go_on_while_it_stands_still(patch: Patch) -> None:
    """What is suspended keeps its timers."""
    patch.setattr(fold_steered, "_timer", lambda folding, number, timer, to_suspend: None)


BROKEN = (duties_are_not_asked, one_person_is_two, timers_go_on_while_it_stands_still)


@pytest.mark.parametrize("breaking", BROKEN, ids=lambda one: one.__name__)
def test_it_is_found(place: Place, monkeypatch: Patch, breaking: Callable[[Patch], None]) -> None:
    breaking(monkeypatch)
    raised = next(filter(None, (fails(Seed(number, ACTS, wide=True), place) for number in range(SEEDS))), None)
    assert raised is not None, f"not found in {SEEDS} histories"
    assert not isinstance(raised, OF_OURS), repr(raised)
