"""Commands of the second factor and their handlers: offered, confirmed, removed, recovery codes replaced.

A secret counts once a code of it came back, so that nobody is locked out by a picture that was not read. What weakens
the account asks for more than a token that may have been stolen: a sign-in of just now, or a code.
"""

from dataclasses import dataclass

from api.identity import entries
from api.identity.commands import BAD, LOCKED, failed, is_locked, seal
from api.identity.recovery import CODES, joined
from api.identity.second_factor import (
    CODES_PATH,
    OFFERED,
    PASSWORD,
    SECRET_PATH,
    WITH_RECOVERY,
    WITH_TOTP,
    Shown,
    Used,
    confirmed,
    has_factor,
    proved,
)
from api.identity.session_commands import own_person, started_just_now
from api.identity.tables import TOTP
from api.refusal_texts import why
from ledger.actor import ActorKind
from ledger.clock import SECOND
from ledger.entry import EntryDraft
from ledger.refusal import Reason, Refusal
from ledger.work import Commands, CommandSpec, Done, UnitOfWork
from rbac.permission import WHOLE, Action, Object
from rbac.service import Access, person_is_active

OFFER_TIME = 15 * 60 * SECOND  # to read the picture and type a code

_OWN = Refusal(Reason.DENIED, why("not-for-oneself"))
_FRESH = Refusal(Reason.DENIED, why("sign-in-too-old"))
_FRESH_OR_CODE = Refusal(Reason.DENIED, why("no-code-nor-sign-in"))
_NONE = Refusal(Reason.WRONG_STATE, why("no-second-factor"))
_PRESENT = Refusal(Reason.WRONG_STATE, why("second-factor-in-force"))


@dataclass(frozen=True, slots=True)
class OfferTotp:
    """A new secret for an authenticator app of one's own, in base32."""

    secret: str


@dataclass(frozen=True, slots=True)
class ConfirmTotp:
    """The offered secret is in an app: a code of it was `shown`. `macs` are those of the first recovery codes."""

    shown: Shown
    macs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RemoveTotp:
    """End the second factor of one's own; `shown` is what a code was found to be, None without one."""

    shown: Shown | None


@dataclass(frozen=True, slots=True)
class RemoveTotpOf:
    """End the second factor of somebody else, who has lost the app and the recovery codes."""

    person: str


@dataclass(frozen=True, slots=True)
class ReplaceRecoveryCodes:
    """New recovery codes; none of the former works from now on."""

    shown: Shown | None
    macs: tuple[str, ...]


class Factors:
    """The handlers, with the access check they ask."""

    def __init__(self, access: Access) -> None:
        self._access = access

    def commands(self) -> Commands:
        return {
            OfferTotp: CommandSpec("OfferTotp", offer_totp, lambda _: ""),
            ConfirmTotp: CommandSpec("ConfirmTotp", confirm_totp, lambda _: ""),
            RemoveTotp: CommandSpec("RemoveTotp", remove_totp, lambda _: ""),
            RemoveTotpOf: CommandSpec("RemoveTotpOf", self.remove_totp_of, lambda c: c.person),
            ReplaceRecoveryCodes: CommandSpec("ReplaceRecoveryCodes", replace_recovery_codes, lambda _: ""),
        }

    def remove_totp_of(self, uow: UnitOfWork, command: RemoveTotpOf) -> Done | Refusal:
        """DENIED for oneself: whoever is signed in shows a code. NOT_FOUND for an unknown person."""
        if uow.actor.kind is not ActorKind.SYSTEM:
            answer = self._access.check(uow, uow.actor, WHOLE, Object.CREDENTIAL, Action.REVOKE)
            if isinstance(answer, Refusal):
                return answer
        if uow.actor.person == command.person:
            return Refusal(Reason.DENIED, why("own-second-factor"))
        if not person_is_active(uow, command.person):
            return Refusal(Reason.NOT_FOUND, why("no-such-person"))
        return _removed(uow, command.person, "keeper", None) if has_factor(uow, command.person) else _NONE


