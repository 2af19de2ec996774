"""How the screens look, compared with kept pictures: one history, one clock that stands, one zone, the bundled font.

`MUNIMENT_GOLDEN=write` keeps what is drawn (`make golden`). Another version of the browser draws letters otherwise:
then nothing is compared, and the test is skipped by name.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from ledger.clock import SECOND, Instant, parse_instant
from tests.api.organisation import LaterClock
from tests.conftest import missing
from tests.console.chromium import Person, Window
from tests.console.comparing import IS_WRITING, Pictures
from tests.console.places import EXAMPLES, registry
from tests.console.served import serving
from tests.console.standing import Standing
from tests.demo_organisation import found_demo

pytestmark = pytest.mark.browser

KEPT = Path(__file__).parent / "pictures"
ENDS = parse_instant("2026-11-20T15:00:00.000000Z")
NOW = Instant(ENDS + 60 * SECOND)
HEIGHT = 900
PATHS = frozenset(screen.path for screen in registry())

LIGHT = (
    "access", "account", "authorities", "blueprints/:id", "changes", "changes/:id", "incidents", "instances",
    "instances/:id", "ledger/verify", "overview", "tasks/:id",
)  # fmt: skip
DARK = ("changes/:id", "inbox", "instances/:id", "ledger", "overview", "tasks/:id")
PRINT = ("changes/:id", "overview")

# Keys are made anew with every founding, and with them every digest, signature and key name.
_MASKED = """() => {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    const made = /[A-Za-z0-9_+/=-]{3,}\\u2026[A-Za-z0-9_+/=-]{3,}|[A-Za-z0-9_+/-]{24,}=*/g
    for (let node = walker.nextNode(); node !== null; node = walker.nextNode())
        node.data = node.data.replace(made, all => '\\u2026'.padEnd(Math.min(all.length, 12), '0'))
}"""


class StandingClock(LaterClock):
    """Stands a minute after the end of the history."""

    def wall(self) -> Instant:
        return NOW


@pytest.fixture(scope="module")
def told(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standing]:
    """The demo, told to the same end whenever it is founded."""
    demo = found_demo(tmp_path_factory.mktemp("pictures"), ENDS)
    clock = StandingClock(0)
    with serving(demo.settings, clock=clock) as house:
        house.service.reader._clock = clock  # of what is read; the other is of what is written
        opened = Standing(chromium, house)
        yield opened
        opened.close()


@pytest.fixture
def pictures(chromium: Browser) -> Iterator[Pictures]:
    """The kept ones, drawn by this very browser."""
    opened = Pictures.opened(KEPT, chromium)
    if IS_WRITING:
        KEPT.mkdir(exist_ok=True)
        (KEPT / "BROWSER").write_text(f"{chromium.version}\n")
    elif opened.made_with != chromium.version:
        missing("pictures", f"kept ones were drawn by Chromium {opened.made_with}, here is {chromium.version}")
    yield opened
    opened.table.close()


def seen(told: Standing, path: str, scheme: str) -> Person:
    """A screen at the moment at which the history stands."""
    example = EXAMPLES[path]
    key = (example.who, Window(width=1280, scheme=scheme))
    if key not in told.windows:
        person = told.windows[key] = told.fresh(*key)
        person.context.clock.set_fixed_time(NOW / 1_000_000)
    person = told.windows[key]
    person.page.set_viewport_size({"width": 1280, "height": HEIGHT})
    person.open(f"/console/{example.address(told)}")
    person.page.evaluate("() => document.fonts.ready")
    return person


def drawn(person: Person) -> bytes:
    """What the window shows, with what is made anew masked."""
    person.page.evaluate(_MASKED)
    return person.page.screenshot(animations="disabled", caret="hide", scale="css")


def compared(told: Standing, pictures: Pictures, screen: tuple[str, str]) -> str | None:
    """What differs, of two drawings: a border that lies between two pixels is rounded to either on a busy machine."""
    path, scheme = screen
    found: str | None = None
    for _ in range(2):
        person = seen(told, path, scheme)
        found = pictures.compare(f"{name_of(path)}-{scheme}", drawn(person))
        assert person.faults == []
        if found is None:
            break
    return found


def test_screens_look_as_they_did_golden(told: Standing, pictures: Pictures) -> None:
    wanted = [(path, scheme) for scheme, paths in (("light", LIGHT), ("dark", DARK)) for path in paths]
    found = []
    for path, scheme in wanted:
        if path in PATHS:
            found.append(compared(told, pictures, (path, scheme)))
    for path in PRINT:
        if path in PATHS:
            person = seen(told, path, "light")
            person.page.set_viewport_size({"width": 720, "height": 1_000})
            person.page.emulate_media(media="print")
            found.append(pictures.compare(f"{name_of(path)}-print", drawn(person)))
            person.page.emulate_media(media="screen")
    assert [one for one in found if one is not None] == []


def name_of(path: str) -> str:
    """The path as a file's name."""
    return path.replace("/:", "-").replace("/", "-")
