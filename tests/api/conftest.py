"""One founded organisation for the tests of the door; each module gets a copy of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from api.settings import Settings
from examples.organisation.files import artefact_files
from ledger.clock import Instant, SystemClock, instant_text
from tests.api.foundry import Foundry
from tests.api.organisation import SERVICES, House, copied, make, running
from tests.own_folder import made_once

DAY = 24 * 3600 * 1_000_000
MORE = {"budget-owner-late": ("budget-owner",), "budget-owner-both": ("budget-owner", "invoice-intake")}


def _two_more() -> dict[str, str]:
    """Somebody whose grant runs out tomorrow, and somebody who may both take invoices in and decide them."""
    given = artefact_files(SERVICES)["grants/budget-owner-1-2026.yaml"]
    files = {}
    for ref, roles in MORE.items():
        files[f"persons/{ref}.yaml"] = f"person: {ref}\nname: {ref}\n"
        files[f"grants/{ref}-2026.yaml"] = given.replace("budget-owner-1", ref)
        for role in roles:
            name = f"{ref}-{role}"
            assigned = f"role assignment: {name}\nto: {ref}\nrole: {role}\ndomain: finance\n"
            files[f"role-assignments/{name}.yaml"] = assigned
    tomorrow = instant_text(Instant(SystemClock().wall() + DAY))
    late = "grants/budget-owner-late-2026.yaml"
    files[late] = files[late].replace("to: 2036-01-01T00:00:00Z", f"to: {tomorrow}")
    return files


def _found(folder: Path) -> Settings:
    settings = Settings(data_dir=str(folder / "data"), log="acme")
    make(settings, _two_more())
    return settings


@pytest.fixture(scope="session")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return copied(made_once("founded", _found), tmp_path_factory.mktemp("founded") / "data")


@pytest.fixture(scope="session")
def foundry_of_two_more(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Foundry[None]:
    folder = tmp_path_factory.mktemp("two-more")
    return Foundry(
        lambda settings: make(settings, _two_more()),
        Settings(log="acme"),
        folder,
        lambda: request.getfixturevalue("postgresql"),
    )


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def on_either(
    request: pytest.FixtureRequest,
    founded: Settings,
    foundry_of_two_more: Foundry[None],
    tmp_path_factory: pytest.TempPathFactory,
) -> Settings:
    """The organisation apart, on each engine."""
    folder: Path = tmp_path_factory.mktemp("either") / "data"
    if request.param == "sqlite":
        return copied(founded, folder)
    settings, _ = foundry_of_two_more.copy(request.param, folder)
    return settings


@pytest.fixture(scope="module")
def house(founded: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder: Path = tmp_path_factory.mktemp("house") / "data"
    with running(copied(founded, folder)) as house:
        yield house
