"""A founded organisation on either database: founded once for each engine, copied for every test.

The copies share one payment service, whose effects are told apart by idempotency key.
"""

import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psycopg

from api.founding import done, found
from api.identity.commands import DOOR, IssueSetupCode, SetPassword
from api.identity.passwords import Passwords
from api.identity.tables import CREDENTIAL
from api.settings import Settings
from api.wiring import build_writer, open_log
from examples.organisation.approving import signed, to_state
from examples.organisation.files import APPROVER, artefact_files, author_of, release_waves
from examples.services.payments import Running
from ledger.actor import SYSTEM, Actor, ActorKind
from ledger.clock import SystemClock
from ledger.ids import ActorId, PersonId
from ledger.reading import Reader
from ledger.work import Request
from ledger.writer import Writer
from rbac.service import FirstRole, HoldCeremony, NamedPerson
from tests.postgres import PostgresServer
from versioning.commands import ProposeChange, ReleaseChange

LOG = "demo"
SIGNS_IN = ("credit-officer-1", "budget-owner-1")  # persons with a password

_FIRST = ("process-owner", "change-reviewer", "register-keeper")
KINDS = {
    "persons": "person",
    "actors": "actor",
    "access-policy.yaml": "access-policy",
    "role-assignments": "role-assignment",
    "instruments": "instrument",
    "offices": "office",
    "grants": "authority-grant",
    "rule-tables": "rule-table",
    "connectors": "connector",
    "reason-code-lists": "reason-code-list",
    "feeds": "feed",
    "blueprints": "blueprint",
}


def service(reference: str) -> Actor:
    """A registered service, by API key."""
    return Actor(ActorId(f"svc:{reference}"), ActorKind.SERVICE, None, "api-key")


@dataclass(frozen=True, slots=True)
class Organisation:
    """A log with everything of `examples/organisation` released. `persons` are ids by reference."""

    settings: Settings
    services: Running
    persons: dict[str, str]
    credentials: dict[str, int]  # by reference: the entry of the person's password

    def person(self, reference: str) -> Actor:
        """A person who signed in."""
        found = self.persons[reference]
        return Actor(ActorId(found), ActorKind.PERSON, PersonId(found), "password")


def found_organisation(settings: Settings, services: Running) -> Organisation:
    """Hold the ceremony, release every file of the demo organisation, and set a few passwords."""
    files = artefact_files(services.address)
    # The demo writes records of others under a policy of its own; here the intake of loans may.
    policy = files["access-policy.yaml"].replace("message: [correlate]}", "message: [correlate], record: [write]}", 1)
    files["access-policy.yaml"] = policy
    for name in ("loan-portal-loan-intake", "document-archive-archive-worker"):  # jobs and messages have no domain
        path = f"role-assignments/{name}.yaml"
        files[path] = re.sub("domain: .*", "domain: organisation", files[path])
    # A period limit into which one loan of 20,000 fits and a second does not.
    grant = "grants/credit-officer-2-2026.yaml"
    files[grant] = files[grant].replace('max: "250000.00"', 'max: "30000.00"')
    people = tuple(NamedPerson(one, one.replace("-", " ").title()) for one in _FIRST)
    held = found(settings, HoldCeremony(_FIRST[:2], people, policy, tuple(FirstRole(one, one) for one in _FIRST)))
    workings, connect = build_writer(settings)
    writer = Writer(workings, connect)
    organisation = Organisation(settings, services, dict(held.persons), {})
    try:
        for wave in release_waves(files):
            for path in wave:
                _release(writer, organisation, path, files[path])
        persons = dict(held.persons) | _persons(settings)
        for reference in SIGNS_IN:
            _set_password(writer, persons[reference])
    finally:
        writer.close()
    return Organisation(settings, services, persons, _credentials(settings, persons))


def _release(writer: Writer, organisation: Organisation, path: str, text: str) -> None:
    release(writer, organisation, path, (text, KINDS[path.partition("/")[0]], None))


def release(writer: Writer, organisation: Organisation, path: str, said: tuple[str, str, int | None]) -> None:
    """Propose, approve and release a source of this kind on top of this version of it; `path` names the commands."""

    def run(reference: str, command: Any) -> Any:
        command_id = f"{type(command).__name__}:{path}"
        return done(writer.run(Request(organisation.person(reference), command, command_id))).result

    text, kind, base = said
    proposed = run(author_of(path), ProposeChange(kind, text, base, path, "as it is now"))
    statement = to_state(proposed, reason="looks right")
    nonce = run(APPROVER, statement)["nonce"]
    proof = (organisation.person(APPROVER).person, SystemClock().wall())
    run(APPROVER, signed(statement, proposed["revision"], nonce, proof))
    run(APPROVER, ReleaseChange(proposed["change_request"]))


def _set_password(writer: Writer, person: str) -> None:
    done(writer.run(Request(SYSTEM, IssueSetupCode(person, f"code-{person}", "of a code"), f"issue:{person}")))
    hashed = Passwords(1, 8).hash("correct horse battery")
    done(writer.run(Request(DOOR, SetPassword(person, hashed, f"code-{person}", "of a code"), f"set:{person}")))


def open_reader(settings: Settings) -> Reader:
    """A reader of the settings' log."""
    log, database = open_log(settings)
    return Reader(log, SystemClock(), lambda: database.connect(read_only=True))


def _persons(settings: Settings) -> dict[str, str]:
    reader = open_reader(settings)
    with reader.view() as view:
        found = dict(view.query("SELECT ref, person FROM person_ref WHERE log_id = {log}"))
    reader.close()
    return found


def _credentials(settings: Settings, persons: dict[str, str]) -> dict[str, int]:
    reader = open_reader(settings)
    found = {}
    with reader.view() as view:
        for reference in SIGNS_IN:
            row = view.get(CREDENTIAL, persons[reference], "password")
            assert row is not None
            found[reference] = row.entry_index
    reader.close()
    return found


class Foundry:
    """Founds once for each engine and hands out copies."""

    def __init__(self, folder: Path, services: Running, server: Callable[[], PostgresServer]) -> None:
        self._folder = folder
        self._services = services
        self._server = server
        self._made: dict[str, Organisation] = {}

    def copy(self, engine: str, folder: Path) -> Organisation:
        """A copy of the founded organisation in this folder, on `sqlite` or `postgresql`."""
        made = self._made.get(engine)
        if made is None:
            made = self._made[engine] = self._found(engine)
        shutil.copytree(made.settings.data_dir, folder, dirs_exist_ok=True)
        url = ""
        if engine == "postgresql":
            url = self._server().create_database(template=_name(made.settings.database_url))
        return replace(made, settings=replace(made.settings, data_dir=str(folder), database_url=url))

    def _found(self, engine: str) -> Organisation:
        url = self._server().create_database() if engine == "postgresql" else ""
        settings = Settings(data_dir=str(self._folder / engine), log=LOG, database_url=url)
        made = found_organisation(settings, self._services)
        if engine == "sqlite":  # copied file by file, so nothing may be left in the write-ahead log
            connection = settings.database().connect()
            connection.query(0, "PRAGMA wal_checkpoint(TRUNCATE)", ())
            connection.close()
        return made


def _name(url: str) -> str:
    return str(psycopg.conninfo.conninfo_to_dict(url)["dbname"])
