"""The verifier in TypeScript against the one in Python: over a zoo of packs every verdict, word for word."""

import json
import lzma
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from api.packs import BuiltPack, build_pack
from ledger.key_life import keys_on_record
from ledger.key_orders import sign_list
from ledger.key_rules import id_of
from ledger.key_statements import ENROLLED, IDENTITY_KEY, POST_QUANTUM_KEY, RETIRED, ROTATED, read_lists
from ledger.pack import json_bytes, read_bag
from ledger.verify.pack_parts import PackParts
from ledger.verify.plain_signatures import verify_signature
from tests.conftest import CASES, ROOT, SetClock
from tests.console.node import vitest
from tests.console.packs import LIES, SEEN_AT, Witness, Zoo, by_recipient, cosigned, dropped
from tests.evidence.bank import Bank, actor_of
from tests.evidence.conftest import ask_for, live, open_bank, pack_of
from tests.evidence.forging import outsider, resealed, values_of
from tests.evidence.test_rotated import Turning

LATTICE = ROOT / "tests" / "ledger" / "vectors" / "mldsa_44_verify_test.json.xz"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("packs")


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bank]:
    opened = open_bank(tmp_path_factory.mktemp("bank"), SetClock())
    live(opened)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def pack(bank: Bank) -> BuiltPack:
    return pack_of(bank)


def untouched(files: dict[str, bytes]) -> None:
    """No edit: what changes is what the pack says of itself, or who seals it."""


def forged_by_operator(zoo: Zoo, bank: Bank, pack: BuiltPack) -> None:
    sign = bank.log.secrets.signer.sign_bytes
    for name, lie in LIES.items():
        zoo.add(name, resealed(pack.data, sign, lie), bank.vkey)
    said: dict[str, dict[str, Any]] = {
        "other-pack": {"pack_id": "pk_9"},
        "fewer-subjects": {"subjects": ["cr_1"]},
        "spaces": {"recipient": " a\u2003b\x1fc\n"},
        "empty": {"recipient": None},
    }
    for name, about in said.items():
        zoo.add(f"statement-{name}", resealed(pack.data, sign, untouched, about), bank.vkey)


def forged_by_others(zoo: Zoo, bank: Bank, pack: BuiltPack, other: Path) -> None:
    stranger = outsider()
    zoo.add("sealed-by-outsider", resealed(pack.data, stranger.sign_bytes, untouched), bank.vkey)
    zoo.add("sealed-by-outsider-no-key", resealed(pack.data, stranger.sign_bytes, untouched), None)
    zoo.add("wrong-key", pack.data, stranger.vkey)
    zoo.add("key-of-another-name", pack.data, outsider("ledger.example.com/bonk").vkey)

    def foreign_checkpoint(files: dict[str, bytes]) -> None:
        (value,) = values_of(files, "proofs/checkpoints.jsonl")
        text = value["note"].partition("\n\n")[0] + "\n"
        files["proofs/checkpoints.jsonl"] = json_bytes({"note": stranger.sign_note(text)})

    forged = resealed(pack.data, bank.log.secrets.signer.sign_bytes, foreign_checkpoint)
    zoo.add("foreign-checkpoint", forged, bank.vkey)
    zoo.add("foreign-checkpoint-no-key", forged, None)
    second = open_bank(other, SetClock())
    live(second)
    view = pack_of(second).data
    zoo.add("split-view", view, bank.vkey)
    zoo.add("split-view-no-key", view, None)
    second.close()


