"""Passkeys at the writer: every row comes back from the entries; what challenges and sites are good for."""

from typing import Any

import pytest

from api.identity import entries, passkey_door
from api.identity.challenges import CHALLENGE_TIME, Asked, new_challenge, read_challenge
from api.identity.passkey_commands import (
    ByPassword,
    RemovePasskey,
    RemovePasskeyOf,
    RenamePasskey,
    UsePasskey,
)
from api.identity.passkey_door import Account, Attested, Gate
from api.identity.passkeys import PASSKEYS_MAX, Given, Shown, digest_of, in_force
from api.identity.service import sign_in_outcome
from api.identity.site import Site, site_of
from ledger.actor import SYSTEM, Actor
from ledger.canonical import b64url, from_b64url
from ledger.clock import Instant
from ledger.entry import encode_entry
from ledger.refusal import Reason, Refusal
from ledger.work import Done
from tests.api.identity.house import GATE, House, reason
from tests.ledger.authenticator import ORIGIN, RP_ID, Authenticator

SITE = Gate(GATE, Site(ORIGIN, RP_ID))
KEY = bytes(range(32))


class Keyed(House):
    """A house whose officer makes passkeys."""

    def enrol(self, actor: Actor, passkey: Authenticator) -> Done | Refusal:
        session = actor.sign_in or ""
        account = Account(str(actor.person), "p-three", "p-three")
        options = passkey_door.enrolment_options(self.log.work(), SITE, account, session)
        client_data, attestation = passkey.attest(from_b64url(options["challenge"]))
        attested = Attested(
            b64url(passkey.credential), b64url(client_data), b64url(attestation), ("usb",), "Secret name"
        )
        command = passkey_door.prepare_enrolment(self.log.work(), SITE, session, attested)
        assert not isinstance(command, Refusal)
        return self.log.run(command, actor)

    def given(self, passkey: Authenticator, challenge: str) -> Given:
        made = passkey.sign(from_b64url(challenge))
        return Given(*(b64url(getattr(made, name)) for name in Given._fields))

    def passes(self, passkey: Authenticator) -> Done | Refusal:
        options = passkey_door.sign_in_options(SITE, self.log.now)
        given = self.given(passkey, options["challenge"])
        prepared = passkey_door.prepare_sign_in(self.log.work(), SITE, given, "")
        return sign_in_outcome(self.log.run(prepared.command))


def test_every_row_comes_back_from_the_entries_and_nothing_sealed_stands_there() -> None:
    house = Keyed()
    actor, _ = house.signed_in()
    one, two = Authenticator(count=3), Authenticator("EdDSA", credential=b"credential two")
    assert isinstance(house.enrol(actor, one), Done)
    assert isinstance(house.enrol(actor, two), Done)
    name = digest_of(one.credential)
    assert isinstance(house.log.run(RenamePasskey(name, "Another secret"), actor), Done)
    assert isinstance(house.passes(Authenticator(count=4)), Done)
    assert reason(house.passes(Authenticator(count=4))) is Reason.BAD_CREDENTIALS
    assert isinstance(house.log.run(UsePasskey(Shown(name, True, 9)), actor), Done)
    removing = (actor.sign_in or "", digest_of(two.credential))
    options = passkey_door.removal_options(house.log.work(), SITE, str(actor.person), removing)
    given = house.given(Authenticator(count=10), options["challenge"])
    by_other = passkey_door.prepare_removal(house.log.work(), SITE, removing, given)
    assert isinstance(house.log.run(by_other, actor), Done)
    assert house.log.rows["passkey"][(name,)].sign_count == 10
    assert isinstance(house.log.run(RemovePasskeyOf(str(actor.person), name), SYSTEM), Done)
    assert house.log.replay() == house.log.folded()
    mine = [entry for entry in house.log.entries if (entry.kind, entry.schema) in entries.KINDS]
    for entry in mine:
        assert set(entry.payload) == set(entries.KINDS[entry.kind, entry.schema])
    assert {kind for kind, _ in entries.KINDS if kind.startswith("passkey.")} <= {entry.kind for entry in mine}
    assert ("sign_in.started", 4) in {(entry.kind, entry.schema) for entry in mine}
    written = b"".join(map(encode_entry, house.log.entries)).decode()
    for secret in ("Secret name", "Another secret", b64url(one.credential), b64url(two.credential)):
        assert secret not in written


