"""An Ed25519 key in a PKCS#11 token (a hardware module, or SoftHSM2): it signs there and never leaves it.

The address is that of `ledger.token_address`. The PIN is taken from the file it names, else from the settings
(`MUNIMENT_SIGNING_PIN`); it is never printed.

Needs the optional package `python-pkcs11` (extra `hsm`). The mechanism is CKM_EDDSA of PKCS#11 3.0.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from ledger.errors import BrokenInput, Unavailable
from ledger.token_address import WHERE, TokenAddress, parse_address

PIN_BYTES_MAX = 255
_ONE_AT_A_TIME = Lock()  # a token is logged in to once for the whole process


def token_key(uri: str, pin: str = "") -> "TokenKey":
    """The key at an address, its token asked once for the public half."""
    address = parse_address(uri)
    return TokenKey(address, _pin(address, pin))


class TokenKey:
    """An Ed25519 key in a token. Each signature opens a session of its own, so a token that was away is found again."""

    def __init__(self, address: TokenAddress, pin: str) -> None:
        self._address = address
        self._pin = pin
        with self._session() as (session, kinds):
            found = self._find(session, kinds.ObjectClass.PUBLIC_KEY)
            self._public = Ed25519PublicKey.from_public_bytes(_raw_point(bytes(found[kinds.Attribute.EC_POINT])))

    def __repr__(self) -> str:
        return "TokenKey(...)"

    def public_key(self) -> Ed25519PublicKey:
        """Its public half."""
        return self._public

    def sign(self, data: bytes, /) -> bytes:
        """64 bytes; `Unavailable` when the token cannot now."""
        with self._session() as (session, kinds):
            key = self._find(session, kinds.ObjectClass.PRIVATE_KEY)
            return bytes(key.sign(data, mechanism=kinds.Mechanism.EDDSA))

    def _find(self, session: Any, object_class: Any) -> Any:
        wanted: dict[str, Any] = {"object_class": object_class}
        if self._address.object:
            wanted["label"] = self._address.object
        if self._address.id:
            wanted["id"] = self._address.id
        return session.get_key(**wanted)

    @contextmanager
    def _session(self) -> Iterator[tuple[Any, Any]]:
        try:
            import pkcs11
        except ImportError as error:
            text = "expected the package python-pkcs11 for a key in a token (pip install muniment[hsm])"
            raise BrokenInput(text, WHERE) from error
        address = self._address
        wanted: dict[str, Any] = {"token_label": address.token, "token_serial": address.serial.encode()}
        wanted = {name: value for name, value in wanted.items() if value}
        try:
            token = pkcs11.lib(address.module_path).get_token(**wanted)
            with _ONE_AT_A_TIME, token.open(user_pin=self._pin) as session:
                yield session, pkcs11
        except pkcs11.exceptions.PKCS11Error as error:
            # The library's own words may repeat what it was given; its class says what is wrong.
            raise Unavailable("TOKEN", f"the token with the identity key: {type(error).__name__}") from None
        except RuntimeError as error:  # a module that cannot be loaded
            raise Unavailable("TOKEN", "the token's module could not be loaded") from error


def _pin(address: TokenAddress, pin: str) -> str:
    if not address.pin_source:
        if not pin:
            raise BrokenInput("expected a PIN: pin-source in the address, or MUNIMENT_SIGNING_PIN", WHERE)
        return pin
    path = Path(address.pin_source.removeprefix("file:"))
    try:
        if path.stat().st_mode & 0o077:
            raise BrokenInput("expected a PIN file that only its owner may read (mode 0600)", str(path))
        data = path.read_bytes()
    except OSError as error:
        raise BrokenInput("expected a PIN file that can be read", str(path)) from error
    if not 0 < len(data.strip()) <= PIN_BYTES_MAX:
        raise BrokenInput(f"expected a PIN of 1 to {PIN_BYTES_MAX} bytes", str(path))
    return data.strip().decode("utf-8", "strict")


def _raw_point(encoded: bytes) -> bytes:
    """The 32 bytes of a public key: tokens give them plain or as a DER octet string (PKCS#11 3.0 allows both)."""
    point = encoded[2:] if len(encoded) == 34 and encoded[:2] == b"\x04\x20" else encoded
    if len(point) != 32:
        raise Unavailable("TOKEN", "expected an Ed25519 key in the token, found another kind")
    return point
