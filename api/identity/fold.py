"""Folds of local identity."""

from api.identity import entries
from api.identity.second_factor import CONFIRMED, OFFERED, REMOVED
from api.identity.tables import (
    API_KEY,
    CREDENTIAL,
    LOCKOUT,
    PASSKEY,
    RECOVERY,
    SETUP_CODE,
    TOTP,
    ApiKeyRow,
    CredentialRow,
    LockoutRow,
    PasskeyRow,
    RecoveryRow,
    SetupCodeRow,
    TotpRow,
)
from ledger import canonical
from ledger.entry import Entry
from ledger.rows import Folds, FoldView


def folds() -> Folds:
    """Every fold by (kind, schema)."""
    return {
        (entries.CREDENTIAL_SET, 1): _credential_set,
        (entries.CREDENTIAL_SET, 2): _credential_set_with_code,
        (entries.SETUP_CODE_ISSUED, 1): _code_issued,
        (entries.SIGN_IN_STARTED, 1): _sign_in_started,
        (entries.SIGN_IN_STARTED, 2): _link_followed,
        (entries.SIGN_IN_STARTED, 3): _signed_in_with_code,
        (entries.SIGN_IN_STARTED, 4): _signed_in_by_passkey,
        (entries.SIGN_IN_FAILED, 1): _sign_in_failed,
        (entries.SIGN_IN_FAILED, 2): _code_failed,
        (entries.SIGN_IN_ENDED, 1): _sign_in_ended,
        (entries.SIGN_IN_ENDED, 2): _sign_in_ended,
        (entries.SECOND_FACTOR_OFFERED, 1): _factor_offered,
        (entries.SECOND_FACTOR_CONFIRMED, 1): _factor_confirmed,
        (entries.SECOND_FACTOR_REMOVED, 1): _factor_removed,
        (entries.RECOVERY_CODES_REPLACED, 1): _codes_replaced,
        (entries.SECOND_FACTOR_USED, 1): _use,
        (entries.PASSKEY_ENROLLED, 1): _passkey_enrolled,
        (entries.PASSKEY_RENAMED, 1): _passkey_renamed,
        (entries.PASSKEY_USED, 1): _passkey_used,
        (entries.PASSKEY_SUSPECTED, 1): _passkey_suspected,
        (entries.PASSKEY_REMOVED, 1): _passkey_removed,
        (entries.API_KEY_CREATED, 1): _key_created,
        (entries.API_KEY_REVOKED, 1): _key_revoked,
    }


def _text(value: object) -> str:
    return canonical.encode(value).decode("utf-8")


def _credential_set(view: FoldView, entry: Entry) -> None:
    body = entry.payload
    row = CredentialRow(body["person"], body["kind"], _text(body["hash"]), entry.recorded, entry.index)
    view.put(CREDENTIAL, row)
    view.put(LOCKOUT, LockoutRow(body["person"], 0, 0, entry.index, 0))
    if body["code_id"] is not None:
        code = view.get(SETUP_CODE, body["code_id"])
        assert code is not None
        view.put(SETUP_CODE, code._replace(used_index=entry.index))


def _credential_set_with_code(view: FoldView, entry: Entry) -> None:
    _credential_set(view, entry)
    _use(view, entry)


def _use(view: FoldView, entry: Entry) -> None:
    """The code of `step` or `number` (None: no code) works no more."""
    body = entry.payload
    if body["step"] is not None:
        totp = view.get(TOTP, body["person"])
        assert totp is not None
        view.put(TOTP, totp._replace(last_step=body["step"]))
    if body["number"] is not None:
        codes = view.get(RECOVERY, body["person"])
        assert codes is not None
        view.put(RECOVERY, codes._replace(used=codes.used | 1 << body["number"]))


def _code_issued(view: FoldView, entry: Entry) -> None:
    body = entry.payload
    code = _text(body["code"])
    view.put(SETUP_CODE, SetupCodeRow(body["code_id"], body["person"], code, body["expires_at"], None, entry.index))


