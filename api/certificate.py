"""The certificate of a decision: one page to print, with a QR code for checking. Made of the decision's entry, and of
what has come over the decision by then.

It proves nothing by itself; it says where the proof is: place and leaf hash in the ledger. The QR code carries the
address of this page and that leaf hash, no secret. Classed values are left out, so it may be handed on with the matter.
"""

import re
from base64 import b64encode
from collections.abc import Iterator, Mapping
from functools import lru_cache
from hashlib import sha256
from typing import Any, NamedTuple

import segno
from jinja2 import Template
from markupsafe import Markup

from api.record_html import environment
from api.since_decided import NOTHING, Since
from governance.passkeys import judge_signature
from governance.service import Statement, statement_words
from ledger.canonical import b64url
from ledger.chain import leaf_hash
from ledger.clock import Instant, instant_text
from ledger.entry import Entry, parse_entry

_UNSAFE = re.compile(r"[^ !#-;=?-\[\]-~]")  # quotes, escapes, brackets of tags, and all that is not plain


class Told(NamedTuple):
    """What is not in the entry: the decision's id, how the signer is called, the page's address, the log's size, and
    what has come over the decision by then."""

    id: str
    signer: str
    address: str
    size: int
    since: Since = NOTHING


class Certificate(NamedTuple):
    """The page, and the digest by which a policy lets its own style stand in it: `'sha256-...'`."""

    html: str
    style_source: str


def certificate_html(data: bytes, told: Told, style: str) -> Certificate:
    """The page about the decision whose entry has these bytes; `style` names its CSS."""
    entry, leaf = parse_entry(data), b64url(leaf_hash(data))
    checking = f"{told.address}#leaf={leaf}"
    title = f"Certificate of decision {told.id}"
    foot = _foot(f"{title}\nLeaf hash {leaf}")
    page = _template().render(
        title=title,
        said=_words(entry, told.signer),
        rows=_rows(entry, told, leaf),
        checking=checking,
        code=_code(checking),
        style=style,
        foot=Markup(foot),  # noqa: S704 - the text is escaped as style sheets have it
    )
    return Certificate(page, f"'sha256-{b64encode(sha256(foot.encode()).digest()).decode()}'")


def _foot(text: str) -> str:
    """The style by which every printed page says in its foot what it is of, and which of how many it is."""
    said = _UNSAFE.sub(lambda found: f"\\{ord(found[0]):x} ", text)
    return (
        "@page { size: A4; margin: 16mm 14mm 18mm; font: 8pt system-ui, sans-serif; "
        f'@bottom-left {{ content: "{said}"; width: 88%; text-align: left; white-space: pre-line }} '
        '@bottom-right { content: counter(page) " / " counter(pages) } }'
    )


def _words(entry: Entry, signer: str) -> str:
    payload = entry.payload
    if "statement" not in payload:
        return f"{signer} decided `{payload['decision']['outcome']}`; the step asks for no signature."
    statement = Statement(**{name: value for name, value in payload["statement"].items() if name != "purpose"})
    return statement_words(statement, signer, instant_text(Instant(statement.stated_at)))


def _rows(entry: Entry, told: Told, leaf: str) -> list[tuple[str, str]]:
    """(name, value) in the order in which they are read."""
    payload, decision = entry.payload, entry.payload["decision"]
    signature: Mapping[str, Any] = payload.get("signature", {})
    statement: Mapping[str, Any] = payload.get("statement", {})
    rows = [
        ("decision", told.id),
        ("person", f"{told.signer} (`{decision['person']}`)"),
        ("capacity", f"`{decision['capacity']}`"),
        ("outcome", f"`{decision['outcome']}`"),
        ("recorded at", entry.recorded_at),
        ("authority grant", f"`{decision['grant']}` version {decision['grant_version']}"),
        ("grant digest", f"`{statement.get('grant_digest', '')}`"),
        ("blueprint digest", f"`{entry.basis['blueprint']}`"),
        ("digest of what was shown", f"`{payload.get('shown_digest', '')}`"),
        ("digest of the statement", f"`{signature.get('statement_digest', '')}`"),
        ("signed by", str(signature.get("factor", "no signature"))),
        ("strength", judge_signature(signature).text if signature else "not signed"),
        ("ledger", f"{entry.origin}, entry {entry.index} of {told.size}"),
        ("leaf hash", f"`{leaf}`"),
        *_since(told.since),
    ]
    return [(name, value) for name, value in rows if value != "``"]


def _since(since: Since) -> Iterator[tuple[str, str]]:
    """What counts no more and what is otherwise by now, with the entries that say so."""
    if since.void is not None:
        void = since.void
        yield "void since", f"{void.since.at}, entry {void.since.index}: `{void.step}` was entered again"
    for one in since.changed:
        yield "data changed since", f"`{one.path}` was corrected at {one.since.at}, entry {one.since.index}"


def _code(text: str) -> Markup:
    """The QR code as SVG, dark on white whatever the page's colours are, so that any reader takes it."""
    drawn = segno.make(text, error="m", micro=False).svg_inline(scale=3, light="#fff", title="QR code of the address")
    return Markup(drawn)  # noqa: S704 - drawn by us from the matrix; the text does not stand in it


@lru_cache(maxsize=1)
def _template() -> Template:
    return environment().get_template("certificate.html")
