"""Every room's tables, for grants by table class and for the drift test; the version scripts never read them."""

from importlib import import_module

from sqlalchemy import MetaData

MODULES = (
    "ledger.tables",
    "ledger.publication_tables",
    "ledger.log_state",
    "ledger.erasure_tables",
    "rbac.tables",
    "governance.tables",
    "versioning.tables",
    "orchestrator.schema",
    "api.identity.tables",
    "api.feeds.tables",
    "api.drafts.tables",
    "api.notifications.tables",
)


def metadata() -> list[MetaData]:
    """Every room's metadata, in the order of the rooms; a room without tables yet is left out."""
    found: list[MetaData] = []
    for name in MODULES:
        try:
            found.append(import_module(name).metadata)
        except ModuleNotFoundError as error:
            if error.name is None or not name.startswith(error.name):
                raise
    return found
