"""What the demo that stays offers: its own processes, which have a history, and those of `examples/processes`."""

from pathlib import PurePosixPath

from examples.processes import loading

WITHOUT = (
    "role-assignments/category-manager-vendor-requester.yaml",
    "role-assignments/contracting-officer-2-contract-specialist.yaml",
    "role-assignments/line-manager-requester.yaml",
)
"""Persons of the examples who may enter and approve: the history has one such person, and is asked for no more."""


def offered(services: str) -> dict[str, str]:
    """The files to release; `services` is the base URL of the outside systems.

    The next versions that an example has of the demo's own artefacts stay out: the history is told of these.
    """
    files = loading.laid_over(services)
    for path in WITHOUT:
        del files[path]  # one that is there no more is a bug
    return files


def names_of(files: dict[str, str], folder: str) -> frozenset[str]:
    """The names of what lies in a folder, such as `blueprints`."""
    return frozenset(PurePosixPath(path).stem for path in files if path.startswith(f"{folder}/"))
