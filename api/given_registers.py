"""What a blueprint names, from files in folders: the registers of a check without a server.

A file is known by the key it begins with, wherever it lies in the folder, in the form in which it is proposed. Of
several folders a later one takes the place of an earlier one by kind and name. A file of an access policy may say only
the `domains` and `roles` it adds. `${services}` in a file stands for an address that is not known yet. Who could decide
today rests on persons and roles held, and is no matter of files.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from api.cli_given import file_text
from api.registers import declared_field, may_read
from governance.quorum import chair_of, committee_in, members_of
from governance.reading import read_grant, read_office
from governance.rules.table_source import read_table
from ledger.clock import Instant
from ledger.errors import BrokenInput, TooLarge
from rbac.roles import AccessPolicy, parse_policy
from versioning.blueprint import Blueprint
from versioning.business_time import Calendar
from versioning.check_messages import running_of
from versioning.files import read_file
from versioning.kinds.agent import read_agent
from versioning.kinds.calendar import read_calendar
from versioning.kinds.connector import read_connector
from versioning.kinds.reason_code_list import read_reason_code_list
from versioning.kinds.typed_fields import operation_of
from versioning.registers import Agent, Committee, Operation, Registers, Running, Table

R = TypeVar("R")

FILES_MAX = 2_000
_KEY = re.compile(r"^([a-z][a-z -]*):", re.MULTILINE)
_ROLES = re.compile(r"^roles:\n", re.MULTILINE)
_DOMAINS = re.compile(r"^domains:\n((?: .*\n)*)", re.MULTILINE)
_POLICY = "access policy"
_PLACEHOLDER = re.compile(r"\$\{[a-z_]+\}")
_ANYWHERE = "https://example.com"


def _table(text: str) -> tuple[str, Table]:
    table = read_table(text)
    takes = tuple([declared_field(column.name, column.type) for column in table.given])
    return table.id, Table(takes, None if table.result.name == "any" else declared_field("result", table.result))


def _named(read: Callable[[str], dict[str, Any]]) -> Callable[[str], tuple[str, dict[str, Any]]]:
    def named(text: str) -> tuple[str, dict[str, Any]]:
        value = read(text)
        return str(value["name"]), value

    return named


def _blueprint(text: str) -> tuple[str, Blueprint]:
    blueprint = read_file(text)
    return blueprint.id, blueprint


def _artefact(read: Callable[[str], Any]) -> Callable[[str], tuple[str, dict[str, Any]]]:
    def named(text: str) -> tuple[str, dict[str, Any]]:
        artefact = read(text)
        return artefact.name, artefact.value

    return named


_READERS: dict[str, Callable[[str], tuple[str, Any]]] = {
    "authority-grant": _artefact(read_grant),
    "office": _artefact(read_office),
    "rule-table": _table,
    "connector": _named(read_connector),
    "agent": _named(read_agent),
    "calendar": _named(read_calendar),
    "reason-code-list": _named(read_reason_code_list),
    "blueprint": _blueprint,
}


def given_registers(folders: Sequence[Path], now: Instant) -> Registers:
    """The registers of these folders; a kind of which there is no file is not at hand. `BrokenInput` with the file."""
    found: dict[str, dict[str, Any]] = {}
    policies: list[str] = []
    for folder in folders:
        for path in _files(folder):
            text = _PLACEHOLDER.sub(_ANYWHERE, file_text(path))
            first = _KEY.search(text)
            kind = first[1] if first is not None else ""
            if kind in (_POLICY, "domains", "roles"):
                policies.append(text)
            elif kind in _READERS:
                name, value = _read(path, _READERS[kind], text)
                found.setdefault(kind, {})[name] = value
    return _registers(found, _policy(policies), now)


def _files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise BrokenInput("expected a folder", str(folder))
    paths = sorted(path for path in folder.rglob("*.yaml") if path.is_file())
    if len(paths) > FILES_MAX:
        raise TooLarge(f"expected at most {FILES_MAX} files", str(folder))
    return paths


def _read(path: Path, read: Callable[[str], tuple[str, Any]], text: str) -> tuple[str, Any]:
    try:
        return read(text)
    except BrokenInput as broken:
        raise BrokenInput(broken.message, f"{path}:{broken.location}" if broken.location else str(path)) from broken


def _policy(texts: Sequence[str]) -> AccessPolicy | None:
    """The last whole one, with the roles and domains that the others add."""
    whole = [text for text in texts if re.search(rf"^{_POLICY}:", text, re.MULTILINE)]
    if not whole:
        return None
    text = whole[-1]
    for more in texts:
        if more in whole:
            continue
        domains = _DOMAINS.search(more)
        known = set(re.findall(r"^  ([a-z-]+):", text.partition("\nroles:")[0], re.MULTILINE))
        for line in domains[1].splitlines() if domains else ():
            if line.strip().partition(":")[0] not in known:
                text = text.replace("domains:\n", f"domains:\n{line}\n", 1)
        if _ROLES.search(more):
            roles = _ROLES.split(more, maxsplit=1)[1].rstrip("\n")
            text = _ROLES.sub(lambda _, roles=roles: f"roles:\n{roles}\n", text, count=1)  # type: ignore[misc]
    return parse_policy(text)


def _registers(found: Mapping[str, Mapping[str, Any]], policy: AccessPolicy | None, now: Instant) -> Registers:
    def of(kind: str, make: Callable[[Mapping[str, Any]], R]) -> R | None:
        return make(found[kind]) if kind in found else None

    return Registers(
        roles=None if policy is None else frozenset(role.name for role in policy.roles),
        decision_kinds=of("authority-grant", _decision_kinds),
        operations=of("connector", _operations),
        tables=found.get("rule-table"),
        agents=of("agent", _agents),
        blueprints=of("blueprint", lambda known: {name: one.data for name, one in known.items()}),
        reason_codes=of("reason-code-list", frozenset),
        calendars=of("calendar", lambda known: {name: Calendar(value) for name, value in known.items()}),
        starts=of("blueprint", _starts),
        running=of("blueprint", _running),
        committees=of("office", lambda known: _committees(known, now)),
        offices=of("office", lambda known: _offices(known, now)),
        now=now,
        may_read=None if policy is None else lambda role, data_class: may_read(policy, role, data_class),
    )


def _starts(blueprints: Mapping[str, Blueprint]) -> dict[str, str]:
    """The blueprint that begins by a message, by its name."""
    return {start.message: name for name, one in blueprints.items() for start in one.starts if start.message}


def _decision_kinds(grants: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(power["decision_kind"] for grant in grants.values() for power in grant["powers"])


def _operations(connectors: Mapping[str, Any]) -> dict[str, Operation]:
    return {
        f"{name}.{operation}": operation_of(spec)
        for name, value in connectors.items()
        for operation, spec in value["operations"].items()
    }


def _agents(agents: Mapping[str, Any]) -> dict[str, Agent]:
    return {
        name: Agent(value["sees"], frozenset(one["task"] for one in value["serves"])) for name, value in agents.items()
    }


def _running(blueprints: Mapping[str, Any]) -> dict[str, Running]:
    return {name: running_of(one) for name, one in blueprints.items()}


def _offices(offices: Mapping[str, Any], now: Instant) -> dict[str, frozenset[str]]:
    """By the handles of persons: whom they name is known to the organisation alone."""
    return {
        name: frozenset(str(one["person"]) for one in value["holdings"] if one["held_from"] <= now < one["held_to"])
        for name, value in offices.items()
    }


def _committees(offices: Mapping[str, Any], now: Instant) -> dict[str, Committee]:
    seats = {f"office:{name}": holders for name, holders in _offices(offices, now).items()}
    names = {name for office in seats if (name := committee_in(office)) is not None}
    return {name: Committee(seats[members_of(name)], seats.get(chair_of(name), frozenset())) for name in names}
