"""Organisations that are founded once for each engine, and copies of them."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Generic, TypeVar

from api.settings import Settings
from tests.postgres import PostgresServer

Told = TypeVar("Told")


@dataclass
class Foundry(Generic[Told]):
    """Founds by `make`, which leaves nothing open, with these settings in this folder; hands out copies and what
    `make` told."""

    make: Callable[[Settings], Told]
    settings: Settings
    folder: Path
    server: Callable[[], PostgresServer]
    made: dict[str, tuple[Settings, Told]] = field(default_factory=dict)

    def copy(self, engine: str, folder: Path) -> tuple[Settings, Told]:
        """On `sqlite` or `postgresql`, in this folder."""
        if engine not in self.made:
            url = self.server().create_database() if engine == "postgresql" else ""
            settings = replace(self.settings, data_dir=str(self.folder / engine), database_url=url)
            self.made[engine] = settings, self.make(settings)
        settings, told = self.made[engine]
        shutil.copytree(settings.folder, folder)
        url = settings.database_url and self.server().copy_database(settings.database_url)
        return replace(settings, data_dir=str(folder), database_url=url), told
