"""Timestamp tokens: what is asked for, what is read, what holds against pinned roots, which are renewed."""

import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger import der
from ledger.clock import SECOND, Instant
from ledger.errors import BrokenInput, TooLarge
from ledger.timestamp import (
    DAY,
    RENEW_BEFORE,
    TOKEN_BYTES_MAX,
    TOKENS_MAX,
    Chain,
    Stamp,
    covered,
    due,
    imprint_of,
    read_response,
    read_token,
    request,
    wrapped,
)
from ledger.tokens import Roots, read_roots
from tests.ledger.authority import NOW, OPEN, POLICY, Authority, certificate
from tests.ledger.published import CASES

NOTE = "ledger.example.com/acme\n7\nAAAA\n\n\u2014 ledger.example.com/acme AAAAAAAA\n"
MESSAGE = covered(NOTE)
SPRING = OPEN + timedelta(days=2000)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority") / "files")


@pytest.fixture(scope="module")
def token(authority: Authority) -> bytes:
    return read_response(authority.answer(request(imprint_of(MESSAGE), 2**63 + 5)))


@pytest.mark.cases
def test_published_answers() -> None:
    folder = CASES / "timestamps" / "test_tsa"
    roots = read_roots(folder / "ts_chain.pem")
    answers = [read_response((folder / name).read_bytes()) for name in ("response.tsr", "other_response.tsr")]
    assert roots.check(answers[0], b"hello").accuracy == SECOND
    for answer, message, told in (
        (answers[0], b"hello2", "something else"),
        (answers[1], b"hello", "pinned root"),  # another authority of the same names
    ):
        with pytest.raises(BrokenInput, match=told):
            roots.check(answer, message)
    queries = [(folder / name).read_bytes() for name in ("request.der", "other_request.der")]
    nonces = [der.integer(der.members(query, der.SEQUENCE)[2]) for query in queries]
    assert read_token(answers[0]).nonce == nonces[0]
    assert nonces[0] != nonces[1] != read_token(answers[1]).nonce


def test_a_request_is_read_by_openssl(tmp_path: Path) -> None:
    file = tmp_path / "query"
    file.write_bytes(request(bytes(range(32)), 2**64 - 1, POLICY))
    told = subprocess.run(["openssl", "ts", "-query", "-in", file, "-text"], capture_output=True, text=True, check=True)
    assert "Hash Algorithm: sha256" in told.stdout
    assert f"Policy OID: {POLICY}" in told.stdout
    assert "Nonce: 0xFFFFFFFFFFFFFFFF" in told.stdout
    assert "Certificate required: yes" in told.stdout
    assert "00 01 02 03 04 05 06 07" in told.stdout


