"""Every place of the console: the registry of screens as it stands in the source, and an example address for each.

A screen of the registry that is not in the table below fails `test_every_route.py`, so that none is forgotten.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from examples.demo.parts import PARTS
from tests.api.organisation import House
from tests.conftest import ROOT
from tests.console.standing import VISITOR, Standing

REGISTRY = ROOT / "console" / "src" / "shell" / "screens.ts"
ACCOUNTS = tuple(account for account, _ in PARTS)
_SCREEN = re.compile(r'^ {4}path: "([^"]*)",(.*?)^ {4}needs: \[([^\]]*)\]', re.DOTALL | re.MULTILINE)
_ACT = re.compile(r'"([^"]+)"')


@dataclass(frozen=True)
class Screen:
    """One of the registry: its path, and the acts of which one is needed, none for everybody."""

    path: str
    needs: tuple[str, ...]


def registry() -> list[Screen]:
    """Every screen of the console, in the order of the source."""
    source = REGISTRY.read_text("utf-8")
    found = [Screen(path, tuple(_ACT.findall(needs))) for path, _, needs in _SCREEN.findall(source)]
    assert len(found) == source.count("load: () => import("), "the registry is written in a way that this does not read"
    return found


Find = Callable[[House, str], str]


@dataclass(frozen=True)
class Example:
    """Who looks, and where. What stands for `{}` in the address is found by what this person sees in the demo."""

    who: str
    path: str
    find: Find | None = None

    def address(self, standing: Standing) -> str:
        """The place, below /console/."""
        return self.path.format("" if self.find is None else self.find(standing.house, self.who))


def first(path: str, member: str = "id", **having: object) -> Find:
    """A member of the first item of a list of the interface: the first that has these members, if some are named."""

    def find(house: House, who: str) -> str:
        items = house.get_after_long(path, who).json()["items"]
        return str(next(one[member] for one in items if all(one[name] == value for name, value in having.items())))

    return find


OFFICER, AUDITOR, OWNER, REVIEWER = "credit-officer-1", "auditor", "process-owner", "change-reviewer"
CHANGE = first("/v1/change-requests?limit=200", name="loan-origination", status="approved")

EXAMPLES: dict[str, Example] = {
    "access": Example(AUDITOR, "access"),
    "account": Example(OFFICER, "account"),
    "acts": Example(AUDITOR, "acts?list=all"),
    "agents": Example(OWNER, "agents"),
    "authorities": Example(AUDITOR, "authorities"),
    "authorities/:id": Example(AUDITOR, "authorities/{}", first("/v1/authority-grants?limit=200")),
    "blueprints": Example(OWNER, "blueprints"),
    "blueprints/:id": Example(OWNER, "blueprints/loan-origination"),
    "blueprints/:id/v/:n": Example(OWNER, "blueprints/loan-origination/v/1"),
    "changes": Example(REVIEWER, "changes"),
    "changes/:id": Example(REVIEWER, "changes/{}", CHANGE),
    "changes/:id/edit": Example(OWNER, "changes/{}/edit", CHANGE),
    "changes/new": Example(OWNER, "changes/new"),
    "connectors": Example(OWNER, "connectors?name=finance"),
    "evidence": Example(AUDITOR, "evidence"),
    "inbox": Example(OFFICER, "inbox?list=team"),
    "notifications": Example(OFFICER, "notifications"),
    "incidents": Example("incident-handler", "incidents"),
    "instances": Example(AUDITOR, "instances"),
    "instances/:id": Example(
        OFFICER, "instances/{}", first("/v1/process-instances?blueprint=loan-origination&limit=200", status="active")
    ),
    "keys": Example(AUDITOR, "keys"),
    "ledger": Example(AUDITOR, "ledger"),
    "ledger/:index": Example(AUDITOR, "ledger/40"),
    "ledger/verify": Example(AUDITOR, "ledger/verify"),
    "licences": Example(OFFICER, "licences"),
    "overview": Example(OWNER, "overview"),
    "schedules": Example(OWNER, "schedules"),
    "tasks": Example(OFFICER, "tasks"),
    "tasks/:id": Example(OFFICER, "tasks/{}", first("/v1/tasks?mine=1&limit=200")),
}
"""By the path of the registry: who looks at it in the tests, and at what."""

PAGES = {
    "/sign-in": VISITOR,
    "/password": VISITOR,
    "/demo/credit-officer-1": VISITOR,
    "/verify": VISITOR,
    "/sign-out": AUDITOR,
}
"""What the server draws by itself, and for whom."""


def outsider(standing: Standing, screen: Screen) -> str | None:
    """Somebody who may not see a screen; None where everybody may."""
    if not screen.needs:
        return None
    return next((one for one in ACCOUNTS if not set(screen.needs) & set(standing.may(one))), None)
