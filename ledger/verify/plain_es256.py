"""ES256 verification in plain Python: ECDSA on P-256 with SHA-256 (FIPS 186-5 section 6.4.2), as passkeys sign.

    public key = 0x04 || x[32] || y[32]                 a point of the curve, uncompressed (SEC 1 section 2.3.3)
    signature  = DER SEQUENCE { INTEGER r, INTEGER s }  strict: shortest forms, nothing before, between or after
    accept iff   1 <= r, s < n,  and the x of [h/s]G + [r/s]Q is r modulo n     with h = SHA-256(message)

The curve has one subgroup, so a point that lies on it is a sound key. Of a signature (r, s) there is a second one,
(r, n - s), which anybody can make and which is accepted as well, here as by every authenticator's other readers: a
signature proves who signed what, it is no number to tell two signings apart by.

Verification only handles public values, so nothing here runs in constant time. There is no signing.

Arithmetic: y^2 = x^3 - 3x + b over p, points as (X, Y, Z) with x = X/Z^2, y = Y/Z^3 (Jacobian), Z = 0 the neutral
one. Both multiples are taken in one pass from the top bit (Shamir's trick) over signed odd digits, with tables of odd
affine multiples of G and of Q.
"""

from functools import lru_cache
from hashlib import sha256

from ledger.der import SEQUENCE, integer, members
from ledger.errors import BrokenInput

P = 2**256 - 2**224 + 2**192 + 2**96 - 1
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551  # points of the curve
B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B

PUBLIC_KEY_BYTES = 65
SIGNATURE_BYTES_MAX = 72  # two integers of 33 bytes and three heads of two

_G = (
    0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
    0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
)
_UNCOMPRESSED = 4
_BASE_WIDTH = 8  # 64 odd multiples, made once in a process
_KEY_WIDTH = 5  # 8 odd multiples, kept for the keys met last
_KEYS_KEPT = 64

Affine = tuple[int, int]
Point = tuple[int, int, int]
Table = dict[int, Affine]  # odd digit, of either sign -> that multiple

_NEUTRAL: Point = (1, 1, 0)


def verify_es256(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether `signature` (DER) is one of `public_key` (65 bytes) on `message`. Never raises on bytes."""
    numbers = _read_signature(signature)
    if numbers is None:
        return False
    table = _key_table(bytes(public_key))
    if table is None:
        return False
    r, s = numbers
    inverse = pow(s, -1, N)
    hashed = int.from_bytes(sha256(message).digest(), "big")
    x, _, z = _combine(hashed * inverse % N, r * inverse % N, table)
    if z == 0:
        return False
    square = z * z % P
    # x/z^2 may be r or, where that is still below p, r + n: compared without dividing
    return x == r * square % P or (r + N < P and x == (r + N) * square % P)


def decode_point(data: bytes) -> Affine | None:
    """The affine point of its uncompressed encoding, None when it is none of the curve."""
    if len(data) != PUBLIC_KEY_BYTES or data[0] != _UNCOMPRESSED:
        return None
    x, y = int.from_bytes(data[1:33], "big"), int.from_bytes(data[33:], "big")
    if x >= P or y >= P or (y * y - x * x * x + 3 * x - B) % P:
        return None
    return x, y


def _read_signature(data: bytes) -> tuple[int, int] | None:
    if len(data) > SIGNATURE_BYTES_MAX:
        return None
    try:
        first, second = members(data, SEQUENCE)
        r, s = integer(first), integer(second)
    except (BrokenInput, ValueError):  # another number of members unpacks with ValueError
        return None
    return (r, s) if 0 < r < N and 0 < s < N else None


def _combine(of_base: int, of_key: int, key: Table) -> Point:
    """[of_base]G + [of_key]Q, Q being the point whose odd multiples `key` holds."""
    base = _base_table()
    work = [(position, base[digit]) for position, digit in _digits(of_base, _BASE_WIDTH)]
    work += [(position, key[digit]) for position, digit in _digits(of_key, _KEY_WIDTH)]
    work.sort(reverse=True)
    point = _NEUTRAL
    at = work[0][0] if work else 0
    for position, summand in work:
        point = _add(_double(point, at - position), summand)
        at = position
    return _double(point, at)


def _double(point: Point, times: int) -> Point:
    """[2^times] of a point. No point of the curve has order 2, so the neutral one comes of itself alone."""
    x, y, z = point
    for _ in range(times):
        zz = z * z % P
        yy = y * y % P
        a = 4 * x * yy % P
        m = 3 * (x - zz) * (x + zz) % P
        z = 2 * y * z % P
        x = (m * m - 2 * a) % P
        y = (m * (a - x) - 8 * yy * yy) % P
    return x, y, z


def _add(point: Point, summand: Affine) -> Point:
    """The sum with an affine point; equal, opposite and neutral ones are told apart, as the formula fails for them."""
    x1, y1, z1 = point
    x2, y2 = summand
    if z1 == 0:
        return x2, y2, 1
    zz = z1 * z1 % P
    h = (x2 * zz - x1) % P
    r = (y2 * zz * z1 - y1) % P
    if h == 0:
        return _double(point, 1) if r == 0 else _NEUTRAL
    hh = h * h % P
    hhh = h * hh % P
    v = x1 * hh % P
    x3 = (r * r - hhh - 2 * v) % P
    return x3, (r * (v - x3) - y1 * hhh) % P, z1 * h % P


def _digits(scalar: int, width: int) -> list[tuple[int, int]]:
    """(position, digit) with scalar = sum of digit * 2^position, digits odd and within +-2^(width - 1)."""
    digits = []
    position = 0
    full = 1 << width
    while scalar:
        zeros = (scalar & -scalar).bit_length() - 1
        scalar >>= zeros
        position += zeros
        digit = scalar & full - 1
        if digit > full >> 1:
            digit -= full
        digits.append((position, digit))
        scalar -= digit
    return digits


def _odd_multiples(point: Affine, width: int) -> Table:
    """The multiples 1, 3, 5, ... 2^(width - 1) - 1 of a point, and their negatives."""
    table: Table = {}
    twice = _affine(_double((*point, 1), 1))
    for digit in range(1, 1 << width - 1, 2):
        x, y = table[digit] = point
        table[-digit] = (x, P - y)
        point = _affine(_add((x, y, 1), twice))
    return table


def _affine(point: Point) -> Affine:
    x, y, z = point
    inverse = pow(z, -1, P)
    square = inverse * inverse % P
    return x * square % P, y * square * inverse % P


@lru_cache(maxsize=1)
def _base_table() -> Table:
    return _odd_multiples(_G, _BASE_WIDTH)


@lru_cache(maxsize=_KEYS_KEPT)
def _key_table(public_key: bytes) -> Table | None:
    """The odd multiples of Q, None when the public key is no point."""
    point = decode_point(public_key)
    return None if point is None else _odd_multiples(point, _KEY_WIDTH)