def offer_totp(uow: UnitOfWork, command: OfferTotp) -> Done | Refusal:
    """An offer replaces the one before it. DENIED unless the sign-in is fresh and showed the password."""
    person = own_person(uow)
    if person is None:
        return _OWN
    if started_just_now(uow) not in (PASSWORD, WITH_TOTP, WITH_RECOVERY):
        return _FRESH
    if has_factor(uow, person):
        return _PRESENT
    result = {"person": person}
    payload = {"person": person, "secret": seal(uow, person, SECRET_PATH, command.secret), "result": result}
    uow.stage(EntryDraft(entries.SECOND_FACTOR_OFFERED, 1, person, payload))
    return Done("offered", result)


def confirm_totp(uow: UnitOfWork, command: ConfirmTotp) -> Done | Refusal:
    """WRONG_STATE unless a secret was offered a short while ago; BAD_CREDENTIALS for a code that is not of it."""
    person = own_person(uow)
    if person is None:
        return _OWN
    row = uow.get(TOTP, person)
    if row is None or row.status != OFFERED or uow.now >= row.offered_at + OFFER_TIME:
        return Refusal(Reason.WRONG_STATE, why("no-offered-secret"))
    if row.entry_index != command.shown.totp_index or command.shown.step < 0:
        return BAD
    result = {"person": person}
    payload = {"person": person, "step": command.shown.step, **_codes(uow, person, command.macs), "result": result}
    uow.stage(EntryDraft(entries.SECOND_FACTOR_CONFIRMED, 1, person, payload))
    return Done("confirmed", result)


def remove_totp(uow: UnitOfWork, command: RemoveTotp) -> Done | Refusal:
    """Done `removed`, or Done `failed` for a wrong code, which counts as a failed sign-in."""
    allowed = _may_weaken(uow, command.shown)
    if not isinstance(allowed, _Allowed):
        return allowed
    return _removed(uow, allowed.person, allowed.by, allowed.used)


def replace_recovery_codes(uow: UnitOfWork, command: ReplaceRecoveryCodes) -> Done | Refusal:
    """Done `replaced`, or Done `failed` for a wrong code, which counts as a failed sign-in."""
    allowed = _may_weaken(uow, command.shown)
    if not isinstance(allowed, _Allowed):
        return allowed
    result = {"person": allowed.person}
    payload = {
        "person": allowed.person,
        "by": allowed.by,
        **_used(allowed.used),
        **_codes(uow, allowed.person, command.macs),
        "result": result,
    }
    uow.stage(EntryDraft(entries.RECOVERY_CODES_REPLACED, 1, allowed.person, payload))
    return Done("replaced", result)


@dataclass(frozen=True, slots=True)
class _Allowed:
    person: str
    by: str
    used: Used | None


def _may_weaken(uow: UnitOfWork, shown: Shown | None) -> _Allowed | Done | Refusal:
    """Whether the caller may touch their own factor: by a code, else by a fresh sign-in that showed one."""
    person = own_person(uow)
    if person is None:
        return _OWN
    if confirmed(uow, person) is None:
        return _NONE
    if shown is None:
        fresh = started_just_now(uow) in (WITH_TOTP, WITH_RECOVERY)
        return _Allowed(person, "sign-in", None) if fresh else _FRESH_OR_CODE
    if is_locked(uow, person):
        return LOCKED
    used = proved(uow, person, shown)
    return failed(uow, person, by_code=True) if used is None else _Allowed(person, "code", used)


def _removed(uow: UnitOfWork, person: str, by: str, used: Used | None) -> Done:
    result = {"person": person}
    payload = {"person": person, "by": by, **_used(used), "result": result}
    uow.stage(EntryDraft(entries.SECOND_FACTOR_REMOVED, 1, person, payload))
    return Done("removed", result)


def _used(used: Used | None) -> dict[str, int | None]:
    return Used(None, None)._asdict() if used is None else used._asdict()


def _codes(uow: UnitOfWork, person: str, macs: tuple[str, ...]) -> dict[str, object]:
    assert len(macs) == CODES
    return {"codes": seal(uow, person, CODES_PATH, joined(macs)), "count": len(macs)}
