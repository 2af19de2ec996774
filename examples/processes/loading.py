"""Lays examples over the demo organisation: their files beside its own, their roles and domains in its access policy.

A folder below this one is an example where it holds `blueprints/`. What several examples need, such as a calendar,
lies in `shared/` and is laid with each of them. `access-policy.yaml` of an example holds only what it adds, in the
form of the whole: `domains` and `roles`. What takes the place of something in the demo organisation lies in
`next_versions/`, as the next version of it; the driver puts it in force, and the example is driven last.
"""

import importlib
import re
from pathlib import Path
from types import ModuleType

import yaml

from examples.organisation.files import SERVICES, artefact_files
from ledger.errors import BrokenInput

FOLDER = Path(__file__).parent
SHARED = "shared"
NEXT = "next_versions"
_POLICY = "access-policy.yaml"
_ROLES = re.compile(r"^roles:\n", re.MULTILINE)


def names() -> tuple[str, ...]:
    """The examples there are, sorted; those with next versions of something behind the others."""
    whole = sorted(path.parent.name for path in FOLDER.glob("*/blueprints"))
    return (*whole, *sorted(path.parent.parent.name for path in FOLDER.glob(f"*/{NEXT}/blueprints")))


def example_files(name: str, services: str) -> dict[str, str]:
    """Path below the folder of the example (with `/`) -> text; `services` is the base URL of the outside systems."""
    if name not in names():
        raise BrokenInput(f"expected one of {', '.join(names())}, found `{name[:40]}`")
    return {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8").replace(SERVICES, services)
        for folder in (FOLDER / SHARED, FOLDER / name)
        for path in sorted(folder.rglob("*.yaml"))
        if NEXT not in path.relative_to(folder).parts
    }


def next_versions(name: str, services: str) -> dict[str, str]:
    """As `example_files`, those that are next versions of files of the demo organisation."""
    folder = FOLDER / name / NEXT
    return {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8").replace(SERVICES, services)
        for path in sorted(folder.rglob("*.yaml"))
    }


def laid_over(services: str, *examples: str) -> dict[str, str]:
    """The files of the demo organisation with those of these examples, of all without a name.

    Two examples may hold the same file with the same text. `BrokenInput` where they differ, or where one says a role
    that is there already.
    """
    files = artefact_files(services)
    for name in examples or names():
        for path, text in example_files(name, services).items():
            if path == _POLICY:
                files[path] = _with_roles(files[path], text, name)
            elif files.setdefault(path, text) != text:
                raise BrokenInput(f"expected one text, found another of `{name}`", path)
    return files


def keys_of(files: dict[str, str]) -> dict[str, tuple[str, str]]:
    """Service -> the role and domain its API key is narrowed to: those of its role assignment."""
    assigned = [yaml.safe_load(text) for path, text in sorted(files.items()) if path.startswith("role-assignments/")]
    return {one["to"]: (one["role"], one["domain"]) for one in assigned if one["to"].startswith("svc:")}


def driver(name: str) -> ModuleType:
    """The module that takes instances of the example through their ways: `run(organisation, services)`."""
    return importlib.import_module(f"examples.processes.{name.replace('-', '_')}.drive")


def _with_roles(policy: str, added: str, name: str) -> str:
    """The policy with the domains and roles of an example, as text: comments and order stay."""
    known, more = yaml.safe_load(policy), yaml.safe_load(added)
    twice = sorted(set(more["roles"]) & set(known["roles"]))
    if set(more) != {"domains", "roles"} or twice:
        what = f"the role `{twice[0]}` again" if twice else "something else"
        raise BrokenInput(f"expected new domains and roles, found {what}", f"{name}/{_POLICY}")
    domains = "".join(f"  {domain}: {{}}\n" for domain in more["domains"] if domain not in known["domains"])
    roles = _ROLES.split(added, maxsplit=1)[1].rstrip("\n")
    return _ROLES.sub(f"{domains}roles:\n", policy, count=1) + roles + "\n"
