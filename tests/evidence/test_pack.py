"""The container: one spelling, nothing hidden, a signed manifest; and packs that are the same for the same material."""

import io
import json
import re
import subprocess
import zipfile
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.packs import BuiltPack, assemble_pack, gather, predicate_of
from ledger.dsse import IN_TOTO, check_envelope, pae, read_envelope
from ledger.errors import BrokenInput, MunimentError
from ledger.pack import (
    MANIFEST,
    Bag,
    bag_faults,
    read_bag,
    read_statement,
    read_zip,
    write_bag,
    write_zip,
)
from ledger.verify.pack_parts import INCLUSION, inclusion_bytes, read_inclusion
from tests.evidence.bank import Bank, actor_of
from tests.evidence.conftest import ask_for

ABOUT = {"organisation": "acme", "pack_id": "pk_1", "built_at": "2026-11-22T00:00:00.000000Z", "recipient": "auditor"}

PART = "[A-Za-z0-9_][A-Za-z0-9_.@-]{0,8}"
names = st.from_regex(f"{PART}(/{PART}){{0,2}}", fullmatch=True)


def sign(message: bytes) -> tuple[str, bytes]:
    return "key", sha256(b"secret" + message).digest()


@given(st.dictionaries(names, st.binary(max_size=40), max_size=6))
def test_a_zip_reads_back_and_others_can_read_it(files: dict[str, bytes]) -> None:
    data = write_zip(files)
    assert read_zip(data) == files
    assert write_zip(dict(reversed(files.items()))) == data
    with zipfile.ZipFile(io.BytesIO(data)) as other:
        assert other.testzip() is None
        assert {name: other.read(name) for name in other.namelist()} == files


@pytest.mark.parametrize(
    "name", ["../up", "/root", "a//b", "a/../b", "a\\b", "", ".hidden", "a/.", "é", "a b", "x" * 300]
)
def test_names_that_leave_their_folder_are_refused(name: str) -> None:
    with pytest.raises(BrokenInput):
        write_zip({name: b""})


@given(st.integers(0, 400), st.integers(1, 255))
def test_any_other_byte_is_refused(at: int, flip: int) -> None:
    data = bytearray(write_zip({"a/b.txt": b"one", "a/c.txt": b"two"}))
    data[at % len(data)] ^= flip
    with pytest.raises(BrokenInput):
        read_zip(bytes(data))


@pytest.mark.parametrize("extra", [b"x", b"PK\3\4"])
def test_nothing_hides_before_or_behind(extra: bytes) -> None:
    data = write_zip({"a": b"one"})
    for hidden in (data + extra, extra + data):
        with pytest.raises(BrokenInput):
            read_zip(hidden)


def test_compressed_and_doubled_files_are_refused() -> None:
    for method, twice in ((zipfile.ZIP_DEFLATED, False), (zipfile.ZIP_STORED, True)):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", method) as made:
            made.writestr("a", b"0" * 10_000_000)  # a bomb where it is compressed
            if twice:
                with pytest.warns(UserWarning, match="Duplicate"):
                    made.writestr("a", b"1")
        with pytest.raises(BrokenInput):
            read_zip(out.getvalue())


def test_files_in_another_order_are_refused() -> None:
    """A zip that others read without complaint."""
    written = write_zip({"a": b"1", "b": b"2"})
    swapped = written.translate(bytes.maketrans(b"ab", b"ba"))
    with zipfile.ZipFile(io.BytesIO(swapped)) as other:
        assert other.testzip() is None
    with pytest.raises(BrokenInput):
        read_zip(swapped)


def test_a_pack_that_stops_early_is_refused() -> None:
    written = write_zip({"a": b"1", "b": b""})
    for size in range(len(written)):
        with pytest.raises(BrokenInput):
            read_zip(written[:size])


