"""Signed notes: published vectors, round trips, and that nothing changed ever opens."""

from base64 import b64decode, b64encode
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import BrokenInput, Misuse, TooLarge
from ledger.note import (
    ED25519,
    NOTE_BYTES_MAX,
    PUBLIC_KEY_BYTES,
    SIGNATURE_LINES_MAX,
    Ed25519Verifier,
    Note,
    SignatureLine,
    Verifier,
    format_note,
    format_vkey,
    open_note,
    parse_note,
    parse_vkey,
    verifier_key,
)
from ledger.verify.plain_signatures import verify_ed25519
from tests.ledger.published import case_json

VECTORS = "signed-notes/note-vectors.json"

KEYS = [Ed25519PrivateKey.from_private_bytes(bytes((number,)) * 32) for number in range(1, 4)]
VERIFIERS = [
    Ed25519Verifier(verifier_key(f"ledger.example.com/{number}", ED25519, key.public_key().public_bytes_raw()), check)
    for number, key, check in zip(range(3), KEYS, [verify_ed25519] * 3, strict=True)
]


def line(number: int, text: str) -> SignatureLine:
    verifier = VERIFIERS[number]
    return SignatureLine(verifier.name, verifier.key_id, KEYS[number].sign(text.encode()))


def stranger(number: int) -> SignatureLine:
    return SignatureLine(f"stranger.example/{number}", bytes((0, 0, 0, number)), bytes(64))


TEXT = "first line\n\n\u2014 not.a/signature AAAAAAA=\n\nlast line\n"
NOTE = format_note(Note(TEXT, (line(0, TEXT),)))

# What a note's text may hold: any character but controls below 0x20 and lone surrogates; lines in any number.
TEXTS = st.text(st.characters(codec="utf-8", min_codepoint=0x20) | st.just("\n")).map(lambda text: text + "\n")
NAMES = st.text(st.characters(codec="utf-8", min_codepoint=0x21, exclude_characters="+"), min_size=1).filter(
    lambda name: not any(char.isspace() for char in name)
)
LINES = st.builds(SignatureLine, NAMES, st.binary(min_size=4, max_size=4), st.binary(min_size=1, max_size=80))


@given(TEXTS, st.lists(LINES, min_size=1, max_size=20))
def test_round_trip(text: str, lines: list[SignatureLine]) -> None:
    note = Note(text, tuple(lines))
    written = format_note(note)
    assert parse_note(written) == parse_note(written.encode()) == note


@given(NAMES, st.sampled_from(sorted(PUBLIC_KEY_BYTES)), st.randoms())
def test_vkey_round_trip(name: str, key_type: int, random: Any) -> None:
    key = verifier_key(name, key_type, random.randbytes(PUBLIC_KEY_BYTES[key_type]))
    assert parse_vkey(format_vkey(key)) == key


@given(st.integers(0, len(NOTE.encode()) - 1), st.binary(max_size=2), st.integers(0, 2))
def test_edited_note_never_opens(at: int, inserted: bytes, removed: int) -> None:
    """Any edit at any place of a note with one signature."""
    data = NOTE.encode()
    edited = data[:at] + inserted + data[at + removed :]
    if edited != data:
        with pytest.raises(BrokenInput):
            open_note(edited, VERIFIERS)


