"""Codes as values: the vectors of RFC 4226 and RFC 6238, drift, what is no code, and what is kept of recovery codes."""

import random

import pytest

from api.identity.recovery import CODES, code_mac, joined, new_codes, number_of
from api.identity.totp import hotp, matching_step, new_secret, otpauth, secret_bytes, step_at
from ledger.clock import SECOND
from ledger.errors import BrokenInput

RFC_SECRET = b"12345678901234567890"
SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
RFC_4226 = ["755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"]
RFC_6238 = {
    59: "94287082",
    1111111109: "07081804",
    1111111111: "14050471",
    1234567890: "89005924",
    2000000000: "69279037",
    20000000000: "65353130",
}
KEY = bytes(range(32))


@pytest.mark.parametrize(("counter", "code"), list(enumerate(RFC_4226)))
def test_codes_of_counters_are_those_of_rfc_4226_appendix_d(counter: int, code: str) -> None:
    assert hotp(RFC_SECRET, counter) == code


@pytest.mark.parametrize(("seconds", "code"), RFC_6238.items())
def test_codes_of_instants_are_those_of_rfc_6238_appendix_b(seconds: int, code: str) -> None:
    assert hotp(RFC_SECRET, step_at(seconds * SECOND), digits=8) == code
    assert matching_step(SECRET, code[2:], seconds * SECOND) == seconds // 30


def test_a_code_counts_one_step_early_and_one_step_late_and_no_further() -> None:
    at = 1_234_567_890 * SECOND
    step = step_at(at)
    near = {other: matching_step(SECRET, hotp(RFC_SECRET, step + other), at) for other in range(-3, 4)}
    assert near == {-3: -1, -2: -1, -1: step - 1, 0: step, 1: step + 1, 2: -1, 3: -1}


@pytest.mark.parametrize(
    "text", ["", "8900592", "89005", "00592", "+05924", "-05924", "٠٠٥٩٢٤", "005924\n", "\ud800", "0" * 5000, "５"]
)
def test_whatever_is_no_code_matches_nothing(text: str) -> None:
    assert matching_step(SECRET, text, 1_234_567_890 * SECOND) == -1


def test_spaces_are_those_that_apps_show() -> None:
    assert matching_step(SECRET, "005 924", 1_234_567_890 * SECOND) == 41_152_263


def test_nobody_has_a_secret_of_zeros() -> None:
    """The work done for who has no secret proves nothing, even with the code that it computes."""
    at = 1_234_567_890 * SECOND
    assert matching_step(None, hotp(bytes(20), step_at(at)), at) == -1


def test_a_secret_is_160_random_bits_as_apps_take_them() -> None:
    assert len({new_secret() for _ in range(50)}) == 50
    assert len(secret_bytes(new_secret())) == 20
    assert secret_bytes(SECRET) == RFC_SECRET
    for text in ("", "GEZDGNBV", "1" * 32, SECRET.lower(), "é" * 32):
        with pytest.raises(BrokenInput):
            secret_bytes(text)


def test_the_address_says_what_apps_read() -> None:
    assert otpauth(SECRET, "Muniment acme", "p-three:1") == (
        f"otpauth://totp/Muniment%20acme:p-three%3A1?secret={SECRET}&issuer=Muniment+acme&algorithm=SHA1&digits=6&period=30"
    )


def test_recovery_codes_are_found_by_their_mac_alone_and_are_of_one_person() -> None:
    codes = new_codes(random.Random(5).randbytes)
    assert len(set(codes)) == CODES
    assert all(len(code) == 19 and code.count("-") == 3 for code in codes)
    kept = joined(tuple(code_mac(KEY, "person:a", code) for code in codes))
    assert [number_of(kept, code_mac(KEY, "person:a", code)) for code in codes] == list(range(CODES))
    typed = codes[3].upper().replace("-", " ").replace("0", "O").replace("1", "l")
    assert number_of(kept, code_mac(KEY, "person:a", typed)) == 3
    assert number_of(kept, code_mac(KEY, "person:b", codes[3])) == -1
    assert number_of(kept, code_mac(bytes(32), "person:a", codes[3])) == -1
    assert number_of(kept, code_mac(KEY, "person:a", "")) == -1
    assert number_of(None, code_mac(KEY, "person:a", codes[3])) == -1
    assert not any(code.replace("-", "") in kept for code in codes)
