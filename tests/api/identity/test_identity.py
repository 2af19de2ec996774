"""Sign-in, lockout, sessions, API keys: what opens the door, what does not, and what stands in the ledger."""

from dataclasses import replace

import pytest

from api.identity import entries, service, tables
from api.identity.commands import (
    CODE_TIME,
    DOOR,
    KEY_TIME_MAX,
    SESSION_TIME,
    TOKEN_TIME,
    RevokeApiKey,
    SetPassword,
    SignIn,
    SignOut,
)
from api.identity.delays import FAILURES_MAX, PASSWORD_LONGEST, password_delay
from api.identity.tokens import key_digest, parse_token, session_mac, token_hash
from ledger.actor import Actor, ActorKind
from ledger.clock import Instant
from ledger.entry import encode_entry
from ledger.errors import BrokenInput
from ledger.refusal import Reason, Refusal
from ledger.work import Done
from rbac import service as rbac
from rbac import tables as rbac_tables
from rbac.artefacts import person_kind
from rbac.permission import WHOLE
from tests.api.identity.house import GATE, OTHER, PASSWORDS, WORD, House, reason
from tests.rbac.acme import person_actor, release
from tests.rbac.memory import START


@pytest.fixture
def house() -> House:
    return House()


def test_the_right_password_opens_a_session_as_the_person(house: House) -> None:
    actor, token = house.signed_in()
    assert actor == replace(person_actor(house.person["p-three"]), sign_in=token.split("_")[2])
    assert isinstance(house.access.check(house.log.work(), actor, "retail", "task", "decide"), rbac.Permit)


@pytest.mark.parametrize(
    ("account", "word"), [("p-three", OTHER), ("p-nine", WORD), ("p-one", WORD), ("", ""), ("'", WORD)]
)
def test_whatever_is_wrong_the_answer_is_the_same(house: House, account: str, word: str) -> None:
    outcome, token = house.sign_in(word, account)
    assert isinstance(outcome, Refusal)
    assert (outcome.reason, outcome.details) == (Reason.BAD_CREDENTIALS, ())
    assert outcome == house.sign_in(OTHER)[0]
    assert reason(house.who(token)) is Reason.BAD_CREDENTIALS


def test_failures_in_a_row_lock_the_account_for_a_while(house: House) -> None:
    for _ in range(FAILURES_MAX):
        assert reason(house.sign_in(OTHER)[0]) is Reason.BAD_CREDENTIALS
    assert reason(house.sign_in()[0]) is Reason.LOCKED_OUT
    house.pass_time(password_delay(FAILURES_MAX) - 1)
    assert reason(house.sign_in()[0]) is Reason.LOCKED_OUT
    house.pass_time(1)
    assert reason(house.sign_in(OTHER)[0]) is Reason.BAD_CREDENTIALS  # one try, then locked again, for longer
    house.pass_time(password_delay(FAILURES_MAX))
    assert reason(house.sign_in()[0]) is Reason.LOCKED_OUT
    house.pass_time(password_delay(FAILURES_MAX + 1) - password_delay(FAILURES_MAX))
    assert isinstance(house.sign_in()[0], Done)
    for _ in range(FAILURES_MAX - 1):  # counted from nothing after a success
        house.sign_in(OTHER)
    assert isinstance(house.sign_in()[0], Done)


def test_no_number_of_failures_locks_an_account_for_long(house: House) -> None:
    """Tries while nothing is tried count for nothing, so that a flood of them prolongs no delay."""
    for _ in range(40):
        house.sign_in(OTHER)
        size = len(house.log.entries)
        until = house.log.rows["lockout"][(house.person["p-three"],)].locked_until
        for _ in range(3 if until else 0):
            house.pass_time(1)
            assert reason(house.sign_in(OTHER)[0]) is Reason.LOCKED_OUT
        assert len(house.log.entries) == size
        assert until - house.log.now <= PASSWORD_LONGEST
        house.log.now = Instant(max(until, house.log.now))
    assert [password_delay(n) for n in (0, 4, 5, 6, 9, 10, 10**6)] == [
        0, 0, 15_000_000, 30_000_000, 240_000_000, PASSWORD_LONGEST, PASSWORD_LONGEST
    ]  # fmt: skip
    assert isinstance(house.sign_in()[0], Done)


