"""Where the operations of an OpenAPI document are: one address for a connector, so who is elsewhere is left out."""

import re
from collections.abc import Sequence
from posixpath import normpath
from urllib.parse import urlsplit

from ledger.errors import BrokenInput
from ledger.wording import as_it_is
from versioning.kinds import reaching
from versioning.kinds.located import Located
from versioning.openapi.document import Notes, items, member, members, text
from versioning.openapi.import_texts import tell
from versioning.openapi.operations import Found

_BRACED = re.compile(r"\{[^{}]*\}")


def placed(root: Located, chosen: Sequence[Found], asked: str, notes: Notes) -> tuple[str, tuple[Found, ...]]:
    """The address of the connector and the operations that are there: that of the document's own servers where any
    operation is on them, else that of the first operation. `asked` stands for every host, and for every path where it
    has one."""
    if not chosen:
        return "", ()
    common = member(root, "servers")
    on = [_servers_of(one) or common for one in chosen]
    first = next((servers for servers in on if servers is common), on[0])
    base = _address(first, asked, notes)
    kept = []
    for one, servers in zip(chosen, on, strict=True):
        if servers is first or (servers is not None and _is_at(base, servers, asked, notes)):
            kept.append(one)
        else:
            notes.add("server", servers or one.operation, tell("own-server"), "error")
    return base, tuple(kept)


def _servers_of(found: Found) -> Located | None:
    """The servers an operation or its path names for itself, the nearer before the other."""
    named = (member(found.operation, "servers"), member(found.item, "servers"))
    return next((servers for servers in named if items(servers)), None)


def _is_at(base: str, servers: Located, asked: str, notes: Notes) -> bool:
    try:
        return _address(servers, asked, notes) == base
    except BrokenInput:
        return False


def _address(servers: Located | None, asked: str, notes: Notes) -> str:
    """The first of some servers, its variables filled with their defaults; `BrokenInput` where it is no address."""
    listed = items(servers)
    if len(listed) > 1 and not asked:
        notes.add("servers", listed[1], tell("several-servers"))
    at = member(listed[0], "url") if listed else None
    url = _filled(listed[0], text(at), asked, notes) if listed else ""
    if asked:
        return _asked(asked, _path(url))
    if at is None or not _has_host(url):
        raise BrokenInput(tell("no-server"), "--server")
    return reaching.address(Located("" if " " in url else url, at.line, at.column))


def _filled(server: Located, url: str, asked: str, notes: Notes) -> str:
    for name, variable in members(member(server, "variables")):
        braced = "{" + name + "}"
        if braced not in (_path(url) if asked else url):  # what is asked stands for all the rest
            url = url.replace(braced, "")
            continue
        chosen = member(variable, "default")
        if not text(chosen):
            raise variable.error(tell("server-variable-open", name=as_it_is(name)))
        choices = [text(one) for one in items(member(variable, "enum"))]
        if choices and text(chosen) not in choices:
            raise variable.error(tell("server-variable-other", name=as_it_is(name)))
        told = tell("server-variable", name=as_it_is(name), chosen=as_it_is(text(chosen)))
        notes.add("server-variable", variable, told)
        url = url.replace(braced, text(chosen))
    open_ = _BRACED.search(_path(url) if asked else url)
    if open_ is not None:
        raise server.error(tell("server-variable-open", name=as_it_is(open_[0][1:-1])))
    return url


def _asked(asked: str, path: str) -> str:
    """The address that was asked for, with the path of the document's where it has none of its own."""
    try:
        url = reaching.address(Located(asked, 0, 0))
    except BrokenInput as error:
        raise BrokenInput(error.message, "--server") from error
    # Put together as text: of a path that begins with `//` joining addresses would make another host.
    whole = normpath(f"/{path.strip('/')}")
    return url if urlsplit(url).path or whole == "/" else f"{url}{whole}"


def _path(url: str) -> str:
    try:
        return urlsplit(url).path
    except ValueError:
        return ""


def _has_host(url: str) -> bool:
    try:
        return bool(urlsplit(url).netloc) and bool(urlsplit(url).scheme)
    except ValueError:
        return True  # some kind of address: what is wrong with it is said where it stands
