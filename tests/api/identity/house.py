"""A log with a ceremony, one officer who has a password, and a door."""

from dataclasses import replace
from typing import Any

from api.identity import service, tables
from api.identity.commands import DOOR, KEY_TIME_MAX, CreateApiKey
from api.identity.passwords import Passwords
from ledger.actor import Actor
from ledger.clock import Instant
from ledger.refusal import Reason, Refusal
from ledger.work import Done
from rbac import service as rbac
from rbac import tables as rbac_tables
from rbac.permission import WHOLE
from tests.rbac.acme import CEREMONY
from tests.rbac.memory import Log

PASSWORDS = Passwords(passes=1, memory_kib=64)
GATE = service.Door("acme", bytes(range(32)))
WORD, OTHER = "correct horse battery", "another long password"


class House:
    """A log with a ceremony and one officer who has a password."""

    def __init__(self, demo: tuple[str, ...] = ()) -> None:
        self.access = rbac.Access()
        commands = {**rbac.commands(), **service.commands(self.access)}
        folds = {**rbac.folds(), **service.folds()}
        self.log = Log(commands, folds, [rbac_tables.metadata, tables.metadata])
        done = self.log.run(replace(CEREMONY, demo_accounts=demo))
        assert isinstance(done, Done)
        self.person = {p["ref"]: p["person"] for p in done.result["persons"]}
        self.auth = service.Authenticator(GATE)
        self.secrets: list[str] = []
        self.code = self.issue("p-three")
        assert isinstance(self.by_code(self.code, WORD), Done)

    def issue(self, ref: str, by: Actor = DOOR) -> str:
        prepared = service.prepare_setup_code("acme", self.person[ref])
        done = self.log.run(prepared.command, by)
        assert isinstance(done, Done)
        self.secrets.append(prepared.token)
        return prepared.token

    def by_code(self, code: str, word: str, account: str = "p-three") -> Done | Refusal:
        command = service.prepare_password_by_code(self.log.work(), PASSWORDS, account, code, word)
        return command if isinstance(command, Refusal) else self.log.run(command, DOOR)

    def sign_in(self, word: str = WORD, account: str = "p-three", code: str = "") -> tuple[Done | Refusal, str]:
        entered = service.Entered(account, word, code)
        prepared = service.prepare_sign_in(self.log.work(), PASSWORDS, GATE, entered)
        self.secrets.append(prepared.token)
        return service.sign_in_outcome(self.log.run(prepared.command, DOOR)), prepared.token

    def signed_in(self, code: str = "") -> tuple[Actor, str]:
        outcome, token = self.sign_in(code=code)
        assert isinstance(outcome, Done)
        actor = self.who(token)
        assert isinstance(actor, Actor)
        return actor, token

    def who(self, token: str) -> Actor | Refusal:
        return self.auth.authenticate(self.log.work(), token, self.log.now)

    def pass_time(self, time: int) -> None:
        self.log.now = Instant(self.log.now + time)

    def key(self, by: Actor = DOOR, **changes: Any) -> tuple[Done | Refusal, str]:
        expires = Instant(self.log.now + KEY_TIME_MAX)
        prepared = service.prepare_api_key("acme", "svc:intake", "Intake", (("intake", WHOLE),), expires)
        assert isinstance(prepared.command, CreateApiKey)
        self.secrets.append(prepared.token)
        return self.log.run(replace(prepared.command, **changes), by), prepared.token


def reason(answer: Any) -> Reason | None:
    return answer.reason if isinstance(answer, Refusal) else None