def test_failures_verified_before_the_lock_do_not_pass_it(house: House) -> None:
    """A hundred guesses verified at once, one of them right, arrive after the fifth failure."""
    right = service.prepare_sign_in(house.log.work(), PASSWORDS, GATE, service.Entered("p-three", WORD))
    for _ in range(FAILURES_MAX):
        house.sign_in(OTHER)
    assert reason(house.log.run(right.command, DOOR)) is Reason.LOCKED_OUT


def test_a_bearer_token_is_short_lived_and_renewed_within_the_session(house: House) -> None:
    actor, token = house.signed_in()
    house.pass_time(TOKEN_TIME - 1)
    assert house.who(token) == actor
    renewal = service.prepare_renewal(house.log.work(), GATE, actor)
    assert isinstance(renewal, service.Prepared)
    assert isinstance(house.log.run(renewal.command, actor), Done)
    house.auth.forget(token)
    assert reason(house.who(token)) is Reason.BAD_CREDENTIALS
    house.pass_time(TOKEN_TIME - 1)
    assert house.who(renewal.token) == actor
    house.pass_time(1)
    assert reason(house.who(renewal.token)) is Reason.BAD_CREDENTIALS
    house.log.now = Instant(START + SESSION_TIME)
    assert reason(house.log.run(renewal.command, actor)) is Reason.WRONG_STATE
    stranger = replace(actor, person=person_actor(house.person["p-one"]).person)
    assert reason(service.prepare_renewal(house.log.work(), GATE, stranger)) is Reason.NOT_FOUND


def test_a_renewal_never_outlives_the_session(house: House) -> None:
    actor, _ = house.signed_in()
    house.pass_time(SESSION_TIME - 5)
    renewal = service.prepare_renewal(house.log.work(), GATE, actor)
    assert isinstance(renewal, service.Prepared)
    done = house.log.run(renewal.command, actor)
    assert isinstance(done, Done)
    assert done.result["expires_at"] == START + SESSION_TIME


def test_signing_out_ends_ones_own_session_alone(house: House) -> None:
    actor, token = house.signed_in()
    stranger = replace(person_actor(house.person["p-one"]), sign_in=actor.sign_in)
    other_session = replace(actor, sign_in="x")
    for who in (stranger, other_session):
        assert reason(house.log.run(SignOut(actor.sign_in or ""), who)) is Reason.NOT_FOUND
    assert isinstance(house.log.run(SignOut(actor.sign_in or ""), actor), Done)
    house.auth.forget(token)
    assert reason(house.who(token)) is Reason.BAD_CREDENTIALS
    assert reason(house.log.run(SignOut(actor.sign_in or ""), actor)) is Reason.WRONG_STATE


def test_another_process_learns_of_a_sign_out_soon(house: House) -> None:
    actor, token = house.signed_in()
    house.log.run(SignOut(actor.sign_in or ""), actor)
    house.pass_time(2_000_000)
    assert reason(house.who(token)) is Reason.BAD_CREDENTIALS


def test_another_process_whose_clock_is_put_back_learns_of_a_sign_out_as_well(house: House) -> None:
    actor, token = house.signed_in()
    house.log.run(SignOut(actor.sign_in or ""), actor)
    house.pass_time(-3_600_000_000)
    assert reason(house.who(token)) is Reason.BAD_CREDENTIALS


