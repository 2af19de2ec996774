"""The limits of the rule language. Every breach is `LimitBreached`, never a slow or a wrong answer.

The number of nodes bounds what is evaluated once; whatever repeats (loops, filters, functions, the longer standard
functions) is paid for from a `Budget`, in steps of about a microsecond: by the size of what is repeated, and by the
size of what is walked, kept or made. A value may hold the same list many times, so that a few nodes make one with
more members than fit into memory: `weight_of` counts them before anything walks them. A clock is looked at beside the
steps (`ledger.clock` has it, as every other), for a machine so slow that they alone would not end in time: a breach
by time is the only one that a second try may not meet.
"""

from collections.abc import Sequence
from typing import Any

from governance.rules.errors import LimitBreached
from ledger.clock import steady_seconds

SOURCE_CHARS_MAX = 10_000  # ten screens; longer ones belong into a rule table
DEPTH_MAX = 60  # levels of the tree; keeps the recursion of checks and closures far from the interpreter's limit
NODES_MAX = 2_000  # of a tree
STEPS_MAX = 1_000_000  # of one evaluation
SECONDS_MAX = 5.0  # of one evaluation, far above what its steps take
TOGETHER_STEPS_MAX = 2_000_000  # of all evaluations that one `Allowance` pays for
TOGETHER_SECONDS_MAX = 5.0  # from the first of them on
CALLS_DEEP_MAX = 24  # functions of the source inside each other
LEVELS_DEEP_MAX = 180  # of the trees of those functions together; a level takes two or three frames of the interpreter
BOXED_LEVELS = 7  # counted for a function of boxes, whose expressions count for themselves where they call
MEMBERS_MAX = 100_000  # of a value, those of its members too, where it is compared, converted or given back
TYPE_DEPTH_MAX = 12
PATTERN_CHARS_MAX = 1_000  # of a regular expression
LIST_ITEMS_MAX = 10_000  # longer than any list a person decides on, and small enough for a millisecond
STRING_CHARS_MAX = 100_000  # a payload in the ledger holds at most 60 KiB
DATA_DEPTH_MAX = 64  # as deep as canonical data may be
NUMBER_DIGITS_MAX = 34  # decimal128, as the standard says
TABLE_RULES_MAX = 2_000
TABLE_COLUMNS_MAX = 64
TABLE_SOURCE_CHARS_MAX = 1_000_000


def bounded_text(text: str) -> str:
    """The text, or `LimitBreached`."""
    if len(text) > STRING_CHARS_MAX:
        raise LimitBreached(f"expected a text of at most {STRING_CHARS_MAX} characters")
    return text


def bounded_list(count: int) -> None:
    """`LimitBreached` when a list of so many items would be too long."""
    if count > LIST_ITEMS_MAX:
        raise LimitBreached(f"expected a list of at most {LIST_ITEMS_MAX} items")


_LOOK_EVERY = 4_096  # steps between two looks at the clock


class Allowance:
    """What evaluations that belong together may still spend, each of them within its own limits as well.

    Who holds something for as long as all of them take (a log's writer, for a command) bounds them by one of these.
    """

    __slots__ = ("_given", "_left", "_until")

    def __init__(self) -> None:
        self._left = TOGETHER_STEPS_MAX
        self._given = 0
        self._until: float | None = None

    @property
    def is_spent(self) -> bool:
        """Whether nothing is left, of steps or of time."""
        return self._left <= 0 or (self._until is not None and steady_seconds() > self._until)

    def pays(self, steps: int) -> bool:
        """Whether the next evaluation can be paid for, which costs so many steps and, as nothing in it repeats, no
        more; False where all is spent."""
        now = steady_seconds()
        if self._until is None:
            self._until = now + TOGETHER_SECONDS_MAX
        self._left -= steps
        return self._left > 0 and now <= self._until

    def take(self, steps: int) -> "Budget | None":
        """The budget of the next evaluation, which costs so many steps whatever it does; None where all is spent."""
        now = steady_seconds()
        if self._until is None:
            self._until = now + TOGETHER_SECONDS_MAX
        self._left -= steps
        if self._left <= 0 or now > self._until:
            return None
        self._given = min(self._left, STEPS_MAX)
        return Budget(self._given, min(now + SECONDS_MAX, self._until))

    def give_back(self, budget: "Budget") -> None:
        """The evaluation is over, and its budget with it: what it has not spent is there for the next."""
        self._left -= self._given - max(budget.left, 0)


