"""The evidence pack as a container: a deterministic zip of one BagIt bag with a signed manifest. Standard library only.

    zip        local headers and stored bytes in the order of names, then the central directory; no compression, no
               comment, no extra field; every time 1980-01-01 00:00:00, every mode 0644 (PKWARE APPNOTE 4.3)
    bag        BagIt 1.0 (RFC 8493): bagit.txt, bag-info.txt, manifest-sha256.txt over data/, tagmanifest-sha256.txt
    manifest   data/manifest.dsse.json: a DSSE envelope (github.com/secure-systems-lab/dsse, protocol) around an in-toto
               Statement v1 whose subjects are all other files under data/, with their SHA-256

One input has one spelling: `read_zip` takes only what `write_zip` writes, byte for byte, so nothing can hide between
two files, and there is nothing to decompress. `bag-info.txt` and `bagit.txt` follow from the predicate, so a verifier
writes them again and compares.
"""

import json
import re
from binascii import crc32
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from struct import Struct
from typing import Any

from ledger.dsse import IN_TOTO, IN_TOTO_STATEMENT, Envelope, SignBytes, read_envelope, write_envelope
from ledger.errors import BrokenInput, TooLarge

PACK_BYTES_MAX = 1 << 30  # a year of one process fits; far below the 4 GiB at which the zip format changes
FILE_BYTES_MAX = 1 << 29
FILES_MAX = 10_000  # a pack has a few dozen files and its attachments
NAME_BYTES_MAX = 240  # fits every file system once unpacked

PREDICATE_TYPE = "https://muniment.example/evidence-pack/v1"
MANIFEST = "data/manifest.dsse.json"

_BAGIT = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
_TAG_FILES = ("bag-info.txt", "bagit.txt", "manifest-sha256.txt")
_spelled = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False, check_circular=False
).encode
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.@-]*(/[A-Za-z0-9_][A-Za-z0-9_.@-]*)*", re.ASCII)
_LOCAL = Struct("<4s5H3I2H")
_CENTRAL = Struct("<4s6H3I5H2I")
_END = Struct("<4s4H2IH")
_DOS_TIME, _DOS_DATE = 0, 0x0021  # 1980-01-01 00:00:00
_VERSION, _MADE_BY_UNIX, _MODE = 20, 0x0314, 0o100644 << 16


@dataclass(frozen=True, slots=True)
class Bag:
    """A bag as read: its name, the files under data/ by their name without the prefix, and its tag files."""

    name: str
    payload: Mapping[str, bytes]
    tags: Mapping[str, bytes]


def write_zip(files: Mapping[str, bytes]) -> bytes:
    """The one zip of these files; `BrokenInput` for a name no file system takes, `TooLarge` over a limit."""
    if len(files) > FILES_MAX:
        raise TooLarge(f"expected at most {FILES_MAX} files, found {len(files)}")
    return b"".join(_zip_parts(files))


def _zip_parts(files: Mapping[str, bytes]) -> Iterator[bytes]:
    """What a zip of these files is put together of, from its first byte to its last."""
    directory, at = bytearray(), 0
    for name in sorted(files):
        data = files[name]
        check_name(name)
        if len(data) > FILE_BYTES_MAX or at + len(data) > PACK_BYTES_MAX:
            raise TooLarge(f"expected a pack of at most {PACK_BYTES_MAX} bytes", name)
        encoded = name.encode("ascii")
        shared = (_VERSION, 0, 0, _DOS_TIME, _DOS_DATE, crc32(data), len(data), len(data), len(encoded), 0)
        directory += _CENTRAL.pack(b"PK\1\2", _MADE_BY_UNIX, *shared, 0, 0, 0, _MODE, at) + encoded
        header = _LOCAL.pack(b"PK\3\4", *shared) + encoded
        yield header
        yield data
        at += len(header) + len(data)
    yield bytes(directory)
    yield _END.pack(b"PK\5\6", 0, 0, len(files), len(files), len(directory), at, 0)


def read_zip(data: bytes) -> dict[str, bytes]:
    """The files of a zip that `write_zip` wrote; any other bytes are `BrokenInput`."""
    if len(data) > PACK_BYTES_MAX + (FILES_MAX + 1) * 2 * (NAME_BYTES_MAX + 64):
        raise TooLarge(f"expected a pack of at most {PACK_BYTES_MAX} bytes")
    files: dict[str, bytes] = {}
    at = 0
    while data[at : at + 4] == b"PK\3\4":
        name, start, end = _local(data, at)
        if name in files:
            raise BrokenInput("expected each file once", name)
        if len(files) == FILES_MAX:
            raise TooLarge(f"expected at most {FILES_MAX} files")
        files[name] = data[start:end]
        at = end
    if not _is_written(files, data):
        raise BrokenInput("expected a pack as it was written: stored files in order, and nothing beside them")
    return files


