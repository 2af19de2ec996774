"""The closed catalogue: objects, actions, which action exists on which object, and the spelling of ids.

A policy, a check and a token can name nothing else, so a misspelt permission is an error in the source and never a
rule without effect. Field classes are objects as well (`field-personal`, action `read`), so that Casbin judges them
like everything else. Typed ids (`person:`, `svc:`, `agent:`, `system:`, `role:`, `office:`) are checked here, at the
edge: a role's name can then never be taken for a person (casbin issue 233).
"""

import re
from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from ledger.errors import BrokenInput
from ledger.wording import Wording, as_it_is, joined
from rbac.refusal_texts import why
from rbac.source_texts import tell

WHOLE = "organisation"  # the domain that every other lies in; it exists in every policy


class Object(StrEnum):
    """Kinds of object a permission is about."""

    INSTANCE = "instance"
    TASK = "task"
    JOB = "job"
    MESSAGE = "message"
    INCIDENT = "incident"
    OVERVIEW = "overview"
    COMPLIANCE_RECORD = "compliance-record"
    RECORD = "record"
    CHANGE_REQUEST = "change-request"
    BLUEPRINT = "blueprint"
    AUTHORITY = "authority"
    ACCESS = "access"
    PERSON = "person"
    REGISTER = "register"
    LEDGER = "ledger"
    QUESTION = "question"
    EVIDENCE_PACK = "evidence-pack"
    DATA_SUBJECT = "data-subject"
    RETENTION = "retention"
    HOLD = "hold"
    API_KEY = "api-key"
    CREDENTIAL = "credential"
    METRICS = "metrics"
    CLOCK = "clock"
    KEY = "key"
    FEED = "feed"
    FIELD_PUBLIC = "field-public"
    FIELD_INTERNAL = "field-internal"
    FIELD_CONFIDENTIAL = "field-confidential"
    FIELD_PERSONAL = "field-personal"
    FIELD_SPECIAL = "field-special"


class Action(StrEnum):
    """What may be done."""

    READ = "read"
    START = "start"
    CANCEL = "cancel"
    SUSPEND = "suspend"
    RESUME = "resume"
    MODIFY = "modify"
    CORRECT = "correct"
    MIGRATE = "migrate"
    CLAIM = "claim"
    COMPLETE = "complete"
    DECIDE = "decide"
    REASSIGN = "reassign"
    COMMENT = "comment"
    DELEGATE = "delegate"
    ACTIVATE = "activate"
    CORRELATE = "correlate"
    RESOLVE = "resolve"
    ASSIGN = "assign"
    WRITE = "write"
    PROPOSE = "propose"
    REVIEW = "review"
    APPROVE = "approve"
    RELEASE = "release"
    WITHDRAW = "withdraw"
    CHECK = "check"
    PROVE = "prove"
    VERIFY = "verify"
    ASK = "ask"
    PACK = "pack"
    SHARE = "share"
    DISCLOSE = "disclose"
    ERASE = "erase"
    PLACE = "place"
    CREATE = "create"
    REVOKE = "revoke"
    ISSUE = "issue"
    CONFIRM = "confirm"
    SUBSTITUTE = "substitute"
    REPLAY = "replay"
    SEAL = "seal"
    RESTORE = "restore"


class DataClass(StrEnum):
    """Field classes, from open to guarded. A field without one is confidential."""

    PUBLIC = "public"
    INTERNAL = "internal"
    CONFIDENTIAL = "confidential"
    PERSONAL = "personal"
    SPECIAL = "special"


class Permission(NamedTuple):
    """One allowed act."""

    object: Object
    action: Action


class Ask(NamedTuple):
    """What a check asks: may this be done to this kind of object in this domain."""

    domain: str
    object: str
    action: str


