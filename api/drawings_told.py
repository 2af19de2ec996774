"""A blueprint in words and as a drawing, as doors answer it: in English, and what that is made of for other
languages."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ledger.wording import Wording, wording_value
from versioning.layout import Layout, layout_value

if TYPE_CHECKING:
    from versioning.diff_table import Row


def words_value(said: Iterable[Wording]) -> dict[str, Any]:
    """{words, wordings}: each sentence, and what each is made of."""
    sentences = list(said)
    return {"words": sentences, "wordings": [wording_value(one) for one in sentences]}


def drawing_value(drawn: Layout) -> dict[str, Any]:
    """The layout; each label with what it is made of, None where it reads the same in every language."""
    value = layout_value(drawn)
    for edge, told in zip(drawn.edges, value["edges"], strict=True):
        if edge.label is not None:
            told["label"]["wording"] = wording_value(edge.label.text)
    return value


def row_value(row: "Row") -> dict[str, Any]:
    """A row of the table of fields; each of its texts with what it is made of."""
    texts = {"field": row.field, "before": row.before, "after": row.after}
    return {**row._asdict(), **{f"{name}_wording": wording_value(text) for name, text in texts.items()}}
