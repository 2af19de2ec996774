"""Runs the published decision models (DMN compatibility kit): every test case is right, refused or wrong.

    MUNIMENT_CASES=... python -m tests.governance.rules.kit

Each case compiles the part of its model that it asks for, so that one expression that is not supported refuses the
cases that need it and no others. A case with several results is right when all are. What the kit calls an error may be
null or an error here; a refusal (`Unanswerable`, a limit, a finding) is told as refused wherever it comes up.
"""

import os
import sys
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal, NamedTuple

from lxml import etree

from governance.rules.dmn.evaluate import compile_model
from governance.rules.dmn.graph import part_for
from governance.rules.dmn.model import Definitions
from governance.rules.dmn.read import read_model
from governance.rules.errors import LimitBreached, RuleError, Unanswerable
from governance.rules.temporal import parse_date, parse_date_time, parse_duration, parse_time
from ledger.errors import BrokenInput

CASES = (
    Path(os.environ.get("MUNIMENT_CASES", Path(__file__).parents[3].parent / "shared" / "cases")) / "decision-tables"
)
XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
CLOSE = Decimal("0.00000001")  # the kit compares numbers to eight places

Verdict = Literal["right", "refused", "wrong"]


class Outcome(NamedTuple):
    """What became of one test case."""

    model: str
    case: str
    verdict: Verdict
    detail: str = ""


def run_kit() -> list[Outcome]:
    """Every test case of every model that the manifest names."""
    manifest = (CASES / "MANIFEST.tsv").read_text().splitlines()[1:]
    files = sorted(line.split("\t")[0] for line in manifest)
    return [found for file in files if file.endswith(".xml") for found in run_file(CASES / file)]


def run_file(path: Path) -> Iterator[Outcome]:
    """The test cases of one file."""
    root = etree.parse(str(path)).getroot()
    name = next(child.text or "" for child in root if local(child) == "modelName").strip()
    model = model_of(path.parent / name)
    for case in root.iter("{*}testCase"):
        label = case.get("id") or "?"
        if isinstance(model, str):
            yield Outcome(path.parent.name, label, "refused", model)
            continue
        results = [node for node in case if local(node) == "resultNode"]
        found = [run_result(model, case, node) for node in results]
        worst = max(found, key=lambda one: ("right", "refused", "wrong").index(one[0]))
        yield Outcome(path.parent.name, label, *worst)


def model_of(path: Path) -> Definitions | str:
    """The model of a file, or why it is refused."""
    try:
        read = read_model(path.read_bytes())
    except BrokenInput as error:
        return str(error)
    if read.model is None:
        return "; ".join(finding.text(path.name) for finding in read.findings if finding.severity == "error")
    return read.model


def run_result(model: Definitions, case: Any, node: Any) -> tuple[Verdict, str]:
    """One expected result."""
    name = " ".join((node.get("name") or "").split())
    asked = " ".join((case.get("invocableName") or name).split())
    is_error = node.get("errorResult") == "true"
    try:
        given = {" ".join(one.get("name").split()): value_of(one) for one in case if local(one) == "inputNode"}
        wanted = value_of(node)
        compiled = compile_model(part_for(model, frozenset((asked,))))
        taken = compiled.inputs(asked)
        value = compiled.evaluate(asked, {one: given[one] for one in given if one in taken})
    except (Unanswerable, LimitBreached, BrokenInput) as error:
        return "refused", f"{name}: {error}"
    except RuleError as error:
        return ("right", "") if is_error else ("refused", f"{name}: {error}")
    service = model.node(asked)
    if asked != name and len(getattr(service, "outputs", ())) > 1:
        value = value[name]
    if is_error:
        return ("right", "") if value is None else ("wrong", f"{name}: {value!r} for an error")
    return ("right", "") if same(value, wanted) else ("wrong", f"{name}: {value!r} for {wanted!r}")


def expected_values(model: Path) -> Iterator[tuple[str, Any]]:
    """The decisions of a model that its test files ask for, with the values they want; null for an error."""
    for path in model.parent.glob("*.xml"):
        root = etree.parse(str(path)).getroot()
        if (root.findtext("{*}modelName") or "").strip() == model.name:
            for node in root.iter("{*}resultNode"):
                yield " ".join((node.get("name") or "").split()), value_of(node)


def local(element: Any) -> str:
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def value_of(node: Any) -> Any:
    """The value of a `resultNode`, `inputNode`, `component` or `item` of a test file."""
    for child in node:
        match local(child):
            case "value":
                return _simple(child)
            case "list":
                if child.get(f"{XSI}nil") == "true":
                    return None
                return tuple(value_of(item) for item in child if local(item) == "item")
            case "expected":
                return value_of(child)
            case "component":
                return {part.get("name"): value_of(part) for part in node if local(part) == "component"}
    return None


def _simple(element: Any) -> Any:
    if element.get(f"{XSI}nil") == "true":
        return None
    kind, text = (element.get(f"{XSI}type") or "xsd:string").split(":")[-1], element.text or ""
    match kind:
        case "decimal" | "double" | "integer" | "int":
            return Decimal(text)
        case "boolean":
            return text == "true"
        case "date":
            return parse_date(text)
        case "time":
            return parse_time(text)
        case "dateTime":
            return parse_date_time(text)
        case "duration" | "dayTimeDuration" | "yearMonthDuration":
            return parse_duration(text)
    return text


def same(left: Any, right: Any) -> bool:
    """Whether two values are the same as the kit sees it."""
    if type(left) in (int, Decimal) and type(right) in (int, Decimal):
        return abs(left - right) < CLOSE
    if isinstance(left, tuple | list) and isinstance(right, tuple):
        return len(left) == len(right) and all(same(a, b) for a, b in zip(left, right, strict=True))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    return type(left) is type(right) and bool(left == right)


def report(outcomes: list[Outcome]) -> str:
    """What is not right, and the counts."""
    lines = [f"{one.verdict:8} {one.model} {one.case}: {one.detail}" for one in outcomes if one.verdict != "right"]
    counts = Counter(one.verdict for one in outcomes)
    told = ", ".join(f"{counts[verdict]} {verdict}" for verdict in ("right", "refused", "wrong"))
    return "\n".join([*lines, f"{told} of {len(outcomes)} ({counts['right'] / len(outcomes):.1%} right)"])


if __name__ == "__main__":
    found = run_kit()
    print(report(found))
    sys.exit(any(one.verdict == "wrong" for one in found))
