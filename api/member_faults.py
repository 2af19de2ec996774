"""What is wrong with a member of a body, in our words: what the models find, by its type. Pure."""

from collections.abc import Callable, Mapping
from typing import Any

from api.problem_texts import tell
from ledger.wording import Wording, as_it_is, in_english

_Limits = Mapping[str, Any]
_TOLD: dict[str, Callable[[_Limits], Wording]] = {
    "missing": lambda _: tell("field-required"),
    "extra_forbidden": lambda _: tell("member-unknown"),
    "string_type": lambda _: tell("a-text"),
    "string_too_short": lambda limits: tell("text-at-least", least=limits["min_length"]),
    "string_too_long": lambda limits: tell("text-length", most=limits["max_length"]),
    "string_pattern_mismatch": lambda limits: tell("text-of-form", form=as_it_is(limits["pattern"])),
    "int_type": lambda _: tell("whole-number"),
    "bool_type": lambda _: tell("true-or-false"),
    "list_type": lambda _: tell("a-list"),
    "tuple_type": lambda _: tell("a-list"),
    "dict_type": lambda _: tell("an-object"),
    "model_type": lambda _: tell("an-object"),
    "literal_error": lambda limits: tell("one-of", known=as_it_is(str(limits["expected"]).replace(" or ", ", "))),
    "greater_than_equal": lambda limits: tell("number-at-least", least=as_it_is(limits["ge"])),
    "less_than_equal": lambda limits: tell("number-at-most", most=as_it_is(limits["le"])),
    "too_short": lambda limits: tell("items-at-least", least=limits["min_length"]),
    "too_long": lambda limits: tell("items-at-most", most=limits["max_length"]),
}
"""By the type of what is found, of its limits; any other is told in the words of the library."""


def member_fault(fault: Mapping[str, Any]) -> Wording:
    """One fault as the models tell it: its `type`, its limits in `ctx`, its `msg`."""
    told = _TOLD.get(fault["type"])
    return in_english(fault["msg"][0].lower() + fault["msg"][1:]) if told is None else told(fault.get("ctx", {}))
