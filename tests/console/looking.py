"""What holds on every page, whoever looks and however: each check gives what it found wrong, in words."""

import json
import re
from functools import cache
from typing import Any

from tests.conftest import ROOT
from tests.console.chromium import HEIGHT, SCHEMES, WIDTHS, Person
from tests.console.wordings import words as wordings

STOPS_MAX = 150  # of the Tab key: a page with more of them is looked at as far as this
WORDS = ROOT / "console" / "src" / "i18n"
# Names, and months and units that are written alike in both languages.
NAMES = frozenset(("muniment", "europe", "lisbon", "utc", "gmt", "demo", "english", "deutsch"))
MONTHS = frozenset(("jan", "feb", "apr", "aug", "sep", "sept", "nov", "april", "august", "september", "november"))
UNITS = frozenset(("min",))
_WORD = re.compile(r"[^\W\d_]{3,}")
_DIGEST = re.compile(r"\S*\d\S*|\S+\.\w\S*|\S*\u2026\S+")  # digests, names of files: no words of ours
_ARGUMENT = re.compile(r"\{[^{}]*\}")

_HEADINGS = """() => {
    const found = []
    const headings = [...document.querySelectorAll('h1')].map(one => one.textContent.trim())
    if (headings.length !== 1 || headings[0] === '') found.push(`headings: ${JSON.stringify(headings)}`)
    if (!/^\\S.* · Muniment$/.test(document.title) && !document.title.includes(headings[0]))
        found.push(`title: ${document.title}`)
    return found
}"""
_FOCUSED = """() => {
    const at = document.activeElement
    if (at === null || at === document.body) return null
    window.stops ??= new WeakSet()
    if (window.stops.has(at)) return null
    window.stops.add(at)
    const name = `${at.tagName} ${(at.getAttribute('aria-label') ?? at.textContent).trim().slice(0, 60)}`
    const isRinged = one => {
        const style = getComputedStyle(one)
        if (one instanceof SVGElement)
            return [...one.querySelectorAll('*')].some(part => parseFloat(getComputedStyle(part).strokeWidth) >= 3)
        return (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2) || style.boxShadow !== 'none'
    }
    const sticky = one => {
        for (let up = one; up !== null; up = up.parentElement)
            if (['sticky', 'fixed'].includes(getComputedStyle(up).position)) return up
        return null
    }
    const around = [at, at.parentElement, at.parentElement?.parentElement, at.closest('label')].filter(one => one)
    const ringed = around.find(isRinged)
    const found = []
    if (ringed === undefined) found.push(`no mark of the focus: ${name}`)
    const box = (ringed ?? at).getBoundingClientRect()
    const top = document.elementFromPoint(box.left + box.width / 2, box.top + 2)
    const over = top === null || top.contains(at) || at.contains(top) || ringed?.contains(top) ? null : sticky(top)
    if (over !== null && !over.contains(at)) found.push(`focus under the top line: ${name}`)
    if (box.bottom <= 0 || box.top >= innerHeight) found.push(`focus out of sight: ${name}`)
    return found
}"""
_WIDE = """() => document.documentElement.scrollWidth <= innerWidth ? [] : [...document.querySelectorAll('body *')]
    .filter(one => one.getBoundingClientRect().right > innerWidth + 1)
    .slice(0, 5).map(one => `${one.tagName} ${one.className} ${one.textContent.slice(0, 40)}`)"""
_TEXTS = """() => {
    const shown = []
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    for (let node = walker.nextNode(); node !== null; node = walker.nextNode())
        if (node.parentElement.closest('script, style, noscript, [translate=no]') === null) shown.push(node.data)
    for (const name of ['aria-label', 'aria-description', 'title', 'placeholder', 'alt'])
        for (const one of document.querySelectorAll(`[${name}]`)) shown.push(one.getAttribute(name))
    return [document.title, ...shown].map(one => one.trim()).filter(one => one !== '')
}"""


def however(person: Person) -> list[str]:
    """Light and dark, wide and narrow: access, sideways scroll, headings; and what the page said on the way."""
    found: list[str] = person.page.evaluate(_HEADINGS)
    for width in WIDTHS:
        person.page.set_viewport_size({"width": width, "height": HEIGHT})
        for scheme in SCHEMES:
            person.look(scheme)
            found += [f"{width} {scheme}: {one}" for one in person.violations()]
        if person.overflow():
            found.append(f"{width}: {person.overflow()} pixels too wide: {wide_parts(person)}")
    return found + person.faults


def wide_parts(person: Person) -> Any:
    """What stands out at the side."""
    return person.page.evaluate(_WIDE)


def focus(person: Person) -> list[str]:
    """By the Tab key through the whole page and back: the focus is seen at every stop, and never under the top line."""
    found: list[str] = []
    person.page.evaluate("() => { scrollTo(0, 0); document.activeElement?.blur(); delete window.stops }")
    stops = 0
    for key in ("Tab", "Shift+Tab"):
        for _ in range(STOPS_MAX):
            person.page.keyboard.press(key)
            told = person.page.evaluate(_FOCUSED)
            if told is None:
                break
            stops += 1
            found += [f"{key}: {one}" for one in told]
        person.page.evaluate("() => { delete window.stops }")
    return found if stops else ["nothing can be reached by the Tab key"]


def texts(person: Person) -> list[str]:
    """Everything that the page says, seen or heard."""
    shown: list[str] = person.page.evaluate(_TEXTS)
    return shown


@cache
def messages(language: str) -> dict[str, str]:
    """Every message of a language."""
    told: dict[str, str] = {}
    for file in sorted((WORDS / language).glob("*.json")):
        told.update(json.loads(file.read_text("utf-8")))
    return told


@cache
def vocabulary(language: str) -> frozenset[str]:
    """Every word of our messages in a language."""
    told = [*messages(language).values(), *wordings(language).values()]
    return words(_ARGUMENT.sub(" ", text) for text in told)


def words(some: Any) -> frozenset[str]:
    """The words in texts, in small letters."""
    return frozenset(word for text in some for word in _WORD.findall(_DIGEST.sub(" ", text).lower()))


def untranslated(german: list[str], english: list[str], data: frozenset[str]) -> list[str]:
    """What a page in German says in English: a key without its message, a word of ours, one that no file of words has.

    `data` is what the server told: names, reasons and words of processes are in the language of whoever wrote them.
    """
    keys = [text for text in german if text in messages("en")]
    ours = words(english) | vocabulary("en")
    known = vocabulary("de") | data | NAMES | MONTHS | UNITS
    return [f"a key: {key}" for key in keys] + [
        f"{sorted(left)} in: {text}" for text in german if (left := (words([text]) & ours) - known)
    ]
