"""A pack of a log whose commit key was rotated: the entries in it lead from the pinned key to the one that signs it."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.packs import BuiltPack, build_pack
from api.verifier import assembled
from ledger.key_life import CertifyKeys, ChangeKeys, keys_on_record, signed_lists
from ledger.key_orders import make_order, needs_new_key, sign_list, sign_order
from ledger.key_rules import id_of
from ledger.key_statements import COMMIT_KEY, ENROLLED, IDENTITY_KEY, ROTATED, Order, read_lists
from ledger.note import parse_vkey
from ledger.pack import read_bag
from ledger.refusal import Refusal
from ledger.verify.pack_parts import PackParts
from ledger.verify.packs import Trust, signed
from ledger.verify.plain_signatures import verify_signature
from ledger.verify.report import Status
from ledger.work import Request
from tests.conftest import SetClock
from tests.evidence.bank import Bank, actor_of
from tests.evidence.conftest import ask_for, live, open_bank
from tests.evidence.forging import by_recipient
from tests.evidence.test_verifier import verify


class Turning:
    """A bank that changes its keys."""

    def __init__(self, bank: Bank) -> None:
        self.bank = bank
        self.first = bank.vkey
        self.count = 0

    def change(self, act: str, purpose: str = COMMIT_KEY, ends: str | None = None, void: int | None = None) -> None:
        bank, ring = self.bank, self.bank.log.secrets.ring
        with bank.reader.view() as view:
            keys, size = keys_on_record(view), view.head.size
        vkey = ring.make(purpose).vkey if needs_new_key(keys, act, purpose, ends) else None
        order = make_order(keys, size, Order(ring.origin, act, purpose, vkey, ends, void, size))
        self.send(ChangeKeys("bank", sign_order(ring, keys, order)))
        with bank.reader.view() as view:
            note = sign_list(ring, keys_on_record(view), view.head.size)
        if note is not None:
            self.send(CertifyKeys("bank", note))

    def send(self, command: object) -> None:
        self.count += 1
        answer = self.bank.writer.run(Request(actor_of("reviewer"), command, f"turn-{self.count}"))
        assert not isinstance(answer.outcome, Refusal), answer.outcome

    def note(self) -> str:
        with self.bank.reader.view() as view:
            return view.head.checkpoint

    def lists(self) -> str:
        with self.bank.reader.view() as view:
            return "".join(signed_lists(view))


@pytest.fixture(scope="module")
def turned(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Turning]:
    opened = open_bank(tmp_path_factory.mktemp("bank"), SetClock())
    live(opened)
    yield Turning(opened)
    opened.close()


@pytest.fixture(scope="module")
def pack(turned: Turning) -> BuiltPack:
    """Built after two rotations, with a checkpoint of each key that the recipient held."""
    turned.change(ENROLLED, IDENTITY_KEY)
    kept = [turned.note()]
    for _ in range(2):
        turned.change(ROTATED)
        kept.append(turned.note())
    built = build_pack(turned.bank.room, actor_of("reviewer"), "pack-1", ask_for(turned.bank, kept=tuple(kept)))
    assert isinstance(built, BuiltPack), built
    return built


def test_the_first_key_leads_to_the_one_that_signed(turned: Turning, pack: BuiltPack, tmp_path: Path) -> None:
    (tmp_path / "verify.py").write_bytes(assembled())
    (tmp_path / "pack.zip").write_bytes(pack.data)
    (tmp_path / "keys.txt").write_text(turned.lists())
    program, file = tmp_path / "verify.py", str(tmp_path / "pack.zip")
    for more in ((), ("--keys", str(tmp_path / "keys.txt"))):
        done = verify(program, file, "--trust", turned.first, "--json", *more)
        assert (done.returncode, done.stderr) == (0, ""), done.stdout
        third = json.loads(done.stdout)["verdicts"][2]
        assert third["status"] == "passed"
        assert third["text"].startswith("4 checkpoint")
    assert verify(program, file, "--keys", str(tmp_path / "keys.txt")).returncode == 2
    (tmp_path / "keys.txt").write_text(turned.lists().replace("size ", "size 1", 1))
    assert verify(program, file, "--trust", turned.first, "--keys", str(tmp_path / "keys.txt")).returncode == 2


def test_without_its_rotations_a_pack_is_signed_by_nobody(turned: Turning, pack: BuiltPack) -> None:
    """A change of keys left out leaves a checkpoint by a key that the pack does not put in force."""

    def leave_out(files: dict[str, bytes]) -> None:
        lines = files["data/records/entries.jsonl"].splitlines(keepends=True)
        assert any(b'"key.rotated"' in line for line in lines)
        files["data/records/entries.jsonl"] = b"".join(line for line in lines if b'"key.rotated"' not in line)

    trust = Trust(verify_signature, parse_vkey(turned.first))
    assert signed(PackParts(read_bag(pack.data)), trust).status is Status.PASSED
    broken = signed(PackParts(read_bag(by_recipient(pack.data, leave_out))), trust)
    assert broken.status is Status.FAILED


def test_a_list_from_outside_refuses_a_pack_under_a_stolen_key(turned: Turning, pack: BuiltPack) -> None:
    """Later it is found that the key that signed the pack was stolen before. The pack cannot say so, the list does."""
    stolen = turned.bank.log.secrets.signer.key_id
    size = PackParts(read_bag(pack.data)).notes.last.size
    for void, status in ((size, Status.PASSED), (size - 1, Status.FAILED)):
        with turned.bank.reader.view() as view:
            keys = keys_on_record(view)
        told = tuple(key._replace(void_from=void, to_size=size + 9) if id_of(key) == stolen else key for key in keys)
        note = sign_list(turned.bank.log.secrets.ring, told, size + 9)
        assert note is not None
        lists = (*read_lists(turned.lists())[:1], note)
        verdict = signed(PackParts(read_bag(pack.data)), Trust(verify_signature, parse_vkey(turned.first), lists))
        assert verdict.status is status, verdict
        assert ("stolen" in verdict.text) is (status is Status.FAILED)
