"""Texts as a person reads them on pages of the server. Pure.

What a text hides is made visible: control characters and marks that turn the reading direction stand as their code
point, so that nobody relies on a text that is not what it seems.
"""

import unicodedata

_TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_KEPT = frozenset("\n\t\u200c\u200d")  # joiners are part of words in several scripts


def label(name: str) -> str:
    """`credit-officer-1` as `Credit officer 1`."""
    words = visible(name).replace("_", " ").replace("-", " ").replace(".", ": ")
    return words[:1].upper() + words[1:]


def visible(text: str) -> str:
    """The text with what nobody could see in it written out, such as `[U+202E]`."""
    if text.isascii() and text.isprintable():
        return text
    return "".join([f"[U+{ord(char):04X}]" if _is_hidden(char) else char for char in text])


def _is_hidden(char: str) -> bool:
    if char in _KEPT:
        return False
    return char in _TURNING or unicodedata.category(char) in ("Cc", "Cs", "Co", "Cn", "Zl", "Zp") or char == "\u00ad"
