"""Whom something is told, as the language writes it. Part of the language (`forms`)."""

from versioning.shapes import NAME, Either, Listed, Text

RULES_MAX = 20  # kinds of persons one thing is told

_RULE = Text("`role NAME`, `initiator`, `step NAME` or `office NAME`", rf"initiator|(?:role|step|office) {NAME}")
RECIPIENTS = Either(
    "whom it is for, or a list of them",
    scalar=_RULE,
    sequence=Listed("a list of whom it is for", _RULE, least=1, most=RULES_MAX, unique=True),
)
