"""The log as others see it, verified by a second implementation: `tlog.mjs`, written from the specifications for Node.

The directory is laid out here from the tree code alone, as c2sp.org/tlog-tiles says; `muniment log export` takes its
place as soon as it writes one.
"""

import os
import re
import shutil
import subprocess
from base64 import b64encode
from collections.abc import Sequence
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.chain import leaf_hash
from ledger.checkpoint import Checkpoint, format_checkpoint
from ledger.cosignature import cosign
from ledger.database import SqliteDatabase
from ledger.keys import Ed25519Signer
from ledger.note import ED25519_COSIGNATURE, ML_DSA_44_COSIGNATURE, format_vkey, verifier_key
from ledger.tree import root_of
from migrations.upgrade import upgrade
from tests.conftest import ROOT, SetClock, missing
from tests.ledger.tampering import Copy, write_log

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


def test_a_log_as_the_service_wrote_it_holds(tmp_path: Path) -> None:
    database = SqliteDatabase(tmp_path / "ledger.sqlite")
    upgrade(database.url)
    copy = Copy(database, write_log(database, tmp_path / "keys", SetClock()))
    ((note,),) = copy.ask("SELECT checkpoint FROM head WHERE log_id = {log}")
    lay_out(tmp_path / "log", [entry.data for entry in copy.entries()], note)
    kept = tmp_path / "kept"
    ((older,),) = copy.ask("SELECT note FROM checkpoint WHERE log_id = {log} ORDER BY size LIMIT 1")
    kept.write_text(older)
    status, said = node(str(tmp_path / "log"), copy.signer.vkey, "--older", str(kept))
    assert status == 0, said
    assert "inclusion    24 entries proved" in said


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


@pytest.mark.long
def test_a_large_directory_holds_and_says_what_the_transcript_says(tmp_path: Path) -> None:
    """70,000 entries, the example of tlog-tiles: 273 full tiles and one of 112, one and one of 17, one of 1."""
    entries = entries_of(LARGE)
    lay_out(tmp_path / "log", entries, cosigned(note_at(entries, LARGE)))
    kept = tmp_path / "kept"
    kept.write_text(note_at(entries, 65_537))
    status, said = node(str(tmp_path / "log"), SIGNER.vkey, "--older", str(kept), "--witness", format_vkey(WITNESS_KEY))
    assert status == 0, said
    command = (
        f"$ node tests/independent/tlog.mjs log '{SIGNER.vkey}' --older kept --witness '{format_vkey(WITNESS_KEY)}'"
    )
    text = f"{command}\n{said}"
    if os.environ.get("MUNIMENT_GOLDEN") == "write":
        TRANSCRIPT.write_text(text)
    assert TRANSCRIPT.read_text() == text


def test_the_transcript_has_the_shape_of_a_run(tmp_path: Path) -> None:
    """Line by line what a run says, numbers and hashes aside."""
    entries = entries_of(300)
    lay_out(tmp_path, entries, cosigned(note_at(entries, 300)))
    (tmp_path / "kept").write_text(note_at(entries, 200))
    status, said = node(
        str(tmp_path), SIGNER.vkey, "--older", str(tmp_path / "kept"), "--witness", format_vkey(WITNESS_KEY)
    )
    assert status == 0, said
    assert shape(said) == shape(TRANSCRIPT.read_text().partition("\n")[2])


def shape(text: str) -> list[str]:
    return [re.sub(r"[0-9a-f]{64}|\d+", "N", line) for line in text.splitlines()]
