"""The limits of the rule language. Every breach is `LimitBreached`, never a slow or a wrong answer.

Nothing in the language loops yet, so each node of a tree runs at most once for one evaluation and the number of nodes
bounds the steps; lists and strings bound the work of one step.
"""

from governance.rules.errors import LimitBreached

SOURCE_CHARS_MAX = 10_000  # ten screens; longer ones belong into a rule table
DEPTH_MAX = 60  # levels of the tree; keeps the recursion of checks and closures far from the interpreter's limit
STEPS_MAX = 2_000  # nodes of the tree, each evaluated at most once
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
