"""Compliance records and answers as HTML: one page, no script, a style sheet of its own, made to be printed.

Takes the values that are printed as JSON, so that page and JSON cannot differ; every text is escaped by the template,
and what hides in one is made visible.
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup, escape

from api.showing import visible

TEMPLATES = Path(__file__).resolve().parent / "templates"
_INSTANT = re.compile(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z\b", re.ASCII)
LINKS_MAX = 1_024  # links that are kept made
WORDS_MAX = 4_096  # statements that are kept made: what is said of one instance is often said of the next
REPORT_CSS = TEMPLATES / "report.css"


def report_html(
    records: Sequence[Mapping[str, Any]], answers: Sequence[Mapping[str, Any]] = (), style: str = "report.css"
) -> str:
    """The page over records (`ComplianceRecord.as_value`) and answers (`Answer.as_value`); `style` names its CSS."""
    title = records[0]["title"] if records else "Answers to regulatory questions"
    return _template().render(title=title, records=records, answers=answers, style=style, lines=_Lines())


class _Lines:
    """The lines of which a page has a hundred thousand: made by the template they would take most of its time.

    `seen` are the entries that the page rests on, each with its leaf hash.
    """

    def __init__(self) -> None:
        self.seen: dict[int, str] = {}

    def statements(self, said: Sequence[Mapping[str, Any]]) -> Markup:
        """A statement a line, with the links to its entries."""
        made = [f"<li>{words(one['text'])} {self._cited(one['evidence'])}</li>\n" for one in said]
        return Markup("".join(made))  # noqa: S704 - all of it is escaped

    def cells(self, row: Mapping[str, Any]) -> Markup:
        """A member of the row a line, and the links to its entries."""
        evidence = ("evidence", self._cited(row["evidence"]))
        told = [(spaced(name), _set(plain(value))) for name, value in row.items() if name != "evidence"]
        made = [f'<tr><th scope="row">{name}</th><td>{value}</td></tr>\n' for name, value in (*told, evidence)]
        return Markup("".join(made))  # noqa: S704 - all of it is escaped

    def _cited(self, evidence: Sequence[Mapping[str, Any]]) -> str:
        self.seen.update([(one["index"], one["leaf_hash"]) for one in evidence])
        links = ", ".join([_link(one["index"], one["leaf_hash"]) for one in evidence])
        return f'<span class="evidence">{links}</span>'


@lru_cache(maxsize=LINKS_MAX)
def _link(index: int, leaf: str) -> str:
    """An entry is cited by many statements that stand near each other."""
    number = int(index)
    return f'<a href="#e{number}" title="leaf hash {_set(leaf)}">entry {number}</a>'


@lru_cache(maxsize=1)
def _template() -> Template:
    return environment().get_template("report.html")


def environment() -> Environment:
    """Templates of pages that are made to be printed: every text escaped, what hides in it made visible."""
    made = _OfValues(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=_shown,
    )
    made.filters["plain"] = plain
    made.filters["spaced"] = spaced
    made.filters["words"] = words
    made.filters["clauses"] = clauses
    return made


class _OfValues(Environment):
    """What a template reads of a value is the member of that name, and is not sought among the methods first."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        """`obj.attribute` in a template."""
        return obj[attribute] if type(obj) is dict and attribute in obj else super().getattr(obj, attribute)


def _shown(value: Any) -> Any:
    """What a template prints; markup was made of visible text already."""
    return visible(value) if type(value) is str else value


def _set(text: str) -> str:
    """A text as it stands in a page."""
    return str(escape(visible(text)))


@lru_cache(maxsize=WORDS_MAX)
def words(text: str) -> Markup:
    """A statement; what stands in backticks is set as code, an instant as one that is not broken over lines.

    The text is escaped first.
    """
    said = _INSTANT.sub(_timed, _set(text)).split("`")
    if not len(said) & 1:  # the last one opens nothing
        said[-2:] = ["`".join(said[-2:])]
    made = [f"<code>{part}</code>" if place & 1 else part for place, part in enumerate(said)]
    return Markup("".join(made))  # noqa: S704 - escaped above


def _timed(instant: re.Match[str]) -> str:
    return f"<time>{instant[0]}</time>"


def clauses(asked: Sequence[Mapping[str, str]]) -> str:
    """The clauses that a question serves."""
    return "; ".join(
        [f"{one['instrument']} {one['clause']} ({one['edition']}, {one['status'].replace('_', ' ')})" for one in asked]
    )


@lru_cache(maxsize=LINKS_MAX)
def spaced(name: str) -> Markup:
    """The name of a column, in words; there are few."""
    return escape(visible(name.replace("_", " ")))


def plain(value: Any) -> str:
    """A value in a table cell."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        if value.keys() == {"amount", "currency"}:
            return f"{value['amount']} {value['currency']}".rstrip()
        return "; ".join(f"{name.replace('_', ' ')} {plain(member)}" for name, member in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(map(plain, value)) or "none"
    return str(value)
