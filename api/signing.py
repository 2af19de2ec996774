"""The proof that a person entered their password again to sign: verified outside the writer, never travelling on.

A wrong one counts as a failed sign-in, so that signing is no way around the lock of an account.
"""

from api.context import Service
from api.identity import service as identity
from api.identity.commands import SignIn
from api.identity.tables import LOCKOUT
from ledger.actor import Actor
from ledger.refusal import Reason, Refusal
from ledger.service import View
from ledger.work import Request as WriteRequest
from orchestrator.commands import Signed
from rbac.service import is_person


async def signed(service: Service, actor: Actor, password: str) -> Signed | Refusal | None:
    """The proof that this person entered their password now; nobody else's and no machine's can be one.

    None for whoever is no person: the handler refuses with NOT_A_PERSON, on record.
    """
    if not is_person(actor) or actor.person is None:
        return None
    person = actor.person
    door = service.door

    def verify(view: View) -> tuple[identity.PasswordCheck, bool]:
        lock = view.get(LOCKOUT, person)
        locked = lock is not None and view.now < lock.locked_until
        return identity.verify_password(view, door.passwords, person, password), locked

    check, locked = await door.slowly(service.reader, verify)
    if locked:
        return Refusal(Reason.LOCKED_OUT, "expected an account that is not locked after failed sign-ins")
    if not check.correct:
        failed = SignIn(person, False, check.credential_index, "", "")
        await service.writer.submit(WriteRequest(identity.DOOR, failed))
        return Refusal(Reason.SIGNATURE_WRONG, "expected your own password, found another")
    return Signed("password", person, service.rooms.clock.wall())
