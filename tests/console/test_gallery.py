"""The gallery: every component in every state, accessible, within its window, and under the console's strict policy."""

import shutil
import subprocess
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Literal

import pytest
from playwright.sync_api import Browser

from tests.conftest import ROOT, missing
from tests.console.chromium import WIDTHS, Person, Window, open_window

CONSOLE = ROOT / "console"
VITE = CONSOLE / "node_modules" / "vite" / "bin" / "vite.js"
NONCE = "c29tZS1ub25jZQ"
POLICY = (
    f"default-src 'self'; script-src 'self'; style-src 'self' 'nonce-{NONCE}'; img-src 'self' data:;"
    " object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
)
OpenGallery = Callable[[Window], Person]


class Strict(SimpleHTTPRequestHandler):
    """Files under the policy of the console; the icon that browsers ask for is nothing."""

    def do_GET(self) -> None:
        if self.path == "/favicon.ico":
            self.send_response(204)
            self.end_headers()
            return
        super().do_GET()

    def end_headers(self) -> None:
        self.send_header("Content-Security-Policy", POLICY)
        super().end_headers()

    def log_message(self, *_said: object) -> None:
        """Quiet."""


@pytest.fixture(scope="module")
def gallery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the built gallery."""
    node = shutil.which("node")
    if node is None or not VITE.is_file():
        missing("node", "the console's packages are not installed")
    folder: Path = tmp_path_factory.mktemp("gallery")
    command = [str(node), str(VITE), "build", "-c", "vite.gallery.config.ts", "--outDir", str(folder)]
    built = subprocess.run(command, cwd=CONSOLE, check=False, capture_output=True, text=True, timeout=120)
    assert built.returncode == 0, built.stderr
    page = folder / "gallery.html"
    page.write_text(page.read_text("utf-8").replace("STYLE_NONCE", NONCE), "utf-8")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Strict, directory=str(folder)))
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def opened(chromium: Browser, gallery: str) -> Iterator[OpenGallery]:
    """Opens the gallery; at the end no window may have a fault."""
    people: list[Person] = []

    def opens(window: Window) -> Person:
        person = open_window(chromium, gallery, window)
        people.append(person)
        person.page.goto(f"{gallery}/gallery.html")
        person.page.get_by_role("heading", level=1).wait_for()
        person.page.locator(".skeleton").first.wait_for()
        return person

    yield opens
    faults = [fault for person in people for fault in person.faults]
    for person in people:
        person.context.close()
    assert faults == []


@pytest.mark.parametrize("width", WIDTHS)
def test_every_component_is_accessible_and_within_its_window(opened: OpenGallery, width: int) -> None:
    person = opened(Window(width=width))
    page = person.page
    assert (person.violations_in_both(), person.overflow()) == ([], 0)
    page.get_by_role("tab", name="One instance").click()
    page.get_by_role("button", name="Open the dialog").click()
    page.get_by_role("dialog").wait_for()
    assert (person.violations_in_both(), person.overflow()) == ([], 0)
    page.keyboard.press("Escape")
    shown: tuple[tuple[str, Literal["menu", "listbox"]], ...] = (("More", "menu"), ("Who decides", "listbox"))
    for name, role in shown:
        page.get_by_role("button", name=name).last.click()
        page.get_by_role(role).wait_for()
        assert (person.violations_in_both(), person.overflow()) == ([], 0)
        page.keyboard.press("Escape")
        page.get_by_role(role).wait_for(state="detached")
    page.get_by_role("tab", name="In plain words").click()
    assert (person.violations_in_both(), person.overflow()) == ([], 0)


def test_arrow_keys_follow_the_flow_of_a_drawing_and_enter_selects(opened: OpenGallery) -> None:
    page = opened(Window()).page
    page.get_by_role("button", name="Start", exact=True).focus()
    for key in ("ArrowDown", "ArrowDown", "ArrowDown", "ArrowDown", "ArrowRight", "Enter"):
        page.keyboard.press(key)
    pressed = page.locator("[data-node][aria-pressed=true]")
    assert pressed.evaluate_all("nodes => nodes.map(node => node.getAttribute('aria-label'))") == [
        "Job · added: Sanctions"
    ]
    assert page.evaluate("() => document.activeElement.getAttribute('data-node')") == "sanctions"


_HERE = """() => {
    const at = document.activeElement
    const row = at.closest('tr')
    return [at.tagName, row?.dataset.key ?? (row === null ? null : 'head'), at.closest('td, th')?.cellIndex ?? null]
}"""


def test_a_table_is_one_stop_of_the_tab_key_and_walked_with_the_arrow_keys(opened: OpenGallery) -> None:
    page = opened(Window()).page
    keys, here = page.keyboard, lambda: page.evaluate(_HERE)
    table = page.get_by_role("grid", name="Tasks to claim")
    rows = table.get_by_role("row")
    count = rows.count() - 1
    page.get_by_role("grid", name="Tasks", exact=True).get_by_role("row").nth(1).focus()
    keys.press("Tab")
    assert here() == ["TR", "1", None]  # of the next table, and nothing between
    for key, place in (
        ("ArrowDown", ["TR", "2", None]),
        ("ArrowRight", ["INPUT", "2", 0]),
        ("ArrowRight", ["TH", "2", 1]),
        ("ArrowUp", ["TH", "1", 1]),
        ("ArrowUp", ["TH", "head", 1]),
        ("ArrowDown", ["TH", "1", 1]),
        ("ArrowLeft", ["INPUT", "1", 0]),
        ("ArrowLeft", ["TR", "1", None]),
        ("End", ["TR", str(count), None]),
        ("ArrowDown", ["TR", str(count), None]),
        ("Home", ["TR", "1", None]),
    ):
        keys.press(key)
        assert here() == place, key
    keys.press("Shift+Tab")
    assert page.evaluate("() => document.activeElement.closest('table')?.ariaLabel") != "Tasks to claim"
    keys.press("Tab")
    assert here() == ["TR", "1", None]
    keys.press("Tab")
    assert not table.evaluate("table => table.contains(document.activeElement)")


def test_rows_are_ticked_by_key_by_box_and_all_at_once(opened: OpenGallery) -> None:
    page = opened(Window()).page
    table = page.get_by_role("grid", name="Tasks to claim")
    rows = table.get_by_role("row")
    everything = rows.count() - 1

    def ticked() -> list[int]:
        return [at for at in range(1, everything + 1) if rows.nth(at).get_attribute("aria-selected") == "true"]

    assert ticked() == [2]
    rows.nth(1).focus()
    page.keyboard.press("Space")
    assert ticked() == [1, 2]
    rows.nth(2).locator("label").click()
    assert ticked() == [1]
    all_of_them = table.get_by_role("checkbox", name="Select all rows")
    assert all_of_them.evaluate("box => box.indeterminate")
    page.keyboard.press("Escape")
    assert ticked() == []
    page.keyboard.press("Control+a")
    assert (len(ticked()), all_of_them.is_checked()) == (everything, True)
    all_of_them.press("Space")
    assert ticked() == []


def test_a_column_is_sorted_by_its_title_and_a_row_is_followed(opened: OpenGallery) -> None:
    page = opened(Window()).page
    table = page.get_by_role("grid", name="Tasks", exact=True)
    due = table.get_by_role("columnheader", name="Due")
    assert due.get_attribute("aria-sort") == "ascending"
    due.click()
    assert due.get_attribute("aria-sort") == "descending"
    due.press("Enter")
    assert due.get_attribute("aria-sort") == "ascending"
    instance = table.get_by_role("columnheader", name="Instance")
    instance.press("Space")
    assert (instance.get_attribute("aria-sort"), due.get_attribute("aria-sort")) == ("ascending", "none")
    table.get_by_role("row").nth(2).press("Enter")
    page.wait_for_url("**/*#2")
    table.get_by_role("row").nth(1).click()
    page.wait_for_url("**/*#1")


def test_language_zone_and_appearance_are_chosen_and_remembered(opened: OpenGallery) -> None:
    page = opened(Window()).page
    page.get_by_role("button", name="Time zone").last.click()
    page.keyboard.type("Tokyo")
    page.get_by_role("option", name="Asia/Tokyo").click()
    page.get_by_role("button", name="Appearance").click()
    page.get_by_role("option", name="Dark").click()
    page.get_by_role("button", name="Language").click()
    page.get_by_role("option", name="Deutsch").click()
    for _ in range(2):
        page.get_by_text("23. Nov. 2026, 02:30").first.wait_for()
        page.get_by_role("button", name="Filter zurücksetzen").wait_for()
        assert page.evaluate("() => [document.documentElement.lang, document.documentElement.dataset.scheme]") == [
            "de",
            "dark",
        ]
        assert page.evaluate("() => getComputedStyle(document.body.parentElement).backgroundColor") == "rgb(20, 23, 28)"
        page.reload()


def test_a_signature_box_hands_over_a_password_once_and_keeps_nothing(opened: OpenGallery) -> None:
    page = opened(Window()).page
    box = page.get_by_role("region", name="Signature", exact=True).first
    box.get_by_text("Password and code").click()
    sign = box.get_by_role("button", name="Sign and approve")
    assert sign.is_disabled()
    box.get_by_label("Your password").fill("a password")
    box.get_by_label("Code (required)").fill("123 456")
    sign.click()
    box.get_by_text("Working").wait_for(state="attached")
    assert box.get_by_label("Your password").input_value() == ""
    assert box.get_by_label("Code (required)").input_value() == ""
