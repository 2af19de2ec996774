"""Operations of connectors that do not speak HTTP: e-mail, files, read-only SQL; and what hooks and inboxes take in.

    via: e-mail                                          via: files
    from: notices@bank.example                           folder: payments-out    # below the folder for files
    operations:                                          operations:
      tell:                                                instruct: {file: "{payment}.json",
        to: "{recipient}"                                             takes: {payment: {type: string, required: true},
        subject: "Your application {application}"                             amount: {type: money}}}
        text: "We have received {application}."

    via: sql                                             via: hook
    credential: warehouse   # holds the address          credential: crm
                                                         actor: svc:crm
    operations:                                          messages:
      find: {statement: "SELECT name FROM customer         deal.won: {message: deal-won, key: deal_id}
             WHERE id = :id", rows_max: 100}

An inbox takes in as a hook does, from files below a `folder` in the place of a `credential`.

What stands in braces (in a statement: after a colon) is an argument; without `takes` it is a required text. A statement
is fixed here: arguments are bound to it, never written into it.
"""

import re
from typing import Any, Final

from ledger.wording import Wording, as_it_is, listed
from versioning.kinds import reaching
from versioning.kinds.http_operations import bounds, told
from versioning.kinds.located import Located, Members, text
from versioning.kinds.reading_texts import tell
from versioning.kinds.typed import ARGUMENTS_MAX, CLASSES, FLAT, is_field, read_type
from versioning.shapes import FIELD

VIA: Final = ("http", "e-mail", "files", "sql", "hook", "inbox")
INCOMING: Final = ("hook", "inbox")
TEXT_MAX = 10_000
LINE_MAX = 500
STATEMENT_MAX = 4_000
ROWS_MAX = 1_000
ROWS_DEFAULT = 100
MESSAGES_MAX = 100

_BRACED = re.compile(r"\{([a-z][a-z0-9_]*)\}")
_BOUND = re.compile(r"(?<![:\w]):([a-z][a-z0-9_]*)")
_QUOTED = re.compile(r"'(?:[^']|'')*'")
_STATEMENT = re.compile(r"\s*(SELECT|WITH)\b", re.IGNORECASE)
_FILE = re.compile(r"([A-Za-z0-9_-]|\{[a-z][a-z0-9_]*\})([A-Za-z0-9._-]|\{[a-z][a-z0-9_]*\})*\Z")
_FOLDER = re.compile(r"[a-z0-9][a-z0-9_-]*(/[a-z0-9][a-z0-9_-]*)*\Z")
_ADDRESS = re.compile(r"[A-Za-z0-9._%+'-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*\Z")
_EVENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/-]{0,99}\Z")
_PATH = re.compile(rf"{FIELD}(\.{FIELD})*\Z")
_SERVICE = re.compile(r"svc:[a-z0-9]+(-[a-z0-9]+)*\Z")
_MESSAGE = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*\Z")


def read_mail(member: Located) -> dict[str, Any]:
    """{to, subject, text, takes, answer, time_out_ms, ...} of an operation that sends an e-mail."""
    members = Members(member, tell("what-an-operation-by-e-mail"))
    members.known(("to", "subject", "text", "takes", "time_out", "title", "example"))
    value = {
        "to": _line(members.required("to"), tell("what-the-address-it-goes-to")),
        "subject": _line(members.required("subject"), tell("what-a-subject")),
        "text": _text(members.required("text")),
    }
    names = _BRACED.findall("".join(value.values()))
    made = {"type": "object", "properties": {"message_id": {"type": "string", "required": True}}}
    return {**value, **_rest(members, names, exact=True), "answer": made}


def read_file(member: Located) -> dict[str, Any]:
    """{file, text?, takes, answer, ...} of an operation that puts a file down; without `text` the JSON of the arguments
    that are not in its name."""
    members = Members(member, tell("what-an-operation-by-file"))
    members.known(("file", "text", "takes", "time_out", "title", "example"))
    file, template = members.required("file"), members.optional("text")
    if not isinstance(file.value, str) or not _FILE.match(file.value) or len(file.value) > LINE_MAX:
        raise file.error(tell("file-name", name=as_it_is("{payment}.json")))
    value = {"file": file.value} | ({} if template is None else {"text": _text(template)})
    names = _BRACED.findall("".join(value.values()))
    properties = {name: {"type": kind, "required": True} for name, kind in (("file", "string"), ("bytes", "integer"))}
    made = {"type": "object", "properties": properties}
    return {**value, **_rest(members, names, exact=template is not None), "answer": made}


