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
_CODE = re.compile(r"`([^`]*)`")
_INSTANT = re.compile(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z\b", re.ASCII)
LINKS_MAX = 1_024  # links that are kept made
REPORT_CSS = TEMPLATES / "report.css"


def report_html(
    records: Sequence[Mapping[str, Any]], answers: Sequence[Mapping[str, Any]] = (), style: str = "report.css"
) -> str:
    """The page over records (`ComplianceRecord.as_value`) and answers (`Answer.as_value`); `style` names its CSS."""
    title = records[0]["title"] if records else "Answers to regulatory questions"
    return _template().render(title=title, records=records, answers=answers, style=style, cite=_Cited())


class _Cited:
    """The entries that the page rests on, each with its leaf hash; called, the links from a statement to some of them.

    A page has up to a hundred thousand links: made by the template they would take most of its time.
    """

    def __init__(self) -> None:
        self.seen: dict[int, str] = {}

    def __call__(self, evidence: Sequence[Mapping[str, Any]]) -> Markup:
        self.seen.update([(one["index"], one["leaf_hash"]) for one in evidence])
        links = ", ".join([_link(one["index"], one["leaf_hash"]) for one in evidence])
        return Markup(f'<span class="evidence">{links}</span>')  # noqa: S704 - each link is escaped


@lru_cache(maxsize=LINKS_MAX)
def _link(index: int, leaf: str) -> str:
    """An entry is cited by many statements that stand near each other."""
    number = int(index)
    return f'<a href="#e{number}" title="leaf hash {escape(visible(leaf))}">entry {number}</a>'


@lru_cache(maxsize=1)
def _template() -> Template:
    return environment().get_template("report.html")


def environment() -> Environment:
    """Templates of pages that are made to be printed: every text escaped, what hides in it made visible."""
    made = Environment(
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
    return made


def _shown(value: Any) -> Any:
    """What a template prints; markup was made of visible text already."""
    return visible(value) if type(value) is str else value


def words(text: str) -> Markup:
    """A statement; what stands in backticks is set as code, an instant as one that is not broken over lines.

    The text is escaped first.
    """
    said = _INSTANT.sub(r"<time>\g<0></time>", str(escape(visible(text))))
    return Markup(_CODE.sub(r"<code>\1</code>", said))  # noqa: S704 - escaped above


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
