"""Which texts may be a name, an id or a key: those a person can read as they are, and every database can hold.

A control character shows as nothing, and NUL is one that PostgreSQL takes in no text. A mark that turns the reading
direction lets one key be shown as another.
"""

from unicodedata import category

_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def has_controls(text: str) -> bool:
    """Whether a control character stands in it."""
    return not (text.isascii() and text.isprintable()) and any(category(char) == "Cc" for char in text)


def turns(text: str) -> bool:
    """Whether a mark stands in it that turns the reading direction."""
    return not text.isascii() and not _TURNING.isdisjoint(text)
