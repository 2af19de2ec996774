"""What the service tells by code has words for people in each language of the console; its prose is marked English."""

import json
import re

import pytest

from api import problems
from ledger.refusal import Reason
from orchestrator import entries
from orchestrator.instance import ACTIVE, CANCELLED, ENDED
from orchestrator.transition_values import KINDS as TRANSITIONS
from tests.conftest import ROOT
from versioning.change import Status

PROBLEMS = {
    value
    for name, value in vars(problems).items()
    if isinstance(value, str) and name == value and re.fullmatch(r"[A-Z_]+", value)
}
MACHINES_ONLY = {problems.NO_COMMAND_ID, problems.NOT_JSON}  # a page always sends one, and no page is a hook's sender


@pytest.mark.parametrize("language", ["en", "de"])
def test_every_reason_has_words(language: str) -> None:
    told = json.loads((ROOT / "console" / "src" / "i18n" / language / "reasons.json").read_text("utf-8"))
    codes = {reason.value for reason in Reason} | (PROBLEMS - MACHINES_ONLY)
    assert len(codes) > 50
    wanted = {f"reason.{code.lower().replace('_', '-')}.{part}" for code in codes for part in ("what", "do")}
    assert wanted - set(told) == set()
    assert all(text.strip() == text and text.endswith(".") for text in told.values())


FOUND = {
    "instances.status": {ACTIVE, CANCELLED, ENDED},
    "changes.status": {status.value.replace(" ", "-") for status in Status},
    "search.task": {"offered", "claimed"},
    "search.person": {"active", "left"},
}
"""What search tells by code."""


@pytest.mark.parametrize("language", ["en", "de"])
def test_every_status_that_search_tells_has_words(language: str) -> None:
    folder = ROOT / "console" / "src" / "i18n" / language
    told = {key for path in folder.glob("*.json") for key in json.loads(path.read_text("utf-8"))}
    wanted = {f"{place}.{code}" for place, codes in FOUND.items() for code in codes}
    assert wanted - told == set()


def test_what_the_server_says_in_prose_is_marked_as_english() -> None:
    element = re.compile(r"<\w+(?:[^<>]|=>)*?\bserver-words\b(?:[^<>]|=>)*>")
    found = [
        (path.name, tag)
        for path in (ROOT / "console" / "src").rglob("*.tsx")
        for tag in element.findall(path.read_text("utf-8"))
    ]
    assert found, "nothing is marked: the pattern no longer finds what it looks for"
    assert [one for one in found if 'lang="en"' not in one[1]] == []


def test_what_the_server_says_by_a_code_is_marked_where_it_stays_english() -> None:
    source = {path.name: path.read_text("utf-8") for path in (ROOT / "console" / "src").rglob("*.tsx")}
    assert sum(text.count("<ServerWords") for text in source.values()) > 10
    said = source["states.tsx"].partition("export function ServerWords")[2]
    # Until the words have come, where there are none, and what is told in English alone.
    assert re.findall(r"<(?:span|Fragment)[^>]*>\s*\{coded\(([a-z.]+)\)\}", said) == [
        "text",
        "piece.text",
        "piece.text",
    ]
    assert re.findall(r'<span[^>]*lang="en"[^>]*>\s*\{coded\(([a-z.]+)\)\}', said) == ["text", "piece.text"]


INSTANCES = ROOT / "console" / "src" / "features" / "instances"
ENTRIES = {kind for name, kind in vars(entries).items() if name.isupper() and isinstance(kind, str)}
ELSEWHERE = {"bulk.started", "schedule.set", "schedule.occurred", "schedule.ended", "message.kept", "message.expired"}
"""Entry kinds of this room that stand in the history of no instance."""


@pytest.mark.parametrize("language", ["en", "de"])
def test_every_kind_of_a_timeline_has_words(language: str) -> None:
    source = "".join((INSTANCES / name).read_text("utf-8") for name in ("timeline.ts", "followed.ts"))
    told = json.loads((ROOT / "console" / "src" / "i18n" / language / "timeline.json").read_text("utf-8"))
    for part, kinds in (("said", set(TRANSITIONS) - {"child.requested"}), ("kind", ENTRIES - ELSEWHERE)):
        assert len(kinds) > 25
        drawn = dict(re.findall(rf'"([a-z._]+)": "(timeline\.{part}\.[a-z-]+)"', source))
        assert kinds - set(drawn) == set()
        assert set(drawn.values()) - set(told) == set()