def test_a_token_holds_and_openssl_says_so_too(authority: Authority, token: bytes, tmp_path: Path) -> None:
    stamp = Roots(authority.roots, POLICY).check(token, MESSAGE)
    end = authority.signers["good"].certificate.not_valid_after_utc
    assert stamp.valid_until == int(end.timestamp()) * SECOND
    assert read_token(token).nonce == 2**63 + 5
    (tmp_path / "token").write_bytes(token)
    (tmp_path / "note").write_bytes(NOTE.encode())
    (tmp_path / "root").write_bytes(authority.root.pem())
    (tmp_path / "between").write_bytes(authority.between.pem())
    asked = ["openssl", "ts", "-verify", "-data", "note", "-in", "token", "-token_in", "-CAfile", "root", "-untrusted"]
    told = subprocess.run([*asked, "between"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "Verification: OK" in told.stdout


def test_time_to_the_millisecond_and_an_accuracy_in_parts(authority: Authority) -> None:
    authority.configure("clock_precision_digits = 3", "accuracy = secs:1, millisecs:500, microsecs:100")
    try:
        token = read_response(authority.answer(request(imprint_of(MESSAGE), 1)))
    finally:
        authority.configure()
    stamp = Roots(authority.roots).check(token, MESSAGE)
    assert stamp.accuracy == 1_500_100
    assert stamp.gen_time % 1000 == 0


def test_no_changed_byte_makes_a_token_say_anything_else(authority: Authority, token: bytes) -> None:
    """Signed by nobody are two version numbers and the name of the signature's algorithm; they say nothing."""
    roots = Roots(authority.roots)
    stamp = roots.check(token, MESSAGE)
    held = 0
    for at in range(len(token)):
        changed = token[:at] + bytes((token[at] ^ 1 << at % 8,)) + token[at + 1 :]
        try:
            assert roots.check(changed, MESSAGE) == stamp
            held += 1
        except BrokenInput:
            pass
    assert held <= 12
    for end in (0, 1, 10, len(token) // 2, len(token) - 1):
        with pytest.raises(BrokenInput):
            roots.check(token[:end], MESSAGE)
    with pytest.raises(BrokenInput):
        roots.check(token + b"\0", MESSAGE)


@pytest.mark.parametrize(
    ("signer", "told"),
    [
        ("expired", "valid when the token was made"),
        ("no-usage", "may sign timestamps"),
        ("not-critical", "critically"),
        ("code-too", "nothing else"),
        ("code-only", "nothing else"),
    ],
)
def test_a_signer_that_may_not(authority: Authority, signer: str, told: str) -> None:
    with pytest.raises(BrokenInput, match=told):
        Roots(authority.roots).check(authority.forged(imprint_of(MESSAGE), SPRING, signer), MESSAGE)


@pytest.mark.parametrize(
    ("odd", "told"),
    [
        ({"digest": "sha1"}, "1.3.14.3.2.26"),
        ({"hash": "1.3.14.3.2.26"}, "1.3.14.3.2.26"),
        ({"cades": "no"}, "signingCertificate"),
    ],
)
def test_a_token_by_weak_or_unbound_signing(authority: Authority, odd: dict[str, str], told: str) -> None:
    with pytest.raises(BrokenInput, match=told):
        Roots(authority.roots).check(authority.forged(imprint_of(MESSAGE), SPRING, **odd), MESSAGE)


def test_a_certificate_signed_by_sha_1(authority: Authority) -> None:
    tomorrow = NOW + timedelta(days=1)
    with pytest.raises(BrokenInput, match="found SHA-1"):
        Roots(authority.roots).check(authority.forged(imprint_of(MESSAGE), tomorrow, authority.weak()), MESSAGE)


def test_a_token_bound_to_another_certificate(authority: Authority) -> None:
    """Signed by one, claimed for another of the same authority: which of them may sign would be anybody's choice."""
    roots = Roots(authority.roots)
    imprint = imprint_of(MESSAGE)
    assert roots.check(authority.misbound(imprint, SPRING, "good", "good"), MESSAGE).accuracy == SECOND
    for signer, bound in (("good", "next"), ("code-only", "good"), ("good", "code-only"), ("expired", "good")):
        with pytest.raises(BrokenInput):
            roots.check(authority.misbound(imprint, SPRING, signer, bound), MESSAGE)


def test_validity_is_asked_at_the_time_of_the_token_and_not_today(authority: Authority) -> None:
    """The certificate `expired` ran out years ago; what it signed while it lived still holds."""
    roots = Roots(authority.roots)
    then = authority.forged(imprint_of(MESSAGE), OPEN + timedelta(days=150), "expired")
    assert roots.check(then, MESSAGE).valid_until < SPRING.timestamp() * SECOND
    for when in (OPEN - timedelta(days=1), OPEN + timedelta(days=366)):
        with pytest.raises(BrokenInput, match="valid when"):
            roots.check(authority.forged(imprint_of(MESSAGE), when, "expired"), MESSAGE)


def test_only_pinned_roots_count(authority: Authority, token: bytes) -> None:
    stranger = certificate("Test Root", None)  # by name the same
    with pytest.raises(BrokenInput, match="pinned root"):
        Roots(stranger.pem() + authority.between.pem()).check(token, MESSAGE)
    with pytest.raises(BrokenInput, match="pinned root"):
        Roots(authority.root.pem()).check(token, MESSAGE)  # nobody has the certificate between
    with pytest.raises(BrokenInput, match="root certificate"):
        Roots(authority.between.pem())
    with pytest.raises(BrokenInput, match="PEM"):
        Roots(b"rubbish")
    with pytest.raises(BrokenInput, match="policy"):
        Roots(authority.roots, "1.2.3").check(token, MESSAGE)


def test_a_chain_is_found_past_one_that_leads_nowhere(authority: Authority, token: bytes) -> None:
    """The certificate between, signed by two roots of which one is pinned, in whichever order they are given."""
    stranger = certificate("Another Root", None)
    crossed = certificate("Test Intermediate", stranger, key=authority.between.key)
    for between in (crossed.pem() + authority.between.pem(), authority.between.pem() + crossed.pem()):
        assert Roots(authority.root.pem() + between).check(token, MESSAGE).accuracy == SECOND
    with pytest.raises(BrokenInput, match="pinned root"):
        Roots(authority.root.pem() + crossed.pem()).check(token, MESSAGE)


def test_roots_from_a_file(tmp_path: Path) -> None:
    with pytest.raises(BrokenInput, match="can be read"):
        read_roots(tmp_path / "absent")
    file = tmp_path / "roots.pem"
    file.write_bytes(b"-" * (2 << 20))
    with pytest.raises(TooLarge):
        read_roots(file)
    file.write_bytes(b"rubbish")
    with pytest.raises(BrokenInput, match=r"roots\.pem"):
        read_roots(file)


def test_answers_without_a_token(authority: Authority, token: bytes) -> None:
    assert read_response(wrapped(token)) == token
    refused = authority.answer(b"rubbish")
    with pytest.raises(BrokenInput, match="rejected"):
        read_response(refused)
    status = der.write(der.SEQUENCE, der.write_integer(0))
    for answer, told in (
        (der.write(der.SEQUENCE, status), "none"),
        (der.write(der.SEQUENCE, der.write(der.SEQUENCE, der.write_integer(1)), token), ""),
        (der.write(der.SEQUENCE, der.write(der.SEQUENCE, der.write_integer(9)), token), "`9`"),
        (der.write(der.SEQUENCE), "status"),
        (b"", "nothing"),
        (b"<html>", "DER"),
        (bytes(TOKEN_BYTES_MAX + 1), "at most"),
    ):
        if told:
            with pytest.raises(BrokenInput, match=told):
                read_response(answer)
        else:
            assert read_response(answer) == token  # granted with changes


@given(st.binary(max_size=200))
def test_rubbish_is_no_token(data: bytes) -> None:
    for reader in (read_token, read_response):
        with pytest.raises(BrokenInput):
            reader(data)


@given(st.integers(-(2**80), 2**80))
def test_integers(value: int) -> None:
    assert der.integer(der.one(der.write_integer(value), der.INTEGER)) == value


@given(st.integers(0, 2), st.integers(0, 39), st.lists(st.integers(0, 2**70), max_size=8))
def test_object_identifiers(first: int, second: int, rest: list[int]) -> None:
    dotted = ".".join(map(str, (first, second, *rest)))
    if len(dotted) <= 128:
        assert der.oid(der.one(der.write_oid(dotted), der.OID)) == dotted


@pytest.mark.parametrize("text", ["", "1", "3.1", "1.40", "1.02", "1.x", "1..2", "1.2." + "1" * 130, "\u0661.2"])
def test_texts_that_are_no_object_identifier(text: str) -> None:
    with pytest.raises(BrokenInput):
        der.write_oid(text)


@pytest.mark.parametrize(
    "data", ["0280", "028100", "0281017f", "02820001" + "00", "0485" + "0000000001" + "00", "1f0100", "0201", "30"]
)
def test_der_has_one_spelling(data: str) -> None:
    with pytest.raises(BrokenInput):
        der.read(bytes.fromhex(data))


@pytest.mark.parametrize(("data", "reader"), [("02020001", der.integer), ("0603808001", der.oid), ("060180", der.oid)])
def test_values_have_one_spelling(data: str, reader: object) -> None:
    (element,) = der.read(bytes.fromhex(data))
    with pytest.raises(BrokenInput):
        reader(element)  # type: ignore[operator]


def chain(size: int, made: int, until: int, renewals: int = 0) -> Chain:
    stamps = [Stamp(Instant(made), SECOND, Instant(until), "aa") for _ in range(renewals + 1)]
    return Chain(size, NOTE, (b"token",) * (renewals + 1), tuple(stamps))


def test_numbers_without_end_are_broken_input() -> None:
    """Python writes no integer of that many digits: told as what it is, they stop neither check 8 nor renewals."""
    endless = der.write(der.OID, b"\xff" * 20_000 + b"\x7f")
    many = der.write(der.SEQUENCE, der.write(der.SEQUENCE, der.write(der.INTEGER, b"\x7f" * 8_000)))
    with pytest.raises(BrokenInput):
        read_token(der.write(der.SEQUENCE, endless, der.write(der.CONTEXT_CONSTRUCTED)))
    with pytest.raises(BrokenInput):
        read_response(many)


def test_which_chains_are_due() -> None:
    """The first living chain of each day, once it runs out within a month."""
    now = 1000 * DAY
    soon, late = now + RENEW_BEFORE, now + RENEW_BEFORE + 1
    monday = [chain(1, 10 * DAY + 5, soon), chain(2, 10 * DAY + 6, soon)]
    tuesday = [chain(3, 11 * DAY, now), chain(4, 11 * DAY + 1, soon)]  # the first has run out
    wednesday = [chain(5, 12 * DAY, late), chain(6, 12 * DAY + 1, soon)]  # the first lives long enough
    full = [chain(7, 13 * DAY, soon, TOKENS_MAX - 1)]
    found = due([*full, *wednesday, *tuesday, *monday], Instant(now))
    assert [one.size for one in found] == [1, 4]
    assert due([], Instant(now)) == ()