def _is_written(files: Mapping[str, bytes], data: bytes) -> bool:
    """Whether `data` is the zip of these files, without a copy of it: it has up to a gigabyte."""
    at = 0
    for part in tuple(_zip_parts(files)):
        if not data.startswith(part, at):
            return False
        at += len(part)
    return at == len(data)


def _local(data: bytes, at: int) -> tuple[str, int, int]:
    """(name, start, end) of the file whose header stands at `at`."""
    if at + _LOCAL.size > len(data):
        raise BrokenInput("expected a whole header of a file")
    _, _, flags, method, _, _, _, stored, size, name_bytes, extra = _LOCAL.unpack_from(data, at)
    if method or flags or extra or stored != size:
        raise BrokenInput("expected a stored file without compression, encryption or extra fields")
    if name_bytes > NAME_BYTES_MAX or size > FILE_BYTES_MAX:
        raise TooLarge("expected a file within the limits")
    start = at + _LOCAL.size + name_bytes
    if start + size > len(data):
        raise BrokenInput("expected a whole file")
    try:
        name = data[at + _LOCAL.size : start].decode("ascii")
    except UnicodeDecodeError as error:
        raise BrokenInput("expected file names in ASCII") from error
    check_name(name)
    return name, start, start + size


def check_name(name: str) -> None:
    """Raise `BrokenInput` for a name that could leave its folder or means different files on different systems."""
    if len(name) > NAME_BYTES_MAX or not _NAME.fullmatch(name):
        raise BrokenInput("expected a plain relative file name", name[:64])


def write_bag(name: str, payload: Mapping[str, bytes], predicate: Mapping[str, Any], sign: SignBytes) -> bytes:
    """The pack: the payload (names without `data/`), its signed manifest and the tag files, as one zip."""
    return write_hashed(name, payload, sums_of(payload), predicate, sign)


def write_hashed(
    name: str, payload: Mapping[str, bytes], sums: Mapping[str, str], predicate: Mapping[str, Any], sign: SignBytes
) -> bytes:
    """As `write_bag`, of a payload whose `sums_of` are known."""
    files = {f"data/{member}": data for member, data in payload.items()}
    if MANIFEST in files:
        raise BrokenInput("expected a payload without a manifest", MANIFEST)
    files[MANIFEST] = write_envelope(IN_TOTO, statement_bytes(sums, predicate), [sign])
    files.update(tag_files(files, {**sums, **sums_of({MANIFEST[5:]: files[MANIFEST]})}, predicate))
    return write_zip({f"{name}/{member}": data for member, data in files.items()})


def sums_of(payload: Mapping[str, bytes]) -> dict[str, str]:
    """SHA-256 of each file in hexadecimal."""
    return {name: sha256(data).hexdigest() for name, data in payload.items()}


def tag_files(payload: Mapping[str, bytes], sums: Mapping[str, str], predicate: Mapping[str, Any]) -> dict[str, bytes]:
    """bagit.txt, bag-info.txt and the two manifests of files under data/, whose sums go by their names without it;
    they follow from what is given."""
    octets = sum(map(len, payload.values()))
    info = [
        ("Source-Organization", predicate["organisation"]),
        ("External-Identifier", predicate["pack_id"]),
        ("Bagging-Date", str(predicate["built_at"])[:10]),
        ("Payload-Oxum", f"{octets}.{len(payload)}"),
        ("Recipient", predicate["recipient"]),
    ]
    tags = {
        "bagit.txt": _BAGIT,
        "bag-info.txt": "".join([f"{label}: {_one_line(value)}\n" for label, value in info]).encode(),
        "manifest-sha256.txt": _listed({f"data/{name}": digest for name, digest in sums.items()}),
    }
    return {**tags, "tagmanifest-sha256.txt": _listed(sums_of(tags))}


def _one_line(value: Any) -> str:
    return " ".join(str(value).split())


def _listed(sums: Mapping[str, str]) -> bytes:
    return "".join([f"{sums[name]}  {name}\n" for name in sorted(sums)]).encode()


