"""Budgets that the build cannot see, on a processor slowed four times. Times of a shared machine: the best of three."""

import pytest

from tests.console.chromium import Window
from tests.console.places import EXAMPLES, Screen, registry
from tests.console.standing import Standing

pytestmark = [pytest.mark.browser, pytest.mark.long]

SCREENS = [screen for screen in registry() if screen.path in EXAMPLES]
SLOWER = 4
TRIES = 3
PAINTED_MAX = 1_200.0  # ms to the first contentful paint (docs/reference/console.md)
READY_MAX = 2_000.0  # ms until the content stands
SELECTED_MAX = 100.0  # ms from the key to the step that is shown as selected
_WATCH = """
    new MutationObserver(() => {
        const isReady = document.querySelector('h1') !== null && document.querySelector('.loading') === null
        window.readyAt = isReady ? (window.readyAt ?? performance.now()) : undefined
    }).observe(document, { childList: true, subtree: true, attributes: true })
"""
_PAINTED = "() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Infinity"
_SELECTED = """() => new Promise(resolve => {
    const begun = performance.now()
    let chosen = ''
    const seen = new MutationObserver(() => {
        if (document.querySelector(`[data-node="${chosen}"][aria-pressed="true"]`) === null) return
        requestAnimationFrame(() => resolve(performance.now() - begun))
        seen.disconnect()
    })
    seen.observe(document.body, { subtree: true, attributes: true, childList: true })
    const step = document.querySelector('[data-node][aria-pressed="false"]')
    chosen = step.getAttribute('data-node')
    step.dispatchEvent(new MouseEvent('click', { bubbles: true }))
})"""


@pytest.mark.parametrize("screen", SCREENS, ids=[screen.path for screen in SCREENS])
def test_a_screen_is_painted_and_read_in_time(standing: Standing, screen: Screen) -> None:
    example = EXAMPLES[screen.path]
    painted, ready = [], []
    for _ in range(TRIES):
        person = standing.fresh(example.who)
        person.context.add_init_script(_WATCH)
        slow = person.context.new_cdp_session(person.page)
        slow.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        person.open(f"/console/{example.address(standing)}")
        painted.append(person.page.evaluate(_PAINTED))
        ready.append(person.page.evaluate("() => window.readyAt"))
        person.context.close()
    assert min(painted) <= PAINTED_MAX
    assert min(ready) <= READY_MAX


def test_a_step_is_selected_at_once(standing: Standing) -> None:
    person = standing.fresh(EXAMPLES["instances/:id"].who, Window())
    took = []
    for _ in range(TRIES):
        person.open(f"/console/{EXAMPLES['instances/:id'].address(standing)}")
        slow = person.context.new_cdp_session(person.page)
        slow.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        took.append(person.page.evaluate(_SELECTED))
        slow.detach()
    person.context.close()
    assert min(took) <= SELECTED_MAX