def test_a_new_password_ends_earlier_sessions_at_once(house: House) -> None:
    actor, token = house.signed_in()
    command = service.prepare_password_change(
        house.log.work(), PASSWORDS, GATE, service.Entered("p-three", WORD), OTHER
    )
    assert isinstance(command, SetPassword)
    assert isinstance(house.log.run(command, actor), Done)
    assert reason(house.who(token)) is Reason.BAD_CREDENTIALS
    assert reason(house.sign_in()[0]) is Reason.BAD_CREDENTIALS
    assert isinstance(house.sign_in(OTHER)[0], Done)
    # What was verified against the former password proves nothing any more.
    assert reason(house.log.run(command, actor)) is Reason.BAD_CREDENTIALS


def test_a_wrong_present_password_counts_as_a_failure(house: House) -> None:
    for _ in range(FAILURES_MAX):
        present = service.Entered("p-three", OTHER)
        command = service.prepare_password_change(house.log.work(), PASSWORDS, GATE, present, "a third long word")
        assert isinstance(command, SignIn)
        house.log.run(command, DOOR)
    assert reason(house.sign_in()[0]) is Reason.LOCKED_OUT


def test_a_code_is_good_once_for_its_person_and_its_time(house: House) -> None:
    assert reason(house.by_code(house.code, OTHER)) is Reason.BAD_CREDENTIALS
    code = house.issue("p-one")
    assert reason(house.by_code(code, OTHER, "p-two")) is Reason.BAD_CREDENTIALS
    forged = code[:-1] + ("0" if code[-1] != "0" else "1")
    assert reason(house.by_code(forged, OTHER, "p-one")) is Reason.BAD_CREDENTIALS
    assert reason(house.by_code("nonsense", OTHER, "p-one")) is Reason.BAD_CREDENTIALS
    house.pass_time(CODE_TIME)
    assert reason(house.by_code(code, OTHER, "p-one")) is Reason.BAD_CREDENTIALS
    house.log.now = Instant(house.log.now - 1)
    assert isinstance(house.by_code(code, OTHER, "p-one"), Done)


def test_who_may_issue_a_code(house: House) -> None:
    manager = person_actor(house.person["p-one"])
    prepared = service.prepare_setup_code("acme", house.person["p-three"])
    assert isinstance(house.log.run(prepared.command, manager), Done)
    assert house.log.entries[-1].payload["replaces"] is True
    own = service.prepare_setup_code("acme", house.person["p-one"]).command
    assert reason(house.log.run(own, manager)) is Reason.DENIED
    officer = person_actor(house.person["p-three"])
    other = service.prepare_setup_code("acme", house.person["p-one"]).command
    assert reason(house.log.run(other, officer)) is Reason.NO_RULE
    unknown = service.prepare_setup_code("acme", "person:nobody").command
    assert reason(house.log.run(unknown, manager)) is Reason.NOT_FOUND


def test_nobody_signed_in_can_say_that_a_password_was_right(house: House) -> None:
    actor, _ = house.signed_in()
    claim = SignIn(house.person["p-one"], True, 0, "s", "h")
    assert reason(house.log.run(claim, actor)) is Reason.DENIED
    assert reason(house.log.run(SetPassword(house.person["p-one"], "$argon2id$x", credential_index=0), actor))
    with pytest.raises(BrokenInput):
        house.log.run(SetPassword(house.person["p-three"], "plain", credential_index=0), actor)


def test_who_has_left_is_out_at_once(house: House) -> None:
    _, token = house.signed_in()
    release(house.log, person_kind, "person: p-three\nname: X\nstatus: left\n", 2)
    assert reason(house.who(token)) is Reason.BAD_CREDENTIALS
    assert reason(house.sign_in()[0]) is Reason.BAD_CREDENTIALS


def test_an_api_key_acts_as_its_service_within_its_scope(house: House) -> None:
    manager = person_actor(house.person["p-one"])
    done, token = house.key(manager)
    assert isinstance(done, Done)
    actor = house.who(token)
    assert isinstance(actor, Actor)
    assert (actor.id, actor.kind, actor.method) == ("svc:intake", ActorKind.SERVICE, "api-key")
    work = house.log.work()
    assert isinstance(house.access.check(work, actor, WHOLE, "instance", "start"), rbac.Permit)
    assert reason(house.access.check(work, actor, WHOLE, "task", "decide")) is Reason.NOT_A_PERSON
    _, narrow = house.key(manager, scope=(("intake", "retail"),))
    # The second token's command carried another scope, so it is its own key.
    narrow_actor = house.who(narrow)
    assert isinstance(narrow_actor, Actor)
    assert isinstance(house.access.check(work, narrow_actor, "retail", "instance", "start"), rbac.Permit)
    assert reason(house.access.check(work, narrow_actor, WHOLE, "instance", "start")) is Reason.NO_RULE


