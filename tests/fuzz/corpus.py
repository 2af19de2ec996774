"""Seeds: the expressions of the published decision models, each as expression, cell and tree, and our rule tables."""

import html
import json
import re
from collections.abc import Iterator
from pathlib import Path

from governance.rules.parse import parse
from governance.rules.tree_json import to_tree_json
from ledger.errors import BrokenInput
from tests.conftest import CASES, ROOT
from tests.fuzz.targets import NAMES

_TEXT = re.compile(r"<(?:\w+:)?text>(.*?)</(?:\w+:)?text>", re.DOTALL)
_ROWS_MAX = 400  # of each kind: libFuzzer reads every seed before it begins
_OWN = (
    "a-b", "a - b", "profit and loss", "items[price > 1].unit price", "for x in items return x.price",
    "some x in items satisfies x.price = loan amount", "function(a b: number, c) a b + c", "{x y: 1, z: x y + 1}.z",
    "a in (? > 3, [1..5], ]1..5[, not(null))", "x instance of function<number> -> list<context<a: string>>",
    'if flag then @"2026-01-01" else date("2026-01-01") + @"P1D"', "not(1, 2)", "- ", "> 5, [1..2)",
    "a between 1 and 2",
    "{f: function(g, n) if n = 0 then 1 else n * g(g, n - 1), r: f(f, 5)}.r", "-(2 ** 3)", '"\\u00e9\\"" + name',
)  # fmt: skip
_TYPES = ("list<context<a b: number, c: range<date>>>", "function<number, Any> -> date and time", "context<>")


def write_corpus(folder: Path) -> int:
    """Writes the seeds; how many."""
    folder.mkdir(parents=True)
    seeds = list(dict.fromkeys(_seeds()))
    for number, (kind, text) in enumerate(seeds):
        (folder / f"{number:05}").write_bytes(bytes([kind]) + text.encode("utf-8", "replace"))
    return len(seeds)


def _seeds() -> Iterator[tuple[int, str]]:
    for text in (*_OWN, *_published()):
        yield 0, text
        yield 1, text
        try:
            yield 4, json.dumps(to_tree_json(parse(text, NAMES)))
        except BrokenInput:
            continue
    yield from ((2, text) for text in _TYPES)
    tables = sorted((ROOT / "examples").glob("*/rule-tables/*.yaml"))
    yield from ((3, path.read_text(encoding="utf-8")) for path in tables)


def _published() -> list[str]:
    texts = {
        html.unescape(found).strip()
        for path in sorted(CASES.glob("decision-tables/**/*.dmn"))
        for found in _TEXT.findall(path.read_text(encoding="utf-8"))
    }
    short = sorted(text for text in texts if 2 < len(text) < 300)
    return short[:: max(1, len(short) // _ROWS_MAX)]
