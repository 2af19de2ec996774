"""The second factor at the writer: what it takes to have one, what it asks for, and that no code works twice."""

from dataclasses import replace
from typing import Any

import pytest

from api.identity import entries, factor_door, service
from api.identity.commands import DOOR, SetPassword, SignIn
from api.identity.delays import CODE_LONGEST, FAILURES_MAX, code_delay, password_delay
from api.identity.factor_commands import OFFER_TIME, OfferTotp, RemoveTotpOf
from api.identity.passkey_commands import ByPassword, UseSecondFactor
from api.identity.second_factor import read_code
from api.identity.session_commands import FRESH_TIME
from api.identity.totp import STEP_SECONDS, hotp, secret_bytes, step_at
from ledger.actor import SYSTEM, Actor
from ledger.clock import SECOND
from ledger.entry import encode_entry
from ledger.refusal import Reason, Refusal
from ledger.work import Done
from tests.api.identity.house import GATE, OTHER, PASSWORDS, WORD, House, reason
from tests.rbac.acme import person_actor

STEP = STEP_SECONDS * SECOND


class Armed(House):
    """A house whose officer has a second factor."""

    def __init__(self) -> None:
        super().__init__(demo=("p-three",))
        self.actor, _ = self.signed_in()
        self.secret, self.codes = self.enrol(self.actor)
        self.pass_time(3 * STEP)

    @property
    def id(self) -> str:
        return self.person["p-three"]

    def enrol(self, actor: Actor) -> tuple[str, tuple[str, ...]]:
        offer = factor_door.prepare_offer("acme", "p-three")
        assert isinstance(self.log.run(offer.command, actor), Done)
        self.secrets += [offer.secret, offer.uri]
        prepared = factor_door.prepare_confirmation(self.log.work(), GATE, str(actor.person), self.digits(offer.secret))
        assert isinstance(self.log.run(prepared.command, actor), Done)
        self.secrets += prepared.codes
        return offer.secret, prepared.codes

    def digits(self, secret: str = "", away: int = 0) -> str:
        return hotp(secret_bytes(secret or self.secret), step_at(self.log.now) + away)

    def remove(self, actor: Actor, code: str | None = None) -> Done | Refusal:
        command = factor_door.prepare_removal(self.log.work(), GATE, str(actor.person), code)
        return service.sign_in_outcome(self.log.run(command, actor))

    def use(self, actor: Actor, code: str, word: str = WORD) -> Any:
        """Sign with the password and a code."""
        check = service.verify_password(self.log.work(), PASSWORDS, self.id, word)
        shown = read_code(self.log.work(), GATE, self.id, code)
        return self.log.run(UseSecondFactor(ByPassword(check.correct, check.credential_index, shown)), actor)

    def replace(self, actor: Actor, code: str | None = None) -> tuple[Done | Refusal, tuple[str, ...]]:
        prepared = factor_door.prepare_replacement(self.log.work(), GATE, str(actor.person), code)
        self.secrets += prepared.codes
        return service.sign_in_outcome(self.log.run(prepared.command, actor)), prepared.codes


@pytest.fixture
def armed() -> Armed:
    return Armed()


def test_the_password_alone_signs_nobody_in_any_more(armed: Armed) -> None:
    wrong = armed.sign_in(OTHER)[0]
    for code in ("", "000000" if armed.digits() != "000000" else "000001", armed.digits(away=2), armed.digits(away=-2)):
        assert armed.sign_in(code=code)[0] == wrong
        armed.pass_time(CODE_LONGEST)
    assert isinstance(armed.sign_in(code=armed.digits())[0], Done)


def test_a_code_does_not_replace_the_password(armed: Armed) -> None:
    assert reason(armed.sign_in(OTHER, code=armed.digits())[0]) is Reason.BAD_CREDENTIALS
    assert reason(armed.sign_in(OTHER, code=armed.codes[0])[0]) is Reason.BAD_CREDENTIALS
    assert isinstance(armed.sign_in(code=armed.digits())[0], Done)  # a failed try uses no code up
    assert isinstance(armed.sign_in(code=armed.codes[0])[0], Done)


