"""Taking several tasks together, as a write of the console: the list with one to take, and the press that takes it."""

import re

from playwright.sync_api import Locator, Page

from tests.api.organisation import House
from tests.api.work import start


def offered_to_teams(house: House) -> str:
    start(house)
    return "inbox?list=team"


def ticked(page: Page) -> Locator:
    page.locator(".table-row").last.locator("label").click()
    return page.get_by_role("button", name=re.compile("^Take "))
