"""The log as others see it, verified by a second implementation: `tlog.mjs`, written from the specifications for Node.

What it is given is what `muniment log export` writes of a log that our publisher published, with the lines of all keys
and of a witness. Sizes at the edges of tiles, and what is wrong in a directory, are laid out from the specification of
c2sp.org/tlog-tiles instead, by the tree code alone.
"""

import os
import re
import shutil
import subprocess
from base64 import b64encode
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

from ledger.actor import SYSTEM
from ledger.chain import leaf_hash
from ledger.checkpoint import Checkpoint, format_checkpoint
from ledger.cosignature import cosign
from ledger.exporting import export
from ledger.key_files import write_key
from ledger.key_statements import COMMIT_KEY, IDENTITY_KEY, POST_QUANTUM_KEY, TYPE_OF, ListedKey
from ledger.log_lines import OwnLines
from ledger.note import ED25519_COSIGNATURE, ML_DSA_44_COSIGNATURE, format_vkey, parse_note, verifier_key
from ledger.publication import COSIGNATURE, AddLines, Line, Publication
from ledger.reading import Reader
from ledger.signers import Ed25519Signer, KeyRing
from ledger.token_address import IdentityPlace
from ledger.tree import root_of
from ledger.work import Request
from tests.conftest import ROOT, SetClock, missing
from tests.ledger.publishing import House, log_of
from tests.migrated import migrated_sqlite

PROGRAM = Path(__file__).parent / "tlog.mjs"
TRANSCRIPT = ROOT / "docs" / "reference" / "transcripts" / "independent-tlog.txt"
ORIGIN = "ledger.example.com/others"
SIGNER = Ed25519Signer(ORIGIN, Ed25519PrivateKey.from_private_bytes(b"\x01" * 32))
WITNESS = Ed25519PrivateKey.from_private_bytes(b"\x02" * 32)
WITNESS_KEY = verifier_key("witness.example.com/w1", ED25519_COSIGNATURE, WITNESS.public_key().public_bytes_raw())
AT = 1_790_000_000
WIDTH = 256
LARGE = 70_000


def node(*arguments: str) -> tuple[int, str]:
    """(exit status, what it said) of the program."""
    program = shutil.which("node")
    if program is None:
        missing("node", "no `node` on this machine")
        raise AssertionError
    environment = {"PATH": os.environ["PATH"]}
    ran = subprocess.run(
        [program, str(PROGRAM), *arguments], capture_output=True, text=True, check=False, env=environment
    )
    assert not ran.stderr, ran.stderr
    return ran.returncode, ran.stdout


def path_of(number: int) -> str:
    digits = [f"{number % 1000:03}"]
    while number := number // 1000:
        digits.insert(0, f"x{number % 1000:03}")
    return "/".join(digits)


def write(folder: Path, name: str, data: bytes) -> None:
    place = folder / name
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(data)


def note_at(entries: Sequence[bytes], size: int, signer: Ed25519Signer = SIGNER) -> str:
    root = root_of([leaf_hash(entry) for entry in entries[:size]])
    return signer.sign_note(format_checkpoint(Checkpoint(signer.vkey.partition("+")[0], size, root)))


def lay_out(folder: Path, entries: Sequence[bytes], note: str) -> None:
    """checkpoint, tile/<L>/<N>[.p/<W>] and tile/entries/<N>[.p/<W>] of these entries."""
    write(folder, "checkpoint", note.encode())
    level, hashes = 0, [leaf_hash(entry) for entry in entries]
    while hashes:
        for number, start in enumerate(range(0, len(hashes), WIDTH)):
            tile = hashes[start : start + WIDTH]
            suffix = "" if len(tile) == WIDTH else f".p/{len(tile)}"
            write(folder, f"tile/{level}/{path_of(number)}{suffix}", b"".join(tile))
            if level == 0:
                bundle = b"".join([len(one).to_bytes(2, "big") + one for one in entries[start : start + WIDTH]])
                write(folder, f"tile/entries/{path_of(number)}{suffix}", bundle)
        full = len(hashes) // WIDTH
        hashes = [root_of(hashes[n * WIDTH : (n + 1) * WIDTH]) for n in range(full)]
        level += 1


def entries_of(size: int) -> list[bytes]:
    return [b'{"index":%d,"text":"%s"}' % (n, b"x" * (n % 97)) for n in range(size)]


@pytest.mark.parametrize("size", [1, 2, 255, 256, 257, 1_000])
def test_a_directory_of_this_size_holds(tmp_path: Path, size: int) -> None:
    entries = entries_of(size)
    lay_out(tmp_path, entries, note_at(entries, size))
    status, said = node(str(tmp_path), SIGNER.vkey)
    assert status == 0, said
    assert said.endswith("holds        everything\n")
    assert f"size {size}, root {root_of([leaf_hash(one) for one in entries]).hex()}" in said