class Budget:
    """What one evaluation may still spend."""

    __slots__ = ("_calls", "_levels", "_look", "_until", "left")

    def __init__(self, steps: int = STEPS_MAX, until: float | None = None) -> None:
        self.left = steps
        self._look = steps - _LOOK_EVERY
        self._until = steady_seconds() + SECONDS_MAX if until is None else until
        self._calls = self._levels = 0

    def spend(self, steps: int) -> None:
        """`LimitBreached` when there is not so much left."""
        self.left -= steps
        if self.left < 0:
            raise LimitBreached(f"expected an evaluation of at most {STEPS_MAX:,} steps")
        if self.left < self._look:
            self._look = self.left - _LOOK_EVERY
            if steady_seconds() > self._until:
                raise LimitBreached(f"expected an evaluation of at most {SECONDS_MAX:.0f} seconds")

    def enter(self, levels: int) -> None:
        """One function deeper, whose tree has so many levels; `leave` with the same when it is done."""
        self._calls += 1
        self._levels += levels
        if self._calls > CALLS_DEEP_MAX:
            raise LimitBreached(f"expected functions at most {CALLS_DEEP_MAX} deep inside each other")
        if self._levels > LEVELS_DEEP_MAX:
            raise LimitBreached(f"expected functions inside each other of at most {LEVELS_DEEP_MAX} levels together")

    def leave(self, levels: int) -> None:
        """The function is done."""
        self._calls -= 1
        self._levels -= levels


def cost_of(value: object) -> int:
    """The steps that keeping a value costs: long texts, lists and contexts count for more."""
    if type(value) is str or type(value) is tuple:
        return 1 + len(value) // 16
    return 1 + len(value) // 4 if type(value) is dict else 1


CONTAINERS = frozenset((tuple, list, dict))


def weight_of(value: Any) -> int:
    """The members of a value and of its members, each counted as often as it stands there: the steps of walking it.

    `LimitBreached` for more than may be walked, by number or by depth.
    """
    if type(value) not in CONTAINERS:
        return 1
    weight, level = 1, [value]
    for _ in range(DATA_DEPTH_MAX):
        below: list[Any] = []
        for one in level:
            below.extend(one.values() if type(one) is dict else one)
            if weight + len(below) > MEMBERS_MAX:
                raise LimitBreached(f"expected a value of at most {MEMBERS_MAX:,} members")
        weight += len(below)
        level = [one for one in below if type(one) in CONTAINERS]
        if not level:
            return weight
    raise LimitBreached(f"expected a value at most {DATA_DEPTH_MAX} levels deep")


def cost_of_call(function: str, arguments: Sequence[Any]) -> int:
    """The steps that a standard function takes for its arguments, beside what it pays itself."""
    if function in _FLAT:
        return sum(map(cost_of, arguments))
    return sum(weight_of(argument) if type(argument) in CONTAINERS else cost_of(argument) for argument in arguments)


def cost_of_result(function: str, found: Any) -> int:
    """The steps of what a standard function made: members of a list may be new, unless it only passes them on."""
    return cost_of(found) if type(found) is not tuple or function in _FLAT else 1 + len(found)


_FLAT = frozenset(
    (
        "count",
        "append",
        "concatenate",
        "insert before",
        "remove",
        "sublist",
        "reverse",
        "get value",
        "context put",
        "not",
    )
)
"""The standard functions that look into no member of their arguments."""
