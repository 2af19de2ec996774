"""`.tlog-proof` files: the specification's shape, round trips, and that nothing changed shows more than before."""

from base64 import b64encode
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from ledger.chain import leaf_hash
from ledger.checkpoint import Checkpoint, format_checkpoint
from ledger.errors import BrokenInput, Misuse, TooLarge
from ledger.note import ED25519, Ed25519Verifier, Note, SignatureLine, format_note, parse_note, verifier_key
from ledger.proof import prove_inclusion
from ledger.tlog_proof import EXTRA_BYTES_MAX, HASHES_MAX, TlogProof, check_proof, format_proof, parse_proof
from ledger.tree import root_of
from ledger.verify.plain_signatures import verify_ed25519

ORIGIN = "ledger.example.com/acme"
LEAVES = [leaf_hash(b"entry %d" % number) for number in range(70)]
KEY, WITNESS, STRANGER = (Ed25519PrivateKey.from_private_bytes(bytes((number,)) * 32) for number in (1, 2, 3))


def verifier(name: str, key: Ed25519PrivateKey) -> Ed25519Verifier:
    return Ed25519Verifier(verifier_key(name, ED25519, key.public_key().public_bytes_raw()), verify_ed25519)


LOG, OTHER = verifier(ORIGIN, KEY), verifier("witness.example", WITNESS)


def proof_of(index: int, size: int, extra: bytes | None = None, cosigned: bool = False) -> TlogProof:
    text = format_checkpoint(Checkpoint(ORIGIN, size, root_of(LEAVES[:size])))
    lines = [SignatureLine(ORIGIN, LOG.key_id, KEY.sign(text.encode()))]
    if cosigned:
        lines.append(SignatureLine(OTHER.name, OTHER.key_id, WITNESS.sign(text.encode())))
    hashes = prove_inclusion(index, size, lambda start, end: LEAVES[start:end])
    return TlogProof(index, hashes, format_note(Note(text, tuple(lines))), extra)


def test_the_shape_of_the_specification() -> None:
    proof = proof_of(5, 11, b"age-v1.2.1", cosigned=True)
    lines = format_proof(proof).split("\n")
    assert lines[:3] == ["c2sp.org/tlog-proof@v1", f"extra {b64encode(b'age-v1.2.1').decode()}", "index 5"]
    assert lines[3] == b64encode(LEAVES[4]).decode()  # the leaf's sibling first
    assert lines[7:10] == ["", ORIGIN, "11"]
    assert len(lines[3:7]) == len(proof.hashes) == 4
    assert format_proof(proof).endswith(proof.note)
    assert "extra" not in format_proof(proof_of(5, 11))


@given(st.integers(1, 70), st.data(), st.none() | st.binary(max_size=50))
def test_every_proof_reads_back_and_holds(size: int, data: st.DataObject, extra: bytes | None) -> None:
    index = data.draw(st.integers(0, size - 1))
    proof = proof_of(index, size, extra)
    assert parse_proof(format_proof(proof)) == proof
    assert parse_proof(format_proof(proof).encode()) == proof
    assert check_proof(proof, LEAVES[index], [LOG]).is_included
    assert not check_proof(proof, LEAVES[(index + 1) % 70], [LOG]).is_included


def test_witnesses_are_told_by_who_they_are() -> None:
    proof = proof_of(5, 11, cosigned=True)
    assert [line.name for line in check_proof(proof, LEAVES[5], [LOG], [OTHER]).opened.note.verified] == [
        ORIGIN,
        "witness.example",
    ]
    assert [line.name for line in check_proof(proof, LEAVES[5], [LOG]).opened.note.unknown] == ["witness.example"]
    wrong = replace(proof, note=proof.note[:-8] + "AAAAAA=\n")
    with pytest.raises(BrokenInput):
        check_proof(wrong, LEAVES[5], [LOG], [OTHER])


def test_keys_speak_for_their_own_log_only() -> None:
    proof = proof_of(5, 11)
    for keys in ([], [verifier("other.example/log", KEY)], [verifier(ORIGIN, STRANGER)], [OTHER]):
        with pytest.raises(BrokenInput):
            check_proof(proof, LEAVES[5], keys)


