"""The proof that a person signs: a passkey's assertion on the statement, or the password and a code beside it.

Verified outside the writer. A password never travels on, and a wrong one counts as a failed sign-in, so that signing is
no way around the lock of an account. A code is used up before what it signs is carried out, and so is a passkey's
counter. An assertion that does not hold goes on as that, to be refused on record.

A command that is on record already is not proved again: its answer is the one it had.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from api.identity import service as identity
from api.identity.commands import SignIn
from api.identity.passkey_commands import ByPassword, UsePasskey, UseSecondFactor
from api.identity.passkeys import METHOD, Given, Told, read_assertion
from api.identity.second_factor import NOTHING, has_factor, read_code
from api.identity.second_factor import Shown as ShownCode
from api.identity.site import Site
from api.identity.tables import LOCKOUT
from api.log_service import Service
from api.refusal_texts import why
from governance.passkeys import challenge_of
from governance.signature import AnyStatement, PasskeyProof, Signed
from ledger.actor import Actor, is_person
from ledger.refusal import Reason, Refusal
from ledger.service import View, is_answered
from ledger.work import Done
from ledger.work import Request as WriteRequest

_LOCKED = Refusal(Reason.LOCKED_OUT, why("locked-out"))
_WRONG = Refusal(Reason.SIGNATURE_WRONG, why("password-wrong"))
_WRONG_CODE = Refusal(Reason.SIGNATURE_WRONG, why("password-or-code-wrong"))
_NO_CODE = Refusal(Reason.SIGNATURE_MISSING, why("no-second-code"))


Stated = Callable[[View], AnyStatement | None]
"""Finds the statement that was put before somebody and not signed yet."""


class Signing(NamedTuple):
    """Who signs, for which command id."""

    service: Service
    actor: Actor
    command_id: str


@dataclass(frozen=True, slots=True)
class _Checked:
    """What came of password and code, against the view they were read in."""

    check: identity.PasswordCheck
    is_locked: bool
    has_factor: bool
    shown: ShownCode


async def by_password(signing: Signing, password: str, code: str = "") -> Signed | Refusal | None:
    """The proof that this person entered their password now, and a code where they have a second factor.

    None for whoever is no person: the handler refuses with NOT_A_PERSON, on record.
    """
    service, actor, _ = signing
    if not is_person(actor) or actor.person is None:
        return None
    person = actor.person
    with service.reader.view() as view:
        if is_answered(view, signing.command_id, actor.id):
            return None
        if has_factor(view, person) and not code:
            return _NO_CODE
    door = service.door

    def verify(view: View) -> _Checked:
        lock = view.get(LOCKOUT, person)
        is_locked = lock is not None and view.now < lock.locked_until
        check = identity.verify_password(view, door.passwords, person, password)
        asks = has_factor(view, person)
        return _Checked(check, is_locked, asks, read_code(view, door.door, person, code) if asks else NOTHING)

    checked = await door.slowly(service.reader, verify)
    check = checked.check
    if checked.is_locked:
        return _LOCKED
    now = service.rooms.clock.wall()
    if checked.has_factor:
        proof = ByPassword(check.correct, check.credential_index, checked.shown)
        used = await _send(signing, UseSecondFactor(proof))
        if isinstance(used, Refusal):
            return used
        return Signed(used.result["method"], person, now) if used.outcome == "used" else _WRONG_CODE
    if not check.correct:
        failed = SignIn(person, False, check.credential_index, "", "")
        await service.writer.submit(WriteRequest(identity.DOOR, failed))
        return _WRONG
    return Signed("password", person, now)


async def by_passkey(signing: Signing, site: Site | None, given: Given, stated: Stated) -> Signed | None:
    """The proof that this person's passkey signed the statement that `stated` finds.

    None for whoever is no person, and where there is no such statement: the handler refuses with the reason, on record.
    """
    service, actor, _ = signing
    if not is_person(actor) or actor.person is None:
        return None
    person, now = actor.person, service.rooms.clock.wall()

    def verify(view: View) -> tuple[AnyStatement, Told] | None:
        statement = None if is_answered(view, signing.command_id, actor.id) else stated(view)
        if statement is None or site is None:
            return None
        return statement, read_assertion(view, site, given, challenge_of(statement))

    found = await service.door.slowly(service.reader, verify)
    if found is None:
        return None
    statement, told = found
    if told.row is not None and told.row.person != person:
        return Signed(METHOD, person, now, failure="wrong credential")
    if told.row is None or told.failure is not None:
        failure = "wrong credential" if told.failure is None else told.failure.value
        return Signed(METHOD, person, now, failure=failure)
    used = await _send(signing, UsePasskey(told.shown))
    if isinstance(used, Refusal) or used.outcome != "used":
        failure = "wrong credential" if isinstance(used, Refusal) else "counter went back"
        return Signed(METHOD, person, now, failure=failure)
    proof = PasskeyProof(
        credential=given.credential,
        public_key=told.row.public_key,
        client_data=given.client_data,
        authenticator_data=given.authenticator_data,
        signature=given.signature,
        rp_id=site.rp_id if site is not None else "",
        origin=site.origin if site is not None else "",
    )
    return Signed(METHOD, person, now, proof, statement.digest)


async def _send(signing: Signing, command: UsePasskey | UseSecondFactor) -> Done | Refusal:
    service = signing.service
    command_id = service.rooms.ids.ordered("c", service.rooms.clock.wall())
    outcome = (await service.writer.submit(WriteRequest(signing.actor, command, command_id))).outcome
    service.bell.ring()
    assert isinstance(outcome, Done | Refusal)
    return outcome
