"""Every place of the console: the registry of screens as it stands in the source, and an example address for each.

A screen of the registry that is not in the table below fails `test_every_route.py`, so that none is forgotten.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from examples.demo.organisation import PARTS
from tests.conftest import ROOT
from tests.console.standing import Standing

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


@dataclass(frozen=True)
class Example:
    """Who looks, and where: what stands for the parameters of the path is found in the demo."""

    who: str
    address: Callable[[Standing], str]


def at(who: str, address: str) -> Example:
    """A place without parameters."""
    return Example(who, lambda _: address)


EXAMPLES: dict[str, Example] = {
    "account": at("credit-officer-1", "account"),
}

PAGES = ("/sign-in", "/password", "/demo/credit-officer-1", "/verify")
"""What the server draws by itself, for visitors."""


def outsider(standing: Standing, screen: Screen) -> str | None:
    """Somebody who may not see a screen; None where everybody may."""
    if not screen.needs:
        return None
    return next((one for one in ACCOUNTS if not set(screen.needs) & set(standing.may(one))), None)