def test_a_person_has_so_many_and_no_more() -> None:
    house = Keyed()
    actor, _ = house.signed_in()
    for number in range(PASSKEYS_MAX):
        assert isinstance(house.enrol(actor, Authenticator(credential=b"c%d" % number)), Done)
    assert reason(house.enrol(actor, Authenticator(credential=b"more"))) is Reason.WRONG_STATE
    first = in_force(house.log.work(), str(actor.person))[0].credential
    proof = ByPassword(True, house.log.rows["credential"][str(actor.person), "password"].entry_index)
    assert isinstance(house.log.run(RemovePasskey(first, proof), actor), Done)
    assert isinstance(house.enrol(actor, Authenticator(credential=b"more")), Done)


def test_a_passkey_of_one_that_is_locked_or_gone_signs_nobody_in() -> None:
    house = Keyed()
    actor, _ = house.signed_in()
    assert isinstance(house.enrol(actor, Authenticator()), Done)
    for _ in range(5):
        house.sign_in("another long password")
    assert reason(house.passes(Authenticator())) is Reason.LOCKED_OUT
    house.pass_time(400_000_000)
    assert isinstance(house.passes(Authenticator()), Done)


def test_a_passkey_of_another_person_is_not_used_or_removed() -> None:
    house = Keyed()
    actor, _ = house.signed_in()
    assert isinstance(house.enrol(actor, Authenticator()), Done)
    name = digest_of(Authenticator().credential)
    other = Actor(actor.id, actor.kind, house.person["p-one"], method="password", sign_in=actor.sign_in)
    for command in (
        UsePasskey(Shown(name, True, 0)),
        RenamePasskey(name, "Mine"),
        RemovePasskey(name, ByPassword(True, 1)),
    ):
        assert reason(house.log.run(command, other)) is Reason.NOT_FOUND
    assert reason(house.log.run(UsePasskey(Shown(name, False, 0)), actor)) is Reason.NOT_FOUND


def test_a_challenge_says_for_whom_what_and_how_long() -> None:
    asked, now = Asked("enrol", "session"), Instant(1_795_000_000_000_000)
    made = new_challenge(KEY, asked, now)
    assert len(made) == 32
    assert made != new_challenge(KEY, asked, now)
    told = read_challenge(KEY, asked, made, now)
    assert told is not None
    assert told.expires_at == now + CHALLENGE_TIME
    assert read_challenge(KEY, asked, made, Instant(now + CHALLENGE_TIME - 1)) == told
    assert read_challenge(KEY, asked, made, Instant(now + CHALLENGE_TIME)) is None
    assert read_challenge(bytes(32), asked, made, now) is None
    for other in (Asked("enrol", "another"), Asked("sign-in", "session"), Asked("enrol")):
        assert read_challenge(KEY, other, made, now) is None
    for at in range(len(made)):
        bent = bytes(byte ^ (place == at) for place, byte in enumerate(made))
        assert read_challenge(KEY, asked, bent, now) is None
    assert read_challenge(KEY, asked, made[:-1], now) is None


@pytest.mark.parametrize(
    ("public", "host", "expected"),
    [
        ("https://a.example/", "x", Site("https://a.example", "a.example")),
        ("https://A.example:443/path", "x", Site("https://a.example", "a.example")),
        ("https://a.example:8443", "x", Site("https://a.example:8443", "a.example")),
        ("http://localhost:8000", "x", Site("http://localhost:8000", "localhost")),
        ("", "localhost:8000", Site("http://localhost:8000", "localhost")),
        ("", "localhost", Site("http://localhost", "localhost")),
        ("http://a.example", "localhost", None),
        ("https://127.0.0.1", "localhost", None),
        ("https://[::1]", "localhost", None),
        ("ftp://a.example", "localhost", None),
        ("", "a.example", None),
        ("", "localhost.evil.test", None),
        ("", "localhost:8000/", None),
    ],
)
def test_where_passkeys_are_good(public: str, host: str, expected: Any) -> None:
    assert site_of(public, host) == expected