def test_a_key_ends_by_expiry_and_by_revocation(house: House) -> None:
    done, token = house.key(expires_at=house.log.now + 10)
    assert isinstance(done, Done)
    house.pass_time(9)
    assert isinstance(house.who(token), Actor)
    house.pass_time(1)
    assert reason(house.who(token)) is Reason.BAD_CREDENTIALS
    done, token = house.key()
    assert isinstance(done, Done)
    assert isinstance(house.who(token), Actor)
    revoke = RevokeApiKey(done.result["key_id"])
    assert reason(house.log.run(revoke, person_actor(house.person["p-three"]))) is Reason.NO_RULE
    assert isinstance(house.log.run(revoke), Done)
    assert reason(house.who(token)) is Reason.BAD_CREDENTIALS
    assert reason(house.log.run(revoke)) is Reason.WRONG_STATE
    assert reason(house.log.run(RevokeApiKey("x"))) is Reason.NOT_FOUND


def test_keys_are_refused_for_whom_and_what_they_do_not_fit(house: House) -> None:
    assert reason(house.key(person_actor(house.person["p-three"]))[0]) is Reason.NO_RULE
    assert reason(house.key(actor=house.person["p-one"])[0]) is Reason.NOT_FOUND
    assert reason(house.key(actor="svc:unknown")[0]) is Reason.NOT_FOUND
    assert reason(house.key(expires_at=house.log.now)[0]) is Reason.INVALID_DATA
    assert reason(house.key(expires_at=house.log.now + KEY_TIME_MAX + 1)[0]) is Reason.INVALID_DATA
    for changes in ({"scope": ()}, {"scope": (("Intake", WHOLE),)}, {"scope": (("intake", "*"),)}, {"title": ""}):
        with pytest.raises(BrokenInput):
            house.key(**changes)


def test_a_token_of_another_log_kind_or_secret_is_refused(house: House) -> None:
    _, token = house.signed_in()
    log, kind, token_id, secret = token.split("_")
    assert service.token_log(token) == "acme"
    assert service.token_log("x") is None
    wrong = secret[:-1] + ("0" if secret[-1] != "0" else "1")
    for text in (
        f"other_{kind}_{token_id}_{secret}",
        f"{log}_ak_{token_id}_{secret}",
        f"{log}_sc_{token_id}_{secret}",
        f"{log}_{kind}_{token_id}_{wrong}",
        f"{log}_{kind}_{'0' * 26}_{secret}",
        "",
        token + " ",
    ):
        assert reason(house.who(text)) is Reason.BAD_CREDENTIALS


def test_an_edited_row_opens_no_door(house: House) -> None:
    stolen = PASSWORDS.hash("password of a thief")
    row = house.log.rows["credential"][house.person["p-three"], "password"]
    for sealed in ('{"$commitment":"x"}', "{", f'"{stolen}"', "null", '{"$commitment":"x","a":1}'):
        house.log.rows["credential"][house.person["p-three"], "password"] = row._replace(sealed=sealed)
        assert reason(house.sign_in("password of a thief")[0]) is Reason.BAD_CREDENTIALS
    done, token = house.key()
    assert isinstance(done, Done)
    key = house.log.rows["api_key"][(done.result["key_id"],)]
    forged = "acme_ak_" + key.id + "_" + "0" * 52
    edits = (
        ({"sealed": '{"$commitment":"x"}'}, token),
        ({"sealed": f'"{token_hash(forged)}"'}, forged),
        ({"sealed": f'"{key_digest(token_hash(forged), key.actor, (("intake", WHOLE),), key.expires_at)}"'}, forged),
        ({"scope": '[["intake","organisation"],["manager","organisation"]]'}, token),
        ({"scope": "7"}, token),
        ({"actor": "svc:other"}, token),
        ({"expires_at": key.expires_at + 1}, token),
    )
    for changes, presented in edits:
        house.log.rows["api_key"][(key.id,)] = key._replace(**changes)
        assert reason(house.who(presented)) is Reason.BAD_CREDENTIALS
    house.log.rows["api_key"][(key.id,)] = key
    assert isinstance(house.who(token), Actor)