A = Action
_R = frozenset((A.READ,))
CATALOGUE: Mapping[Object, frozenset[Action]] = MappingProxyType(
    {
        Object.INSTANCE: _R | {A.START, A.CANCEL, A.SUSPEND, A.RESUME, A.MODIFY, A.CORRECT, A.MIGRATE},
        Object.TASK: _R | {A.CLAIM, A.COMPLETE, A.DECIDE, A.REASSIGN, A.DELEGATE, A.COMMENT},
        Object.JOB: _R | {A.ACTIVATE, A.COMPLETE},
        Object.MESSAGE: frozenset((A.CORRELATE,)),
        Object.INCIDENT: _R | {A.RESOLVE, A.ASSIGN},
        Object.OVERVIEW: _R,
        Object.COMPLIANCE_RECORD: _R,
        Object.RECORD: _R | {A.WRITE},
        Object.CHANGE_REQUEST: _R | {A.PROPOSE, A.REVIEW, A.APPROVE, A.RELEASE, A.WITHDRAW},
        Object.BLUEPRINT: _R,
        Object.AUTHORITY: _R | {A.CHECK},
        Object.ACCESS: _R | {A.REVIEW},
        Object.PERSON: _R | {A.SUBSTITUTE},
        Object.REGISTER: _R,  # connectors, agents, calendars, feeds, keys, witnesses, controls
        Object.LEDGER: _R | {A.PROVE, A.VERIFY, A.SEAL, A.RESTORE},
        Object.QUESTION: _R | {A.ASK},
        Object.EVIDENCE_PACK: _R | {A.PACK, A.SHARE},
        Object.DATA_SUBJECT: _R | {A.DISCLOSE, A.ERASE},
        Object.RETENTION: _R | {A.APPROVE},
        Object.HOLD: _R | {A.PLACE, A.RELEASE},
        Object.API_KEY: _R | {A.CREATE, A.REVOKE},
        Object.CREDENTIAL: frozenset((A.ISSUE, A.REVOKE)),
        Object.METRICS: _R,
        Object.CLOCK: frozenset((A.CONFIRM,)),
        Object.KEY: frozenset((A.ISSUE, A.REVOKE)),
        Object.FEED: _R | {A.REPLAY},  # fetch what it tells of, send its dead letters again
        Object.FIELD_PUBLIC: _R,
        Object.FIELD_INTERNAL: _R,
        Object.FIELD_CONFIDENTIAL: _R,
        Object.FIELD_PERSONAL: _R,
        Object.FIELD_SPECIAL: _R,
    }
)

PERMISSIONS: frozenset[tuple[str, str]] = frozenset(
    (obj.value, act.value) for obj, actions in CATALOGUE.items() for act in actions
)

# What only a natural person does: services and agents hold no authority (architecture, invariant 13).
PERSON_ONLY: frozenset[tuple[str, str]] = frozenset(
    (
        (Object.TASK, A.DECIDE),
        (Object.CHANGE_REQUEST, A.APPROVE),
        (Object.CHANGE_REQUEST, A.REVIEW),
        (Object.ACCESS, A.REVIEW),
        (Object.RETENTION, A.APPROVE),
        (Object.PERSON, A.SUBSTITUTE),
        (Object.HOLD, A.PLACE),
        (Object.HOLD, A.RELEASE),
        (Object.DATA_SUBJECT, A.ERASE),
        (Object.CLOCK, A.CONFIRM),
        (Object.KEY, A.ISSUE),
        (Object.KEY, A.REVOKE),
        (Object.LEDGER, A.SEAL),
        (Object.LEDGER, A.RESTORE),
    )
)

FIELD_OBJECT: Mapping[DataClass, Object] = MappingProxyType({c: Object(f"field-{c.value}") for c in DataClass})

SLUG_MAX = 64  # names appear in every permit's rule ids, which stand in entries
_SLUG = re.compile(r"[a-z](?:[a-z0-9-]{0,62}[a-z0-9])?", re.ASCII)
_TYPED = re.compile(r"(person|svc|agent|system|role|office):[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?", re.ASCII)
ACTOR_TYPES = frozenset(("person", "svc", "agent", "system"))


def permission(obj: str, act: str) -> Permission:
    """The permission of this name; `BrokenInput` when the catalogue has none."""
    if (obj, act) not in PERMISSIONS:
        raise BrokenInput(why("no-such-permission"))
    return Permission(Object(obj), Action(act))


def is_slug(text: str) -> bool:
    """Whether the text can name a role, a domain, a policy or a staff reference."""
    return _SLUG.fullmatch(text) is not None


def check_slug(text: str, what: Wording) -> str:
    """The text itself; `BrokenInput` unless it is lower-case letters, digits and hyphens, at most 64 of them."""
    if not is_slug(text):
        raise BrokenInput(tell("slug", what=what, most=SLUG_MAX))
    return text


def check_typed(text: str, *types: str) -> str:
    """A typed id (`person:...`) of one of these types (all when none is named); anything else is `BrokenInput`."""
    match = _TYPED.fullmatch(text)
    if match is None or (types and match.group(1) not in types):
        raise BrokenInput(
            tell(
                "typed-id", types=joined([as_it_is(f"{one}:") for one in types], "list.or", " or ") or tell("its-type")
            )
        )
    return text
