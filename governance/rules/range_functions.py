"""Standard functions on ranges and points (DMN 1.5, section 10.3.4.9).

Ends that do not compare give null; a range that is open to one side is refused, for the standard's formulas have
no answer for it.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from governance.rules.calling import Arguments, Run
from governance.rules.env import Env
from governance.rules.errors import Unanswerable
from governance.rules.operations import ordered
from governance.rules.values import Range


class _Unlike(Exception):
    """Two ends without an order between them: null."""


class End:
    """An end of a range, or a point, ordered as the operators order it."""

    __slots__ = ("currency", "value")

    def __init__(self, value: Any, currency: str | None) -> None:
        self.value = value
        self.currency = currency

    def _beside(self, other: "End") -> tuple[Any, Any]:
        pair = ordered(self.value, other.value, self.currency)
        if pair is None:
            raise _Unlike
        return pair

    def __lt__(self, other: "End") -> bool:
        one, two = self._beside(other)
        return bool(one < two)

    def __gt__(self, other: "End") -> bool:
        one, two = self._beside(other)
        return bool(one > two)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, End):
            return False
        one, two = self._beside(other)
        return bool(one == two)

    __hash__ = None  # type: ignore[assignment] # ends are compared, never looked up


class Span(NamedTuple):
    """A range, or a point as one that begins and ends there."""

    start: End
    end: End
    start_in: bool
    end_in: bool
    is_point: bool


Relation = Callable[[Span, Span], bool]


def _span(value: Any, currency: str | None) -> Span:
    if type(value) is not Range:
        point = End(value, currency)
        return Span(point, point, True, True, True)
    if value.low is None or value.high is None:
        raise Unanswerable("expected ranges with both ends")
    return Span(End(value.low, currency), End(value.high, currency), value.low_closed, value.high_closed, False)


def _run(relation: Relation) -> Run:
    def run(arguments: Arguments, env: Env) -> bool | None:
        one, other = (_span(argument, env.currency) for argument in arguments)
        try:
            for end in (one.start, one.end):  # unlike ones are null, whatever the formula looks at
                _ = end < other.start, end < other.end
            return relation(one, other)
        except _Unlike:
            return None

    return run


def _turned(relation: Relation) -> Relation:
    return lambda one, other: relation(other, one)


def _before(one: Span, other: Span) -> bool:
    if one.is_point and other.is_point:
        return bool(one.start < other.start)
    touches_out = not one.end_in or not other.start_in
    return bool(one.end < other.start or (one.end == other.start and touches_out))


def _meets(one: Span, other: Span) -> bool:
    return bool(one.end_in and other.start_in and one.end == other.start)


def _reaches(one: Span, other: Span) -> bool:
    """Whether one ends where the other has begun."""
    return bool(one.end > other.start or _meets(one, other))


def _starts_earlier(one: Span, other: Span) -> bool:
    return bool(one.start < other.start or (one.start == other.start and one.start_in and not other.start_in))


def _starts_no_later(one: Span, other: Span) -> bool:
    return bool(one.start < other.start or (one.start == other.start and (one.start_in or not other.start_in)))


def _ends_no_later(one: Span, other: Span) -> bool:
    return bool(one.end < other.end or (one.end == other.end and (not one.end_in or other.end_in)))


def _overlaps(one: Span, other: Span) -> bool:
    return _reaches(one, other) and _reaches(other, one)


def _overlaps_before(one: Span, other: Span) -> bool:
    return _starts_earlier(one, other) and _reaches(one, other) and _ends_no_later(one, other)


def _overlaps_after(one: Span, other: Span) -> bool:
    return _starts_earlier(other, one) and _reaches(other, one) and _ends_no_later(other, one)


def _includes(one: Span, other: Span) -> bool:
    if other.is_point:
        point = other.start
        return bool(
            one.start < point < one.end or (one.start == point and one.start_in) or (one.end == point and one.end_in)
        )
    return _starts_no_later(one, other) and _ends_no_later(other, one)


def _finishes(one: Span, other: Span) -> bool:
    if one.is_point:
        return bool(other.end_in and other.end == one.start)
    return one.end_in == other.end_in and bool(one.end == other.end) and _starts_no_later(other, one)


def _starts(one: Span, other: Span) -> bool:
    if one.is_point:
        return bool(other.start_in and other.start == one.start)
    return one.start_in == other.start_in and bool(one.start == other.start) and _ends_no_later(one, other)


def _coincides(one: Span, other: Span) -> bool:
    return one == other


FUNCTIONS: dict[str, Run] = {
    "before": _run(_before),
    "after": _run(_turned(_before)),
    "meets": _run(_meets),
    "met by": _run(_turned(_meets)),
    "overlaps": _run(_overlaps),
    "overlaps before": _run(_overlaps_before),
    "overlaps after": _run(_overlaps_after),
    "includes": _run(_includes),
    "during": _run(_turned(_includes)),
    "finishes": _run(_finishes),
    "finished by": _run(_turned(_finishes)),
    "starts": _run(_starts),
    "started by": _run(_turned(_starts)),
    "coincides": _run(_coincides),
}
