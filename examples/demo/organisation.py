"""Founding the demo organisation: the ceremony, then every artefact proposed, approved by another, and released."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from api.founding import Founded, done, found
from api.identity.service import prepare_api_key, prepare_setup_code
from api.settings import Settings
from api.wiring import Told, build_writer
from examples.demo.door import Door
from examples.demo.parts import ACCOUNTS
from examples.organisation.files import APPROVER, author_of, release_waves
from ledger.actor import SYSTEM
from ledger.clock import Instant, SystemClock
from ledger.connection import Connection
from ledger.ids import IdMaker
from ledger.service import Reader, Workings, Writer
from ledger.work import Request
from rbac.service import FirstRole, HoldCeremony, NamedPerson, person_by_ref

HOLDERS = ("process-owner", "change-reviewer")
FIRST_PERSONS = (("process-owner", "Process Owner"), ("change-reviewer", "Change Reviewer"))
FIRST_ROLES = (("process-owner", "process-owner"), ("change-reviewer", APPROVER))
KEY_DAYS = 30
_DAY = 86_400 * 1_000_000

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
    "calendars": "calendar",
    "agents": "agent",
    "blueprints": "blueprint",
}
SERVICES = {
    "svc:loan-portal": ("loan-intake", "lending"),
    "svc:invoice-intake": ("invoice-intake", "finance"),
    "svc:document-archive": ("archive-worker", "finance"),
    "svc:history-import": ("record-intake", "organisation"),
    "svc:siem": ("feed-reader", "organisation"),
    "svc:account-desk": ("customer-intake", "retail"),
    "svc:risk-desk": ("risk-desk", "lending"),
    "svc:risk-worker": ("data-worker", "risk-data"),
}


def hold_ceremony(settings: Settings, told: Told | None = None, policy: str = "") -> Founded:
    """Open the log, marked demo; two named persons put the first policy in force, the demo's own unless another one is
    given. `told` lets it begin in the past."""
    policy = policy or (Path(__file__).parent.parent / "organisation" / "access-policy.yaml").read_text()
    persons = tuple(NamedPerson(reference, name) for reference, name in FIRST_PERSONS)
    roles = tuple(FirstRole(to, role) for to, role in FIRST_ROLES)
    ceremony = HoldCeremony((HOLDERS[0], HOLDERS[1]), persons, policy, roles, demo_accounts=ACCOUNTS)
    return found(settings, ceremony, told=told)


@dataclass(slots=True)
class Organisation:
    """The running organisation: how to act as each of its persons and services."""

    settings: Settings
    address: str
    passwords: dict[str, str] = field(default_factory=dict)
    doors: dict[str, Door] = field(default_factory=dict)
    keys: dict[str, tuple[str, str]] = field(default_factory=lambda: dict(SERVICES))  # role and domain of each service
    _opened: tuple[Workings, Callable[[], Connection]] | None = None

    def person(self, reference: str) -> Door:
        """The service as this person sees it; they choose a password and sign in when first asked for."""
        door = self.doors.get(reference)
        if door is None:
            plain = Door(self.address)
            if reference not in self.passwords:
                password = self.passwords[reference] = secrets.token_urlsafe(18)
                chosen = {"account": reference, "password": password, "code": self._setup_code(reference)}
                plain.post("/v1/password", chosen)
            signed = plain.post("/v1/sign-in", {"account": reference, "password": self.passwords[reference]})
            plain.close()
            door = self.doors[reference] = Door(self.address, signed["token"])
        return door

    def service(self, actor: str) -> Door:
        """The service as this machine sees it, by an API key narrowed to one role and domain."""
        door = self.doors.get(actor)
        if door is None:
            expires = Instant(SystemClock().wall() + KEY_DAYS * _DAY)
            prepared = prepare_api_key(self.settings.log, actor, "demo", (self.keys[actor],), expires)
            self._as_installation(prepared.command)
            door = self.doors[actor] = Door(self.address, prepared.token)
        return door

    def release_all(self, files: dict[str, str]) -> int:
        """Propose, approve and release every artefact, wave by wave; how many."""
        count = 0
        for wave in release_waves(files):
            for path in wave:
                self._release(path, files[path])
                count += 1
        return count

    def _release(self, path: str, source: str) -> None:
        author = self.person(author_of(path))
        body = {"kind": KINDS[path.partition("/")[0]], "title": path, "reason": "first version", "source": source}
        proposed = author.post("/v1/change-requests", body)
        reviewer = self.person(APPROVER)
        change = f"/v1/change-requests/{proposed['change_request']}"
        approval = {"verdict": "approve", "digest": proposed["digest"]}
        stated = reviewer.post(f"{change}/statement", approval)
        signed = {"statement_nonce": stated["nonce"], "password": self.passwords[APPROVER]}
        reviewer.post(f"{change}/reviews", {**approval, **signed, "expected_revision": proposed["revision"]})
        reviewer.post(f"{change}/release")

    def _setup_code(self, reference: str) -> str:
        workings, connect = self._installation()
        reader = Reader(workings.log, SystemClock(), connect)
        with reader.view() as view:
            person = person_by_ref(view, reference)
        reader.close()
        assert person is not None, f"no person {reference}"
        prepared = prepare_setup_code(self.settings.log, person.id)
        self._as_installation(prepared.command)
        return prepared.token

    def _installation(self) -> tuple[Workings, Callable[[], Connection]]:
        """The log as the command line opens it, once: to unlock its keys takes a tenth of a second each time."""
        if self._opened is None:
            self._opened = build_writer(self.settings)
        return self._opened

    def _as_installation(self, command: object) -> None:
        """A command of the installation's command line, written beside the running service."""
        writer = Writer(*self._installation())
        try:
            done(writer.run(Request(SYSTEM, command, IdMaker().ordered("c", SystemClock().wall()))))
        finally:
            writer.close()

    def close(self) -> None:
        """End every connection."""
        for door in self.doors.values():
            door.close()
