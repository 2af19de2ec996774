"""Callers who were answered together share the next batch, and nobody waits for who does not come."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.gathering import LOOKS_MAX, Gathering


class Passing:
    """Time between looks in which so many come."""

    def __init__(self, coming: list[int]) -> None:
        self.looks = 0
        self._coming = iter(coming)
        self.gathering = Gathering[int](1_000, self._pass)

    def answered(self, count: int, meanwhile: int = 1) -> list[int]:
        """What the batch after one of `count` commands holds, when so many came during its flush."""
        self._come(meanwhile)
        self.gathering.over(count)
        return self.gathering.take(0)

    def _pass(self, _: float) -> None:
        self.looks += 1
        self._come(next(self._coming, 0))

    def _come(self, count: int) -> None:
        for number in range(count):
            self.gathering.put(number)


@pytest.mark.parametrize(
    ("answered", "meanwhile", "coming", "looks", "taken"),
    [
        (19, 13, [10, 9], 2, 32),  # everybody is back after two looks
        (19, 13, [19], 1, 32),
        (19, 13, [10, 0, 9], 2, 23),  # a look without anybody ends it: the rest share the next one
        (19, 13, [], 1, 13),
        (1, 1, [1], 1, 2),
        (0, 5, [1], 0, 5),  # nobody is on the way back
        (1_000, 1, [1] * 50, LOOKS_MAX, 1 + LOOKS_MAX),  # a trickle delays no batch without end
        (600, 600, [600], 1, 1_000),  # a batch has room for so many
    ],
)
def test_a_batch_waits_for_who_is_coming_back(
    answered: int, meanwhile: int, coming: list[int], looks: int, taken: int
) -> None:
    passing = Passing(coming)
    assert len(passing.answered(answered, meanwhile)) == taken
    assert passing.looks == looks


def test_who_comes_alone_does_not_wait() -> None:
    passing = Passing([])
    for _ in range(3):
        assert passing.answered(0) == [0]
    assert passing.looks == 0


@given(st.lists(st.integers(0, 40), max_size=30), st.integers(1, 60))
def test_nothing_is_lost_and_nothing_taken_twice(coming: list[int], answered: int) -> None:
    gathering = Gathering[int](50, lambda _: None)
    put, taken = 0, []
    for count in [*coming, 0]:
        for _ in range(count):
            gathering.put(put)
            put += 1
        gathering.over(answered)
        taken.append(gathering.take(0))
    while not gathering.is_empty():
        taken.append(gathering.take(0))
    assert all(len(batch) <= 50 for batch in taken)
    order = [item for batch in taken for item in batch]
    assert order == list(range(put))
