"""A browser of the page without a script engine: keeps cookies, reads forms, follows what a person would click."""

import re
from dataclasses import dataclass, field
from html import unescape
from typing import Any

from lxml import html

from tests.api.organisation import WORD, House

_HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')


@dataclass
class Browser:
    """One visitor. `main` of an answer is its page below the navigation, where the forms of interest are."""

    house: House
    cookies: dict[str, str] = field(default_factory=dict)

    def get(self, path: str, **headers: str) -> Any:
        return self._ask("GET", path, headers=headers)

    def send(self, path: str, json: Any = None, **headers: str) -> Any:
        """A request of a script of the page."""
        return self._ask("POST", path, json={} if json is None else json, headers=headers)

    def post(self, path: str, fields: dict[str, str], **headers: str) -> Any:
        return self._ask("POST", path, data=fields, headers=headers)

    def _ask(self, method: str, path: str, **more: Any) -> Any:
        headers = dict(more.pop("headers", {}))
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        client = self.house.client
        client.cookies.clear()
        answer = client.request(method, path, headers=headers, follow_redirects=False, **more)
        client.cookies.clear()
        for text in answer.headers.get_list("set-cookie"):
            name, _, value = text.partition(";")[0].partition("=")
            self.cookies.pop(name, None)
            if "Max-Age=0" not in text:
                self.cookies[name] = value.strip('"')
        return answer

    def sign_in(self, account: str, password: str = WORD) -> Any:
        fields = hidden(self.get("/sign-in"))
        return self.post("/sign-in", {**fields, "account": account, "password": password})


def signed_in(house: House, who: str) -> Browser:
    """A person at the page; they get a password first."""
    house.token(who)
    browser = Browser(house)
    answer = browser.sign_in(who)
    assert (answer.status_code, answer.headers["location"]) == (303, "/console/"), answer.text
    return browser


def main(answer: Any) -> str:
    """The page below the navigation."""
    text: str = answer.text
    return text[text.index("<main") :]


def hidden(answer: Any) -> dict[str, str]:
    """The hidden fields of the forms of a page, as a browser would send them."""
    return {name: unescape(value) for name, value in _HIDDEN.findall(main(answer))}


def words(answer: Any) -> str:
    """The text of a page as it is read."""
    return re.sub(r"\s+", " ", html.fromstring(answer.text).text_content())
