"""An OpenAPI 3 document becomes the source of a connector: `muniment connector import`."""

from collections.abc import Collection
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

import yaml

from ledger.errors import BrokenInput
from ledger.wording import as_it_is, in_english
from versioning.artefact import SOURCE_BYTES_MAX, CheckFinding
from versioning.kinds import reaching
from versioning.kinds.connector import OPERATIONS_MAX, read_connector
from versioning.kinds.http_operations import is_key_name
from versioning.kinds.located import Located
from versioning.openapi.document import Notes, follow, items, member, members, read_document, snake, text
from versioning.openapi.import_texts import tell
from versioning.openapi.operations import Found, Operations, listed
from versioning.openapi.servers import placed

WIDTH = 118
OPERATIONS_NAMED_MAX = 5  # where another one was asked for


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked of the import. `name` and `server` empty: as the document says; `operations` empty: all."""

    name: str = ""
    server: str = ""
    operations: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Imported:
    """The connector's source, empty where there is nothing to call; `operations` are its names in order."""

    source: str
    operations: tuple[str, ...]
    findings: tuple[CheckFinding, ...]


def connector_of(document: str, wanted: Wanted) -> Imported:
    """The connector of a document; `BrokenInput` with `line:column` for what is no such document."""
    if wanted.name and not reaching.is_name(wanted.name):
        raise BrokenInput(tell("connector-name"), "--name")
    root, notes = read_document(document), Notes()
    chosen = _chosen(tuple(listed(root, notes)), wanted.operations)
    base_url, chosen = placed(root, chosen, wanted.server, notes)
    reading = Operations(root, notes)
    pairs = [(one, read) for one in chosen if (read := reading.read(one)) is not None]
    operations = {one.name: read for one, read in pairs}
    if not operations:
        notes.add("nothing", root, tell("nothing"), "error")
        return Imported("", (), tuple(notes.findings))
    name = wanted.name or snake(text(member(root, "info", "title"))).replace("_", "-")[:60].strip("-")
    value: dict[str, Any] = {
        "connector": name,
        "title": " ".join(text(member(root, "info", "title")).split())[:120] or name,
        "base_url": base_url,
        **_authentication(root, [one for one, _ in pairs], name, notes),
        "operations": operations,
    }
    return _fitted(root, value, notes)


def _fitted(root: Located, value: dict[str, Any], notes: Notes) -> Imported:
    """The source, read back as it will be; without examples where it would be too long with them."""
    operations = value["operations"]
    if len(operations) > OPERATIONS_MAX:
        raise BrokenInput(tell("too-many-operations", most=OPERATIONS_MAX, found=len(operations)))
    source = _written(value)
    if len(source.encode()) > SOURCE_BYTES_MAX:
        notes.add("size", root, tell("examples-left-out"))
        for operation in operations.values():
            operation.pop("example", None)
        source = _written(value)
    size = len(source.encode())
    if size > SOURCE_BYTES_MAX:
        message = tell("connector-too-large", size=size, most=SOURCE_BYTES_MAX)
        notes.add("size", root, message, "error")
        return Imported("", (), tuple(notes.findings))
    try:
        read_connector(source)
    except BrokenInput as error:  # its place is one of the source, which nobody has seen
        raise BrokenInput(tell("not-read-back", found=in_english(error.message))) from error
    return Imported(source, tuple(operations), tuple(notes.findings))


def _chosen(found: tuple[Found, ...], ids: Collection[str]) -> tuple[Found, ...]:
    """The operations that were asked for, by the document's id or by our name: several may have one id, one a name."""
    wanted: set[str] = set()
    for name in ids:
        named = {one.name for one in found if one.id == name} or {one.name for one in found if one.name == name}
        if not named:
            known = {known: one.id for one in found for known in (one.id, one.name)}
            near = [known[one] for one in get_close_matches(name, known)] or [one.id for one in found]
            names = ", ".join(list(dict.fromkeys(near))[:OPERATIONS_NAMED_MAX])
            message = tell("no-such-operation", names=as_it_is(names), name=as_it_is(name[:80]))
            raise BrokenInput(message, "--operation")
        wanted |= named
    return tuple(one for one in found if not ids or one.name in wanted)


def _authentication(root: Located, used: list[Found], name: str, notes: Notes) -> dict[str, Any]:
    """{credential, authentication} of the first scheme that an operation asks for; nothing where none does."""
    asked: dict[str, Located] = {}
    for one in used:
        own = member(one.operation, "security")
        for requirement in items(member(root, "security") if own is None else own):
            for scheme, at in members(requirement):
                asked.setdefault(scheme, at)
    chosen: dict[str, Any] = {}
    for scheme, at in asked.items():
        found = member(root, "components", "securitySchemes", scheme)
        found = None if found is None else follow(root, found, notes)
        made = None if found is None else _scheme(scheme, found, notes)
        if made is None:
            notes.add("security", at, tell("security-unsupported", scheme=as_it_is(scheme)))
        elif chosen and made != chosen:
            notes.add("security", at, tell("security-left-out", scheme=as_it_is(scheme)))
        else:
            chosen = made
    return {"credential": name, "authentication": chosen} if chosen else {}


def _scheme(name: str, at: Located, notes: Notes) -> dict[str, Any] | None:
    kind, scheme = text(member(at, "type")), text(member(at, "scheme")).lower()
    if kind == "http" and scheme in ("bearer", "basic"):
        return {"scheme": scheme}
    if kind == "apiKey" and text(member(at, "in")) in ("header", "query") and is_key_name(text(member(at, "name"))):
        return {"scheme": "api key", "in": text(member(at, "in")), "name": text(member(at, "name"))}
    token_url = text(member(at, "flows", "clientCredentials", "tokenUrl")) if kind == "oauth2" else ""
    if token_url.startswith("https://") and " " not in token_url and reaching.is_address(token_url):
        message = tell("scopes-to-be-said", name=as_it_is(name))
        notes.add("oauth", at, message)
        return {"scheme": "client credentials", "token_url": token_url}
    if kind in ("oauth2", "openIdConnect"):
        message = tell("tokens-not-fetched", name=as_it_is(name))
        notes.add("oauth", at, message)
        return {"scheme": "bearer"}
    return None


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - part of the protocol
        return True


def _written(value: dict[str, Any]) -> str:
    return yaml.dump(value, Dumper=_Dumper, sort_keys=False, default_flow_style=None, width=WIDTH, allow_unicode=True)