def test_the_session_says_how_it_began_and_cannot_be_made_to_say_more(armed: Armed) -> None:
    actor, token = armed.signed_in(armed.digits())
    assert actor.method == "password+totp"
    assert armed.signed_in(armed.codes[0])[0].method == "password+recovery-code"
    row = armed.log.rows["sign_in_session"][(actor.sign_in,)]
    armed.log.rows["sign_in_session"][(actor.sign_in,)] = row._replace(method="password")
    armed.pass_time(3 * SECOND)
    assert reason(armed.who(token)) is Reason.BAD_CREDENTIALS


def test_a_code_works_once_ever(armed: Armed) -> None:
    early, now, late = armed.digits(away=-1), armed.digits(), armed.digits(away=1)
    assert isinstance(armed.sign_in(code=now)[0], Done)
    for used in (now, early):  # nor one that was shown before it
        assert reason(armed.sign_in(code=used)[0]) is Reason.BAD_CREDENTIALS
    assert isinstance(armed.sign_in(code=late)[0], Done)
    armed.pass_time(STEP)
    assert reason(armed.sign_in(code=late)[0]) is Reason.BAD_CREDENTIALS


def test_the_code_that_confirmed_is_used_up() -> None:
    house = Armed()
    assert isinstance(house.remove(house.actor, house.digits()), Done)
    secret, _ = house.enrol(house.actor)
    assert reason(house.sign_in(code=house.digits(secret))[0]) is Reason.BAD_CREDENTIALS
    house.pass_time(STEP)
    assert isinstance(house.sign_in(code=house.digits(secret))[0], Done)


def test_of_two_tries_with_one_code_one_wins(armed: Armed) -> None:
    """Both were verified before either reached the writer."""
    for code in (armed.digits(), armed.codes[4]):
        entered = service.Entered("p-three", WORD, code)
        tries = [service.prepare_sign_in(armed.log.work(), PASSWORDS, GATE, entered) for _ in range(2)]
        outcomes = [service.sign_in_outcome(armed.log.run(one.command, DOOR)) for one in tries]
        assert [reason(outcome) for outcome in outcomes] == [None, Reason.BAD_CREDENTIALS]
        assert reason(armed.who(tries[1].token)) is Reason.BAD_CREDENTIALS


def test_a_recovery_code_works_once_and_the_others_stay(armed: Armed) -> None:
    assert isinstance(armed.sign_in(code=armed.codes[9])[0], Done)
    assert factor_door.standing(armed.log.work(), armed.id) == ("confirmed", 9)
    assert reason(armed.sign_in(code=armed.codes[9])[0]) is Reason.BAD_CREDENTIALS
    for code in armed.codes[:9]:
        assert isinstance(armed.sign_in(code=code)[0], Done)
    assert factor_door.standing(armed.log.work(), armed.id).codes_left == 0


def test_new_recovery_codes_end_all_former_ones(armed: Armed) -> None:
    actor, _ = armed.signed_in(armed.digits())
    done, codes = armed.replace(actor)
    assert isinstance(done, Done)
    assert not set(codes) & set(armed.codes)
    assert reason(armed.sign_in(code=armed.codes[0])[0]) is Reason.BAD_CREDENTIALS
    assert isinstance(armed.sign_in(code=codes[0])[0], Done)
    done, later = armed.replace(actor, codes[1])
    assert isinstance(done, Done)
    assert reason(armed.sign_in(code=codes[2])[0]) is Reason.BAD_CREDENTIALS
    assert isinstance(armed.sign_in(code=later[2])[0], Done)


def test_the_code_of_another_account_proves_nothing(armed: Armed) -> None:
    code = armed.issue("p-one")
    assert isinstance(armed.by_code(code, OTHER, "p-one"), Done)
    outcome, token = armed.sign_in(OTHER, "p-one")
    assert isinstance(outcome, Done)
    other = armed.who(token)
    assert isinstance(other, Actor)
    secret, codes = armed.enrol(other)
    armed.pass_time(3 * STEP)
    for foreign in (armed.digits(secret), codes[0]):
        assert reason(armed.sign_in(code=foreign)[0]) is Reason.BAD_CREDENTIALS
    # Even where the rows are swapped in the database: what is sealed opens for its own person alone.
    for table in ("totp", "recovery_codes"):
        rows = armed.log.rows[table]
        rows[(armed.id,)] = rows[(armed.person["p-one"],)]._replace(person=armed.id)
    for foreign in (armed.digits(secret), codes[0]):
        assert reason(armed.sign_in(code=foreign)[0]) is Reason.BAD_CREDENTIALS


