"""ML-DSA-44 verification in plain Python (FIPS 204, algorithms 3 and 8), for the verifier that imports no package.

    public key = rho[32] || t1                         t1: 4 polynomials, 10 bits a coefficient          1,312 bytes
    signature  = c~[32] || z || hint                   z: 4 polynomials, 18 bits; hint: 80 + 4 bytes     2,420 bytes
    accept iff   the hint is canonical,  |z| < gamma1 - beta,  and  c~ = H(mu || UseHint(hint, A z - c t1 2^13))

with mu = H(H(public key)[64] || 0x00 || u8 length || context || message)[64] and H = SHAKE256. The hint lists the
places of its ones for each polynomial in rising order, at most 80 in all, and zeros after them: no other spelling is
read, so nobody can change a signature into a second one.

Verification only handles public values, so nothing here runs in constant time. There is no signing.

Polynomials are lists of 256 integers modulo q = 8,380,417; products are taken in the number-theoretic transform
(algorithms 41 and 42). Reductions are put off where Python's integers can wait.
"""

from functools import lru_cache
from hashlib import shake_128, shake_256
from itertools import pairwise

Q = 8_380_417
N = 256
K = 4  # rows of A; L = K columns
DROPPED_BITS = 13  # d: low bits that the public key leaves out
GAMMA1 = 1 << 17  # z is at most this
GAMMA2 = (Q - 1) // 88  # half of the range that w loses in its high part
TAU = 39  # ones in the challenge
BETA = 78  # TAU times the largest coefficient of a secret: z stays that far below GAMMA1
OMEGA = 80  # ones in a hint
HIGH_PARTS = (Q - 1) // (2 * GAMMA2)  # 44

PUBLIC_KEY_BYTES = 1312
SIGNATURE_BYTES = 2420
CONTEXT_BYTES_MAX = 255

_CHALLENGE_BYTES = 32
_T1_BYTES = 320  # of one polynomial
_Z_BYTES = 576
_KEYS_KEPT = 16
_INVERSE_OF_N = pow(N, -1, Q)

Poly = list[int]


def _bit_reversed(number: int) -> int:
    return int(f"{number:08b}"[::-1], 2)


_ZETAS = tuple(pow(1753, _bit_reversed(number), Q) for number in range(N))  # 1753: a root of unity of order 512


def verify_ml_dsa_44(public_key: bytes, message: bytes, signature: bytes, context: bytes = b"") -> bool:
    """Whether `signature` (2,420 bytes) is one of `public_key` (1,312 bytes) on `message`. Never raises on bytes."""
    if len(public_key) != PUBLIC_KEY_BYTES or len(signature) != SIGNATURE_BYTES or len(context) > CONTEXT_BYTES_MAX:
        return False
    matrix, t1, key_hash = _key(bytes(public_key))
    mu = shake_256(key_hash + bytes((0, len(context))) + context + message).digest(64)
    return _verify_mu(matrix, t1, mu, signature)


def _verify_mu(matrix: list[list[Poly]], t1: list[Poly], mu: bytes, signature: bytes) -> bool:
    """Algorithm 8 from line 7 on; `matrix` and `t1` are transformed already."""
    challenge = signature[:_CHALLENGE_BYTES]
    z_end = _CHALLENGE_BYTES + K * _Z_BYTES
    hint = _hint(signature[z_end:])
    if hint is None:
        return False
    z = [_z(signature[start : start + _Z_BYTES]) for start in range(_CHALLENGE_BYTES, z_end, _Z_BYTES)]
    if max(max(map(abs, poly)) for poly in z) >= GAMMA1 - BETA:
        return False
    transformed = [_ntt(poly) for poly in z]
    c = _ntt(_challenge(challenge))
    packed = []
    for row, t, ones in zip(matrix, t1, hint, strict=True):
        products = [[x * y for x, y in zip(a, b, strict=True)] for a, b in zip(row, transformed, strict=True)]
        w = [sum(terms) - x * y for *terms, x, y in zip(*products, c, t, strict=True)]
        packed.append(_high_parts(_inverse_ntt(w), ones))
    return shake_256(mu + b"".join(packed)).digest(_CHALLENGE_BYTES) == challenge


