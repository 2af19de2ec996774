"""The command as a person runs it: a process of its own, the token in the environment."""

import os
import subprocess
from pathlib import Path

from api.settings import Settings
from rbac.service import person_by_ref
from tests.api.organisation import WORD, running
from tests.forked import run


def muniment(
    settings: Settings, token: str, *arguments: str, folder: Path, **more: str
) -> subprocess.CompletedProcess[str]:
    """Run one command, with more in its environment."""
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("MUNIMENT_")},
        "MUNIMENT_DATA_DIR": settings.data_dir,
        "MUNIMENT_LOG": settings.log,
        **({"MUNIMENT_TOKEN": token} if token else {}),
        **more,
    }
    return run(*arguments, environment=environment, folder=folder)


def tokens(settings: Settings, *references: str, service: str = "") -> dict[str, str]:
    """Bearer tokens of these persons, and an API key where one is asked for, from a running service."""
    with running(settings) as house:
        found = {}
        for reference in references:
            signed = house.client.post("/v1/sign-in", json={"account": reference, "password": WORD})
            found[reference] = signed.json()["token"] if signed.status_code == 200 else house.token(reference)
        if service:
            found[service] = house.key(service, "loan-intake", domain="lending")
    return found


def person_id(settings: Settings, reference: str) -> str:
    """The id of a person."""
    with running(settings) as house, house.service.reader.view() as view:
        row = person_by_ref(view, reference)
        assert row is not None
        return str(row.id)
