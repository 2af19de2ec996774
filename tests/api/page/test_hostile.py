"""Names and values from outside are shown as text, whatever they look like."""

import json
import re
from html import escape, unescape
from typing import Any

import pytest
from lxml import html

from api.page.showing import visible
from tests.api.organisation import House
from tests.api.page.browser import hidden, signed_in
from tests.api.work import start
from tests.conftest import CASES

ELEMENTS = frozenset(
    (
        "html", "head", "meta", "title", "link", "body", "header", "div", "span", "nav", "form", "input", "button",
        "main", "section", "h1", "h2", "p", "strong", "em", "bdi", "code", "dl", "dt", "dd", "ul", "ol", "li", "table",
        "thead", "tbody", "tr", "th", "td", "time", "details", "summary", "fieldset", "legend", "label", "textarea",
        "select", "option", "br", "q", "blockquote", "a",
    )
)  # fmt: skip
ATTRIBUTES = re.compile(r"on|style|src|srcdoc|srcset|formaction|xlink")


def strings() -> list[str]:
    texts = json.loads((CASES / "hostile-strings" / "blns.json").read_text())
    return [text for text in texts if (text and text.isprintable()) or "\t" in text]


def check(text: str) -> None:
    """Only our own elements and attributes stand in the page."""
    for element in html.fromstring(text).iter():
        assert element.tag in ELEMENTS
        for name, value in element.attrib.items():
            assert ATTRIBUTES.match(name) is None, (name, value)
            if name in ("href", "action"):
                assert value.startswith(("/", "#")), value


@pytest.mark.cases
def test_hostile_strings_are_text(house: House) -> None:
    texts = strings()
    browser = signed_in(house, "budget-owner-1")
    for part in range(0, len(texts), 60):
        some = texts[part : part + 60]
        lines = [{"item": text, "quantity": 1} for text in some]
        supplier = {"name": some[0], "tax_number": some[-1]}
        instance = start(house, lines=lines, supplier=supplier, mismatches=some[:20])
        tasks: list[Any] = house.get(f"/v1/process-instances/{instance}", "budget-owner-1").json()["tasks"]
        for path in (f"/instances/{instance}", f"/tasks/{tasks[0]['id']}"):
            page = browser.get(path)
            assert page.status_code == 200
            check(page.text)
            for text in some:
                assert escape(visible(text)).replace("&#x27;", "&#39;").replace("&quot;", "&#34;") in page.text


@pytest.mark.cases
def test_a_hostile_reason_comes_back_as_it_was(house: House) -> None:
    browser = signed_in(house, "budget-owner-1")
    instance = start(house)
    task = house.get(f"/v1/process-instances/{instance}", "budget-owner-1").json()["tasks"][0]["id"]
    fields = hidden(browser.get(f"/tasks/{task}"))
    for reason in [text for text in strings() if "<" in text][:25]:
        answer = browser.post(f"/tasks/{task}/statement", {**fields, "outcome": "approve", "reason": reason})
        check(answer.text)
        assert unescape(hidden(answer)["reason"]) == unescape(reason)
        fields = hidden(browser.get(f"/tasks/{task}"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        ("Grüße, 東京, مرحبا", "Grüße, 東京, مرحبا"),
        ("pay\u202e001", "pay[U+202E]001"),
        ("a\u0000b\u001bc", "a[U+0000]b[U+001B]c"),
        ("line\nline\tend", "line\nline\tend"),
        ("soft\u00adhyphen", "soft[U+00AD]hyphen"),
    ],
)
def test_what_hides_is_made_visible(text: str, expected: str) -> None:
    assert visible(text) == expected