def with_witnesses(zoo: Zoo, bank: Bank, pack: BuiltPack) -> None:
    sign = bank.log.secrets.signer.sign_bytes
    one, other = Witness("witness.example.com/one", 1), Witness("witness.example.com/other", 2)

    def wrongly(text: str, kind: int) -> str:
        return one.line(text.replace("\n", "x\n", 1), kind)

    for kind in (0, 1):
        signed = cosigned(pack.data, sign, partial(one.line, kind=kind))
        zoo.add(f"cosigned-{kind}", signed, bank.vkey, None, one.policy(kind))
        zoo.add(f"cosigned-{kind}-by-another", signed, bank.vkey, None, other.policy(kind))
        wrong = cosigned(pack.data, sign, partial(wrongly, kind=kind))
        zoo.add(f"cosigned-{kind}-wrongly", wrong, bank.vkey, None, one.policy(kind))
    zoo.add("cosigned-no-log-key", signed, None, None, one.policy(1))


def turned(zoo: Zoo, folder: Path) -> None:
    """A log whose commit key changed twice, with the checkpoints that the recipient kept."""
    bank = open_bank(folder, SetClock())
    live(bank)
    turning = Turning(bank)
    turning.change(ENROLLED, IDENTITY_KEY)
    turning.change(ENROLLED, POST_QUANTUM_KEY)
    kept = [turning.note()]
    for _ in range(2):
        turning.change(ROTATED)
        kept.append(turning.note())
    built = build_pack(bank.room, actor_of("reviewer"), "pack-1", ask_for(bank, kept=tuple(kept)))
    assert isinstance(built, BuiltPack), built
    sign = bank.log.secrets.signer.sign_bytes
    zoo.add("turned", built.data, turning.first)
    zoo.add("turned-no-key", built.data, None)
    zoo.add("turned-newest-key", built.data, bank.vkey)
    zoo.add("turned-lists", built.data, turning.first, turning.lists())
    for at in (0, 1):
        zoo.add(
            f"kept-missing-{at}", resealed(built.data, sign, dropped("proofs/consistency.jsonl", at)), turning.first
        )
    zoo.add("kept-swapped", resealed(built.data, sign, lambda files: files.update(_reversed(files))), turning.first)

    def leave_out(files: dict[str, bytes]) -> None:
        lines = files["records/entries.jsonl"].splitlines(keepends=True)
        files["records/entries.jsonl"] = b"".join(line for line in lines if b'"key.rotated"' not in line)

    zoo.add("rotation-missing", resealed(built.data, sign, leave_out), turning.first)
    with_other_lines(zoo, bank, built, turning.first)
    stolen_later(zoo, bank, built, turning)
    after_retirement(zoo, turning)
    bank.close()


def with_other_lines(zoo: Zoo, bank: Bank, pack: BuiltPack, vkey: str) -> None:
    """Lines of the log's identity key and of its ML-DSA-44 key under the last checkpoint."""
    ring, sign = bank.log.secrets.ring, bank.log.secrets.signer.sign_bytes
    ids = {key.purpose: id_of(key) for key in _keys(bank)}
    identity, lattice = ring.identity(ids[IDENTITY_KEY]), ring.post_quantum(ids[POST_QUANTUM_KEY])

    def lied(text: str) -> str:
        origin, size, root = text.splitlines()
        return f"{origin}\n{int(size) + 1}\n{root}\n"

    lines = {
        "identity": identity.sign_line,
        "identity-wrong": lambda text: identity.sign_line(lied(text)),
        "post-quantum": lambda text: lattice.sign_line(text, SEEN_AT),
        "post-quantum-wrong": lambda text: lattice.sign_line(lied(text), SEEN_AT),
    }
    for name, line in lines.items():
        zoo.add(f"line-of-{name}", cosigned(pack.data, sign, line), vkey)
    zoo.add("pinned-identity", pack.data, identity.vkey)
    zoo.add("pinned-post-quantum", pack.data, lattice.vkey)


def after_retirement(zoo: Zoo, turning: Turning) -> None:
    """A line by a key of the log that was no longer in force."""
    bank = turning.bank
    (lattice,) = [id_of(key) for key in _keys(bank) if key.purpose == POST_QUANTUM_KEY]
    signer = bank.log.secrets.ring.post_quantum(lattice)
    turning.change(RETIRED, POST_QUANTUM_KEY, lattice)
    built = build_pack(bank.room, actor_of("reviewer"), "pack-3", ask_for(bank))
    assert isinstance(built, BuiltPack), built
    sign = bank.log.secrets.signer.sign_bytes
    late = cosigned(built.data, sign, lambda text: signer.sign_line(text, SEEN_AT))
    zoo.add("line-of-retired", late, turning.first)


