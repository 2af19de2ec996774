"""Ed25519 verification in plain Python (RFC 8032 section 5.1.7), for the verifier that imports no third-party package.

`verify_signature` takes ML-DSA-44 as well (`ledger.verify.plain_ml_dsa`); the length of a key says which it is.

    public key = A, signature = R[32] || S[32]             points 32 bytes: y little-endian, top bit the sign of x
    accept  iff  S < L,  A decodes strictly,  and  encode([S]B - [h]A) = R     with h = SHA-512(R || A || message) mod L

Strict: an S of L or more, a y of p or more, and x = 0 with sign 1 are refused. Without the cofactor, and comparing
encodings, as OpenSSL does: a signature opens here and there alike. A public key in a second, non-canonical spelling is
refused here although OpenSSL reads it; no signer makes one.

Verification only handles public values, so nothing here runs in constant time. There is no signing.

Arithmetic: the curve -x^2 + y^2 = 1 + d x^2 y^2 over p = 2^255 - 19, points as (X, Y, Z, T) with x = X/Z, y = Y/Z,
x y = T/Z. The formulas are those of RFC 8032 section 5.1.4, complete for every pair of points. Both multiples are
taken in one pass from the top bit (Straus) over signed odd digits, with tables of odd multiples of B and of A.
"""

from functools import lru_cache
from hashlib import sha512

from ledger.verify.plain_ml_dsa import PUBLIC_KEY_BYTES, verify_ml_dsa_44

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P

_SQRT_MINUS_1 = pow(2, (P - 1) // 4, P)
_BASE = (4 * pow(5, -1, P) % P).to_bytes(32, "little")  # B: y = 4/5, x even
_BASE_WIDTH = 8  # 64 odd multiples, made once in a process
_KEY_WIDTH = 5  # 8 odd multiples, kept for the keys met last
_KEYS_KEPT = 64

Point = tuple[int, int, int, int]
Summand = tuple[int, int, int]  # y - x, y + x, 2 d x y of an affine point: what an addition needs of it
Table = dict[int, Summand]  # odd digit, of either sign -> that multiple

_NEUTRAL: Point = (0, 1, 1, 0)


def verify_signature(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """As `verify_ed25519` or `verify_ml_dsa_44`, by the length of the public key (32 or 1,312 bytes)."""
    verify = verify_ml_dsa_44 if len(public_key) == PUBLIC_KEY_BYTES else verify_ed25519
    return verify(public_key, message, signature)


def verify_ed25519(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether `signature` (64 bytes) is one of `public_key` (32 bytes) on `message`. Never raises on bytes."""
    if len(public_key) != 32 or len(signature) != 64:
        return False
    scalar = int.from_bytes(signature[32:], "little")
    if scalar >= L:
        return False
    table = _key_table(bytes(public_key))
    if table is None:
        return False
    digest = sha512(signature[:32] + public_key + message).digest()
    challenge = int.from_bytes(digest, "little") % L
    return _encode(_combine(scalar, challenge, table)) == signature[:32]


def decode_point(data: bytes) -> tuple[int, int] | None:
    """The affine point of its one encoding (RFC 8032 section 5.1.3), None when it is none."""
    y = int.from_bytes(data, "little")
    sign = y >> 255
    y &= (1 << 255) - 1
    if len(data) != 32 or y >= P:
        return None
    u = (y * y - 1) % P
    v = (D * y * y + 1) % P
    x = u * pow(v, 3, P) * pow(u * pow(v, 7, P), (P - 5) // 8, P) % P
    square = v * x * x % P
    if square == P - u:
        x = x * _SQRT_MINUS_1 % P
    elif square != u:
        return None
    if x == 0 and sign:
        return None
    return (P - x if x & 1 != sign else x), y


def _encode(point: Point) -> bytes:
    x, y, z, _ = point
    inverse = pow(z, -1, P)
    return (y * inverse % P | (x * inverse % P & 1) << 255).to_bytes(32, "little")


def _combine(scalar: int, challenge: int, negated_key: Table) -> Point:
    """[scalar]B + [challenge]A', A' being the point whose odd multiples `negated_key` holds."""
    base = _base_table()
    work = [(position, base[digit]) for position, digit in _digits(scalar, _BASE_WIDTH)]
    work += [(position, negated_key[digit]) for position, digit in _digits(challenge, _KEY_WIDTH)]
    work.sort(reverse=True)
    point = _NEUTRAL
    at = work[0][0] if work else 0
    for position, summand in work:
        point = _add(_double(point, at - position), summand)
        at = position
    return _double(point, at)


def _double(point: Point, times: int) -> Point:
    """[2^times] of a point; T is made only once, at the end, as no doubling asks for it."""
    if times == 0:
        return point
    x, y, z, _ = point
    e = h = 0
    for _ in range(times):
        xx = x * x
        yy = y * y
        e = -2 * x * y % P
        h = (xx + yy) % P
        g = (xx - yy) % P
        f = (2 * z * z + xx - yy) % P
        x = e * f % P
        y = g * h % P
        z = f * g % P
    return x, y, z, e * h % P


def _add(point: Point, summand: Summand) -> Point:
    x, y, z, t = point
    minus, plus, product = summand
    a = (y - x) * minus
    b = (y + x) * plus
    c = t * product
    e = (b - a) % P
    h = (b + a) % P
    f = (2 * z - c) % P
    g = (2 * z + c) % P
    return e * f % P, g * h % P, f * g % P, e * h % P


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


def _odd_multiples(x: int, y: int, width: int) -> Table:
    """The multiples 1, 3, 5, ... 2^(width - 1) - 1 of an affine point, and their negatives."""
    table: Table = {}
    point: Point = (x, y, 1, x * y % P)
    twice = _summand(_double(point, 1))
    for digit in range(1, 1 << width - 1, 2):
        minus, plus, product = table[digit] = _summand(point)
        table[-digit] = (plus, minus, -product)
        point = _add(point, twice)
    return table


def _summand(point: Point) -> Summand:
    x, y, z, _ = point
    inverse = pow(z, -1, P)
    x = x * inverse % P
    y = y * inverse % P
    return y - x, y + x, 2 * D * x * y % P


@lru_cache(maxsize=1)
def _base_table() -> Table:
    point = decode_point(_BASE)
    assert point is not None
    return _odd_multiples(*point, _BASE_WIDTH)


@lru_cache(maxsize=_KEYS_KEPT)
def _key_table(public_key: bytes) -> Table | None:
    """The odd multiples of -A, None when the public key is no point."""
    point = decode_point(public_key)
    return None if point is None else _odd_multiples(P - point[0], point[1], _KEY_WIDTH)
