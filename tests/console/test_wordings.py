"""What the service says in English by a code has words in every language of the console; the English are its own."""

import ast
import json
from pathlib import Path
from typing import Any

import pytest

from ledger.wording import Wording, as_it_is, in_english, joined, wording_value
from tests.conftest import ROOT
from tests.console.node import vitest
from tests.console.wordings import LISTS, MOMENT, PLACE, codes, sample, shapes, sources, spoken, tables, uses, words
from tests.versioning import test_business_time as working
from tests.versioning import test_schedule as occurring
from tests.versioning.test_zoo import ZOO
from versioning.artefact import as_finding
from versioning.business_time import HOUR
from versioning.business_words import elapsed, explain
from versioning.files import check_file
from versioning.starts import Schedule

GOLDEN = ROOT / "tests" / "versioning" / "golden" / "loan.yaml"


def test_codes_and_texts_stand_in_tables_and_every_one_is_used() -> None:
    """A code that is made up where it is used, or never, is found in the source."""
    trees = [(path, tree, _imported(tree)) for path, tree in _parsed()]
    for module, (name, texts) in tables().items():
        used = set()
        prefix = next(iter(texts.by_code)).partition(".")[0] + "." if "." in next(iter(texts.by_code)) else ""
        for path, tree, imported in trees:
            if (module, name) not in imported and not path.match(f"{module.replace('.', '/')}.py"):
                continue
            for call in uses(tree, name):
                for code in _literals(call.args[0]):
                    used.add(prefix + code)
                    given = {keyword.arg for keyword in call.keywords}
                    wanted = set(PLACE.findall(texts.by_code[prefix + code]))
                    assert given == wanted or None in given, (path.name, call.lineno, code)
        assert set(texts.by_code) - used - _named_elsewhere(module) == set(), module


def _parsed() -> list[tuple[Path, ast.Module]]:
    return [(path, ast.parse(path.read_text("utf-8"))) for path in sources()]


def _imported(tree: ast.AST) -> set[tuple[str | None, str]]:
    """What a module takes from others, by their names."""
    found = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    return {(node.module, one.name) for node in found for one in node.names}


def _literals(node: ast.expr) -> list[str]:
    """The codes that an argument may be: a text, one of two, or none where it is computed."""
    if isinstance(node, ast.IfExp):
        return [*_literals(node.body), *_literals(node.orelse)]
    return [node.value] if isinstance(node, ast.Constant) and isinstance(node.value, str) else []


def _named_elsewhere(module: str) -> set[str]:
    """Codes that are computed: units of time by their name and number, and what a day is by its cause."""
    if module == "orchestrator.refusal_texts":
        return {"refused.not-a-person"}  # said no more: entries of before are told again by it
    if module == "versioning.time_texts":
        return {"time.holiday", "time.open", "time.closed"}
    if module == "governance.rules.table_texts":
        units = ("year", "month", "day", "hour", "minute", "second")
        return {f"rules.{unit}{end}" for unit in units for end in ("", "s")}
    if module == "versioning.finding_texts":
        spans = ("second", "minute", "hour", "day")
        kinds = [*spans, *(f"business-{span}" for span in spans[1:])]
        return {f"{kind}{end}" for kind in kinds for end in ("", "s")}
    return set()


def test_nothing_makes_a_wording_beside_the_tables() -> None:
    """Else a code could come that no test sees."""
    found = [
        (path.relative_to(ROOT).as_posix(), name)
        for path in sources()
        for name in ("worded", "Wording")
        for _ in uses(ast.parse(path.read_text("utf-8")), name)
    ]
    assert set(found) == {
        ("ledger/wording.py", "worded"),
        ("api/told_again.py", "worded"),  # of the codes and texts that the tables have
        ("ledger/wording.py", "Wording"),
        ("versioning/time_texts.py", "Wording"),
        ("governance/rules/literal_words.py", "Wording"),
        ("versioning/shapes.py", "worded"),
    }


def test_the_shapes_of_the_language_have_codes_of_their_own() -> None:
    assert len(shapes()) > 100
    assert len(set(shapes().values())) == len(shapes())


def test_the_words_of_english_are_those_of_the_service() -> None:
    assert words("en") == codes()
    assert list(words("en")) == sorted(words("en"))


def test_every_code_has_words_in_german_with_the_same_arguments() -> None:
    english, german = words("en"), words("de")
    assert list(german) == sorted(german)
    assert german.keys() == codes().keys()
    for code, text in german.items():
        assert set(PLACE.findall(text)) == set(PLACE.findall(english[code])), code
        assert text.strip() != "", code


def _findings() -> list[Wording]:
    """All that the checks find in the blueprints that are wrong, and in one that is right without its registers."""
    texts = [path.read_text("utf-8") for path in (*ZOO, GOLDEN)]
    found = [as_finding(finding).message for text in texts for finding in check_file(text).findings]
    assert len(found) > 500
    assert [one for one in found if not isinstance(one, Wording) or wording_value(one) is None] == []
    return [one for one in dict.fromkeys(found) if isinstance(one, Wording)]


def _times() -> list[Wording]:
    """Why something is due when it is."""
    london, start = working.calendar(), working.at("2026-12-23T15:00")
    spans = ("P2D", "PT4H", "PT90M", "P1DT1H", "P600D")
    said = [explain(london, f"business {span}", start).words for span in spans]
    moves = working.calendar(closed={f"2026-03-{day}": "Moving" for day in range(10, 28)})
    said.append(explain(moves, "business P2D", working.at("2026-03-06T15:00")).words)
    said.append(explain(working.calendar(), "business P5D", working.at("2026-03-26T15:00")).words)
    said += [elapsed("P14D", start, start + 14 * 24 * HOUR).words, elapsed("PT36H1M", start, None).words]
    nine = Schedule(("business day",), ("09:00",), "none")
    early = Schedule(("day",), ("01:30",), "none", zone="Europe/London")
    days = (
        ("2026-12-28", "2026-12-24", nine),
        ("2026-03-29", "2026-03-28", early),
        ("2026-10-25", "2026-10-24", early),
    )
    said += [occurring.told(schedule, on, since) for on, since, schedule in days]
    return said


def test_every_sentence_comes_out_in_both_languages(tmp_path: Path) -> None:
    """In English as the service says it: all that the checks find in the zoo, due times, and a sample of each code."""
    said = [spoken(one) for one in (*_findings(), *_times(), *_odd())]
    said += [sample(code, text) for code, text in codes().items() if code not in {**LISTS, **MOMENT}]
    path = tmp_path / "said.json"
    path.write_text(json.dumps(said), "utf-8")
    vitest("tests/wordings/wordings.test.ts", MUNIMENT_WORDINGS=str(path))


def _odd() -> list[Wording]:
    several = [as_it_is("`a`"), as_it_is("`b`"), as_it_is("`c`")]
    lists = [joined(several, code, between) for code, between in LISTS.items()]
    return [*lists, in_english("while scanning a quoted scalar")]


@pytest.mark.parametrize("wording", [as_it_is("`a`"), "a text", ""])
def test_what_reads_the_same_everywhere_has_no_wording(wording: str) -> None:
    assert wording_value(wording) is None


def test_an_answer_of_a_wording_is_plain_values() -> None:
    value: Any = wording_value(joined([as_it_is("x"), in_english("odd")]))
    assert value == {
        "code": "list.comma",
        "arguments": {"1": "x", "2": {"code": "english", "arguments": {"text": "odd"}}},
    }
    assert json.loads(json.dumps(value)) == value