def read_bag(data: bytes) -> Bag:
    """The bag in a zip; whether its manifests fit is `bag_faults`'s question."""
    files = read_zip(data)
    roots = {name.partition("/")[0] for name in files}
    if len(roots) != 1:
        raise BrokenInput("expected one bag in the pack")
    (root,) = roots
    bare = {name[len(root) + 1 :]: content for name, content in files.items()}
    payload = {name[5:]: content for name, content in bare.items() if name.startswith("data/")}
    tags = {name: content for name, content in bare.items() if not name.startswith("data/")}
    if MANIFEST[5:] not in payload:
        raise BrokenInput("expected a manifest in the pack", MANIFEST)
    return Bag(root, payload, tags)


def bag_faults(bag: Bag, statement: Mapping[str, Any]) -> tuple[str, ...]:
    """Where files and manifests differ: what is missing, added or altered. Empty when the pack is intact.

    Says nothing about who signed; the statement is the one in `data/manifest.dsse.json`.
    """
    sums = sums_of(bag.payload)
    stated = {f"data/{name}": digest for name, digest in sums.items()}
    del stated[MANIFEST]
    listed = {member["name"]: member["digest"]["sha256"] for member in statement["subject"]}
    faults = [f"{name}: not in the signed manifest" for name in sorted(stated.keys() - listed.keys())]
    faults += [f"{name}: missing" for name in sorted(listed.keys() - stated.keys())]
    faults += [f"{name}: altered" for name in sorted(stated.keys() & listed.keys()) if stated[name] != listed[name]]
    expected = tag_files(bag.payload, sums, statement["predicate"])
    faults += [f"{name}: not part of a bag" for name in sorted(bag.tags.keys() - expected.keys())]
    faults += [f"{name}: missing" for name in sorted(expected.keys() - bag.tags.keys())]
    faults += [
        f"{name}: does not fit the files"
        for name in sorted(expected)
        if bag.tags.get(name, expected[name]) != expected[name]
    ]
    return tuple(faults)


def statement_bytes(sums: Mapping[str, str], predicate: Mapping[str, Any]) -> bytes:
    """The in-toto Statement over files under data/ with these `sums_of`, as the bytes that are signed."""
    subject = [{"digest": {"sha256": sums[name]}, "name": f"data/{name}"} for name in sorted(sums)]
    return json_bytes(
        {"_type": IN_TOTO_STATEMENT, "subject": subject, "predicateType": PREDICATE_TYPE, "predicate": dict(predicate)}
    )


def read_statement(payload: bytes) -> dict[str, Any]:
    """The statement of an envelope's payload; `BrokenInput` when it is none of ours."""
    value = read_json(payload)
    is_ours = (
        type(value) is dict
        and value.keys() == {"_type", "subject", "predicateType", "predicate"}
        and value["_type"] == IN_TOTO_STATEMENT
        and value["predicateType"] == PREDICATE_TYPE
        and type(value["predicate"]) is dict
        and type(value["subject"]) is list
        and all(_is_subject(member) for member in value["subject"])
        and {"organisation", "pack_id", "built_at", "recipient"} <= value["predicate"].keys()
    )
    if not is_ours:
        raise BrokenInput("expected an in-toto statement about an evidence pack", MANIFEST)
    assert isinstance(value, dict)
    return value


def _is_subject(member: Any) -> bool:
    return (
        type(member) is dict
        and member.keys() == {"digest", "name"}
        and type(member["name"]) is str
        and type(member["digest"]) is dict
        and type(member["digest"].get("sha256")) is str
    )


def read_manifest(data: bytes) -> Envelope:
    """The envelope of a pack's manifest; nothing is said about whether it verifies."""
    envelope = read_envelope(data)
    if envelope.payload_type != IN_TOTO or read_json(data).keys() != {"payload", "payloadType", "signatures"}:
        raise BrokenInput("expected a DSSE envelope of an in-toto statement", MANIFEST)
    return envelope


def json_text(value: Any) -> str:
    """The JSON of a value as `json_bytes` spells it, without the newline."""
    return _spelled(value)


def json_bytes(value: Any) -> bytes:
    """JSON with sorted keys and no space, then a newline: the spelling of every JSON file of a pack."""
    return json_text(value).encode() + b"\n"


def read_json(data: bytes) -> Any:
    """The value of a JSON file of a pack; another spelling, or anything else, is `BrokenInput`."""
    try:
        value = json.loads(data)
        same = json_bytes(value) == data
    except (ValueError, RecursionError) as error:
        raise BrokenInput("expected JSON") from error
    if not same:
        raise BrokenInput("expected JSON in its one spelling")
    return value