def stolen_later(zoo: Zoo, bank: Bank, pack: BuiltPack, turning: Turning) -> None:
    """A list from outside that knows of a theft which the pack cannot tell of."""
    size = PackParts(read_bag(pack.data)).notes.last.size
    stolen = bank.log.secrets.signer.key_id
    for void in (size, size - 1):
        told = tuple(
            key._replace(void_from=void, to_size=size + 9) if id_of(key) == stolen else key for key in _keys(bank)
        )
        note = sign_list(bank.log.secrets.ring, told, size + 9)
        assert note is not None
        lists = "".join((*read_lists(turning.lists())[:1], note))
        zoo.add(f"stolen-above-{void - size}", pack.data, turning.first, lists)


def _keys(bank: Bank) -> tuple:  # type: ignore[type-arg]
    with bank.reader.view() as view:
        return keys_on_record(view)


def _reversed(files: dict[str, bytes]) -> dict[str, bytes]:
    name = "proofs/checkpoints.jsonl"
    return {name: b"".join(reversed(files[name].splitlines(keepends=True)))}


def test_every_verdict_is_the_one_python_gives(bank: Bank, pack: BuiltPack, folder: Path, tmp_path: Path) -> None:
    zoo = Zoo(folder)
    zoo.add("valid", pack.data, bank.vkey)
    zoo.add("valid-no-key", pack.data, None)
    zoo.add("redacted", pack_of_nobody(bank), bank.vkey)
    for name, data in by_recipient(pack.data).items():
        zoo.add(name, data, bank.vkey)
    forged_by_operator(zoo, bank, pack)
    forged_by_others(zoo, bank, pack, tmp_path / "other")
    with_witnesses(zoo, bank, pack)
    turned(zoo, tmp_path / "turned")
    zoo.write()
    assert len(zoo.cases) > 100
    reached = {(one["number"], one["status"]) for case in zoo.cases for one in case["expected"].get("verdicts", ())}
    assert reached == {
        *((number, status) for number in (1, 2) for status in ("passed", "failed")),
        *((number, status) for number in (3, 4) for status in ("passed", "failed", "not determinable")),
    }
    vitest("tests/verify/packs.test.ts", MUNIMENT_PACKS=str(folder))


def pack_of_nobody(bank: Bank) -> bytes:
    """A pack with nothing opened."""
    request = ask_for(bank, allowed=lambda record_class, data_subject: False)
    built = build_pack(bank.room, actor_of("reviewer"), "pack-2", request)
    assert isinstance(built, BuiltPack)
    return built.data


@pytest.mark.cases
def test_every_signature_is_taken_or_refused_as_in_python(folder: Path) -> None:
    """Published vectors of Ed25519 and ML-DSA-44."""
    lattice = json.loads(lzma.decompress(LATTICE.read_bytes()))["testGroups"]
    plain = json.loads((CASES / "signatures" / "ed25519_test.json").read_text())["testGroups"]
    vectors = []
    for group in (*plain, *lattice):
        key = group["publicKey"]
        for test in group["tests"]:
            if test.get("ctx"):
                continue
            said = [key if isinstance(key, str) else key["pk"], test["msg"], test["sig"]]
            holds = verify_signature(*map(bytes.fromhex, said))
            vectors.append(dict(zip(("key", "message", "signature", "holds"), (*said, holds), strict=True)))
    assert {one["holds"] for one in vectors} == {True, False}
    (folder / "signatures.json").write_text(json.dumps(vectors))
    vitest("tests/verify/signatures.test.ts", MUNIMENT_PACKS=str(folder))
