"""Forgers of packs. Each makes one lie as well as their keys allow.

recipient   edits files and leaves everything else as it is
outsider    writes every manifest again and signs with a key of their own
operator    writes every manifest again and signs with the log's own key, which is what must still be found out
"""

from collections.abc import Callable, Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from governance.questions.packed import derive
from governance.questions.verdicts import packed_of, verify_pack
from ledger.dsse import SignBytes
from ledger.keys import Ed25519Signer
from ledger.note import parse_vkey
from ledger.pack import MANIFEST, Bag, read_bag, read_json, write_bag, write_zip
from ledger.verify.pack_parts import PackParts
from ledger.verify.packs import Trust
from ledger.verify.plain_signatures import verify_ed25519

Edit = Callable[[dict[str, bytes]], object]


def outsider(name: str = "ledger.example.com/bank") -> Ed25519Signer:
    """A signer that bears the log's name and has another key."""
    return Ed25519Signer(name, Ed25519PrivateKey.from_private_bytes(b"\7" * 32))


def by_recipient(data: bytes, edit: Edit) -> bytes:
    """Files edited in place; `edit` sees all files of the zip by their names in it."""
    bag = read_bag(data)
    files = {**bag.tags, **{f"data/{name}": content for name, content in bag.payload.items()}}
    edit(files)
    return write_zip({f"{bag.name}/{name}": content for name, content in files.items()})


def resealed(data: bytes, sign: SignBytes, edit: Edit, about: Mapping[str, Any] | None = None) -> bytes:
    """Payload files edited and every manifest written anew; `about` changes what the pack says of itself."""
    bag = read_bag(data)
    payload = {name: content for name, content in bag.payload.items() if f"data/{name}" != MANIFEST}
    edit(payload)
    return write_bag(bag.name, payload, {**PackParts(bag).predicate, **(about or {})}, sign)


def retold(data: bytes, sign: SignBytes, edit: Edit, about: Mapping[str, Any] | None = None) -> bytes:
    """As `resealed`, and every answer, record and register derived again from what the entries now say."""

    def edit_and_derive(payload: dict[str, bytes]) -> None:
        edit(payload)
        bag = Bag("", payload, {})
        predicate = {**PackParts(read_bag(data)).predicate, **(about or {})}
        for name in [name for name in payload if name.startswith(("answers/", "registers/", "keys/", "record.json"))]:
            del payload[name]
        payload.update(derive(packed_of(PackParts(bag)), predicate).files)

    return resealed(data, sign, edit_and_derive, about)


def verdicts(data: bytes, vkey: str | None) -> list[str]:
    """The five verdicts, by their first letters: Passed, Failed, Not determinable, - not run."""
    trust = Trust(verify_ed25519, None if vkey is None else parse_vkey(vkey))
    letters = {"passed": "P", "failed": "F", "not determinable": "N", "not run": "-"}
    return [letters[verdict.status.value] for verdict in verify_pack(data, trust).verdicts]


def replace_in(name: str, old: bytes, new: bytes, count: int = 1) -> Edit:
    """Replace bytes in one file; the file must hold them."""

    def edit(files: dict[str, bytes]) -> None:
        assert old in files[name], (name, old)
        files[name] = files[name].replace(old, new, count)

    return edit


def lines_of(files: Mapping[str, bytes], name: str) -> list[bytes]:
    """The lines of a file, each with its newline."""
    return files[name].splitlines(keepends=True)


def values_of(files: Mapping[str, bytes], name: str) -> list[Any]:
    """The JSON values of a file of lines."""
    return [read_json(line) for line in lines_of(files, name)]