def test_the_key_of_another_log_signs_nothing_of_this_one() -> None:
    """Pinned beside the log's own key: a checkpoint that it alone signed is none of this log's."""
    proof = proof_of(5, 11)
    text = parse_note(proof.note).text
    line = SignatureLine(
        "other.example/log", verifier("other.example/log", WITNESS).key_id, WITNESS.sign(text.encode())
    )
    forged = replace(proof, note=format_note(Note(text, (line,))))
    with pytest.raises(BrokenInput):
        check_proof(forged, LEAVES[5], [LOG, verifier("other.example/log", WITNESS)])


def test_no_changed_byte_shows_more() -> None:
    """A change of the extra line or of an unknown key's signature is nobody's business; all else shows nothing."""
    proof = proof_of(5, 11, b"extra", cosigned=True)
    written = format_proof(proof).encode()
    free = [(written.index(b"extra") + 6, written.index(b"\nindex")), (written.rindex("\u2014".encode()), len(written))]
    for at in range(len(written)):
        for bit in (1, 2, 4, 0x80):
            changed = written[:at] + bytes((written[at] ^ bit,)) + written[at + 1 :]
            try:
                is_included = check_proof(parse_proof(changed), LEAVES[5], [LOG]).is_included
            except BrokenInput:
                continue
            assert not is_included or any(start <= at < end for start, end in free), (at, bit)
    for end in range(len(written)):
        try:
            parsed = parse_proof(written[:end])
        except BrokenInput:
            continue
        assert end == len(written) - 1 or parse_note(parsed.note).signatures != parse_note(proof.note).signatures


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("c2sp.org/tlog-proof@v1", "c2sp.org/tlog-proof@v2"),
        ("c2sp.org/tlog-proof@v1", " c2sp.org/tlog-proof@v1"),
        ("index 5", "index 05"),
        ("index 5", "index +5"),
        ("index 5", "index -1"),
        ("index 5", "index"),
        ("index 5", "index \u0665"),
        ("index 5", "index 9223372036854775808"),
        ("index 5", "index " + "9" * 5000),
        ("index 5", "Index 5"),
        ("extra ", "extra  "),
        ("extra ", "extra"),
        ("extra ZQ==", "extra ZR=="),
        ("extra ZQ==", "extra ZQ"),
        ("extra ZQ==\n", "extra ZQ==\nextra ZQ==\n"),
        ("\n\nledger", "\nledger"),
        ("\n\nledger", "\n\n\nledger"),
    ],
)
def test_texts_that_are_no_proof(old: str, new: str) -> None:
    written = format_proof(proof_of(5, 11, b"e"))
    assert old in written
    with pytest.raises(BrokenInput):
        parse_proof(written.replace(old, new, 1))


def test_hashes_of_another_length_and_other_alphabets() -> None:
    proof = proof_of(5, 11)
    first = b64encode(proof.hashes[0]).decode()
    short, long = b64encode(proof.hashes[0][:31]).decode(), b64encode(proof.hashes[0] + b"\0").decode()
    for line in (short, long, f" {first}", f"{first} ", first.rstrip("="), first[:-2] + "J="):
        with pytest.raises(BrokenInput):
            parse_proof(format_proof(proof).replace(first, line, 1))


def test_paths_that_are_too_long_or_too_short() -> None:
    proof = proof_of(5, 11)
    for hashes in (proof.hashes[1:], proof.hashes[:-1], (*proof.hashes, bytes(32)), (bytes(32), *proof.hashes), ()):
        assert not check_proof(replace(proof, hashes=hashes), LEAVES[5], [LOG]).is_included
    for index in (4, 6, 10, 11, 2**62):
        assert not check_proof(replace(proof, index=index), LEAVES[5], [LOG]).is_included


def test_limits() -> None:
    proof = proof_of(5, 11)
    with pytest.raises(Misuse):
        format_proof(replace(proof, extra=bytes(EXTRA_BYTES_MAX + 1)))
    with pytest.raises(Misuse):
        format_proof(replace(proof, hashes=(bytes(32),) * (HASHES_MAX + 1)))
    with pytest.raises(Misuse):
        format_proof(replace(proof, hashes=(bytes(31),)))
    with pytest.raises(TooLarge):
        parse_proof("x" * 2_000_000)
    with pytest.raises(BrokenInput):
        parse_proof(b"c2sp.org/tlog-proof@v1\n\xff")
