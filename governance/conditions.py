"""Conditions of grants as expressions of the rule language: what a register asks of the data of a case.

A grant is written without knowing the data of every blueprint it will be used in, so names have no declared type here;
what does not type or cannot be answered at the decision does not hold. `now` and `today` are the instant of the
decision, which is the `recorded_at` of its entry, in UTC.
"""

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from governance.rules.compile import Compiled, compile_expression
from governance.rules.env import ALLOWANCE, BUDGET
from governance.rules.errors import LimitBreached, RuleError
from governance.rules.limits import Allowance
from governance.rules.parse import parse
from governance.rules.scope import reads_of
from governance.rules.types import ANY
from ledger.clock import moment_of
from ledger.errors import BrokenInput

_CACHED_MAX = 4096  # conditions of a large register
_CHARS_PER_STEP = 2  # of a source, as of any expression that a command pays for


def condition_fault(source: str) -> str:
    """What is wrong with the text of a condition, with its place; "" when it compiles."""
    try:
        roots = {path.partition(".")[0] for path in reads_of(parse(source, frozenset()))}
        compile_expression(source, dict.fromkeys(sorted(roots), ANY), has_moment=True)
    except BrokenInput as error:
        return str(error)
    return ""


def condition_value(source: str, context: Mapping[str, Any], now: int) -> object:
    """The value of a condition for the data of a case (values of the rule language) at an instant; `BrokenInput` when
    it has none.

    Names the data does not have are null, as they are for a path into it. Only the names it reads are asked for, so
    a context that opens sealed values when asked opens no more than the condition needs. One that has an `ALLOWANCE` is
    that of a command, which pays for all it evaluates from it.
    """
    compiled = _compiled(source)
    moment = moment_of(now) if compiled.asks_moment else None
    read: dict[Any, Any] = {root: context[root] for root in compiled.roots if root in context}
    allowance: Allowance | None = context.get(ALLOWANCE)
    try:
        if allowance is None:
            return compiled.evaluate(read, moment)
        return _paid(compiled, read, moment, allowance)
    except RuleError as error:
        raise BrokenInput(str(error)) from error


def _paid(compiled: Compiled, read: dict[Any, Any], moment: datetime | None, allowance: Allowance) -> object:
    budget = allowance.take(1 + len(compiled.source) // _CHARS_PER_STEP)
    if budget is None:
        raise LimitBreached("expected conditions that one command can evaluate")
    if compiled.repeats:
        read[BUDGET] = budget
    try:
        return compiled.evaluate(read, moment)
    finally:
        allowance.give_back(budget)


@lru_cache(maxsize=_CACHED_MAX)
def _compiled(source: str) -> Compiled:
    roots = {path.partition(".")[0] for path in reads_of(parse(source, frozenset()))}
    return compile_expression(source, dict.fromkeys(sorted(roots), ANY), has_moment=True)
