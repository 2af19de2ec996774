"""The command as a person runs it: a process of its own, the token in the environment."""

import os
import subprocess
import sys
from pathlib import Path

from api.settings import Settings
from rbac.service import person_by_ref
from tests.api.organisation import WORD, running
from tests.conftest import ROOT


def muniment(
    settings: Settings, token: str, *arguments: str, folder: Path, **more: str
) -> subprocess.CompletedProcess[str]:
    """Run one command, with more in its environment."""
    environment = {
        "PATH": os.environ.get("PATH", ""),
        "PYTHONPATH": str(ROOT),
        "MUNIMENT_DATA_DIR": settings.data_dir,
        "MUNIMENT_LOG": settings.log,
        **({"MUNIMENT_TOKEN": token} if token else {}),
        **more,
    }
    command = [sys.executable, "-m", "muniment", *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


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
