"""Entries as OCSF 1.3.0 events (Open Cybersecurity Schema Framework), one JSON object a line.

One table maps each kind of entry to a class and an activity; a kind it does not name is API Activity, since every
entry is what somebody asked a service to do. What OCSF has no attribute for is not bent to fit: the entry's exact
bytes stand in `raw_data`, from which its leaf hash and proof follow, and its place in the log in `unmapped`.

Addresses are not recorded in the ledger; where a class requires a source or a service, the actor and this service
are named instead.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

import orjson

from ledger.canonical import b64url
from ledger.clock import parse_instant
from ledger.disclosed import Disclosed

VERSION: Final = "1.3.0"
PRODUCT: Final = {"name": "Muniment", "vendor_name": "Muniment", "version": "0.1.0", "lang": "en"}

ACCOUNT_CHANGE, AUTHENTICATION, ENTITY, USER_ACCESS, API = 3001, 3002, 3004, 3005, 6003
CLASSES: Final[Mapping[int, str]] = {
    ACCOUNT_CHANGE: "Account Change",
    AUTHENTICATION: "Authentication",
    ENTITY: "Entity Management",
    USER_ACCESS: "User Access Management",
    API: "API Activity",
}
CREATE, READ, UPDATE, DELETE, OTHER = 1, 2, 3, 4, 99  # of Entity Management and API Activity
INFORMATIONAL, LOW, MEDIUM = 1, 2, 3  # severity
SUCCESS, FAILURE = 1, 2  # status


class Mapped(NamedTuple):
    """Class, activity, and how grave and how successful it was."""

    class_uid: int
    activity_id: int
    severity_id: int = INFORMATIONAL
    status_id: int = SUCCESS


DEFAULT: Final = Mapped(API, UPDATE)

KINDS: Final[Mapping[str, Mapped]] = {
    # people and what they may do
    "person.registered": Mapped(ACCOUNT_CHANGE, 1),
    "person.changed": Mapped(ACCOUNT_CHANGE, OTHER),
    "actor.registered": Mapped(ACCOUNT_CHANGE, 1),
    "actor.changed": Mapped(ACCOUNT_CHANGE, OTHER),
    "credential.set": Mapped(ACCOUNT_CHANGE, 3, LOW),
    "setup_code.issued": Mapped(ACCOUNT_CHANGE, 4, LOW),
    "second_factor.offered": Mapped(ACCOUNT_CHANGE, OTHER),
    "second_factor.confirmed": Mapped(ACCOUNT_CHANGE, 10, LOW),
    "second_factor.removed": Mapped(ACCOUNT_CHANGE, 11, MEDIUM),
    "recovery_codes.replaced": Mapped(ACCOUNT_CHANGE, OTHER, LOW),
    "second_factor.used": Mapped(AUTHENTICATION, OTHER),
    "passkey.enrolled": Mapped(ACCOUNT_CHANGE, 10, LOW),
    "passkey.renamed": Mapped(ACCOUNT_CHANGE, OTHER),
    "passkey.used": Mapped(AUTHENTICATION, OTHER),
    "passkey.suspected": Mapped(AUTHENTICATION, 1, MEDIUM, FAILURE),
    "passkey.removed": Mapped(ACCOUNT_CHANGE, 11, MEDIUM),
    "sign_in.started": Mapped(AUTHENTICATION, 1),
    "sign_in.failed": Mapped(AUTHENTICATION, 1, LOW, FAILURE),
    "sign_in.ended": Mapped(AUTHENTICATION, 2),
    "role.assigned": Mapped(USER_ACCESS, 1, LOW),
    "role.unassigned": Mapped(USER_ACCESS, 2, LOW),
    "person_attribute.given": Mapped(ACCOUNT_CHANGE, OTHER),
    "person_attribute.ended": Mapped(ACCOUNT_CHANGE, OTHER),
    "substitution.recorded": Mapped(USER_ACCESS, OTHER, LOW),
    "substitution.lifted": Mapped(USER_ACCESS, OTHER, LOW),
    # registers and governed artefacts
    "api_key.created": Mapped(ENTITY, CREATE, LOW),
    "api_key.revoked": Mapped(ENTITY, DELETE, LOW),
    "access_policy.released": Mapped(ENTITY, UPDATE, MEDIUM),
    "authority.granted": Mapped(ENTITY, CREATE, LOW),
    "authority.revoked": Mapped(ENTITY, DELETE, LOW),
    "authority.suspended": Mapped(ENTITY, UPDATE, LOW),
    "instrument.released": Mapped(ENTITY, UPDATE),
    "office.released": Mapped(ENTITY, UPDATE),
    "blueprint.released": Mapped(ENTITY, UPDATE, LOW),
    "rule_table.released": Mapped(ENTITY, UPDATE, LOW),
    "connector.released": Mapped(ENTITY, UPDATE, LOW),
    "feed.released": Mapped(ENTITY, UPDATE, LOW),
    "reason_code_list.released": Mapped(ENTITY, UPDATE),
    "calendar.released": Mapped(ENTITY, UPDATE),
    "change.proposed": Mapped(ENTITY, CREATE),
    "change.submitted": Mapped(ENTITY, UPDATE),
    "change.edited": Mapped(ENTITY, UPDATE),
    "change.reviewed": Mapped(ENTITY, UPDATE),
    "change.withdrawn": Mapped(ENTITY, DELETE),
    "change.expired": Mapped(ENTITY, DELETE),
    "change.released": Mapped(ENTITY, UPDATE, LOW),
    "ceremony.held": Mapped(ENTITY, CREATE, MEDIUM),
    "ledger.opened": Mapped(ENTITY, CREATE, MEDIUM),
    "clock.confirmed": Mapped(ENTITY, UPDATE, MEDIUM),
    "clock.jumped": Mapped(ENTITY, UPDATE, MEDIUM),
    # work
    "instance.started": Mapped(API, CREATE),
    "instance.cancelled": Mapped(API, DELETE, LOW),
    "instance.suspended": Mapped(API, UPDATE, LOW),
    "instance.modified": Mapped(API, UPDATE, LOW),
    "instance.migrated": Mapped(API, UPDATE, LOW),
    "branch.passed_over": Mapped(API, UPDATE, LOW),
    "instance.corrected": Mapped(API, UPDATE, LOW),
    "record.written": Mapped(API, CREATE),
    "pack.built": Mapped(API, READ, LOW),
    "subjects.counted": Mapped(API, READ),
    "call.failed": Mapped(API, UPDATE, LOW, FAILURE),
    "job.failed": Mapped(API, UPDATE, LOW, FAILURE),
    "command.refused": Mapped(API, OTHER, LOW, FAILURE),
    "refusal.repeated": Mapped(API, OTHER, LOW, FAILURE),
    "feed.replayed": Mapped(API, UPDATE, LOW),
}
"""Every kind that is not what `DEFAULT` says."""

_USER_TYPES: Final = {"person": 1, "system": 3, "service": 4, "agent": 4}


def event(log: str, entry: Disclosed) -> bytes:
    """One event, without a line end. `log` is the short name of the log."""
    value = entry.value
    mapped = KINDS.get(value["kind"], DEFAULT)
    at = parse_instant(value["recorded_at"]) // 1000
    actor = _actor(value["actor"])
    told: dict[str, Any] = {
        "activity_id": mapped.activity_id,
        "category_uid": mapped.class_uid // 1000,
        "class_uid": mapped.class_uid,
        "class_name": CLASSES[mapped.class_uid],
        "type_uid": mapped.class_uid * 100 + mapped.activity_id,
        "time": at,
        "severity_id": mapped.severity_id,
        "status_id": mapped.status_id,
        "message": f"{value['kind']} on {value['subject']}",
        "metadata": _metadata(log, entry),
        "actor": actor,
        "raw_data": entry.data.decode(),
        "unmapped": _place(entry),
    }
    if mapped.activity_id == OTHER:
        told["activity_name"] = value["kind"]
    told.update(_OF_CLASS[mapped.class_uid](value, actor))
    return orjson.dumps(told)


def _metadata(log: str, entry: Disclosed) -> dict[str, Any]:
    value = entry.value
    metadata: dict[str, Any] = {
        "version": VERSION,
        "product": PRODUCT,
        "uid": f"{log}-{entry.index}",
        "event_code": value["kind"],
        "log_name": log,
        "log_provider": value["origin"],
        "log_version": str(value["schema"]),
        "original_time": value["recorded_at"],
        "sequence": entry.index,
    }
    if "correlation_id" in value:
        metadata["correlation_uid"] = value["correlation_id"]
    return metadata


def _place(entry: Disclosed) -> dict[str, Any]:
    value = entry.value
    place = {
        "index": entry.index,
        "subject": value["subject"],
        "subject_index": value["subject_index"],
        "leaf_hash": b64url(entry.leaf_hash),
    }
    return {**place, "part": value["part"]} if "part" in value else place


def _actor(actor: Mapping[str, str]) -> dict[str, Any]:
    user: dict[str, Any] = {"uid": actor["id"], "type_id": _USER_TYPES.get(actor["kind"], 0)}
    if "person" in actor:
        user["uid_alt"] = actor["person"]
    told: dict[str, Any] = {"user": user}
    if "sign_in" in actor:
        told["session"] = {"uid": actor["sign_in"]}
    return told


def _subject_user(value: Mapping[str, Any]) -> dict[str, Any]:
    return {"uid": value["subject"]}


def _account(value: Mapping[str, Any], actor: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG001 - one signature
    return {"user": _subject_user(value)}


def _authentication(value: Mapping[str, Any], actor: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG001
    return {"user": _subject_user(value), "service": {"name": "muniment", "uid": value["origin"]}}


def _access(value: Mapping[str, Any], actor: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG001 - one signature
    payload = value.get("payload", {})
    privilege = payload.get("role") or payload.get("assignment") or "withheld"
    return {"user": _subject_user(value), "privileges": [str(privilege)]}


def _entity(value: Mapping[str, Any], actor: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG001 - one signature
    payload = value.get("payload", {})
    entity = {"uid": value["subject"], "type": value["kind"].partition(".")[0]}
    version = payload.get("version", payload.get("number"))
    return {"entity": entity if version is None else {**entity, "version": str(version)}}


def _api(value: Mapping[str, Any], actor: dict[str, Any]) -> dict[str, Any]:
    operation = value.get("payload", {}).get("command", value["kind"])
    return {
        "api": {"operation": operation, "service": {"name": "muniment", "uid": value["origin"]}},
        "src_endpoint": {"uid": actor["user"]["uid"]},
        "resources": [{"uid": value["subject"], "type": value["subject"].partition(":")[0].partition("_")[0]}],
    }


_OF_CLASS: Final[Mapping[int, Callable[[Mapping[str, Any], dict[str, Any]], dict[str, Any]]]] = {
    ACCOUNT_CHANGE: _account,
    AUTHENTICATION: _authentication,
    ENTITY: _entity,
    USER_ACCESS: _access,
    API: _api,
}
