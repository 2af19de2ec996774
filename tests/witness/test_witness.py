"""The witness's rules, each status of the specification, and what is kept as evidence."""

from base64 import b64encode
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.checking import CHECKS
from ledger.checkpoint import Checkpoint, format_checkpoint, parse_checkpoint
from ledger.cosignature import CosignatureVerifier, cosigned_at
from ledger.keys import Ed25519Signer
from ledger.note import Note, Verifier, format_note, open_note, parse_note, parse_vkey
from ledger.policy import Policy, TrustedLog, log_verifiers
from ledger.tree import EMPTY_ROOT
from ledger.witnessing import BODY_BYTES_MAX, SIZE_TYPE, Asked, add_checkpoint_body, origin_hash
from tests.conftest import SetClock
from tests.witness.logs import KEY, NAME, ORIGIN, Log, grown, make_witness, reopened, said
from witness import book
from witness.judging import NOT_EXTENDED, OTHER_ROOT
from witness.service import Witness


@pytest.fixture
def witness(tmp_path: Path, clock: SetClock) -> Witness:
    return make_witness(tmp_path / "w", clock)


def verifiers(witness: Witness) -> list[CosignatureVerifier]:
    return [CosignatureVerifier(one.key, CHECKS[one.key.type]) for one in witness.keys.keys]


def cosigned(witness: Witness, log: Log, old: int, size: int | None = None) -> str:
    reply = witness.add_checkpoint(log.asking(old, size))
    assert reply.status == 200, reply.body
    return reply.body.decode()


