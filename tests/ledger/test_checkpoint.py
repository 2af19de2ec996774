"""Checkpoints: one text for each, and only the log itself opens one."""

from base64 import b64encode

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from ledger.checkpoint import Checkpoint, format_checkpoint, open_checkpoint, parse_checkpoint
from ledger.errors import BrokenInput, Misuse
from ledger.note import ED25519, Ed25519Verifier, Note, SignatureLine, format_note, verifier_key
from ledger.tree import EMPTY_ROOT, SIZE_MAX
from ledger.verify.plain_signatures import verify_ed25519

ORIGIN = "ledger.example.com/acme/2026"
ROOT = bytes(range(32))
B64 = b64encode(ROOT).decode()

LOG, WITNESS = (Ed25519PrivateKey.from_private_bytes(bytes((number,)) * 32) for number in (7, 8))
ORIGINS = st.text(st.characters(codec="utf-8", min_codepoint=0x20), min_size=1, max_size=60)


def verifier(name: str, key: Ed25519PrivateKey) -> Ed25519Verifier:
    return Ed25519Verifier(verifier_key(name, ED25519, key.public_key().public_bytes_raw()), verify_ed25519)


OF_LOG = verifier(ORIGIN, LOG)
OF_WITNESS = verifier("witness.example", WITNESS)


def signed(text: str, *signers: tuple[Ed25519Verifier, Ed25519PrivateKey]) -> str:
    lines = [SignatureLine(known.name, known.key_id, key.sign(text.encode())) for known, key in signers]
    return format_note(Note(text, tuple(lines)))


@given(ORIGINS, st.integers(1, SIZE_MAX), st.binary(min_size=32, max_size=32))
def test_round_trip(origin: str, size: int, root: bytes) -> None:
    checkpoint = Checkpoint(origin, size, root)
    text = format_checkpoint(checkpoint)
    assert text == f"{origin}\n{size}\n{b64encode(root).decode()}\n"
    assert parse_checkpoint(text) == checkpoint


def test_empty_log() -> None:
    checkpoint = Checkpoint(ORIGIN, 0, EMPTY_ROOT)
    assert parse_checkpoint(format_checkpoint(checkpoint)) == checkpoint


@given(st.text(st.sampled_from("a0159\n+/=AQ ")) | st.text().map(lambda text: f"{ORIGIN}\n{text}\n{B64}\n"))
def test_parsing_is_total(text: str) -> None:
    try:
        checkpoint = parse_checkpoint(text)
    except BrokenInput:
        return
    assert format_checkpoint(checkpoint) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        f"{ORIGIN}\n5\n{B64}",
        f"{ORIGIN}\n5\n",
        f"{ORIGIN}\n5\n{B64}\nextension\n",
        f"{ORIGIN}\n5\n{B64}\n\n",
        f"\n5\n{B64}\n",
        f"{'o' * 256}\n5\n{B64}\n",
        f"o\tx\n5\n{B64}\n",
        f"o\ud800\n5\n{B64}\n",
        f"{ORIGIN}\n05\n{B64}\n",
        f"{ORIGIN}\n+5\n{B64}\n",
        f"{ORIGIN}\n-5\n{B64}\n",
        f"{ORIGIN}\n 5\n{B64}\n",
        f"{ORIGIN}\n5_0\n{B64}\n",
        f"{ORIGIN}\n\u0665\n{B64}\n",
        f"{ORIGIN}\n\n{B64}\n",
        f"{ORIGIN}\n{SIZE_MAX + 1}\n{B64}\n",
        f"{ORIGIN}\n{'9' * 5000}\n{B64}\n",
        f"{ORIGIN}\n0\n{B64}\n",
        f"{ORIGIN}\n5\n{B64[:-1]}\n",
        f"{ORIGIN}\n5\n{B64[:-2]}9=\n",
        f"{ORIGIN}\n5\n{B64[:-4]}\n",
        f"{ORIGIN}\n5\nb\u00e4d\n",
    ],
)
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(BrokenInput):
        parse_checkpoint(text)


@pytest.mark.parametrize("size", ["", "\u0665", "\u00b2", "9" * 20, "9" * 5000, "five"])
def test_size_that_is_no_number_is_named(size: str) -> None:
    """Neither converted nor repeated, however long it is."""
    with pytest.raises(BrokenInput, match="line 2: expected a size in decimal"):
        parse_checkpoint(f"{ORIGIN}\n{size}\n{B64}\n")


@pytest.mark.parametrize(
    "checkpoint",
    [
        Checkpoint("", 1, ROOT),
        Checkpoint("a\nb", 1, ROOT),
        Checkpoint("a" * 256, 1, ROOT),
        Checkpoint("a", -1, ROOT),
        Checkpoint("a", SIZE_MAX + 1, ROOT),
        Checkpoint("a", 0, ROOT),
        Checkpoint("a", 1, ROOT[:31]),
    ],
)
def test_writing_what_cannot_be_read_is_misuse(checkpoint: Checkpoint) -> None:
    with pytest.raises(Misuse):
        format_checkpoint(checkpoint)


def test_open() -> None:
    checkpoint = Checkpoint(ORIGIN, 5, ROOT)
    note = signed(format_checkpoint(checkpoint), (OF_LOG, LOG), (OF_WITNESS, WITNESS))
    opened = open_checkpoint(note, ORIGIN, [OF_LOG], [OF_WITNESS])
    assert opened.checkpoint == checkpoint
    assert [line.name for line in opened.note.verified] == [ORIGIN, "witness.example"]
    assert [line.name for line in open_checkpoint(note, ORIGIN, [OF_LOG]).note.unknown] == ["witness.example"]


def test_a_witness_alone_opens_nothing() -> None:
    note = signed(format_checkpoint(Checkpoint(ORIGIN, 5, ROOT)), (OF_WITNESS, WITNESS))
    with pytest.raises(BrokenInput, match="only those of others"):
        open_checkpoint(note, ORIGIN, [OF_LOG], [OF_WITNESS])


def test_checkpoint_of_another_log() -> None:
    note = signed(format_checkpoint(Checkpoint("ledger.example.com/other", 5, ROOT)), (OF_LOG, LOG))
    with pytest.raises(BrokenInput, match="of `ledger"):
        open_checkpoint(note, ORIGIN, [OF_LOG])


def test_signed_text_that_is_no_checkpoint() -> None:
    with pytest.raises(BrokenInput):
        open_checkpoint(signed("hello\n", (OF_LOG, LOG)), ORIGIN, [OF_LOG])
