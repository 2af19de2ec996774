"""The list of reason codes as a governed artefact: what a decision may give as its coded reason, each in words.

    reason-code-list: ecoa-adverse-action
    title: Reasons for a decision on credit
    codes:
      - {code: income-insufficient, words: Income does not carry the amount asked for}
      - {code: history-short, words: The credit history is too short to judge}

A decision step names the list (`reason: {codes: NAME}`). Codes and words stand in entries in clear, so they say nothing
about anybody: they are the organisation's own, approved like everything else that is in force.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ledger.entry import EntryDraft
from ledger.errors import BrokenInput
from ledger.wording import Wording
from ledger.work import UnitOfWork
from versioning.artefact import RETIRED, Artefact, ArtefactLike, CheckFinding, Release
from versioning.entries import REASON_CODE_LIST_RELEASED
from versioning.kinds import located
from versioning.kinds.listing import listing_draft
from versioning.kinds.located import Located, Members
from versioning.kinds.reading_texts import tell
from versioning.shapes import NAME, NAME_CHARACTERS_MAX

CODES_MAX = 200  # nobody chooses among more; a longer list is several
WORDS_LENGTH_MAX = 200  # characters: a sentence of a letter, not a paragraph

_CODE = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9])?\Z")
_NAME = re.compile(rf"(?:{NAME})\Z")


@dataclass(frozen=True, slots=True)
class ReasonCodeListKind:
    """Owner of the kind `reason-code-list`."""

    @property
    def kind(self) -> str:
        return "reason-code-list"

    @property
    def data_class(self) -> str:
        return "internal"

    def read(self, source: str) -> Artefact:
        """The list of the source; `BrokenInput` with `line:column`."""
        value = read_reason_code_list(source)
        return Artefact(self.kind, value["name"], value)

    def check(self, uow: UnitOfWork, artefact: ArtefactLike) -> Sequence[CheckFinding]:  # noqa: ARG002
        """Nothing that reading has not found."""
        return ()

    def release(self, uow: UnitOfWork, release: Release) -> EntryDraft:  # noqa: ARG002 - part of the protocol
        """`reason_code_list.released`."""
        title = release.name if release.value == RETIRED else release.value["title"]
        return listing_draft(REASON_CODE_LIST_RELEASED, release, title)


def read_reason_code_list(source: str) -> dict[str, Any]:
    """Canonical value: {name, title, codes: [{code, words}]}, the codes in the order of the source."""
    root = Members(located.read(source), tell("what-a-list-of-reason-codes"))
    root.known(("reason-code-list", "title", "codes"))
    named = root.required("reason-code-list")
    if not isinstance(named.value, str) or not _NAME.match(named.value) or len(named.value) > NAME_CHARACTERS_MAX:
        raise named.error(tell("list-name"))
    title = root.optional("title")
    return {
        "name": named.value,
        "title": named.value if title is None else _line(title, tell("what-a-title")),
        "codes": _codes(root.required("codes")),
    }


def _codes(member: Located) -> list[dict[str, str]]:
    if not isinstance(member.value, tuple) or not 0 < len(member.value) <= CODES_MAX:
        raise member.error(tell("codes", most=CODES_MAX))
    codes: list[dict[str, str]] = []
    for item in member.value:
        members = Members(item, tell("what-a-reason-code"))
        members.known(("code", "words"))
        code = members.required("code")
        # A code of digits alone is read as a number, which would lose its leading zeros.
        if not isinstance(code.value, str) or not _CODE.match(code.value):
            raise code.error(tell("code"))
        if any(known["code"] == code.value for known in codes):
            raise BrokenInput(tell("code-once"), f"{code.line}:{code.column}")
        codes.append({"code": code.value, "words": _line(members.required("words"), tell("what-words"))})
    return codes


def _line(member: Located, what: Wording) -> str:
    text = located.text(member, what)
    if len(text) > WORDS_LENGTH_MAX or not text.isprintable():
        raise member.error(tell("on-line-printable", what=what, most=WORDS_LENGTH_MAX))
    return text