def test_the_first_checkpoint_is_cosigned_by_both_keys(witness: Witness, clock: SetClock) -> None:
    log = grown(5)
    lines = cosigned(witness, log, 0)
    text = parse_note(log.note()).text
    opened = open_note(f"{text}\n{lines}", verifiers(witness))
    assert [line.name for line in opened.verified] == [NAME, NAME]
    assert [len(line.signature) for line in opened.verified] == [8 + 2420, 8 + 64]
    assert {cosigned_at(line.signature) for line in opened.verified} == {clock.at // 1_000_000}


def test_growth_is_cosigned_from_the_size_cosigned_before(witness: Witness) -> None:
    log = grown(5)
    cosigned(witness, log, 0, 3)
    cosigned(witness, log, 3, 3)
    cosigned(witness, log, 3, 5)
    log.add(*"abcdefgh")
    cosigned(witness, log, 5)
    kept = witness.book.kept(ORIGIN)
    assert kept is not None
    assert kept.size == 13


def test_another_old_size_is_told_the_latest_one(witness: Witness) -> None:
    log = grown(9)
    cosigned(witness, log, 0, 5)
    for old in (0, 4, 6, 9):
        reply = witness.add_checkpoint(log.asking(old))
        assert reply == (409, SIZE_TYPE, b"5\n")
    assert witness.book.contradictions() == []


def test_a_log_that_was_never_cosigned_is_at_zero(witness: Witness) -> None:
    other = "log.example.com/other"
    signer = Ed25519Signer(other, KEY)
    policy = Policy((TrustedLog(parse_vkey(signer.vkey)),), (), (), "none")
    cosigned(witness, grown(9), 0)
    apart = Witness(witness.keys, witness.book, lambda: policy, witness.clock)
    note = signer.sign_note(format_checkpoint(Checkpoint(other, 2, bytes(32))))
    assert apart.add_checkpoint(add_checkpoint_body(Asked(1, (), note))) == (409, SIZE_TYPE, b"0\n")


def test_an_old_size_above_the_checkpoint_is_a_bad_request(witness: Witness) -> None:
    log = grown(9)
    cosigned(witness, log, 0, 5)
    body = add_checkpoint_body(Asked(9, (), log.note(5)))
    assert witness.add_checkpoint(body).status == 400


def test_the_same_size_with_another_root_is_a_split_view(witness: Witness) -> None:
    log = grown(5)
    other = grown(4).add("changed")
    cosigned(witness, log, 0)
    reply = witness.add_checkpoint(other.asking(5))
    assert reply.status == 422
    assert witness.add_checkpoint(other.asking(4)).status == 409  # seen even then
    (kept,) = witness.book.contradictions()
    assert kept.kind == OTHER_ROOT
    ours, theirs = (parse_checkpoint(parse_note(note).text) for note in (kept.ours, kept.theirs))
    assert (ours.size, theirs.size) == (5, 5)
    assert ours.root != theirs.root
    log_verifier = log_key(witness)
    for note in (kept.ours, kept.theirs):
        assert open_note(note, [log_verifier]).verified[0].name == ORIGIN


def log_key(witness: Witness) -> Verifier:
    return log_verifiers(witness.watched(), ORIGIN, CHECKS)[0]


def test_a_fork_that_grew_is_not_cosigned_and_kept(witness: Witness) -> None:
    log, other = grown(5), grown(4).add("changed", "more", "and more")
    cosigned(witness, log, 0)
    assert witness.add_checkpoint(other.asking(5)).status == 422
    assert [one.kind for one in witness.book.contradictions()] == [NOT_EXTENDED]
    assert witness.add_checkpoint(other.asking(5)).status == 422
    assert len(witness.book.contradictions()) == 1  # the same evidence once
    cosigned(witness, log.add("goes on"), 5)


def test_a_proof_that_is_none_is_refused(witness: Witness) -> None:
    log = grown(9)
    good = log.proof(5)
    assert witness.add_checkpoint(add_checkpoint_body(Asked(0, good, log.note()))).status == 422
    assert witness.book.contradictions() == []  # nothing was cosigned, so nothing is contradicted
    cosigned(witness, log, 0, 5)
    for proof in ((), good[:-1], (*good, bytes(32)), good[::-1], (bytes(32),)):
        assert witness.add_checkpoint(add_checkpoint_body(Asked(5, proof, log.note()))).status == 422
    assert witness.add_checkpoint(add_checkpoint_body(Asked(5, (bytes(32),), log.note(5)))).status == 422
    cosigned(witness, log, 5)


def test_the_empty_tree_has_one_root(witness: Witness) -> None:
    signer = Log().signer

    def asking(root: str, proof: tuple[bytes, ...] = ()) -> int:
        note = signer.sign_note(f"{ORIGIN}\n0\n{root}\n")
        return witness.add_checkpoint(add_checkpoint_body(Asked(0, proof, note))).status

    empty = b64encode(EMPTY_ROOT).decode()
    assert asking(b64encode(bytes(32)).decode()) == 422
    assert asking(empty[:-2] + "V=") == 400  # another spelling of the same hash
    assert asking("AAAA") == 400
    assert asking("*") == 400
    assert asking(empty, (bytes(32),)) == 422
    assert witness.book.kept(ORIGIN) is None
    assert asking(empty) == 200
    assert asking(b64encode(bytes(32)).decode()) == 422
    cosigned(witness, grown(3), 0)
    assert asking(empty) == 409


def test_unknown_logs_and_strangers_signatures(witness: Witness) -> None:
    log = grown(3)
    text = parse_note(log.note()).text
    stranger = Ed25519Signer(ORIGIN, Ed25519PrivateKey.generate())
    other = Ed25519Signer("log.example.com/other", KEY).sign_note(text.replace("/acme", "/other"))
    for note, status in (
        (other, 404),
        (stranger.sign_note(text), 403),
        (log.note(), 200),
    ):
        assert witness.add_checkpoint(add_checkpoint_body(Asked(0, (), note))).status == status
    line = parse_note(log.note()).signatures[0]
    forged = line._replace(signature=bytes(64))
    both = format_note(Note(text, (parse_note(stranger.sign_note(text)).signatures[0], line)))
    assert witness.add_checkpoint(add_checkpoint_body(Asked(3, (), both))).status == 200  # the stranger is passed over
    for lines in ((forged,), (line, line), (line, forged)):
        note = format_note(Note(text, lines))
        assert witness.add_checkpoint(add_checkpoint_body(Asked(3, (), note))).status == 403


def test_a_note_that_is_refused_leaves_the_book_as_it_was(witness: Witness) -> None:
    """Control characters, a bad signature of the known key, an unknown key, an unknown log: of a log that grew."""
    log = grown(3)
    cosigned(witness, log, 0)
    before = witness.book.logs()
    log.add("one more")
    good = log.note()
    text, line = parse_note(good).text, parse_note(good).signatures[0]
    bad = format_note(Note(text, (line._replace(signature=line.signature[:-1] + bytes([line.signature[-1] ^ 1])),)))
    stranger = Ed25519Signer(ORIGIN, Ed25519PrivateKey.generate()).sign_note(text)
    other = Ed25519Signer("log.example.com/other", KEY).sign_note(text.replace("/acme", "/other"))
    head = add_checkpoint_body(Asked(3, log.proof(3), good)).removesuffix(good.encode())
    for note, status in (
        (good.replace("\n\n", "\n\x07\n\n", 1), 400),
        (good.replace("acme\n", "acme\r\n", 1), 400),
        (bad, 403),
        (stranger, 403),
        (other, 404),
    ):
        reply = witness.add_checkpoint(head + note.encode())
        assert (reply.status, b"\xe2\x80\x94" in reply.body) == (status, False), note
        assert reply.body
        assert (witness.book.logs(), witness.book.contradictions()) == (before, [])
    assert witness.add_checkpoint(head + good.encode()).status == 200


def test_a_name_in_the_first_line_alone_opens_nothing(witness: Witness) -> None:
    text = parse_note(grown(3).note()).text
    other = Ed25519Signer("log.example.com/other", KEY)  # the right key under another name
    assert witness.add_checkpoint(add_checkpoint_body(Asked(0, (), other.sign_note(text)))).status == 403


NOTE = grown(3).note()
HASH = b64encode(bytes(32)).decode()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"old 0\n",
        f"old 0\n{NOTE}".encode(),
        f"old 00\n\n{NOTE}".encode(),
        f"old 01\n\n{NOTE}".encode(),
        f"old -1\n\n{NOTE}".encode(),
        f"old +1\n\n{NOTE}".encode(),
        f"old 1 \n\n{NOTE}".encode(),
        f"old  1\n\n{NOTE}".encode(),
        f"old\t1\n\n{NOTE}".encode(),
        f"old {2**63}\n\n{NOTE}".encode(),
        f"old {'9' * 5000}\n\n{NOTE}".encode(),
        f"old \u0661\n\n{NOTE}".encode(),
        f"new 0\n\n{NOTE}".encode(),
        f"0\n\n{NOTE}".encode(),
        f"OLD 0\n\n{NOTE}".encode(),
        f" old 0\n\n{NOTE}".encode(),
        f"old 0\r\n\r\n{NOTE}".encode(),
        f"old 1\n{HASH}\r\n\n{NOTE}".encode(),
        f"old 1\n{HASH[:-1]}\n\n{NOTE}".encode(),
        f"old 1\n{HASH[:-2]}B=\n\n{NOTE}".encode(),
        f"old 1\n{b64encode(bytes(31)).decode()}\n\n{NOTE}".encode(),
        f"old 1\n {HASH}\n\n{NOTE}".encode(),
        f"old 1\n{chr(10).join([HASH] * 64)}\n\n{NOTE}".encode(),
        f"old 0\n\n{NOTE[:-1]}".encode(),
        f"old 0\n\n{NOTE}\n".encode(),
        f"old 0\n\n{NOTE}garbage".encode(),
        f"old 0\n\n{NOTE.replace(chr(10), chr(13) + chr(10))}".encode(),
        b"old 0\n\n" + NOTE.encode().replace(b"example", b"ex\xffmple"),
        f"old 0\n\n{ORIGIN}\n3\n{HASH}\nan extension\n\n\u2014 x AAAAAAAA\n".encode(),
        f"old 0\n\n{ORIGIN}\n03\n{HASH}\n\n\u2014 x AAAAAAAA\n".encode(),
    ],
)
def test_a_broken_request_is_told_so_and_changes_nothing(witness: Witness, body: bytes) -> None:
    assert witness.add_checkpoint(body).status == 400
    assert witness.book.logs() == []


