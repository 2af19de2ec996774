"""Which texts may be a name, an id or a key: those a person can read as they are, and every database can hold.

A control character shows as nothing, and NUL is one that PostgreSQL takes in no text. A mark that turns the reading
direction lets one key be shown as another; so do marks without a width, space around it and accents that stand apart.
"""

from unicodedata import category, is_normalized

_JOINERS = frozenset("\u200c\u200d")  # change how letters beside them are drawn, and are seen by that
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def has_controls(text: str) -> bool:
    """Whether a control character stands in it."""
    return not (text.isascii() and text.isprintable()) and any(category(char) == "Cc" for char in text)


def turns(text: str) -> bool:
    """Whether a mark stands in it that turns the reading direction."""
    return not text.isascii() and not _TURNING.isdisjoint(text)


def looks_like_another(text: str) -> bool:
    """Whether another text is shown just as this is, by which one thing would have two keys."""
    if text != text.strip():
        return True
    if text.isascii():
        return False
    return not is_normalized("NFC", text) or any(category(char) == "Cf" and char not in _JOINERS for char in text)