def of_inclusion(*lines: bytes) -> object:
    """What is read of these lines, or what is said against them."""
    try:
        return read_inclusion(Bag("pk_1", {INCLUSION: b"".join(lines)}, {}))
    except (MunimentError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        return type(error), str(error)


WRITTEN = inclusion_bytes([(7, (bytes(32), b"\xff" * 32)), (12, (b"\xfb" * 32,))]).splitlines(keepends=True)
SPELT = (
    (b"7", b"07"), (b"7", b"-7"), (b"7", b"7.0"), (b"7", b"true"), (b"7", b"9" * 17), (b"7", b"9" * 5_000),
    (b"7", b" 7"), (b'"]', b'" ]'), (b'"]', b'",""]'), (b'"]', b'"],"x":1'), (b'"]', b'"]]'), (b'","', b'", "'),
    (b'","', b'\\u0022","'), (b"A", b"\\u0041"), (b"A", b"A="), (b"A", b""), (b"AA", b"A/"), (b"A", b"\xc3\xa9"),
    (b"A", b"\xff"), (b'A"', b'B"'), (b'["', b'[["'), (b'["', b'{"'), (b"path", b"paths"), (b"{", b"["),
    (b"}", b"} "), (b"}\n", b"}}\n"), (b"\n", b""),
)  # fmt: skip


@pytest.mark.parametrize(("old", "new"), SPELT)
def test_a_line_of_proofs_is_read_as_if_it_were_parsed(monkeypatch: pytest.MonkeyPatch, old: bytes, new: bytes) -> None:
    """How it is read is no matter: another spelling is refused with the same words, and what it says is the same."""
    lines = [line.replace(old, new, 1) for line in WRITTEN]
    found = [of_inclusion(*lines), of_inclusion(lines[0], WRITTEN[1]), of_inclusion(WRITTEN[0], lines[1])]
    monkeypatch.setattr("ledger.verify.pack_parts._INCLUSION_LINE", re.compile(rb"(?!)"))
    assert [of_inclusion(*lines), of_inclusion(lines[0], WRITTEN[1]), of_inclusion(WRITTEN[0], lines[1])] == found
    assert of_inclusion(*WRITTEN) == {7: (bytes(32), b"\xff" * 32), 12: (b"\xfb" * 32,)}


def test_pae_of_the_protocol() -> None:
    """The example of the DSSE protocol page."""
    assert pae("http://example.com/HelloWorld", b"hello world") == (
        b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    )


def test_golden_bag() -> None:
    """Changing one byte of the container format is a change of recorded bytes."""
    data = write_bag("pk_1", {"one.txt": b"1\n", "two/three.txt": b"3\n"}, ABOUT, sign)
    bag = read_bag(data)
    statement = read_statement(read_envelope(bag.payload["manifest.dsse.json"]).payload)
    assert bag_faults(bag, statement) == ()
    assert bag.tags["bag-info.txt"].decode().splitlines()[1] == "External-Identifier: pk_1"
    assert [member["name"] for member in statement["subject"]] == ["data/one.txt", "data/two/three.txt"]
    assert sha256(data).hexdigest() == GOLDEN_BAG


GOLDEN_BAG = "492200e5a90a91670a519a08fcea3a935aa5df6f39b2ede48aeea58fb3d11b58"


def test_the_envelope_covers_type_and_payload() -> None:
    envelope = read_envelope(read_bag(write_bag("pk_1", {"a": b""}, ABOUT, sign)).payload[MANIFEST[5:]])
    assert check_envelope(envelope, lambda message, signature: sign(message)[1] == signature)
    assert not check_envelope(envelope, lambda message, signature: sign(message + b" ")[1] == signature)
    assert envelope.payload_type == IN_TOTO


def test_the_same_material_gives_the_same_bytes(bank: Bank, pack: BuiltPack) -> None:
    room, request = bank.room, ask_for(bank)
    checkpoint = read_bag(pack.data).payload["proofs/checkpoints.jsonl"]
    note = json.loads(checkpoint)["note"]
    counted = int(note.splitlines()[1]) - 1
    made = []
    for _ in range(2):
        with room.reader.view() as view:
            material = gather(view, request, counted, note)
        predicate = predicate_of(room, actor_of("reviewer"), pack.pack, request, material)
        made.append(assemble_pack(material, predicate, room.sign))
    assert made == [pack.data, pack.data]


def test_sha256sum_reads_the_manifest(pack: BuiltPack, tmp_path: Path) -> None:
    """As the README in the pack says, with no tool of ours."""
    with zipfile.ZipFile(io.BytesIO(pack.data)) as made:
        made.extractall(tmp_path)
    done = subprocess.run(
        ["sha256sum", "-c", "--strict", "--quiet", "manifest-sha256.txt", "tagmanifest-sha256.txt"],
        cwd=tmp_path / pack.pack,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "")
