"""Folds of local identity."""

from api.identity import entries
from api.identity.tables import (
    API_KEY,
    CREDENTIAL,
    LOCKOUT,
    SETUP_CODE,
    ApiKeyRow,
    CredentialRow,
    LockoutRow,
    SetupCodeRow,
)
from ledger import canonical
from ledger.entry import Entry
from ledger.rows import Folds, FoldView


def folds() -> Folds:
    """Every fold by (kind, schema)."""
    return {
        (entries.CREDENTIAL_SET, 1): _credential_set,
        (entries.SETUP_CODE_ISSUED, 1): _code_issued,
        (entries.SIGN_IN_STARTED, 1): _sign_in_started,
        (entries.SIGN_IN_STARTED, 2): _link_followed,
        (entries.SIGN_IN_FAILED, 1): _sign_in_failed,
        (entries.SIGN_IN_ENDED, 1): _sign_in_ended,
        (entries.API_KEY_CREATED, 1): _key_created,
        (entries.API_KEY_REVOKED, 1): _key_revoked,
    }


def _text(value: object) -> str:
    return canonical.encode(value).decode("utf-8")


def _credential_set(view: FoldView, entry: Entry) -> None:
    body = entry.payload
    row = CredentialRow(body["person"], body["kind"], _text(body["hash"]), entry.recorded, entry.index)
    view.put(CREDENTIAL, row)
    view.put(LOCKOUT, LockoutRow(body["person"], 0, 0, entry.index))
    if body["code_id"] is not None:
        code = view.get(SETUP_CODE, body["code_id"])
        assert code is not None
        view.put(SETUP_CODE, code._replace(used_index=entry.index))


def _code_issued(view: FoldView, entry: Entry) -> None:
    body = entry.payload
    code = _text(body["code"])
    view.put(SETUP_CODE, SetupCodeRow(body["code_id"], body["person"], code, body["expires_at"], None, entry.index))


def _sign_in_started(view: FoldView, entry: Entry) -> None:
    view.put(LOCKOUT, LockoutRow(entry.payload["person"], 0, 0, entry.index))


def _link_followed(view: FoldView, entry: Entry) -> None:
    """The session is an operational row; who followed a link has not shown that they know the password."""


def _sign_in_failed(view: FoldView, entry: Entry) -> None:
    body = entry.payload
    view.put(LOCKOUT, LockoutRow(body["person"], body["failures"], body["locked_until"], entry.index))


def _sign_in_ended(view: FoldView, entry: Entry) -> None:
    """The session is an operational row; nothing folded changes."""


def _key_created(view: FoldView, entry: Entry) -> None:
    body = entry.payload
    row = ApiKeyRow(
        body["key_id"],
        body["actor"],
        body["title"],
        _text(body["scope"]),
        _text(body["hash"]),
        entry.recorded,
        body["expires_at"],
        None,
        entry.index,
    )
    view.put(API_KEY, row)


def _key_revoked(view: FoldView, entry: Entry) -> None:
    row = view.get(API_KEY, entry.payload["key_id"])
    assert row is not None
    view.put(API_KEY, row._replace(revoked_at=entry.recorded))
