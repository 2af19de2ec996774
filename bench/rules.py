"""`muniment bench rules`: a condition of a grant and a rule table of fifty rules, beside the same in plain Python."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from bench.harness import Board, Contest, timed
from governance.conditions import condition_value
from governance.rules.table import compile_table
from governance.rules.table_source import read_table
from governance.rules.values import money

CONDITION = 'risk.grade <= 7 and purpose = "home" and amount <= limit'
RULES = 50
BANDS = 10  # of the score; within each, one rule for each number of defaults
_NOTE = "the limit is the same decision written in Python by hand, over the same values"


def run(board: Board, _folder: Path, quick: bool) -> None:
    """Both results of this bench."""
    _condition(board, 20_000 if quick else 100_000)
    _table(board, 4_000 if quick else 20_000)


def _condition(board: Board, count: int) -> None:
    context = {
        "risk": {"grade": Decimal(5)},
        "purpose": "home",
        "amount": money("84000.00", "GBP"),
        "limit": money("100000.00", "GBP"),
    }
    if condition_value(CONDITION, context) is not True:
        raise AssertionError("expected the condition to hold")

    def by_hand(values: Mapping[str, Any]) -> bool:
        amount, limit = values["amount"], values["limit"]
        return bool(
            values["risk"]["grade"] <= 7
            and values["purpose"] == "home"
            and amount.currency == limit.currency
            and amount.amount <= limit.amount
        )

    _contest(board, "condition", count, (lambda: condition_value(CONDITION, context), lambda: by_hand(context)))


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

    def limit() -> None:
        for case in cases:
            by_hand(case["score"], case["defaults"])

    _contest(board, "table50", count, (ours, limit), len(cases))


def _contest(
    board: Board, name: str, count: int, pair: tuple[Callable[[], object], Callable[[], object]], each: int = 1
) -> None:
    """Both called until `count` evaluations are done; one call does `each`."""

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
        note=_NOTE,
    )
    board.run(contest)