def _sign_in_started(view: FoldView, entry: Entry) -> None:
    view.put(LOCKOUT, LockoutRow(entry.payload["person"], 0, 0, entry.index, 0))


def _link_followed(view: FoldView, entry: Entry) -> None:
    """The session is an operational row; who followed a link has not shown that they know the password."""


def _signed_in_with_code(view: FoldView, entry: Entry) -> None:
    _sign_in_started(view, entry)
    _use(view, entry)


def _factor_offered(view: FoldView, entry: Entry) -> None:
    body = entry.payload
    view.put(TOTP, TotpRow(body["person"], _text(body["secret"]), OFFERED, -1, entry.recorded, entry.index))


def _factor_confirmed(view: FoldView, entry: Entry) -> None:
    row = view.get(TOTP, entry.payload["person"])
    assert row is not None
    view.put(TOTP, row._replace(status=CONFIRMED, last_step=entry.payload["step"]))
    _put_codes(view, entry)


def _factor_removed(view: FoldView, entry: Entry) -> None:
    _use(view, entry)
    row = view.get(TOTP, entry.payload["person"])
    assert row is not None
    view.put(TOTP, row._replace(status=REMOVED))


def _codes_replaced(view: FoldView, entry: Entry) -> None:
    _use(view, entry)
    _put_codes(view, entry)


def _put_codes(view: FoldView, entry: Entry) -> None:
    body = entry.payload
    view.put(RECOVERY, RecoveryRow(body["person"], _text(body["codes"]), body["count"], 0, entry.recorded, entry.index))


def _signed_in_by_passkey(view: FoldView, entry: Entry) -> None:
    _sign_in_started(view, entry)
    _passkey_used(view, entry)


def _passkey_enrolled(view: FoldView, entry: Entry) -> None:
    body = entry.payload
    row = PasskeyRow(
        credential=body["passkey"],
        person=body["person"],
        public_key=body["public_key"],
        rp_id=body["rp_id"],
        sealed=_text(body["sealed"]),
        name=_text(body["name"]),
        transports=" ".join(body["transports"]),
        is_backed_up=int(body["is_backed_up"]),
        sign_count=body["sign_count"],
        enrolled_at=entry.recorded,
        used_at=None,
        removed_at=None,
        entry_index=entry.index,
    )
    view.put(PASSKEY, row)


def _passkey_renamed(view: FoldView, entry: Entry) -> None:
    view.put(PASSKEY, _passkey(view, entry.payload["passkey"])._replace(name=_text(entry.payload["name"])))


def _passkey_used(view: FoldView, entry: Entry) -> None:
    row = _passkey(view, entry.payload["passkey"])
    view.put(PASSKEY, row._replace(sign_count=entry.payload["sign_count"], used_at=entry.recorded))


def _passkey_suspected(view: FoldView, entry: Entry) -> None:
    """What was seen stays what was seen: the counter that went back is not taken over."""


def _passkey_removed(view: FoldView, entry: Entry) -> None:
    body = entry.payload
    _use(view, entry)
    if body["other"] is not None:
        other = _passkey(view, body["other"])
        view.put(PASSKEY, other._replace(sign_count=body["sign_count"], used_at=entry.recorded))
    view.put(PASSKEY, _passkey(view, body["passkey"])._replace(removed_at=entry.recorded))


def _passkey(view: FoldView, credential: str) -> PasskeyRow:
    row = view.get(PASSKEY, credential)
    assert row is not None
    return row


def _sign_in_failed(view: FoldView, entry: Entry) -> None:
    before = view.get(LOCKOUT, entry.payload["person"])
    _lock(view, entry, 0 if before is None else before.code_failures)


def _code_failed(view: FoldView, entry: Entry) -> None:
    _lock(view, entry, entry.payload["code_failures"])


def _lock(view: FoldView, entry: Entry, code_failures: int) -> None:
    body = entry.payload
    row = LockoutRow(body["person"], body["failures"], body["locked_until"], entry.index, code_failures)
    view.put(LOCKOUT, row)


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
