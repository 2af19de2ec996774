"""What the demo that stays offers: its own processes, which have a history, and those of `examples/processes`."""

from pathlib import PurePosixPath

from examples.processes import loading

WITHOUT = (
    "role-assignments/category-manager-vendor-requester.yaml",
    "role-assignments/contracting-officer-2-contract-specialist.yaml",
    "role-assignments/line-manager-requester.yaml",
)
"""Persons of the examples who may enter and approve: the history has one such person, and is asked for no more."""

COMMITTEE = "loan_origination"
BESIDE = {
    "blueprints/loan-origination.yaml": "blueprints/committee-loan.yaml",
    "rule-tables/application-complete.yaml": "rule-tables/purpose-stated.yaml",
    "connectors/sanctions.yaml": "connectors/sanctions-list.yaml",
    "connectors/credit-bureau.yaml": "connectors/credit-bureau.yaml",  # the demo's own, with one operation more
}
"""Where the next versions of the committee's loans lie beside the artefacts whose place they take elsewhere."""

RENAMED = (
    ("blueprint: loan-origination\n", "blueprint: committee-loan\n"),
    ("title: Retail loan origination\n", "title: Loans by committee\n"),
    ("rules: application-complete,", "rules: purpose-stated,"),
    ("rule-table: application-complete\n", "rule-table: purpose-stated\n"),
    ("title: Is a loan application complete?\n", "title: Is the purpose of a loan stated?\n"),
    ("call: sanctions.screen\n", "call: sanctions-list.screen\n"),
    ("connector: sanctions\n", "connector: sanctions-list\n"),
    ("title: Sanctions screening\n", "title: Sanctions list\n"),
)
"""What they are called there: the history is told of the names they have elsewhere."""


def offered(services: str) -> dict[str, str]:
    """The files to release; `services` is the base URL of the outside systems.

    Next versions of the demo's own artefacts take no one's place: the history is told of these, so that the loans of
    the committee stand beside them, by names of their own.
    """
    files = loading.laid_over(services)
    for path in WITHOUT:
        del files[path]  # one that is there no more is a bug
    return {**files, **_beside(services)}


def _beside(services: str) -> dict[str, str]:
    files = loading.next_versions(COMMITTEE, services)
    return {BESIDE[path]: _renamed(text) for path, text in files.items()}


def _renamed(text: str) -> str:
    for before, after in RENAMED:
        text = text.replace(before, after)
    return text


def names_of(files: dict[str, str], folder: str) -> frozenset[str]:
    """The names of what lies in a folder, such as `blueprints`."""
    return frozenset(PurePosixPath(path).stem for path in files if path.startswith(f"{folder}/"))
