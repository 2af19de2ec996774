"""Paper: every page says in its foot what it is of, by which hash that is known, and which of how many pages it is."""

import io
import re
import unicodedata
from collections.abc import Callable

import pytest
from pypdf import PdfReader

from tests.api.organisation import House
from tests.console.chromium import Person
from tests.console.places import AUDITOR, EXAMPLES, first
from tests.console.standing import Standing

pytestmark = pytest.mark.browser

DECIDED = first("/v1/decisions?limit=200&decision_kind=approve-credit")
OFFICER = EXAMPLES["tasks/:id"].who


def printed(person: Person) -> list[str]:
    """The text of every page of paper, with its spaces as one each, and no letters joined."""
    pages = PdfReader(io.BytesIO(person.page.pdf(prefer_css_page_size=True))).pages
    return [" ".join(unicodedata.normalize("NFKC", page.extract_text()).split()) for page in pages]


def is_numbered(pages: list[str]) -> bool:
    return all(f"{number} / {len(pages)}" in text for number, text in enumerate(pages, start=1))


def of_instance(house: House, about: str) -> str:
    return f"Instance {about} Blueprint digest {house.get(f'/v1/process-instances/{about}', OFFICER).json()['version']}"


def of_task(house: House, about: str) -> str:
    shown = house.get_after_long(f"/v1/tasks/{about}", OFFICER).json()["shown_digest"]
    return f"Task {about} Digest of what is shown {shown}"


def of_change(house: House, about: str) -> str:
    change = house.get_after_long(f"/v1/change-requests/{about}", EXAMPLES["changes/:id"].who).json()
    return f"Change {about}, edit {change['edit']} Content digest {change['digest']}"


def of_overview(house: House, _: str) -> str:
    figures = house.get_after_long("/v1/overview", EXAMPLES["overview"].who).json()
    return f"Overview of {house.settings.log}, {figures['size']:,} entries Ledger head {figures['head']}"


FEET: dict[str, Callable[[House, str], str]] = {
    "instances/:id": of_instance,
    "tasks/:id": of_task,
    "changes/:id": of_change,
    "overview": of_overview,
}
"""What stands in the foot, by the path of the registry."""


@pytest.mark.parametrize("path", FEET)
def test_every_page_of_a_screen_says_what_it_is_of(standing: Standing, path: str) -> None:
    example = EXAMPLES[path]
    address = example.address(standing)
    person = standing.window(example.who)
    person.open(f"/console/{address}")
    pages = printed(person)
    foot = FEET[path](standing.house, address.rpartition("/")[2])
    for text in pages:
        assert foot in text
        assert re.search(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", text.partition(foot)[2][:22])
    assert is_numbered(pages)
    person.open("/console/account")  # what is printed next is of something else
    assert all(foot not in text for text in printed(person))


def test_a_decided_task_is_printed_with_its_decision(standing: Standing) -> None:
    about = DECIDED(standing.house, AUDITOR)
    person = standing.window(OFFICER)
    person.open(f"/console/tasks/{about}")
    pages = printed(person)
    assert all(of_task(standing.house, about) in text for text in pages)
    assert re.search(r"decided: (Approve|Refuse|Decline)", " ".join(pages))
    assert is_numbered(pages)


def test_every_page_of_a_certificate_says_which_it_is(standing: Standing) -> None:
    about = DECIDED(standing.house, AUDITOR)
    person = standing.window(AUDITOR)
    person.page.goto(f"{person.address}/v1/decisions/{about}/certificate")
    leaf = person.page.get_by_text("leaf hash", exact=True).locator("xpath=..").locator("td").inner_text()
    pages = printed(person)
    assert all(f"Certificate of decision {about} Leaf hash {leaf}" in text for text in pages)
    assert is_numbered(pages)
    assert person.faults == []
