"""Every screen at every width, in both languages, with much data: nothing stands out at the side, no text is cut, and
what can be hit is as large as a finger needs it.
"""

import pytest

from tests.console.chromium import Person
from tests.console.places import EXAMPLES, Screen, registry
from tests.console.standing import Standing

pytestmark = pytest.mark.browser

SCREENS = [screen for screen in registry() if screen.path in EXAMPLES]
each_screen = pytest.mark.parametrize("screen", SCREENS, ids=[screen.path for screen in SCREENS])
WIDTHS = (360, 480, 600, 768, 900, 1024, 1280, 1920)
LANGUAGES = ("en-GB", "de-DE")
HEIGHT = 900
TARGET_MIN = 24  # pixels either way, WCAG 2.2, 2.5.8; links within a sentence apart

_DRAWN = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
_CUT = """() => {
    const isSeen = one => {
        const box = one.getBoundingClientRect(), style = getComputedStyle(one)
        return box.width > 2 && box.height > 2 && style.visibility === 'visible' && style.clipPath === 'none'
    }
    const said = one => `${one.tagName} ${one.className}: ${one.innerText.trim().slice(0, 50)}`
    const hides = (flow, more) => ['hidden', 'clip'].includes(flow) && more > 1
    return [...document.querySelectorAll('body *')].filter(one => {
        if (!(one instanceof HTMLElement) || one.innerText.trim() === '' || !isSeen(one)) return false
        const style = getComputedStyle(one)
        return hides(style.overflowX, one.scrollWidth - one.clientWidth)
            || hides(style.overflowY, one.scrollHeight - one.clientHeight)
    }).map(said)
}"""
_OUT = """() => {
    const found = []
    for (const one of document.querySelectorAll('dd, dt, td, th, li, p, .pane, .button, .tag')) {
        const style = getComputedStyle(one)
        if (one.clientWidth <= 2 || style.clipPath !== 'none' || style.visibility !== 'visible') continue
        if (style.overflowX !== 'visible' || style.display === 'inline') continue
        const more = one.scrollWidth - one.clientWidth
        if (more > 1) found.push(`${more} px: ${one.tagName} ${one.className}: ${one.innerText.trim().slice(0, 50)}`)
    }
    return found
}"""
_SMALL = """least => {
    const found = []
    const all = 'a[href], button, summary, input, select, textarea, [role=tab], [role=option], [role=menuitem]'
    for (const one of document.querySelectorAll(all)) {
        if (one.closest('.visually-hidden, [aria-hidden=true], .skip') !== null) continue
        const style = getComputedStyle(one), label = one.closest('label'), drop = one.closest('.drop')
        const box = (label ?? drop ?? one).getBoundingClientRect()
        if (box.width <= 2 || box.height <= 2 || style.visibility !== 'visible') continue
        const around = one.parentElement.innerText.trim()
        if (style.display === 'inline' && around !== one.innerText.trim()) continue
        if (box.width < least - 0.5 || box.height < least - 0.5) {
            const name = (one.getAttribute('aria-label') ?? one.innerText ?? '').trim().slice(0, 50)
            found.push(`${Math.round(box.width)} x ${Math.round(box.height)}: ${one.tagName} ${name}`)
        }
    }
    return found
}"""


def wrong(person: Person, width: int) -> list[str]:
    """What is wrong at this width."""
    person.page.set_viewport_size({"width": width, "height": HEIGHT})
    person.page.evaluate(_DRAWN)
    found = [f"{width}: cut off: {one}" for one in person.page.evaluate(_CUT)]
    found += [f"{width}: sticks out: {one}" for one in person.page.evaluate(_OUT)]
    found += [f"{width}: too small: {one}" for one in person.page.evaluate(_SMALL, TARGET_MIN)]
    wide = person.overflow()
    return [*found, f"{width}: {wide} pixels too wide"] if wide else found


@each_screen
def test_a_screen_fits_at_every_width_in_both_languages(standing: Standing, screen: Screen) -> None:
    example = EXAMPLES[screen.path]
    found = []
    for language in LANGUAGES:
        person = standing.window(example.who, language=language)
        person.open(f"/console/{example.address(standing)}")
        found += [f"{language} {one}" for width in WIDTHS for one in wrong(person, width)]
    assert found == []


SPOILT = {
    "sticks out": "document.querySelector('main .button').style.cssText = 'inline-size: 40px; white-space: nowrap'",
    "cut off": "document.querySelector('h1').style.cssText = 'inline-size: 9px; overflow: hidden; white-space: nowrap'",
    "too small": "const one = document.querySelector('main button'); one.style.cssText = 'all: unset; font-size: 6px'",
    "too wide": "document.querySelector('h1').style.minInlineSize = '1500px'",
}
"""What is to be found, and what breaks it."""


@pytest.mark.parametrize("what", SPOILT)
def test_what_does_not_fit_is_found(standing: Standing, what: str) -> None:
    person = standing.fresh("auditor")
    person.open("/console/instances")
    person.page.evaluate(f"() => {{ {SPOILT[what]} }}")
    assert any(what in one for one in wrong(person, 1280))
    person.context.close()