def test_sixty_three_hashes_are_read(witness: Witness) -> None:
    body = add_checkpoint_body(Asked(0, (bytes(32),) * 63, NOTE))
    assert witness.add_checkpoint(body).status == 422


def test_a_body_over_the_limit_is_not_read(witness: Witness) -> None:
    assert witness.add_checkpoint(b"old 0\n\n" + b"x" * BODY_BYTES_MAX).status == 413


def test_time_does_not_go_back(witness: Witness, clock: SetClock) -> None:
    log = grown(4)

    def seconds(old: int, size: int) -> int:
        lines = cosigned(witness, log, old, size)
        stated = {cosigned_at(s.signature) for s in parse_note(f"t\n\n{lines}").signatures}
        (one,) = stated
        assert one is not None
        return one

    first = seconds(0, 2)
    clock.at -= 3_600_000_000
    assert seconds(2, 3) == first
    clock.at += 3_601_000_000
    assert seconds(3, 4) == first + 1


def test_a_monitor_is_shown_verified_lines_alone(witness: Witness) -> None:
    log = grown(6)
    assert witness.checkpoint(origin_hash(ORIGIN)).status == 404
    stranger = Ed25519Signer(ORIGIN, Ed25519PrivateKey.generate())
    text = parse_note(log.note()).text
    lines = (*parse_note(stranger.sign_note(text)).signatures, *parse_note(log.note()).signatures)
    answered = witness.add_checkpoint(add_checkpoint_body(Asked(0, (), format_note(Note(text, lines)))))
    status, shown = said(witness.checkpoint(origin_hash(ORIGIN)))
    assert status == 200
    assert shown.endswith(answered.body.decode())
    assert len(parse_note(shown).signatures) == 3
    opened = open_note(shown, [*verifiers(witness), log_key(witness)])
    assert opened.unknown == ()