def read_query(member: Located) -> dict[str, Any]:
    """{statement, rows_max, takes, answer?, ...} of an operation that asks a database."""
    members = Members(member, tell("what-an-operation-by-sql"))
    members.known(("statement", "rows_max", "takes", "time_out", "response_bytes_max", "title", "answer", "example"))
    statement, rows = members.required("statement"), members.optional("rows_max")
    said = statement.value
    bare = _QUOTED.sub("''", said) if isinstance(said, str) else ""
    if not _STATEMENT.match(bare) or ";" in bare or len(said) > STATEMENT_MAX:
        raise statement.error(tell("one-select"))
    if set(_BOUND.findall(said)) != set(_BOUND.findall(bare)):
        raise statement.error(tell("colon-in-quotes"))
    most = ROWS_DEFAULT if rows is None else rows.value
    if type(most) is not int or not 0 < most <= ROWS_MAX:
        raise statement.error(tell("rows-max", most=ROWS_MAX))
    return {"statement": said, "rows_max": most, **_rest(members, _BOUND.findall(bare), exact=True)}


def read_folder(member: Located) -> str:
    """Where files are put, below the folder for files."""
    if not isinstance(member.value, str) or not _FOLDER.match(member.value):
        raise member.error(tell("folder"))
    return member.value


def read_sender(member: Located) -> str:
    """The address e-mail comes from."""
    if not isinstance(member.value, str) or not _ADDRESS.match(member.value):
        raise member.error(tell("mail-address"))
    return member.value


def read_actor(member: Located) -> str:
    """The service that the events of a hook stand for."""
    if not isinstance(member.value, str) or not _SERVICE.match(member.value):
        raise member.error(tell("service"))
    return member.value


def read_domain(member: Located) -> str:
    """Where the instances are that a hook's messages reach."""
    return reaching.name(member, tell("what-a-domain"))


def read_messages(member: Located) -> dict[str, Any]:
    """{type of event: {message, key}}: what a hook makes of what comes in; `key` is a path in its data."""
    if not isinstance(member.value, dict) or not 0 < len(member.value) <= MESSAGES_MAX:
        raise member.error(tell("event-types", most=MESSAGES_MAX))
    value = {}
    for kind, one in member.value.items():
        if not _EVENT.match(kind):
            raise one.error(tell("event-type"))
        members = Members(one, tell("what-what-an-event-becomes"))
        members.known(("message", "key"))
        message, key = members.required("message"), members.required("key")
        if not isinstance(message.value, str) or not _MESSAGE.match(message.value):
            raise message.error(tell("message-name"))
        if not isinstance(key.value, str) or not _PATH.match(key.value):
            raise key.error(tell("data-path"))
        value[kind] = {"message": message.value, "key": key.value}
    return value


def _rest(members: Members, names: list[str], exact: bool) -> dict[str, Any]:
    """What operations of all kinds have: arguments, bounds, title. `exact`: every argument is used by name."""
    takes = {name: {"in": "text", "type": "string", "required": True} for name in names}
    given = members.optional("takes")
    if given is not None:
        takes = _takes(given)
        unused = sorted(set(takes) - set(names)) if exact else []
        missing = sorted(set(names) - set(takes))
        if unused or missing:
            wrong = ", ".join(unused or missing)
            raise given.error(tell("arguments-used", name=as_it_is(wrong)))
        for name in names:
            if takes[name]["type"] not in FLAT - {"list"}:
                raise given.error(tell("plain-value", name=as_it_is(name)))
    return {"takes": takes, **bounds(members), **told(members)}


def _takes(member: Located) -> dict[str, Any]:
    if not isinstance(member.value, dict) or len(member.value) > ARGUMENTS_MAX:
        raise member.error(tell("arguments-mapping", most=ARGUMENTS_MAX))
    takes = {}
    for name, one in member.value.items():
        if not is_field(name) or not isinstance(one.value, dict):
            raise one.error(tell("argument-with-type"))
        data_class = one.value.get("class")
        plain = {key: inner for key, inner in one.value.items() if key != "class"}
        takes[name] = {"in": "text", **read_type(Located(plain, one.line, one.column))}
        if data_class is not None:
            if data_class.value not in CLASSES:
                raise data_class.error(tell("one-of", names=listed(CLASSES)))
            takes[name]["class"] = data_class.value
    return takes


def _line(member: Located, what: Wording) -> str:
    line = text(member, what)
    if not line.isprintable() or len(line) > LINE_MAX:
        raise member.error(tell("on-one-line", what=what, most=LINE_MAX))
    return line


def _text(member: Located) -> str:
    found = text(member, tell("what-a-text"))
    if len(found) > TEXT_MAX:
        raise member.error(tell("characters", most=TEXT_MAX))
    return found


OPERATION_OF: Final = {"e-mail": read_mail, "files": read_file, "sql": read_query}