def cosigned(note: str) -> str:
    text = note.partition("\n\n")[0] + "\n"
    return note + cosign(WITNESS_KEY, WITNESS.sign, text, AT)


def test_a_cosignature_is_looked_at(tmp_path: Path) -> None:
    entries = entries_of(300)
    note = cosigned(note_at(entries, 300))
    lay_out(tmp_path, entries, note)
    status, said = node(str(tmp_path), SIGNER.vkey, "--witness", format_vkey(WITNESS_KEY))
    assert (status, "Ed25519 cosignature, by witness.example.com/w1" in said) == (0, True), said
    stranger = verifier_key("witness.example.com/w2", ED25519_COSIGNATURE, WITNESS_KEY.public_key)
    status, said = node(str(tmp_path), SIGNER.vkey, "--witness", format_vkey(stranger))
    assert (status, "no cosignature by witness.example.com/w2" in said) == (1, True), said
    head, line = note[: note.rindex("\u2014")], note[note.rindex("\u2014") :]
    name, _, data = line.rpartition(" ")
    write(tmp_path, "checkpoint", f"{head}{name} {data[:20]}{'A' if data[20] != 'A' else 'B'}{data[21:]}".encode())
    status, said = node(str(tmp_path), SIGNER.vkey, "--witness", format_vkey(WITNESS_KEY))
    assert (status, "bad cosignature" in said) == (1, True), said


def test_a_line_of_ml_dsa_is_not_taken_for_checked(tmp_path: Path) -> None:
    entries = entries_of(3)
    key = verifier_key("witness.example.com/pq", ML_DSA_44_COSIGNATURE, bytes(1312))
    line = b64encode(key.key_id + AT.to_bytes(8, "big") + bytes(2420)).decode()
    lay_out(tmp_path, entries, f"{note_at(entries, 3)}\u2014 {key.name} {line}\n")
    status, said = node(str(tmp_path), SIGNER.vkey, "--witness", format_vkey(key))
    assert (status, "ML-DSA-44, not run" in said) == (0, True), said