def test_guessing_codes_locks_the_account(armed: Armed) -> None:
    for _ in range(FAILURES_MAX):
        assert reason(armed.sign_in(code="000000" if armed.digits() != "000000" else "1")[0]) is Reason.BAD_CREDENTIALS
    assert reason(armed.sign_in(code=armed.digits())[0]) is Reason.LOCKED_OUT
    assert reason(armed.sign_in(code=armed.codes[0])[0]) is Reason.LOCKED_OUT
    assert reason(armed.remove(armed.actor, armed.digits())) is Reason.LOCKED_OUT
    armed.pass_time(code_delay(FAILURES_MAX) - 1)
    assert reason(armed.sign_in(code=armed.codes[0])[0]) is Reason.LOCKED_OUT
    armed.pass_time(1)
    assert isinstance(armed.sign_in(code=armed.codes[0])[0], Done)


def test_who_knows_the_password_waits_longer_for_each_code_and_who_does_not_never_long(armed: Armed) -> None:
    def locked_for(word: str) -> int:
        armed.sign_in(word, code="not a code")
        until = armed.log.rows["lockout"][(armed.id,)].locked_until
        waited: int = max(until - armed.log.now, 0)
        armed.pass_time(waited)
        return waited

    codes = [locked_for(WORD) for _ in range(20)]
    assert codes == [max(code_delay(n), password_delay(n)) for n in range(1, 21)]
    assert codes[-1] == CODE_LONGEST
    row = armed.log.rows["lockout"][(armed.id,)]
    assert (row.failures, row.code_failures) == (20, 20)
    assert locked_for(OTHER) == password_delay(21)  # a stranger cannot bring the longer one about
    assert armed.log.rows["lockout"][(armed.id,)].code_failures == 20
    assert isinstance(armed.sign_in(code=armed.codes[0])[0], Done)
    assert armed.log.rows["lockout"][(armed.id,)][1:3] == (0, 0)
    assert armed.log.replay() == armed.log.folded()


def test_guessing_codes_in_a_stolen_session_counts_the_same(armed: Armed) -> None:
    for act in (armed.remove, armed.remove, armed.remove, armed.replace, armed.replace):
        act(armed.actor, "not a code")
    assert reason(armed.sign_in(code=armed.digits())[0]) is Reason.LOCKED_OUT


def test_a_factor_is_offered_after_a_fresh_sign_in_alone(armed: Armed) -> None:
    assert isinstance(armed.remove(armed.actor, armed.digits()), Done)
    armed.pass_time(FRESH_TIME)
    offer = OfferTotp(armed.secret)
    assert reason(armed.log.run(offer, armed.actor)) is Reason.DENIED
    fresh, _ = armed.signed_in()
    assert reason(armed.log.run(offer, replace(armed.actor, sign_in="x"))) is Reason.DENIED
    assert reason(armed.log.run(offer, replace(fresh, person=None))) is Reason.DENIED
    linked = service.prepare_demo_sign_in(armed.log.work(), GATE, "p-three")
    assert linked is not None
    armed.log.run(linked.command, DOOR)
    by_link = armed.who(linked.token)
    assert isinstance(by_link, Actor)
    assert reason(armed.log.run(offer, by_link)) is Reason.DENIED
    for machine in (SYSTEM, DOOR):
        assert reason(armed.log.run(offer, machine)) is Reason.DENIED
    assert isinstance(armed.log.run(offer, fresh), Done)


