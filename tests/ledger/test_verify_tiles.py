"""A log of tiles whose entries are not ours is verified whole, and whatever was done to it is found."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

from ledger.checkpoint import parse_checkpoint
from ledger.cosignature import cosign
from ledger.note import (
    ED25519,
    ED25519_COSIGNATURE,
    ML_DSA_44_COSIGNATURE,
    VerifierKey,
    parse_note,
    verifier_key,
)
from ledger.verify.report import Fault
from tests.ledger.foreign import KEY, ORIGIN, entry, verdict, write_foreign


@pytest.fixture(scope="module")
def foreign(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("foreign")
    write_foreign(folder, [entry(number) for number in range(600)])
    return folder


@pytest.fixture
def copy(foreign: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(foreign, tmp_path / "copy"))


@pytest.mark.parametrize("size", [0, 1, 2, 255, 256, 257, 511, 512, 65_536 + 300])
def test_a_log_of_opaque_entries_verifies(tmp_path: Path, size: int) -> None:
    write_foreign(tmp_path, [entry(number) for number in range(size)])
    report = verdict(tmp_path)
    assert report.is_sound, report.words()
    assert (report.origin, report.size, report.entries) == (ORIGIN, size, size)
    assert report.signed_by == (KEY.key_id.hex(),)


def test_every_byte_that_is_changed_is_found_and_its_file_named(tmp_path: Path) -> None:
    write_foreign(tmp_path, [b"one", b"", b"three", b"4444"])
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) == 3
    for path in files:
        good = path.read_bytes()
        name = str(path.relative_to(tmp_path))
        for at in range(len(good)):
            path.write_bytes(good[:at] + bytes([good[at] ^ 1]) + good[at + 1 :])
            report = verdict(tmp_path)
            assert not report.is_sound, (name, at)
            # The last tile and its entries: the root alone tells which of the two is right.
            assert report.fault is not None
            assert report.fault.path in (name, "tile/entries/000.p/4", "checkpoint"), (name, at, report.fault)
            assert len(report.words()) < 1_000
        for wrong in (good[:-1], good + b"\0", b""):
            path.write_bytes(wrong)
            assert not verdict(tmp_path).is_sound, name
        path.unlink()
        assert verdict(tmp_path).fault == (Fault.MISSING, name, None, *missing(name))
        path.write_bytes(good)
    assert verdict(tmp_path).is_sound


def missing(name: str) -> tuple[str, str]:
    return ("a checkpoint", "none") if name == "checkpoint" else ("this file", "none")


@pytest.mark.parametrize("is_tile", [True, False])
def test_of_an_entry_and_its_hash_the_changed_one_is_named(copy: Path, is_tile: bool) -> None:
    path = copy / ("tile/0/001" if is_tile else "tile/entries/001")
    data = bytearray(path.read_bytes())
    at = 32 * 9 if is_tile else data.index(b"opaque 266") + 3
    data[at] ^= 1
    path.write_bytes(data)
    fault = verdict(copy).fault
    assert fault is not None
    assert (fault.fault, fault.path) == (Fault.ALTERED, str(path.relative_to(copy)))
    assert fault.index in ((256 + 9,) if is_tile else (266,))


@pytest.mark.parametrize("size", [5, 256, 600])
def test_another_tree_under_the_signed_checkpoint_is_a_fork(tmp_path: Path, size: int) -> None:
    entries = [entry(number) for number in range(size)]
    note = write_foreign(tmp_path / "true", entries)
    write_foreign(tmp_path / "other", [*entries[:-1], b"another last entry"])
    (tmp_path / "other/checkpoint").write_text(note)
    fault = verdict(tmp_path / "other").fault
    assert fault is not None
    assert (fault.fault, fault.path) == (Fault.FORKED, "checkpoint")


def test_an_upper_tile_that_was_changed_is_named(copy: Path) -> None:
    path = copy / "tile/1/000.p/2"
    data = path.read_bytes()
    path.write_bytes(data[:40] + bytes([data[40] ^ 1]) + data[41:])
    fault = verdict(copy).fault
    assert fault is not None
    assert (fault.fault, fault.path) == (Fault.ALTERED, "tile/1/000.p/2")
    assert "at 1, from the leaf hashes" in fault.expected


@pytest.mark.parametrize("cut", [1, 32, 8_000])
def test_a_truncated_tile_is_named_by_its_lengths(copy: Path, cut: int) -> None:
    path = copy / "tile/0/000"
    path.write_bytes(path.read_bytes()[:-cut])
    assert verdict(copy).fault == (Fault.ALTERED, "tile/0/000", None, "8192 bytes", str(8192 - cut))


def test_a_bundle_that_is_too_large_is_not_read_whole(copy: Path) -> None:
    with (copy / "tile/entries/000").open("r+b") as file:
        file.truncate(1 << 40)
    fault = verdict(copy).fault
    assert fault is not None
    assert fault.path == "tile/entries/000"
    assert "at most" in fault.expected


def test_a_partial_tile_that_was_deleted_is_read_from_the_full_one(tmp_path: Path) -> None:
    entries = [entry(number) for number in range(600)]
    old, new = tmp_path / "old", tmp_path / "new"
    note = write_foreign(old, entries[:300])
    write_foreign(new, entries)
    (new / "checkpoint").write_text(note)
    shutil.copy(old / "tile/1/000.p/1", new / "tile/1/000.p/1")
    assert not (new / "tile/0/001.p").exists()
    report = verdict(new)
    assert report.is_sound, report.words()
    assert report.size == 300


def test_consistency_with_a_checkpoint_kept_elsewhere(foreign: Path, tmp_path: Path) -> None:
    entries = [entry(number) for number in range(700)]
    other = [*entries[:250], b"another history", *entries[251:]]
    for size in (1, 255, 256, 300, 512, 600):
        same = parse_checkpoint(parse_note(write_foreign(tmp_path / f"a{size}", entries[:size])).text)
        assert verdict(foreign, kept=same).is_sound
        assert verdict(foreign, kept=same).since == size
        forked = parse_checkpoint(parse_note(write_foreign(tmp_path / f"b{size}", other[:size])).text)
        fault = verdict(foreign, kept=forked).fault
        assert (fault is None) == (size < 251)
        assert fault is None or fault.fault is Fault.FORKED
    ahead = parse_checkpoint(parse_note(write_foreign(tmp_path / "c", entries)).text)
    fault = verdict(foreign, kept=ahead).fault
    assert fault is not None
    assert fault.fault is Fault.ROLLED_BACK
    fault = verdict(foreign, kept=replace(ahead, origin="example.com/other")).fault
    assert fault is not None
    assert "example.com/other" in fault.expected


def _mldsa(name: str) -> tuple[VerifierKey, MLDSA44PrivateKey]:
    private = MLDSA44PrivateKey.generate()
    return verifier_key(name, ML_DSA_44_COSIGNATURE, private.public_key().public_bytes_raw()), private


def test_signatures_of_every_type_by_the_keys_given(copy: Path) -> None:
    note = (copy / "checkpoint").read_text()
    text = parse_note(note).text
    log_key, log_signer = _mldsa(ORIGIN)
    witness = Ed25519PrivateKey.generate()
    witness_key = verifier_key("witness", ED25519_COSIGNATURE, witness.public_key().public_bytes_raw())
    lines = cosign(log_key, log_signer.sign, text, 5) + cosign(witness_key, witness.sign, text, 6)
    (copy / "checkpoint").write_text(note + lines)
    report = verdict(copy, (KEY, log_key, witness_key))
    assert report.signed_by == tuple(key.key_id.hex() for key in (KEY, log_key, witness_key))
    assert verdict(copy, (log_key,)).is_sound
    other_key, _ = _mldsa("another-witness")
    for keys in ((witness_key,), (other_key,), (verifier_key("x", ED25519, bytes(32)),)):
        fault = verdict(copy, keys).fault
        assert fault is not None, "a witness alone vouches for no log"
        assert (fault.fault, fault.path) == (Fault.WRONG_KEY, "checkpoint")
    wrong = cosign(witness_key, witness.sign, text.replace("600", "601"), 6)
    (copy / "checkpoint").write_text(note + wrong)
    fault = verdict(copy, (KEY, witness_key)).fault
    assert fault is not None
    assert "does not verify" in fault.found
    assert verdict(copy, (KEY,)).is_sound, "a line of a key that was not given is passed over"


@pytest.mark.parametrize("bad", [b"\x07", b"\r", b"\xff", b"\x00"])
def test_a_note_with_control_characters_is_refused(copy: Path, bad: bytes) -> None:
    path = copy / "checkpoint"
    path.write_bytes(path.read_bytes().replace(b"\n\n", b"\n" + bad + b"\n\n", 1))
    fault = verdict(copy).fault
    assert fault is not None
    assert (fault.path, fault.fault) == ("checkpoint", Fault.ALTERED)


def test_hash_tiles_alone(copy: Path) -> None:
    shutil.rmtree(copy / "tile/entries")
    assert verdict(copy).fault == (Fault.MISSING, "tile/entries/000", None, "this file", "none")
    report = verdict(copy, hashes_only=True)
    assert report.is_sound
    assert report.entries == 0
    path = copy / "tile/0/001"
    path.write_bytes(bytes(32) + path.read_bytes()[32:])
    fault = verdict(copy, hashes_only=True).fault
    assert fault is not None
    assert fault.path == "tile/1/000.p/2"