def test_a_rotated_key_counts_once_it_is_listed(tmp_path: Path, clock: SetClock) -> None:
    old, new = Log().signer, Ed25519Signer(ORIGIN, Ed25519PrivateKey.generate())
    witness = make_witness(tmp_path / "w", clock, old.vkey, new.vkey)
    log = grown(5)
    cosigned(witness, log, 0, 3)
    log.signer = new
    cosigned(witness, log, 3)


def test_what_was_cosigned_is_there_after_a_restart(tmp_path: Path, clock: SetClock) -> None:
    witness = make_witness(tmp_path / "w", clock)
    cosigned(witness, grown(5), 0)
    witness.book.close()
    again = reopened(tmp_path / "w", witness)
    assert again.add_checkpoint(grown(4).asking(0)).body == b"5\n"
    again.book.close()


def test_what_anybody_can_send_leaves_room_for_proof_against_the_log(
    witness: Witness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A checkpoint that is public, sent with a wrong proof, is kept as a contradiction; two roots still are as well."""
    monkeypatch.setattr(book, "CONTRADICTIONS_MAX", 2)
    log = grown(9)
    cosigned(witness, log, 0, 3)
    for size in (5, 6, 7, 8):
        wrong = add_checkpoint_body(Asked(3, (bytes(32),), log.note(size)))
        assert witness.add_checkpoint(wrong).status == 422
    other = Log().add("x", "y", "z")
    assert witness.add_checkpoint(other.asking(3)).status == 422
    kinds = [one.kind for one in witness.book.contradictions()]
    assert sorted(kinds) == sorted([NOT_EXTENDED, NOT_EXTENDED, OTHER_ROOT])