def test_an_offer_counts_once_a_code_of_it_came_back() -> None:
    house = Armed()
    assert isinstance(house.remove(house.actor, house.digits()), Done)
    first, second = (factor_door.prepare_offer("acme", "p-three") for _ in range(2))
    for offer in (first, second):
        assert isinstance(house.log.run(offer.command, house.actor), Done)

    def confirm(code: str) -> Done | Refusal:
        prepared = factor_door.prepare_confirmation(house.log.work(), GATE, house.id, code)
        return house.log.run(prepared.command, house.actor)

    assert isinstance(house.sign_in()[0], Done)  # offered is not asked for yet
    assert reason(confirm(house.digits(first.secret))) is Reason.BAD_CREDENTIALS
    assert reason(confirm(house.codes[0])) is Reason.BAD_CREDENTIALS
    late = factor_door.prepare_confirmation(house.log.work(), GATE, house.id, house.digits(second.secret))
    house.pass_time(OFFER_TIME)
    assert reason(house.log.run(late.command, house.actor)) is Reason.WRONG_STATE
    house.pass_time(-1)
    assert isinstance(confirm(house.digits(second.secret)), Done)
    assert reason(confirm(house.digits(second.secret, 1))) is Reason.WRONG_STATE
    assert reason(house.log.run(OfferTotp(first.secret), house.signed_in(house.digits(second.secret, 1))[0])) is (
        Reason.WRONG_STATE
    )


def test_it_is_removed_by_a_code_or_a_fresh_sign_in_with_one(armed: Armed) -> None:
    assert reason(armed.remove(armed.actor)) is Reason.DENIED  # fresh, but begun by the password alone
    assert reason(armed.remove(armed.actor, "")) is Reason.BAD_CREDENTIALS
    stale, _ = armed.signed_in(armed.digits())
    armed.pass_time(FRESH_TIME)
    assert reason(armed.remove(stale)) is Reason.DENIED
    assert reason(armed.replace(stale)[0]) is Reason.DENIED
    fresh, _ = armed.signed_in(armed.codes[0])
    assert isinstance(armed.remove(fresh), Done)
    assert reason(armed.remove(fresh)) is Reason.WRONG_STATE
    assert reason(armed.replace(fresh)[0]) is Reason.WRONG_STATE
    assert factor_door.standing(armed.log.work(), armed.id) == ("removed", 0)
    assert isinstance(armed.sign_in()[0], Done)
    assert armed.signed_in(armed.codes[1])[0].method == "password"


def test_somebody_else_removes_it_for_who_has_lost_everything(armed: Armed) -> None:
    command = RemoveTotpOf(armed.id)
    manager = person_actor(armed.person["p-one"])
    assert reason(armed.log.run(command, armed.actor)) is Reason.NO_RULE
    assert reason(armed.log.run(RemoveTotpOf("person:nobody"), SYSTEM)) is Reason.NOT_FOUND
    assert reason(armed.log.run(RemoveTotpOf(armed.person["p-one"]), manager)) in (Reason.DENIED, Reason.NO_RULE)
    assert isinstance(armed.log.run(command, SYSTEM), Done)
    assert armed.log.entries[-1].payload["by"] == "keeper"
    assert reason(armed.log.run(command, SYSTEM)) is Reason.WRONG_STATE
    assert isinstance(armed.sign_in()[0], Done)


def test_the_password_is_changed_with_a_code_as_well(armed: Armed) -> None:
    def prepared(code: str, word: str = OTHER) -> SetPassword | SignIn:
        present = service.Entered("p-three", WORD, code)
        return service.prepare_password_change(armed.log.work(), PASSWORDS, GATE, present, word)

    def sent(command: SetPassword | SignIn) -> Done | Refusal:
        return service.sign_in_outcome(armed.log.run(command, DOOR))

    assert reason(sent(prepared(""))) is Reason.BAD_CREDENTIALS
    assert armed.log.rows["lockout"][(armed.id,)].code_failures == 1
    code = armed.digits()
    change, signing = prepared(code), service.Entered("p-three", WORD, code)
    other = service.prepare_sign_in(armed.log.work(), PASSWORDS, GATE, signing)
    assert isinstance(other.command, SignIn)
    assert isinstance(sent(other.command), Done)  # the code is used up before the change arrives
    assert reason(sent(change)) is Reason.BAD_CREDENTIALS
    code = armed.digits(away=1)
    assert isinstance(sent(prepared(code)), Done)
    assert reason(armed.sign_in(OTHER, code=code)[0]) is Reason.BAD_CREDENTIALS
    assert isinstance(armed.sign_in(OTHER, code=armed.codes[0])[0], Done)


