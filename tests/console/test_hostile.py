"""Published hostile strings in every field and in what is shown: nothing runs, text is text, the layout holds."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Dialog, Page

from api.settings import Settings
from api.showing import visible
from tests.api.organisation import WORD, House, copied
from tests.api.work import FINANCE, intake, invoice
from tests.conftest import CASES
from tests.console import looking
from tests.console.chromium import Person
from tests.console.conftest import OpenWindow
from tests.console.places import EXAMPLES, Screen, registry
from tests.console.served import serving
from tests.console.standing import Standing

pytestmark = [pytest.mark.browser, pytest.mark.cases]

SCREENS = [screen for screen in registry() if screen.path in EXAMPLES]
WHO, READER = "budget-owner-1", "auditor"
NARROW = 320
PART = 60  # strings that are shown, or typed into a field, at once
KEYS = 24  # instances whose business key is a hostile string
CHARACTERS_MAX = 3_000  # typed into one field: an address holds no more


def strings() -> list[str]:
    """Those that a line of text can hold."""
    texts = json.loads((CASES / "hostile-strings" / "blns.json").read_text("utf-8"))
    return [text for text in texts if text.strip() and text.isprintable()]


def dangerous() -> list[str]:
    """Those that look like markup or script."""
    return [text for text in strings() if "<" in text or "javascript:" in text]


@pytest.fixture(scope="module")
def served(founded: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """An organisation whose data are hostile."""
    folder: Path = tmp_path_factory.mktemp("hostile") / "data"
    with serving(copied(founded, folder)) as house:
        yield house


def start(house: House, key: str, some: list[str]) -> str | None:
    """An instance with this business key and these texts in its data; None when such a key is refused."""
    lines = [{"item": text, "quantity": 1} for text in some]
    data = invoice(house, lines=lines, supplier={"name": some[0], "tax_number": some[-1]}, mismatches=some[1:6])
    body = {"blueprint": "invoice-approval", "business_key": key, "data": data, "domain": FINANCE}
    answer = house.post("/v1/process-instances", intake(house), body)
    assert answer.status_code in (200, 422), answer.text
    return str(answer.json()["instance"]) if answer.status_code == 200 else None


Watch = Callable[[Person], Person]


@pytest.fixture
def watch() -> Iterator[Watch]:
    """A dialog that a page opens is a fault: none of ours asks by one. The next test has the window without this."""
    watched: list[tuple[Page, Callable[[Dialog], None]]] = []

    def begin(person: Person) -> Person:
        def on_dialog(dialog: Dialog) -> None:
            person.faults.append(f"dialog: {dialog.message}")
            dialog.dismiss()

        person.page.on("dialog", on_dialog)
        watched.append((person.page, on_dialog))
        return person

    yield begin
    for page, on_dialog in watched:
        page.remove_listener("dialog", on_dialog)


def missing_from(person: Person, some: list[str]) -> list[str]:
    """Texts that the page does not show, as they are or with what hides in them made visible."""
    shown = " ".join(" ".join(looking.texts(person)).split())
    spellings = [(text, (" ".join(text.split()), " ".join(visible(text).split()))) for text in some]
    return [text for text, spelt in spellings if not any(one in shown for one in spelt)]


def test_hostile_data_are_shown_as_text(served: House, window: OpenWindow, watch: Watch) -> None:
    person = watch(window(width=NARROW))
    texts = strings()
    served.token(WHO)
    person.sign_in(WHO, WORD)
    for number, at in enumerate(range(0, len(texts), PART)):
        some = texts[at : at + PART]
        instance = start(served, f"H-{number}", some)
        [task, *_] = served.get(f"/v1/process-instances/{instance}", WHO).json()["tasks"]
        for path in (f"tasks/{task['id']}", f"instances/{instance}?tab=data"):
            person.open(f"/console/{path}")
            assert (path, missing_from(person, some)) == (path, [])
            assert (path, person.overflow(), looking.wide_parts(person)) == (path, 0, [])
    assert person.faults == []


def test_hostile_business_keys_are_shown_as_text(served: House, window: OpenWindow, watch: Watch) -> None:
    person = watch(window(width=NARROW))
    keys = [text for text in dict.fromkeys(dangerous()[:KEYS]) if start(served, text, ["paper"]) is not None]
    assert len(keys) > KEYS // 2
    for who, path in ((WHO, "inbox?list=team"), ("auditor", "instances")):
        served.token(who)
        person.page.goto("about:blank")  # a console that is open would ask for news without its session
        person.context.clear_cookies()
        person.sign_in(who, WORD)
        person.open(f"/console/{path}")
        assert (path, missing_from(person, keys)) == (path, [])
        assert (path, person.overflow(), looking.wide_parts(person)) == (path, 0, [])
    assert person.faults == []


def test_hostile_titles_and_reasons_of_changes_are_shown_as_text(
    served: House, window: OpenWindow, watch: Watch
) -> None:
    person = watch(window(width=NARROW))
    texts = dangerous()
    source = "person: somebody-{}\nname: {}\n"
    made = []
    for number, text in enumerate(texts[:6]):
        body = {
            "kind": "person",
            "source": source.format(number, json.dumps(text, ensure_ascii=False)),
            "title": text,
            "reason": texts[number + 6],
        }
        answer = served.post("/v1/change-requests", "register-keeper", body)
        assert answer.status_code == 200, answer.text
        made.append(answer.json()["change_request"])
    served.token(READER)
    person.sign_in(READER, WORD)
    person.open("/console/changes")
    assert missing_from(person, texts[:6]) == []
    assert person.overflow() == 0
    for number, change in enumerate(made):
        person.open(f"/console/changes/{change}")
        assert missing_from(person, [texts[number], texts[number + 6]]) == []
        assert person.overflow() == 0
    assert person.faults == []


@pytest.mark.parametrize("screen", SCREENS, ids=[screen.path for screen in SCREENS])
def test_hostile_strings_in_every_field(standing: Standing, screen: Screen, watch: Watch) -> None:
    example = EXAMPLES[screen.path]
    person = watch(standing.window(example.who))
    person.page.set_viewport_size({"width": NARROW, "height": looking.HEIGHT})
    person.open(f"/console/{example.address(standing)}")
    fields = person.page.get_by_role("textbox").or_(person.page.get_by_role("searchbox"))
    written = [dangerous(), strings()[::-1], strings()]
    for some in written if fields.count() else []:
        text = " ".join(some)[:CHARACTERS_MAX]
        for field in fields.all():
            if field.is_visible() and field.is_editable():
                field.fill(text)
                assert field.input_value() in (text, text[: len(field.input_value())])
        person.settled()
        assert person.overflow() == 0
    # What is refused as broken input is told by the screen, and logged by the browser; a failure is none of these.
    assert [fault for fault in person.faults if not any(status in fault for status in ("400", "404", "422"))] == []
