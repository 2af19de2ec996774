"""What happens to a step that does something for each element of a list. See `orchestrator.transitions`."""

from typing import NamedTuple


class EachOpened(NamedTuple):
    """The step begins with so many elements; one after the other, more may come."""

    activation: int
    elements: int


class ElementBegun(NamedTuple):
    """An activation for the `element` (from 1) of the step that activation `of` visits."""

    activation: int
    of: int
    element: int
    at: int


class ElementEnded(NamedTuple):
    activation: int  # of the step
    element: int


class EachEnded(NamedTuple):
    """Every element is over, or, when `early`, what the step waits for holds before they are."""

    activation: int
    early: bool = False


ForEach = EachOpened | ElementBegun | ElementEnded | EachEnded

KINDS = {
    "each.opened": EachOpened,
    "element.begun": ElementBegun,
    "element.ended": ElementEnded,
    "each.ended": EachEnded,
}
