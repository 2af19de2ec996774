"""`muniment bench rules`: a condition of a grant, a rule table of fifty rules and the way from source to closure.

Beside each stands the same in plain Python, and other expression languages where their Python is named (`--peers`).
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from itertools import count as counted
from pathlib import Path
from typing import Any, NamedTuple

from bench.harness import Board, Contest, Measure, Peer, timed
from bench.peers import told
from bench.rules_peers import opened
from governance.conditions import condition_value
from governance.rules.compile import compile_expression
from governance.rules.table import compile_table
from governance.rules.table_source import read_table
from governance.rules.types import MONEY, NUMBER, STRING, object_of
from governance.rules.values import money

CONDITION = (
    'amount <= limit and risk.grade <= 7 and score >= {score} and purpose = "home" and age >= 18'
    ' and region in ("north", "south", "west")'
)
SCOPE = {
    "amount": MONEY, "limit": MONEY, "risk": object_of({"grade": NUMBER}), "purpose": STRING, "score": NUMBER,
    "age": NUMBER, "region": STRING,
}  # fmt: skip
DATA = {
    "amount": money("84000.00", "GBP"),
    "limit": money("100000.00", "GBP"),
    "risk": {"grade": Decimal(5)},
    "purpose": "home",
    "score": Decimal(701),
    "age": Decimal(44),
    "region": "north",
}
RULES = 50
BANDS = 10  # of the score; within each, one rule for each number of defaults
CONDITION_MICROSECONDS, TABLE_MICROSECONDS, COMPILE_MILLISECONDS = 15.0, 200.0, 2.0
_NOTE = "the limit is the same decision written in Python by hand, over the same values"
_COMPILE_NOTE = "from source to checked closure, no source twice; the limit is Python compiling the same condition"


def run(board: Board, folder: Path, quick: bool, peers: str | None = None) -> None:
    """All results of this bench."""
    with opened(peers, folder, told) as others:
        evaluations, sources = (20_000, 500) if quick else (100_000, 2_000)
        _condition(board, evaluations, others.evaluating(evaluations))
        _table(board, 4_000 if quick else 20_000)
        _compile(board, sources, others.compiling(sources))


def _condition(board: Board, count: int, peers: tuple[Peer, ...]) -> None:
    source = CONDITION.format(score=620)
    if condition_value(source, DATA, 0) is not True:
        raise AssertionError("expected the condition to hold")

    def by_hand(values: Mapping[str, Any]) -> bool:
        amount, limit = values["amount"], values["limit"]
        return bool(
            amount.currency == limit.currency
            and amount.amount <= limit.amount
            and values["risk"]["grade"] <= 7
            and values["score"] >= 620
            and values["purpose"] == "home"
            and values["age"] >= 18
            and values["region"] in ("north", "south", "west")
        )

    def evaluate() -> object:
        return condition_value(source, DATA, 0)

    _contest(board, "condition", (count, 1), (evaluate, lambda: by_hand(DATA)), _Beside(peers=peers))
    _measure(board, "condition", (evaluate, count), CONDITION_MICROSECONDS, 1e6)


def _compile(board: Board, count: int, peers: tuple[Peer, ...]) -> None:
    numbers = counted(1_000)  # a source is compiled once and then found again

    def ours() -> object:
        return compile_expression(CONDITION.format(score=next(numbers)), SCOPE)

    def python() -> object:
        text = CONDITION.format(score=next(numbers)).replace(" = ", " == ").replace("risk.", "risk_")
        return compile(text, "<condition>", "eval")

    _contest(board, "compile", (count, 1), (ours, python), _Beside(_COMPILE_NOTE, peers))
    _measure(board, "compile", (ours, count), COMPILE_MILLISECONDS, 1e3)


def _measure(board: Board, name: str, work: tuple[Callable[[], object], int], most: float, unit: float) -> None:
    """The time of one, in parts of a second of which there are `unit`; `work` is called so often."""
    call, count = work

    def each() -> None:
        for _ in range(count):
            call()

    told_in = "us" if unit == 1e6 else "ms"
    board.measure(
        Measure(f"rules.{name}.{told_in}", told_in, most, count, lambda: unit / timed(count, each).rate, note="of one")
    )


def _table(board: Board, count: int) -> None:
    bands = [(900 - 40 * band, 900 - 40 * (band + 1)) for band in range(BANDS)]
    rules = [(high, low, defaults) for high, low in bands for defaults in range(RULES // BANDS)]
    lines = [
        f'  - {{score: "[{low}..{high})", defaults: "{defaults}", then: {grade}}}'
        for grade, (high, low, defaults) in enumerate(rules, 1)
    ]
    head = "rule-table: grade\ntitle: Grade\ninputs: {score: number, defaults: integer}\noutput: grade\ntype: integer\n"
    table = compile_table(read_table(f"{head}hit: first\nrules:\n" + "\n".join(lines) + "\n"))
    cases = [{"score": Decimal(low + 7), "defaults": Decimal(defaults)} for _, low, defaults in rules]

    def by_hand(score: Decimal, defaults: Decimal) -> int | None:
        for grade, (high, low, number) in enumerate(rules, 1):
            if low <= score < high and defaults == number:
                return grade
        return None

    for case in cases:
        if table.evaluate(case) != by_hand(case["score"], case["defaults"]):
            raise AssertionError("expected the table to answer as the plain rules do")

    def ours() -> None:
        for case in cases:
            table.evaluate(case)

    def one() -> object:
        return table.evaluate(cases[-1])  # all rows but the last are looked at and passed over

    def limit() -> None:
        for case in cases:
            by_hand(case["score"], case["defaults"])

    _contest(board, "table50", (count, len(cases)), (ours, limit), _Beside())
    _measure(board, "table50", (one, count // 10), TABLE_MICROSECONDS, 1e6)


class _Beside(NamedTuple):
    """What stands beside a figure."""

    note: str = _NOTE
    peers: tuple[Peer, ...] = ()


def _contest(
    board: Board,
    name: str,
    size: tuple[int, int],
    pair: tuple[Callable[[], object], Callable[[], object]],
    beside: _Beside,
) -> None:
    """Both called until so many evaluations are done, of which one call does so many: `size`."""
    count, each = size

    def repeat(call: Callable[[], object]) -> Callable[[], None]:
        def work() -> None:
            for _ in range(count // each):
                call()

        return work

    ours, limit = pair
    contest = Contest(
        f"rules.{name}",
        f"limit.{name}",
        None,
        count,
        lambda: timed(count, repeat(ours)),
        lambda: timed(count, repeat(limit)),
        note=beside.note,
        peers=beside.peers,
    )
    board.run(contest)