def test_a_try_that_is_only_counted_starts_no_session(armed: Armed) -> None:
    """The factor was removed between the verification of a wrong code and its arrival at the writer."""
    present = service.Entered("p-three", WORD, "not a code")
    command = service.prepare_password_change(armed.log.work(), PASSWORDS, GATE, present, OTHER)
    assert isinstance(armed.log.run(RemoveTotpOf(armed.id), SYSTEM), Done)
    assert reason(armed.log.run(command, DOOR)) is Reason.BAD_CREDENTIALS
    assert ("",) not in armed.log.rows["sign_in_session"]


def test_a_set_up_code_is_no_way_around_the_second_factor(armed: Armed) -> None:
    assert isinstance(armed.by_code(armed.issue("p-three"), OTHER), Done)
    assert reason(armed.sign_in(OTHER)[0]) is Reason.BAD_CREDENTIALS
    assert isinstance(armed.sign_in(OTHER, code=armed.digits())[0], Done)


def test_what_was_verified_before_a_factor_came_does_not_pass_it(armed: Armed) -> None:
    assert isinstance(armed.remove(armed.actor, armed.digits()), Done)
    before = service.prepare_sign_in(armed.log.work(), PASSWORDS, GATE, service.Entered("p-three", WORD))
    armed.secret, armed.codes = armed.enrol(armed.actor)
    assert reason(service.sign_in_outcome(armed.log.run(before.command, DOOR))) is Reason.BAD_CREDENTIALS
    armed.pass_time(3 * STEP)
    entered = service.Entered("p-three", WORD, armed.digits())
    with_code = service.prepare_sign_in(armed.log.work(), PASSWORDS, GATE, entered)
    assert isinstance(armed.log.run(RemoveTotpOf(armed.id), SYSTEM), Done)
    assert reason(armed.log.run(with_code.command, DOOR)) is Reason.BAD_CREDENTIALS


def test_a_destroyed_secret_lets_nobody_in(armed: Armed) -> None:
    armed.log.vault.clear()
    assert reason(armed.sign_in(code="000000")[0]) is Reason.BAD_CREDENTIALS


def test_no_secret_and_no_code_stands_in_an_entry_and_every_row_comes_back(armed: Armed) -> None:
    used = [armed.digits(), armed.codes[2]]
    for code in used:
        assert isinstance(armed.sign_in(code=code)[0], Done)
    actor, _ = armed.signed_in(armed.digits(away=1))
    assert isinstance(armed.replace(actor)[0], Done)
    armed.pass_time(3 * STEP)
    assert armed.use(actor, armed.digits(away=-1)).outcome == "used"
    assert isinstance(armed.remove(actor, armed.digits()), Done)
    written = b"".join(encode_entry(entry) for entry in armed.log.entries).decode()
    for secret in (*armed.secrets, *(code.replace("-", "") for code in armed.codes)):
        assert secret not in written
    assert f'"{used[0]}"' not in written
    assert armed.log.replay() == armed.log.folded()
    mine = [entry for entry in armed.log.entries if (entry.kind, entry.schema) in entries.KINDS]
    for entry in mine:
        assert set(entry.payload) == set(entries.KINDS[entry.kind, entry.schema])
    apart = {kind for kind, _ in entries.KINDS if kind.startswith(("second_factor.", "recovery_codes."))}
    assert apart <= {entry.kind for entry in mine}
    assert ("sign_in.started", 3) in {(entry.kind, entry.schema) for entry in mine}


def test_signing_uses_a_code_up_and_counts_what_is_wrong(armed: Armed) -> None:
    actor, _ = armed.signed_in(armed.digits())
    armed.pass_time(STEP)
    code = armed.digits()
    assert armed.use(actor, code, OTHER).outcome == "failed"
    assert armed.use(actor, "").outcome == "failed"
    assert (armed.use(actor, code).outcome, armed.use(actor, code).outcome) == ("used", "failed")
    assert armed.use(actor, armed.codes[0]).result == {"method": "password+recovery-code"}
    assert reason(armed.use(armed.actor.__class__(actor.id, actor.kind, actor.person), code)) is Reason.DENIED