@lru_cache(maxsize=_KEYS_KEPT)
def _key(public_key: bytes) -> tuple[list[list[Poly]], list[Poly], bytes]:
    """What follows from a public key alone: A, t1 2^13 (both transformed) and the hash of the key."""
    rho = public_key[:32]
    matrix = [[_sampled(rho + bytes((column, row))) for column in range(K)] for row in range(K)]
    t1 = [
        _ntt([value << DROPPED_BITS for value in _unpack(public_key[start : start + _T1_BYTES], 10)])
        for start in range(32, PUBLIC_KEY_BYTES, _T1_BYTES)
    ]
    return matrix, t1, shake_256(public_key).digest(64)


def _sampled(seed: bytes) -> Poly:
    """A polynomial drawn uniformly, in the transform (algorithm 30): by three bytes, those of q or more left out."""
    squeezed = 840  # five blocks: 24 triples to spare, and one in a thousand is left out
    while True:
        stream = shake_128(seed).digest(squeezed)
        triples = zip(stream[::3], stream[1::3], stream[2::3], strict=True)
        drawn = [value for low, mid, high in triples if (value := low | mid << 8 | (high & 0x7F) << 16) < Q]
        if len(drawn) >= N:
            return drawn[:N]
        squeezed *= 2


def _challenge(seed: bytes) -> Poly:
    """The polynomial of 39 coefficients of 1 or -1 that a challenge stands for (algorithm 29)."""
    poly = [0] * N
    squeezed = 272
    while True:
        stream = shake_256(seed).digest(squeezed)
        signs = int.from_bytes(stream[:8], "little")
        places = iter(stream[8:])
        taken = []
        for last in range(N - TAU, N):
            place = next((place for place in places if place <= last), None)
            if place is None:
                break
            taken.append((last, place))
        if len(taken) == TAU:
            break
        squeezed *= 2
    for number, (last, place) in enumerate(taken):
        poly[last] = poly[place]
        poly[place] = -1 if signs >> number & 1 else 1
    return poly


def _z(packed: bytes) -> Poly:
    return [GAMMA1 - value for value in _unpack(packed, 18)]


def _unpack(packed: bytes, bits: int) -> list[int]:
    """Integers of so many bits each, the first in the lowest bits."""
    step = bits // 2  # bytes that four integers take up, bits being even
    mask = (1 << bits) - 1
    found = []
    for start in range(0, len(packed), step):
        four = int.from_bytes(packed[start : start + step], "little")
        found += [four & mask, four >> bits & mask, four >> 2 * bits & mask, four >> 3 * bits]
    return found


def _hint(packed: bytes) -> list[frozenset[int]] | None:
    """The places of the ones of each polynomial (algorithm 21); None when they are not spelt in the one way."""
    places, ends = packed[:OMEGA], packed[OMEGA:]
    found = []
    start = 0
    for end in ends:
        if not start <= end <= OMEGA:
            return None
        of_one = places[start:end]
        if any(later <= earlier for earlier, later in pairwise(of_one)):
            return None
        found.append(frozenset(of_one))
        start = end
    return None if any(places[start:]) else found


def _high_parts(w: Poly, ones: frozenset[int]) -> bytes:
    """The high parts of w, mended by the hint (algorithms 40 and 36), 6 bits each (algorithm 28)."""
    whole = 0
    for place, value in enumerate(w):
        low = value % (2 * GAMMA2)
        if low > GAMMA2:
            low -= 2 * GAMMA2
        if value - low == Q - 1:
            high, low = 0, low - 1
        else:
            high = (value - low) // (2 * GAMMA2)
        if place in ones:
            high = (high + (1 if low > 0 else -1)) % HIGH_PARTS
        whole |= high << 6 * place
    return whole.to_bytes(N * 6 // 8, "little")


def _ntt(poly: Poly) -> Poly:
    w = list(poly)
    number = 0
    length = N // 2
    while length:
        for start in range(0, N, 2 * length):
            number += 1
            zeta = _ZETAS[number]
            for at in range(start, start + length):
                term = zeta * w[at + length] % Q
                w[at + length] = w[at] - term
                w[at] += term
        length //= 2
    return w


def _inverse_ntt(poly: Poly) -> Poly:
    """The polynomial of a transform, coefficients from 0 to q - 1."""
    w = [value % Q for value in poly]
    number = N
    length = 1
    while length < N:
        for start in range(0, N, 2 * length):
            number -= 1
            zeta = _ZETAS[number]
            for at in range(start, start + length):
                low, high = w[at], w[at + length]
                w[at] = low + high
                w[at + length] = zeta * (high - low) % Q
        length *= 2
    return [value * _INVERSE_OF_N % Q for value in w]
