"""Where the identity key lies: in the key folder, in another file, or in a PKCS#11 token by its address (RFC 7512).

    pkcs11:token=NAME;object=LABEL?module-path=/path/of/module.so&pin-source=file:/path/of/pin

Understood are `token`, `serial`, `object` and `id` of the path, `module-path` and `pin-source` of the query. Anything
else is refused, `pin-value` above all: an address is printed and kept where a PIN must not be. The PIN is taken from
the file of `pin-source`, else from the settings (`MUNIMENT_SIGNING_PIN`).
"""

from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from ledger.errors import BrokenInput

SCHEME = "pkcs11:"
WHERE = "MUNIMENT_SIGNING_KEY"
_PATH = frozenset(("token", "serial", "object", "id"))
_QUERY = frozenset(("module-path", "pin-source"))


class IdentityPlace(NamedTuple):
    """Where the identity key lies: empty for the key folder, a path, or a `pkcs11:` address; and the token's PIN."""

    where: str = ""
    pin: str = ""

    def __repr__(self) -> str:
        return "IdentityPlace(...)"


class TokenAddress(NamedTuple):
    """Where a key lies; members that are not given are empty."""

    module_path: str
    token: str = ""
    serial: str = ""
    object: str = ""
    id: bytes = b""
    pin_source: str = ""


def parse_address(uri: str) -> TokenAddress:
    """The address of its URI; `BrokenInput`, without repeating the URI, when it says too little or too much."""
    path, _, query = uri.removeprefix(SCHEME).partition("?")
    if not uri.startswith(SCHEME):
        raise BrokenInput("expected a pkcs11: address", WHERE)
    said: dict[str, bytes] = {}
    for part, allowed in [(one, _PATH) for one in path.split(";")] + [(one, _QUERY) for one in query.split("&")]:
        if not part:
            continue
        name, equals, value = part.partition("=")
        if name == "pin-value":
            raise BrokenInput("expected no PIN in the address: name a file by pin-source or set the PIN apart", WHERE)
        if not equals or name not in allowed or name in said:
            listed = ", ".join(sorted(_PATH | _QUERY))
            raise BrokenInput(f"expected each of {listed} at most once and nothing else", WHERE)
        said[name] = unquote_to_bytes(value)
    if "module-path" not in said or not {"token", "serial"} & said.keys() or not {"object", "id"} & said.keys():
        raise BrokenInput("expected module-path, token (or serial) and object (or id) in the address", WHERE)
    try:
        texts = {name: said.get(name, b"").decode() for name in ("module-path", "token", "serial", "object")}
        source = said.get("pin-source", b"").decode()
    except UnicodeDecodeError as error:
        raise BrokenInput("expected UTF-8 in the address", WHERE) from error
    return TokenAddress(
        texts["module-path"], texts["token"], texts["serial"], texts["object"], said.get("id", b""), source
    )


def is_printable(where: str) -> bool:
    """Whether this is a path, or an address that cannot hold a PIN: one with members that are not understood may."""
    if not where.startswith(SCHEME):
        return True
    try:
        parse_address(where)
    except BrokenInput:
        return False
    return True
