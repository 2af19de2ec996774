"""What a client follows, and which of it an entry touches. Pure.

inbox           tasks and change requests that wait for somebody, and who may take them
notifications   what people are told
overview        the figures of process instances
ledger          any entry
instance:ID     one process instance, its tasks and incidents
change:ID       one change request
pack:ID         one evidence pack
"""

from collections.abc import Iterable

from api.problem_texts import tell
from ledger.errors import BrokenInput
from ledger.wording import as_it_is

INBOX, OVERVIEW, LEDGER, NOTIFICATIONS = "inbox", "overview", "ledger", "notifications"
INSTANCE, CHANGE, PACK = "instance", "change", "pack"
TOPICS_MAX = 24  # of one stream: a page follows a handful

_SHARED = (INBOX, OVERVIEW, LEDGER, NOTIFICATIONS)
_OF_SUBJECT = {"pi_": INSTANCE, "cr_": CHANGE, "pk_": PACK}
_PREFIX = {noun: prefix for prefix, noun in _OF_SUBJECT.items()}
_PREFIX_CHARS = 3
_ID_CHARS_MAX = 40
_WORK = {INSTANCE: (INBOX, OVERVIEW), CHANGE: (INBOX,)}
_REFUSAL = "refusal."


def parse_topics(text: str) -> frozenset[str]:
    """The topics of a query, `inbox,instance:pi_...`; `BrokenInput` for anything else."""
    names = text.split(",")
    if not text or len(names) > TOPICS_MAX or not all(map(_is_topic, names)):
        raise BrokenInput(tell("topics", most=TOPICS_MAX, known=as_it_is(_expected())), "query.topics")
    return frozenset(names)


def _is_topic(name: str) -> bool:
    noun, colon, given = name.partition(":")
    if not colon:
        return name in _SHARED
    is_id = given.isascii() and given.replace("_", "").isalnum() and len(given) <= _ID_CHARS_MAX
    return noun in _PREFIX and is_id and given.startswith(_PREFIX[noun])


def _expected() -> str:
    return ", ".join((*_SHARED, *[f"{noun}:ID" for noun in _PREFIX]))


def touched(entries: Iterable[tuple[str, str]]) -> frozenset[str]:
    """The topics of these entries, each as (kind, subject). A refusal changes nothing but the ledger."""
    found: set[str] = set()
    for kind, subject in entries:
        found.add(LEDGER)
        if subject == NOTIFICATIONS:
            found.add(NOTIFICATIONS)
        noun = _OF_SUBJECT.get(subject[:_PREFIX_CHARS])
        if noun is not None and not kind.startswith(_REFUSAL):
            found.add(f"{noun}:{subject}")
            found.update(_WORK.get(noun, ()))
    return frozenset(found)
