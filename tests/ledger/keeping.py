"""A log whose keys are changed as `muniment key` changes them, on the real write path."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ledger.batch import Batch
from ledger.commands import OpenLog
from ledger.connection import Connection
from ledger.database import Database
from ledger.entry import parse_entry
from ledger.key_life import CertifyKeys, ChangeKeys, keys_on_record, signed_lists
from ledger.key_life import commands as key_commands
from ledger.key_life import folds as key_folds
from ledger.key_orders import make_order, needs_new_key, sign_list, sign_order
from ledger.key_rules import id_of, in_force
from ledger.key_statements import COMMIT_KEY, COMPROMISED, ENROLLED, IDENTITY_KEY, ROTATED, ListedKey, Order
from ledger.keys import first_keys, load_keys
from ledger.proof import prove_inclusion
from ledger.reading import Reader
from ledger.refusal import Reason, Refusal
from ledger.signers import KeyRing
from ledger.tables import ENTRY
from ledger.token_address import IdentityPlace
from ledger.verification import Manner, Subject, verify_database
from ledger.verify.report import Report
from ledger.work import Answer, Receipt, Request
from ledger.workings import Workings
from rbac.refusal_texts import why
from tests.conftest import SetClock
from tests.ledger.toy import COUNTER, PERSON, Bump, folds, open_workings

LOG = "acme"
ORIGIN = f"ledger.example.com/{LOG}"
PASSPHRASE = "correct horse"


@dataclass
class Access:
    """Permits everything, unless told not to."""

    refuses: bool = False

    def check(self, uow: Any, actor: Any, domain: str, obj: str, act: str) -> Any:
        assert (domain, obj) == ("organisation", "key")
        assert act in ("issue", "revoke")
        return Refusal(Reason.NO_RULE, why("no-rule")) if self.refuses else self

    def as_basis(self) -> Any:
        return {"rules": []}


@dataclass
class Keeper:
    """One log and how its keys are changed."""

    database: Database
    workings: Workings
    clock: SetClock
    access: Access
    vkeys: dict[str, str]
    numbers: int = 0
    _reading: Reader | None = None

    @property
    def ring(self) -> KeyRing:
        return self.workings.log.secrets.ring

    @property
    def reader(self) -> Reader:
        if self._reading is None:
            self._reading = Reader(self.workings.log, self.clock, self.database.connect)
        return self._reading

    def close(self) -> None:
        if self._reading is not None:
            self._reading.close()

    def send(self, *commands: Any, workings: Workings | None = None) -> list[Answer]:
        """One batch of these commands; an exception of one is raised."""
        self.clock.pass_time(1_500_000)
        requests = []
        for command in commands:
            self.numbers += 1
            requests.append(Request(PERSON, command, f"k{self.numbers}"))
        connection: Connection = self.database.connect()
        try:
            results = Batch(workings or self.workings, connection).run(requests)
        finally:
            connection.close()
        for result in results:
            if isinstance(result, Exception):
                raise result
        return results  # type: ignore[return-value]

    def bump(self, times: int = 1) -> list[Receipt]:
        """So many commits of one entry each; their receipts."""
        receipts = []
        for _ in range(times):
            (answer,) = self.send(Bump(f"toy_{self.numbers % 3}"))
            assert answer.receipt is not None
            receipts.append(answer.receipt)
        return receipts

    def on_record(self) -> tuple[ListedKey, ...]:
        with self.reader.view() as view:
            return keys_on_record(view)

    def size(self) -> int:
        with self.reader.view() as view:
            return view.head.size

    def order(
        self, act: str, purpose: str = COMMIT_KEY, ends: str | None = None, void: int | None = None, *, vkey: str = ""
    ) -> Order:
        keys, size = self.on_record(), self.size()
        if not vkey and needs_new_key(keys, act, purpose, ends):
            vkey = self.ring.make(purpose).vkey
        return make_order(keys, size, Order(ORIGIN, act, purpose, vkey or None, ends, void, size))

    def command(self, order: Order) -> ChangeKeys:
        return ChangeKeys(LOG, sign_order(self.ring, self.on_record(), order))

    def change(self, order: Order) -> Receipt:
        (answer,) = self.send(self.command(order))
        assert not isinstance(answer.outcome, Refusal), answer.outcome
        assert answer.receipt is not None
        return answer.receipt

    def rotate(self, purpose: str = COMMIT_KEY) -> Receipt:
        also = [self.ring.identity(self.current(IDENTITY_KEY))] if purpose == IDENTITY_KEY else []
        receipt = self.change(self.order(ROTATED, purpose))
        self.certify(also)
        return receipt

    def compromise(self, key_id: str, void: int) -> Receipt:
        purpose = next(key.purpose for key in self.on_record() if id_of(key) == key_id)
        receipt = self.change(self.order(COMPROMISED, purpose, key_id, void))
        self.certify()
        return receipt

    def enrol(self, purpose: str) -> Receipt:
        return self.change(self.order(ENROLLED, purpose))

    def certify(self, also: Sequence[Any] = ()) -> None:
        note = sign_list(self.ring, self.on_record(), self.size(), also)
        assert note is not None
        (answer,) = self.send(CertifyKeys(LOG, note))
        assert not isinstance(answer.outcome, Refusal), answer.outcome

    def current(self, purpose: str = COMMIT_KEY) -> str:
        key = in_force(self.on_record(), purpose)
        assert key is not None
        return id_of(key)

    def lists(self) -> tuple[str, ...]:
        with self.reader.view() as view:
            return signed_lists(view)

    def with_proof(self, receipt: Receipt) -> dict[str, Any]:
        """The receipt as JSON, with its inclusion proof."""
        from ledger.canonical import b64url

        with self.reader.view() as view:
            proof = prove_inclusion(receipt.index, receipt.size, view.leaf_hashes)
        return {**receipt._asdict(), "proof": [b64url(one) for one in proof]}

    def kinds(self) -> list[str]:
        with self.reader.view() as view:
            return [parse_entry(row.bytes).kind for row in view.entries(0, view.head.size)]

    def entry_value(self, index: int) -> Any:
        with self.reader.view() as view:
            row = view.read(ENTRY, (index,))
        assert row is not None
        return parse_entry(row.bytes)

    def verify(self, *purposes: str, **manner: Any) -> Report:
        """With the first keys of these purposes pinned."""
        subject = Subject(self.database, LOG, ORIGIN, (COUNTER,), {**folds(), **key_folds()})
        vkeys = tuple(self.vkeys[purpose] for purpose in purposes)
        return verify_database(subject, Manner(**{"vkeys": vkeys, **manner}))[0]

    def another_process(self) -> Workings:
        """Workings as another process has them: its own key ring, read from the same folder."""
        log = replace(self.workings.log, secrets=load_keys(self.ring.folder, ORIGIN, PASSPHRASE))
        return replace(self.workings, log=log)


def open_keeper(
    database: Database,
    folder: Path,
    clock: SetClock,
    *,
    plain: bool = False,
    identity: IdentityPlace = IdentityPlace(),  # noqa: B008 - a plain value
) -> Keeper:
    """A new log with keys of all purposes; with the commit key alone if `plain`."""
    access = Access()
    workings = open_workings(database, folder, clock, LOG)
    commands = {**workings.commands, **key_commands(access)}
    workings = replace(workings, commands=commands, folds={**workings.folds, **key_folds()})
    secrets = workings.log.secrets
    secrets.ring._identity = identity
    if plain:
        opened = OpenLog(LOG, ((secrets.signer.key_id, secrets.signer.vkey, COMMIT_KEY),))
    else:
        first = first_keys(secrets, identity)
        opened = OpenLog(LOG, first.keys, first.key_list)
    keeper = Keeper(database, workings, clock, access, {purpose: vkey for _, vkey, purpose in opened.keys})
    keeper.send(opened)
    return keeper