def test_every_flipped_bit_is_noticed() -> None:
    data = NOTE.encode()
    for bit in range(8 * len(data)):
        edited = bytearray(data)
        edited[bit // 8] ^= 1 << bit % 8
        with pytest.raises(BrokenInput):
            open_note(bytes(edited), VERIFIERS)


@given(st.binary(max_size=200) | st.text().map(lambda text: NOTE + text) | st.text())
def test_parsing_is_total(data: bytes | str) -> None:
    """A note that is written back as it was, or BrokenInput; nothing else is raised."""
    try:
        note = parse_note(data)
    except BrokenInput:
        return
    assert format_note(note) == (data if isinstance(data, str) else data.decode())


def test_open_sorts_lines_by_what_is_known() -> None:
    note = format_note(Note(TEXT, (stranger(1), line(1, TEXT), stranger(1), line(0, TEXT))))
    opened = open_note(note, VERIFIERS)
    assert opened.text == TEXT
    assert opened.verified == (line(1, TEXT), line(0, TEXT))
    assert opened.unknown == (stranger(1), stranger(1))


def test_same_name_or_same_id_alone_is_unknown() -> None:
    good = line(0, TEXT)
    lookalikes = (good._replace(name="else.example"), good._replace(key_id=bytes(4)), good)
    assert open_note(format_note(Note(TEXT, lookalikes)), VERIFIERS).unknown == lookalikes[:2]
    with pytest.raises(BrokenInput, match="known key, found none"):
        open_note(format_note(Note(TEXT, lookalikes[:2])), VERIFIERS)


def test_one_wrong_signature_of_a_known_key_breaks_the_note() -> None:
    lines = (line(0, TEXT), line(1, "another text\n"))
    note = format_note(Note(TEXT, lines))
    with pytest.raises(BrokenInput, match="does not verify"):
        open_note(note, VERIFIERS)
    assert open_note(note, VERIFIERS[:1]).verified == lines[:1]


def test_second_line_of_a_known_key_breaks_the_note() -> None:
    with pytest.raises(BrokenInput, match="found two"):
        open_note(format_note(Note(TEXT, (line(0, TEXT), line(0, TEXT)))), VERIFIERS)


def test_two_verifiers_for_one_key_are_refused() -> None:
    class Yes:
        name = VERIFIERS[0].name
        key_id = VERIFIERS[0].key_id

        def verify(self, message: bytes, signature: bytes) -> bool:
            return True

    verifiers: list[Verifier] = [VERIFIERS[0], Yes()]
    with pytest.raises(BrokenInput, match="found two"):
        open_note(NOTE, verifiers)


def test_limits() -> None:
    """Sixteen signatures must open; more than the cap, and more bytes than the cap, are refused unread."""
    many = (*(stranger(number % 250) for number in range(SIGNATURE_LINES_MAX - 1)), line(0, TEXT))
    assert len(many) >= 16
    assert len(open_note(format_note(Note(TEXT, many)), VERIFIERS).unknown) == SIGNATURE_LINES_MAX - 1
    shape = f"\u2014 stranger.example {b64encode(bytes(68)).decode()}\n"
    with pytest.raises(TooLarge):
        parse_note(NOTE + shape * SIGNATURE_LINES_MAX)
    with pytest.raises(TooLarge):
        parse_note("x" * NOTE_BYTES_MAX + NOTE)
    with pytest.raises(TooLarge):
        parse_note("\u2014" * (NOTE_BYTES_MAX // 2) + NOTE)


@pytest.mark.parametrize(
    "written",
    [
        "",
        "\n",
        "text\n",
        "text\n\n",
        "text\n\n\n",
        "\n\n\u2014 name AAAAAAA",
        "text\n\n\u2014 name AAAAAAA=",
        "text\n\u2014 name AAAAAAA=\n",
        "text\n\n- name AAAAAAA=\n",
        "text\n\n\u2014 AAAAAAA=\n",
        "text\n\n\u2014 name  AAAAAAA=\n",
        "text\n\n\u2014 name AAAAAAA= \n",
        "text\n\n\u2014 name AAAAAA==\n",
        "text\n\n\u2014 name AAAAAAB=\n",
        "text\n\n\u2014 name AAAAAAA\n",
        "text\n\n\u2014 name AAAAA-A=\n",
        "text\n\n\u2014 na+me AAAAAAA=\n",
        "text\n\n\u2014 na\u00a0me AAAAAAA=\n",
        "te\txt\n\n\u2014 name AAAAAAA=\n",
        "text\r\n\n\u2014 name AAAAAAA=\n",
        "text\n\n\u2014 name AAAAAAA=\r\n",
        "te\ud800xt\n\n\u2014 name AAAAAAA=\n",
        b"te\xffxt\n\n\xe2\x80\x94 name AAAAAAA=\n",
        b"te\x00xt\n\n\xe2\x80\x94 name AAAAAAA=\n",
    ],
)
def test_malformed_notes(written: str | bytes) -> None:
    with pytest.raises(BrokenInput):
        parse_note(written)


def test_smallest_note() -> None:
    assert parse_note("\n\n\u2014 n AAAAAAA=\n") == Note("\n", (SignatureLine("n", bytes(4), bytes(1)),))


@pytest.mark.parametrize(
    "note",
    [
        Note("text\n", ()),
        Note("text", (stranger(1),)),
        Note("te\rxt\n", (stranger(1),)),
        Note("text\n", (SignatureLine("a b", bytes(4), bytes(64)),)),
        Note("text\n", (SignatureLine("a", bytes(3), bytes(64)),)),
        Note("text\n", (SignatureLine("a", bytes(4), b""),)),
    ],
)
def test_writing_what_cannot_be_read_is_misuse(note: Note) -> None:
    with pytest.raises(Misuse):
        format_note(note)


VKEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "example.com/foo",
        VKEY.replace("530d903a", "530d903b"),
        VKEY.replace("530d903a", "530D903A"),
        VKEY.replace("foo", "bar"),
        VKEY.replace("foo", "f o"),
        VKEY.replace("example.com/foo", ""),
        VKEY.replace("example.com/foo", "\ud800"),
        VKEY[:-1],
        VKEY[:-1] + "l",
        VKEY + "A",
        VKEY + "\n",
        "example.com/foo+530d903a+",
        "example.com/foo+530d903a+AQ==",
        "example.com/foo+3c5ab1f2+Auk=",
    ],
)
def test_malformed_vkeys(text: str) -> None:
    with pytest.raises(BrokenInput):
        parse_vkey(text)


@pytest.mark.parametrize(
    ("key_type", "length"), [(0x01, 31), (0x01, 33), (0x04, 0), (0x06, 32), (0x02, 32), (0xFF, 32)]
)
def test_keys_of_other_types_and_lengths(key_type: int, length: int) -> None:
    with pytest.raises(BrokenInput):
        verifier_key("ledger.example.com", key_type, bytes(length))


def test_verifier_takes_keys_of_its_type_only() -> None:
    with pytest.raises(Misuse):
        Ed25519Verifier(verifier_key("witness.example", 0x04, bytes(32)), verify_ed25519)


def verifier_of(vkey: str) -> Ed25519Verifier:
    return Ed25519Verifier(parse_vkey(vkey), verify_ed25519)


@pytest.mark.cases
def test_published_notes() -> None:
    cases = case_json(VECTORS)["open"]
    assert {case["expect"] for case in cases} == {"accept", "reject"}
    for case in cases:
        data, verifiers = bytes.fromhex(case["messageHex"]), [verifier_of(vkey) for vkey in case["verifierKeys"]]
        if case["expect"] == "reject":
            with pytest.raises(BrokenInput):
                open_note(data, verifiers)
            continue
        opened = open_note(data, verifiers)
        assert [line.name for line in opened.verified] == case["verified"], case["id"]
        assert [line.name for line in opened.unknown] == case["unverified"], case["id"]


@pytest.mark.cases
def test_published_signing() -> None:
    """Ed25519 is deterministic: the published private key and text give the published note to the byte."""
    vectors = case_json(VECTORS)
    vkey = parse_vkey(vectors["open"][0]["verifierKeys"][0])
    secret = vectors["signerKey"].removeprefix("PRIVATE+KEY+").split("+", 2)[2]
    signature = Ed25519PrivateKey.from_private_bytes(b64decode(secret)[1:]).sign(vectors["signText"].encode())
    note = Note(vectors["signText"], (SignatureLine(vkey.name, vkey.key_id, signature),))
    assert format_note(note) == vectors["signedNote"]


@pytest.mark.cases
def test_example_of_the_specification() -> None:
    example = case_json(VECTORS)["c2spExample"]
    assert format_vkey(parse_vkey(example["verifierKey"])) == example["verifierKey"]
    assert open_note(example["note"], [verifier_of(example["verifierKey"])]).text == "This is an example message.\n"
