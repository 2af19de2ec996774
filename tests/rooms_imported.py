"""What the fork server of `tests.forked` imports before it forks: all that a command or a campaign may need."""

import gc
from importlib import import_module

from api.cli import COMMANDS

NAMES = (
    *(module for module, _ in COMMANDS.values()),
    "api.identity.commands",
    "api.one_write",
    "api.opening",
    "api.serving",
    "api.writing",
    "ledger.writer_process",
    "tests.crash.processes",
    "uvicorn",
    "uvloop",
)

for name in NAMES:
    import_module(name)
gc.collect()
gc.freeze()  # what is shared stays shared: a collection in a forked process would copy the pages it looks at
