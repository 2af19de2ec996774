"""Bytes that came packed, unpacked no further than they may be: two thousand can stand for a thousand million."""

import zlib

from ledger.errors import BrokenInput, TooLarge

GZIP = frozenset(("gzip", "x-gzip"))
PLAIN = frozenset(("", "identity"))


def gunzipped(data: bytes, bytes_max: int, path: str = "") -> bytes:
    """What one member of gzip holds; `TooLarge` as soon as it is more, before the rest of it is unpacked."""
    unpacking = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        unpacked = unpacking.decompress(data, bytes_max + 1)
    except zlib.error as error:
        raise BrokenInput("bytes that cannot be unpacked", path) from error
    if len(unpacked) > bytes_max:
        raise TooLarge(f"more than {bytes_max}", path)
    if not unpacking.eof or unpacking.unused_data:
        raise BrokenInput("bytes that cannot be unpacked", path)
    return unpacked
