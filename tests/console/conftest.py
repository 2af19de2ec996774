"""A browser for the tests here, a served organisation for those of one module, and windows without faults."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from api.console import STATIC
from api.settings import Settings
from tests.api import conftest as beside
from tests.api.organisation import House, copied
from tests.conftest import missing
from tests.console.chromium import ARGUMENTS, BRIEFLY, PATIENCE_MILLISECONDS, Person, Window, executable
from tests.console.passkey import with_authenticator
from tests.console.served import serving
from tests.console.standing import Standing
from tests.console.windows import Windows
from tests.demo_organisation import Demo, copied_demo, demo

__all__ = ["demo"]

OpenWindow = Callable[..., Person]

founded = beside.founded


@pytest.fixture(scope="package")
def chromium(request: pytest.FixtureRequest) -> Iterator[Browser]:
    """Closed with this package: while Playwright's loop is open in a thread, no other loop can run there."""
    path = executable()
    if path is None:
        missing("browser", "no Chromium or Chrome was found")
    if not (STATIC / "index.html").is_file():
        missing("node", "the console is not built")
    expect.set_options(timeout=PATIENCE_MILLISECONDS)
    with sync_playwright() as playwright:
        # The long tests measure: their browser is as people have it.
        arguments = ARGUMENTS if request.config.getoption("--run-long") else (*ARGUMENTS, BRIEFLY)
        browser = playwright.chromium.launch(executable_path=path, args=list(arguments), chromium_sandbox=False)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def served(founded: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder: Path = tmp_path_factory.mktemp("served") / "data"
    with serving(copied(founded, folder)) as house:
        yield house


@pytest.fixture(scope="package")
def windows(chromium: Browser) -> Windows:
    """Closed with the browser."""
    return Windows(chromium)


@pytest.fixture
def window(windows: Windows, served: House) -> Iterator[OpenWindow]:
    """Opens windows: `window(width=320, scheme="dark")`. At the end none of them may have a fault."""
    opened: list[Person] = []

    def opens(**looks: str | int) -> Person:
        person = windows.open(str(served.client.base_url).rstrip("/"), Window(**looks))  # type: ignore[arg-type]
        opened.append(person)
        return person

    yield opens
    faults = [fault for person in opened for fault in person.faults]
    for person in opened:
        windows.close(person)
    assert faults == []


@pytest.fixture
def local(window: OpenWindow) -> Person:
    """A window at `localhost`, where passkeys work without TLS, with an authenticator of its own."""
    person = window(host="localhost")
    with_authenticator(person)
    return person


@pytest.fixture(scope="package")
def standing(chromium: Browser, demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standing]:
    """The demo with its history, served once for all that look at it; nobody decides anything in it."""
    folder = tmp_path_factory.mktemp("standing") / "data"
    with serving(copied_demo(demo, folder).settings) as house:
        opened = Standing(chromium, house)
        yield opened
        opened.close()


Provoked = Callable[..., None]


@pytest.fixture
def provoked(window: OpenWindow) -> Iterator[Provoked]:
    """What a test provokes in a window is no fault of the page: `provoked(person, "401")`. Settled before it closes."""
    said: list[tuple[Person, tuple[str, ...]]] = []

    def forgive(person: Person, *texts: str) -> None:
        said.append((person, texts))

    yield forgive
    for person, texts in said:
        person.faults[:] = [fault for fault in person.faults if not any(text in fault for text in texts)]