def test_what_is_wrong_is_named(tmp_path: Path) -> None:
    """A flipped byte or a missing file anywhere in the directory; a fork; another log's key."""
    entries = entries_of(600)
    lay_out(tmp_path, entries, note_at(entries, 600))
    for name in sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()):
        place = tmp_path / name
        data = place.read_bytes()
        for at in (0, len(data) // 2, len(data) - 1):
            place.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
            status, said = node(str(tmp_path), SIGNER.vkey)
            assert (status, "FAULT" in said) == (1, True), (name, at, said)
        place.write_bytes(data[:-1])
        assert node(str(tmp_path), SIGNER.vkey)[0] == 1, f"{name} cut short"
        place.unlink()
        status, said = node(str(tmp_path), SIGNER.vkey)
        assert (status, "FAULT" in said) == (1, True), name
        place.write_bytes(data)
    other = Ed25519Signer(ORIGIN, Ed25519PrivateKey.generate())
    assert "no signature by" in node(str(tmp_path), other.vkey)[1]
    changed = [*entries[:100], b"another", *entries[101:]]
    for size, status_expected in ((100, 0), (101, 1), (600, 1)):
        (tmp_path.parent / "kept").write_text(note_at(changed, size))
        status, said = node(str(tmp_path), SIGNER.vkey, "--older", str(tmp_path.parent / "kept"))
        assert (status, "forked" in said) == (status_expected, bool(status_expected)), said


def test_usage() -> None:
    program = shutil.which("node")
    if program is None:
        missing("node", "no `node` on this machine")
        return
    ran = subprocess.run([program, str(PROGRAM)], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr[:6]) == (2, "usage:")


OURS = "ledger.example.com/acme"
PRIVATE: dict[str, Any] = {
    COMMIT_KEY: Ed25519PrivateKey.from_private_bytes(b"\x03" * 32),
    IDENTITY_KEY: Ed25519PrivateKey.from_private_bytes(b"\x04" * 32),
    POST_QUANTUM_KEY: MLDSA44PrivateKey.from_seed_bytes(b"\x05" * 32),
}
"""Always the same, so that a log written at the same times is the same log and the transcript can be held to."""
KEYS = {
    purpose: verifier_key(OURS, TYPE_OF[purpose], private.public_key().public_bytes_raw())
    for purpose, private in PRIVATE.items()
}
VKEY = format_vkey(KEYS[COMMIT_KEY])


@pytest.fixture
def house(tmp_path: Path, clock: SetClock) -> Iterator[House]:
    """A log of ours with these keys."""
    database = migrated_sqlite(tmp_path / "ledger.sqlite")
    made = log_of(database, tmp_path, clock)
    made.reader.close()
    ring = KeyRing(tmp_path / "known", OURS, "correct horse", IdentityPlace())
    ring.folder.mkdir()
    for purpose, private in PRIVATE.items():
        write_key(ring.folder / f"{purpose}.pem", private, "correct horse")
    ring.use(KEYS[COMMIT_KEY].key_id.hex())
    log = replace(made.workings.log, secrets=replace(made.workings.log.secrets, ring=ring, mac_key=bytes(32)))
    reader = Reader(log, clock, lambda: database.connect(read_only=True))
    made = replace(made, workings=replace(made.workings, log=log), reader=reader)
    yield made
    made.close()


def written(house: House, *sizes: int) -> list[Path]:
    """Grow to each size, publish it with all lines, export; the checkpoints of these exports, kept elsewhere."""
    folder = house.database.path.parent / "log"  # type: ignore[attr-defined]
    keys = [ListedKey(purpose, format_vkey(key), 0) for purpose, key in KEYS.items()]
    own = OwnLines(house.workings.log.secrets.ring, lambda: keys, house.clock)
    kept = []
    for size in sizes:
        while house.count < size:
            house.append(min(500, size - house.count))
        house.publish()
        with house.reader.view() as view:
            note = view.head.checkpoint
        made = Publication(size, parse_note(note).text, note)
        line = cosign(WITNESS_KEY, WITNESS.sign, made.text, AT)
        lines = (*own.contribute(made), Line(size, WITNESS_KEY.key_id.hex(), COSIGNATURE, line.encode(), 1))
        house.submit([Request(SYSTEM, AddLines(lines, "keys", size))])
        assert export(house.reader, folder, hashes_only=False).size == size
        kept.append(folder.with_name(f"kept-{size}"))
        shutil.copy(folder / "checkpoint", kept[-1])
    return kept


def judged(house: House, older: Path, vkey: str) -> tuple[int, str]:
    folder = house.database.path.parent / "log"  # type: ignore[attr-defined]
    return node(str(folder), vkey, "--older", str(older), "--witness", format_vkey(WITNESS_KEY))


def test_an_export_of_ours_holds_by_either_key_and_says_what_the_transcript_says(house: House, tmp_path: Path) -> None:
    """Line by line, numbers and hashes aside; it grew from an export with other partial tiles."""
    older, _ = written(house, 200, 600)
    status, said = judged(house, older, VKEY)
    assert status == 0, said
    assert f"size 600, root {root_of(house.leaves()).hex()}" in said
    assert "4 signature lines in the note" in said
    assert shape(said) == shape(TRANSCRIPT.read_text().partition("\n")[2])
    status, said = judged(house, older, format_vkey(KEYS[IDENTITY_KEY]))
    assert (status, KEYS[IDENTITY_KEY].key_id.hex() in said) == (0, True), said
    status, said = node(str(tmp_path / "log"), VKEY, "--witness", format_vkey(KEYS[POST_QUANTUM_KEY]))
    assert (status, f"not run: Node has none, by {OURS}" in said) == (0, True), said


def test_a_changed_byte_in_any_file_of_an_export_of_ours_is_named(house: House, tmp_path: Path) -> None:
    written(house, 300)
    folder = tmp_path / "log"
    names = sorted(path for path in folder.rglob("*") if path.is_file())
    assert len(names) == 6  # the checkpoint, two tiles of level 0, one of level 1, two bundles
    for place in names:
        data = place.read_bytes()
        last = (data.index(b"\n\n") if place.name == "checkpoint" else len(data)) - 1
        for at in (0, last // 2, last):
            place.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
            status, said = node(str(folder), VKEY)
            assert (status, "FAULT" in said) == (1, True), (place, at, said)
        place.write_bytes(data)
    assert node(str(folder), VKEY)[0] == 0


@pytest.mark.long
def test_a_large_export_of_ours_holds_and_says_what_the_transcript_says(house: House) -> None:
    """70,000 entries, the example of tlog-tiles: 273 full tiles and one of 112, one and one of 17, one of 1."""
    older, _ = written(house, 65_537, LARGE)
    status, said = judged(house, older, VKEY)
    assert status == 0, said
    command = f"$ node tests/independent/tlog.mjs log '{VKEY}' --older kept --witness '{format_vkey(WITNESS_KEY)}'"
    text = f"{command}\n{said}"
    if os.environ.get("MUNIMENT_GOLDEN") == "write":
        TRANSCRIPT.write_text(text)
    assert TRANSCRIPT.read_text() == text


def shape(text: str) -> list[str]:
    return [re.sub(r"[0-9a-f]{64}|\d+", "N", line) for line in text.splitlines()]
