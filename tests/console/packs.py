"""Packs for the browser's verifier, each with what the verifier in Python says of it: valid, altered, forged, hostile.

`write` leaves them in a folder with `cases.json`; node and a browser read them there and must say the same.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zlib import compress

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

from governance.questions.verdicts import verify_pack
from ledger.cosignature import cosign
from ledger.errors import MunimentError
from ledger.key_statements import read_lists
from ledger.note import ED25519_COSIGNATURE, ML_DSA_44_COSIGNATURE, VerifierKey, parse_vkey, verifier_key
from ledger.pack import json_bytes, read_zip, write_zip
from ledger.policy import Policy, TrustedWitness, format_policy, parse_policy
from ledger.verify.packs import Trust
from ledger.verify.plain_signatures import verify_signature
from tests.evidence.forging import Edit, lines_of, replace_in, resealed, values_of

CHECKPOINTS = "proofs/checkpoints.jsonl"
COMPLETENESS = "proofs/completeness.json"
ENTRIES = "records/entries.jsonl"
INCLUSION = "proofs/inclusion.jsonl"
OPENINGS = "records/openings.jsonl"

SEEN_AT = 1_790_000_000  # when the witnesses cosigned
LARGE = b'"schema":9007199254740993'  # the first integer that a double loses
Files = dict[str, bytes]


@dataclass
class Zoo:
    """Packs by name, with what is brought along from outside, and the outcome that Python gives."""

    folder: Path
    cases: list[dict[str, Any]] = field(default_factory=list)

    def add(
        self, name: str, data: bytes, vkey: str | None, keys: str | None = None, policy: bytes | None = None
    ) -> None:
        """One pack; the expected outcome is worked out here and now."""
        (self.folder / f"{name}.zip").write_bytes(data)
        trust = {"vkey": vkey, "keyLists": keys, "policy": None if policy is None else policy.decode()}
        self.cases.append({"name": name, "trust": trust, "expected": told(data, vkey, keys, policy)})

    def write(self) -> None:
        """`cases.json`, once all are there."""
        (self.folder / "cases.json").write_text(json.dumps(self.cases))


def told(data: bytes, vkey: str | None, keys: str | None, policy: bytes | None) -> dict[str, Any]:
    """What the verifier in Python says of a pack."""
    pinned = None if vkey is None else parse_vkey(vkey)
    trust = Trust(verify_signature, pinned, () if keys is None else read_lists(keys))
    try:
        verified = verify_pack(data, trust, None if policy is None else parse_policy(policy))
    except MunimentError as error:
        return {"kind": "no pack", "text": str(error)}
    said = verified.as_value()
    verdicts = [{key: one[key] for key in ("number", "name", "status", "text")} for one in said["verdicts"][:4]]
    return {"kind": "verified", "pack": said["pack"], "strength": said["strength"], "verdicts": verdicts}


def dropped(name: str, at: int) -> Edit:
    """A line of a file left out."""

    def edit(files: Files) -> None:
        lines = lines_of(files, name)
        del lines[at]
        files[name] = b"".join(lines)

    return edit


def swapped(name: str, one: int, other: int) -> Edit:
    """Two lines of a file change places."""

    def edit(files: Files) -> None:
        lines = lines_of(files, name)
        lines[one], lines[other] = lines[other], lines[one]
        files[name] = b"".join(lines)

    return edit


def doubled(name: str, at: int) -> Edit:
    """A line of a file stands twice."""

    def edit(files: Files) -> None:
        lines = lines_of(files, name)
        files[name] = b"".join([*lines[: at + 1], *lines[at:]])

    return edit


def respelt(name: str, at: int, change: Callable[[bytes], bytes]) -> Edit:
    """A line of a file spelt otherwise."""

    def edit(files: Files) -> None:
        lines = lines_of(files, name)
        before = lines[at]
        lines[at] = change(before[:-1]) + b"\n"
        assert lines[at] != before
        files[name] = b"".join(lines)

    return edit


def changed(name: str, at: int, change: Callable[[Any], None]) -> Edit:
    """The value of a line of a file changed, and spelt as it must be."""

    def edit(files: Files) -> None:
        values = values_of(files, name)
        change(values[at])
        files[name] = b"".join(map(json_bytes, values))

    return edit


def without(name: str) -> Edit:
    """A file left out."""

    def edit(files: Files) -> None:
        del files[name]

    return edit


def renumbered(value: dict[str, Any]) -> None:
    """A proof of an entry that is not there."""
    value["index"] += 1_000_000


def shortened(value: dict[str, Any]) -> None:
    """A hash of a path cut short."""
    value["path"][0] = value["path"][0][:-4]


def beyond(value: dict[str, Any]) -> None:
    """A path longer than the tree is high."""
    value["path"].append(value["path"][-1])


LIES: Mapping[str, Edit] = {
    "entry-altered": replace_in(ENTRIES, b'"method":"password"', b'"method":"passwort"'),
    "entry-missing": dropped(ENTRIES, 4),
    "entry-first-missing": dropped(ENTRIES, 0),
    "entries-swapped": swapped(ENTRIES, 3, 4),
    "entry-twice": doubled(ENTRIES, 5),
    "entry-respelt": respelt(ENTRIES, 2, lambda line: line.replace(b":", b": ", 1)),
    "entry-key-twice": respelt(ENTRIES, 2, lambda line: line[:-1] + b',"v":1}'),
    "entry-no-json": respelt(ENTRIES, 2, lambda line: line[:-1]),
    "entry-no-utf8": respelt(ENTRIES, 2, lambda line: line.replace(b'"kind":"', b'"kind":"\xff', 1)),
    "entry-float": respelt(ENTRIES, 2, lambda line: line.replace(b'"schema":1', b'"schema":1.0', 1)),
    "entry-large-number": respelt(
        ENTRIES, 2, lambda line: line.replace(b'"schema":1', b'"schema":9007199254740993', 1)
    ),
    "entry-surrogate": respelt(ENTRIES, 2, lambda line: line.replace(b'"kind":"', b'"kind":"\\ud800', 1)),
    "entry-key-not-ascii": respelt(ENTRIES, 2, lambda line: line[:-1] + ',"\u00e9":1}'.encode()),
    "entry-of-another-log": replace_in(ENTRIES, b"ledger.example.com/bank", b"ledger.example.com/bonk", 3),
    "entry-deep": respelt(ENTRIES, 2, lambda line: line[:-1] + b',"z":' + b"[" * 70 + b"]" * 70 + b"}"),
    "entry-very-deep": respelt(ENTRIES, 2, lambda line: line[:-1] + b',"z":' + b"[" * 9000 + b"]" * 9000 + b"}"),
    "entries-without-end": lambda files: files.update({ENTRIES: files[ENTRIES][:-1]}),
    "entries-empty": lambda files: files.update({ENTRIES: b""}),
    "entry-no-time": respelt(ENTRIES, 6, lambda line: line.replace(b'"recorded_at"', b'"recorded_at_"')),
    "entry-time-back": respelt(ENTRIES, 6, lambda line: line.replace(b'"recorded_at":"2', b'"recorded_at":"1')),
    "entry-prev-altered": respelt(ENTRIES, 1, lambda line: line.replace(b'"prev":"', b'"prev":"A', 1)[:-1] + b"}"),
    "entry-no-kind": respelt(ENTRIES, 2, lambda line: line.replace(b'"kind"', b'"kinD"')),
    "entry-no-subject": respelt(ENTRIES, 2, lambda line: line.replace(b'"subject":', b'"subjecs":')),
    "proof-missing": dropped(INCLUSION, 3),
    "proofs-swapped": swapped(INCLUSION, 1, 2),
    "proof-twice": doubled(INCLUSION, 4),
    "proof-of-nothing": changed(INCLUSION, 4, renumbered),
    "proof-short": changed(INCLUSION, 4, shortened),
    "proof-long": changed(INCLUSION, 4, beyond),
    "proof-padded": respelt(INCLUSION, 4, lambda line: line.replace(b'"]', b'="]')),
    "proof-loose-bits": respelt(INCLUSION, 4, lambda line: line[:-4] + b'-"]}' if line[-4:-3] != b"-" else line),
    "proof-respelt": respelt(INCLUSION, 4, lambda line: line.replace(b",", b", ", 1)),
    "proofs-missing": without(INCLUSION),
    "opening-altered": replace_in(OPENINGS, b"Credit Officer 1", b"Credit Officer 9"),
    "opening-moved": swapped(OPENINGS, 0, 1),
    "opening-missing": dropped(OPENINGS, 0),
    "opening-of-another-entry": changed(OPENINGS, 0, lambda value: value.update(index=value["index"] + 1)),
    "opening-salt-short": changed(OPENINGS, 0, lambda value: value.update(salt="AAAA")),
    "openings-redacted": without(OPENINGS),
    "count-lowered": lambda files: count(files, lambda one: one.update(entries=one["entries"] - 1)),
    "count-of-none": lambda files: count(files, lambda one: one.update(entries=0)),
    "count-leaf": lambda files: count(files, lambda one: one.update(last_leaf="A" * 43)),
    "count-total": lambda files: count(files, lambda one: one.update(total=one["total"] + 1)),
    "count-missing": lambda files: count(files, lambda one: one.update(subject="pi_9")),
    "counts-missing": without(COMPLETENESS),
    "checkpoint-of-another-origin": replace_in(
        CHECKPOINTS, b"ledger.example.com/bank\\n", b"ledger.example.com/bonk\\n"
    ),
    "checkpoint-none": lambda files: files.update({CHECKPOINTS: b""}),
    "checkpoint-text": replace_in(CHECKPOINTS, b'"note":"', b'"note":"\\n'),
    "checkpoint-control": replace_in(CHECKPOINTS, b'"note":"', b'"note":"\\u0007'),
    "checkpoint-number": lambda files: files.update({CHECKPOINTS: json_bytes({"note": "7"})}),
}


def count(files: Files, change: Callable[[dict[str, Any]], None]) -> None:
    """The count of the instance changed."""
    value = json.loads(files[COMPLETENESS])
    (one,) = [one for one in value["subjects"] if one["subject"] == "pi_1"]
    change(one)
    files[COMPLETENESS] = json_bytes(value)


def by_recipient(data: bytes) -> Mapping[str, bytes]:
    """What somebody can do to a pack who holds no key: files, names, and the container itself."""
    files = read_zip(data)
    root = next(iter(files)).partition("/")[0]
    manifest = f"{root}/data/manifest.dsse.json"
    found = {
        "file-extra": write_zip({**files, f"{root}/data/extra.txt": b"see also"}),
        "tag-extra": write_zip({**files, f"{root}/notes.txt": b"see also"}),
        "file-missing": write_zip({name: data for name, data in files.items() if not name.endswith("00_README.txt")}),
        "file-altered": edited(files, f"{root}/data/report.html", b"in time", b"late"),
        "verifier-altered": edited(files, f"{root}/data/verify/verify.py", b"import sys", b"import os"),
        "bag-info-altered": edited(files, f"{root}/bag-info.txt", b"Regulator", b"Somebody"),
        "manifest-altered": edited(files, f"{root}/manifest-sha256.txt", b"a", b"b"),
        "envelope-no-json": write_zip({**files, manifest: b"{}\n"}),
        "envelope-respelt": write_zip({**files, manifest: files[manifest].replace(b":", b": ", 1)}),
        "envelope-empty": write_zip({**files, manifest: b""}),
        "manifest-missing": write_zip({name: data for name, data in files.items() if name != manifest}),
        "two-bags": write_zip({**files, "other/data/a.txt": b"a"}),
        "renamed": write_zip({f"pk_other/{name.partition('/')[2]}": data for name, data in files.items()}),
        "nothing": write_zip({}),
    }
    flips = {f"flipped-{at}": flipped(data, at) for at in (0, 3, 8, 12, 30, 500, -1, -30, -100)}
    return {**found, **flips, **containers(data)}


def edited(files: Mapping[str, bytes], name: str, old: bytes, new: bytes) -> bytes:
    """A zip of files, one of them edited."""
    assert old in files[name]
    return write_zip({**files, name: files[name].replace(old, new, 1)})


def flipped(data: bytes, at: int) -> bytes:
    """One byte altered."""
    copy = bytearray(data)
    copy[at] ^= 0x41
    return bytes(copy)


def containers(data: bytes) -> Mapping[str, bytes]:
    """Zips that are read as packs are and must be refused."""
    size = int.from_bytes(data[22:26], "little")
    end = 30 + int.from_bytes(data[26:28], "little") + size
    first = data[:end]
    squeezed = compress(b"\0" * 10_000_000)[2:-4]
    bomb = bytearray(first[:30])
    bomb[8:10] = b"\x08\0"
    bomb[18:22] = len(squeezed).to_bytes(4, "little")
    bomb[22:26] = (10_000_000).to_bytes(4, "little")
    claimed = bytearray(data)
    claimed[18:22] = claimed[22:26] = (0xFFFFFFFF).to_bytes(4, "little")
    climbing = data.replace(data[30:33], b"../")
    return {
        "cut-short": data[: len(data) // 2],
        "cut-at-end": data[:-1],
        "longer": data + b"\0",
        "in-front": b"\0" + data,
        "duplicate-name": first + data,
        "bomb": bytes(bomb) + first[30 : end - size] + squeezed + data[end:],
        "size-claimed": bytes(claimed),
        "climbing-name": climbing,
        "no-zip": b"%PDF-1.7\n",
        "empty": b"",
    }


@dataclass(frozen=True)
class Witness:
    """A witness with a key of each type."""

    name: str
    seed: int

    @property
    def keys(self) -> tuple[tuple[VerifierKey, Callable[[bytes], bytes]], ...]:
        """Verifier key and signer: Ed25519, then ML-DSA-44."""
        plain = Ed25519PrivateKey.from_private_bytes(bytes([self.seed]) * 32)
        lattice = MLDSA44PrivateKey.from_seed_bytes(bytes([self.seed]) * 32)
        public = plain.public_key().public_bytes_raw(), lattice.public_key().public_bytes_raw()
        return (
            (verifier_key(self.name, ED25519_COSIGNATURE, public[0]), plain.sign),
            (verifier_key(self.name, ML_DSA_44_COSIGNATURE, public[1]), lattice.sign),
        )

    def line(self, text: str, kind: int) -> str:
        """The cosignature line on a checkpoint, by the key of this type (0: Ed25519, 1: ML-DSA-44)."""
        key, sign = self.keys[kind]
        return cosign(key, sign, text, SEEN_AT)

    def policy(self, kind: int) -> bytes:
        """A policy that asks for this witness."""
        trusted = TrustedWitness("w", self.keys[kind][0])
        return format_policy(Policy((), (trusted,), (), "w"))


def cosigned(data: bytes, sign: Callable[[bytes], tuple[str, bytes]], lines: Callable[[str], str]) -> bytes:
    """The pack with more lines under its last checkpoint."""

    def edit(files: Files) -> None:
        values = values_of(files, CHECKPOINTS)
        note = values[-1]["note"]
        values[-1]["note"] = note + lines(note.rpartition("\n\n")[0] + "\n")
        files[CHECKPOINTS] = b"".join(map(json_bytes, values))

    return resealed(data, sign, edit)