def test_an_inserted_session_signs_nobody_in(house: House) -> None:
    actor, token = house.signed_in()
    house.pass_time(2_000_000)
    row = house.log.rows["sign_in_session"][(actor.sign_in,)]
    forged = "acme_st_" + "0" * 26 + "_" + "0" * 52
    hashed = token_hash(forged)
    other = session_mac(bytes(32), ("0" * 26, row.person, row.method, row.credential_index), hashed)
    for mac in (hashed, other, row.mac, ""):
        house.log.rows["sign_in_session"][("0" * 26,)] = row._replace(id="0" * 26, mac=mac)
        assert reason(house.who(forged)) is Reason.BAD_CREDENTIALS
    house.log.rows["sign_in_session"][(actor.sign_in,)] = row._replace(person=house.person["p-one"])
    assert reason(house.who(token)) is Reason.BAD_CREDENTIALS


def test_no_secret_and_no_hash_of_one_stands_in_an_entry(house: House) -> None:
    actor, _ = house.signed_in()
    house.sign_in(OTHER)
    house.key()
    house.log.run(SignOut(actor.sign_in or ""), actor)
    written = b"".join(encode_entry(entry) for entry in house.log.entries).decode()
    assert "$argon2id" not in written
    for secret in (WORD, OTHER, *house.secrets):
        assert secret not in written
        token = parse_token(secret)
        if token is not None:
            assert token.hash not in written
            assert secret.rsplit("_", 1)[1] not in written


def test_every_folded_row_comes_back_from_the_entries(house: House) -> None:
    actor, _ = house.signed_in()
    house.sign_in(OTHER)
    done, _ = house.key()
    assert isinstance(done, Done)
    house.log.run(RevokeApiKey(done.result["key_id"]))
    house.log.run(SignOut(actor.sign_in or ""), actor)
    assert house.log.replay() == house.log.folded()
    mine = [entry for entry in house.log.entries if (entry.kind, entry.schema) in entries.KINDS]
    apart = {kind for kind, _ in entries.KINDS if kind.startswith(("second_factor.", "recovery_codes.", "passkey."))}
    assert {entry.kind for entry in mine} == {kind for kind, _ in entries.KINDS} - apart  # those: in files of their own
    for entry in mine:
        assert set(entry.payload) == set(entries.KINDS[entry.kind, entry.schema])
    assert set(service.folds()) == set(entries.KINDS)


def test_a_password_is_entered_again_to_sign(house: House) -> None:
    work = house.log.work()
    person = house.person["p-three"]
    check = service.verify_password(work, PASSWORDS, person, WORD)
    assert check == (person, True, house.log.rows["credential"][person, "password"].entry_index)
    assert not service.verify_password(work, PASSWORDS, person, OTHER).correct
    assert not service.verify_password(work, PASSWORDS, None, WORD).correct


def test_tables_and_descriptors_agree() -> None:
    for module in (tables, rbac_tables):
        assert {t.name for t in module.TABLES} == set(module.metadata.tables)
        for table in module.TABLES:
            columns = list(module.metadata.tables[table.name].columns)
            assert tuple(c.name for c in columns) == ("log_id", *table.columns)
            assert tuple(c.name for c in columns if c.primary_key) == ("log_id", *table.columns[: table.key])
            assert module.metadata.tables[table.name].info["class"] == table.table_class.value
