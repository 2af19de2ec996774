"""The rooms' service objects, as routes and commands are handed them: each is made once a process, by `api.wiring`."""

from dataclasses import dataclass

from governance.service import Authorities
from governance.substituting import Substitutions
from ledger.clock import SystemClock
from ledger.ids import IdMaker
from orchestrator.ports import Deps
from rbac.service import Access
from versioning.artefact import Kinds
from versioning.service import Blueprints, Versions


@dataclass(frozen=True, slots=True)
class Rooms:
    """They hold caches and no connection. `engine` is what the engine is handed, for its commands and for questions
    asked of it before one is sent."""

    clock: SystemClock
    ids: IdMaker
    access: Access
    authorities: Authorities
    versions: Versions
    blueprints: Blueprints
    kinds: Kinds
    stand_ins: Substitutions
    engine: Deps
