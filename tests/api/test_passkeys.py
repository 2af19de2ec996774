"""Passkeys over HTTP, on both databases: enrolled, signed in with, removed; and what must not pass for one."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from api.founding import done
from api.identity import service as identity
from api.identity import session_commands
from api.identity.passkey_commands import RemovePasskeyOf, UsePasskey
from api.identity.passkeys import Given, Shown, digest_of, read_assertion
from api.identity.site import Site
from api.identity.tables import PASSKEY
from api.settings import Settings
from ledger.actor import SYSTEM
from ledger.entry import parse_entry
from ledger.verify.webauthn import Failure
from tests.api.foundry import Foundry
from tests.api.organisation import WORD, running
from tests.api.passkeys import OWN, Holder, assertion, b64, raw
from tests.api.test_serving import founded_bare
from tests.ledger.authenticator import (
    ALGORITHMS,
    ATTESTED,
    CHALLENGE,
    ORIGIN,
    PRESENT,
    RP_ID,
    VERIFIED,
    Authenticator,
)

WHO = "process-owner"


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Foundry[str]:
    folder, settings = tmp_path_factory.mktemp("bare"), Settings(log="acme", public_url=f"{ORIGIN}/")
    return Foundry(founded_bare, settings, folder, lambda: request.getfixturevalue("postgresql"))


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def holder(request: pytest.FixtureRequest, bare: Foundry[str], tmp_path: Path) -> Iterator[Holder]:
    settings, _ = bare.copy(request.param, tmp_path / "data")
    with running(replace(settings, mark_dir=str(tmp_path / "marks"))) as house:
        yield Holder(house, WHO)


def entries(holder: Holder, kind: str) -> list[dict[str, Any]]:
    """The payloads of this kind, oldest first."""
    with holder.house.service.reader.view() as view:
        rows = [view.entry(index) for index in range(view.head.size)]
    found = [parse_entry(row.bytes) for row in rows if row is not None]
    return [dict(entry.payload) for entry in found if entry.kind == kind]


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_passkey_is_enrolled_and_signs_in_with_nobody_named(holder: Holder, algorithm: str) -> None:
    passkey = Authenticator(algorithm)
    options = holder.options()
    assert options["rp"]["id"] == RP_ID
    assert [one["alg"] for one in options["pubKeyCredParams"]] == [-8, -7, -257]
    made = holder.enrol(passkey)
    assert made == digest_of(passkey.credential)
    [entry] = entries(holder, "passkey.enrolled")
    assert (entry["public_key"], entry["rp_id"], entry["by"]) == (b64(passkey.public_key), RP_ID, "password")
    told = holder.house.get(OWN, holder.token).json()
    [item] = told["items"]
    assert (item["id"], item["name"], item["transports"], item["used_at"]) == (
        made,
        "My key",
        ["internal", "usb"],
        None,
    )
    signed = holder.sign_in(passkey)
    assert signed.status_code == 200, signed.text
    me = holder.house.get("/v1/me", signed.json()["token"]).json()["actor"]
    assert (me["method"], me["person"]) == ("passkey", holder.house.person(WHO))
    assert holder.house.get(OWN, holder.token).json()["items"][0]["used_at"] is not None
    assert [one["id"] for one in holder.options()["excludeCredentials"]] == [b64(passkey.credential)]


@pytest.mark.parametrize(
    ("change", "flags"),
    [
        ({"client": {"origin": "https://evil.test"}}, None),
        ({"client": {"crossOrigin": True}}, None),
        ({"client": {"topOrigin": "https://evil.test"}}, None),
        ({"client": {"type": "webauthn.get "}}, None),
        ({"rp_id": "evil.test"}, None),
        ({}, PRESENT | ATTESTED),
        ({}, VERIFIED | ATTESTED),
    ],
)
def test_no_other_attestation_is_taken(holder: Holder, change: dict[str, Any], flags: int | None) -> None:
    passkey = Authenticator(**change)
    challenge = holder.options()["challenge"]
    more: dict[str, Any] = {}
    if flags is not None:
        more["attestation"] = b64(passkey.attest(raw(challenge), flags)[1])
    holder.house.refused(holder.attested(passkey, challenge, **more), 401, "BAD_CREDENTIALS")
    for broken in ({"attestation": "AAAA"}, {"client_data": "AAAA"}, {"credential": b64(b"another")}):
        holder.house.refused(holder.attested(Authenticator(), challenge, **broken), 401, "BAD_CREDENTIALS")
    assert entries(holder, "passkey.enrolled") == []


def test_a_challenge_is_good_once_for_one_session_one_purpose_and_five_minutes(holder: Holder) -> None:
    challenge = holder.options()["challenge"]
    first = holder.token
    holder.again()
    for not_ours in (challenge, b64(bytes(32)), b64(b"short")):
        holder.house.refused(holder.attested(Authenticator(), not_ours), 401, "BAD_CREDENTIALS")
    holder.token = first
    assert holder.attested(Authenticator(), challenge).status_code == 200
    other = Authenticator(credential=b"credential two")
    holder.house.refused(holder.attested(other, challenge), 409, "WRONG_STATE")
    asked = holder.options()["challenge"]
    holder.house.refused(holder.sign_in(Authenticator(), asked), 401, "BAD_CREDENTIALS")
    asked = holder.house.client.post("/v1/sign-in/passkey/options", json={}).json()["challenge"]
    holder.house.refused(holder.attested(other, asked), 401, "BAD_CREDENTIALS")
    assert holder.sign_in(Authenticator(), asked).status_code == 200
    holder.house.refused(holder.sign_in(Authenticator(), asked), 401, "BAD_CREDENTIALS")


def test_only_a_fresh_sign_in_enrols_and_a_credential_only_once(
    holder: Holder, monkeypatch: pytest.MonkeyPatch
) -> None:
    holder.enrol(Authenticator())
    again = holder.attested(Authenticator(), holder.options()["challenge"])
    holder.house.refused(again, 409, "WRONG_STATE")
    monkeypatch.setattr(session_commands, "FRESH_TIME", 0)
    late = holder.attested(Authenticator(credential=b"late"), holder.options()["challenge"])
    holder.house.refused(late, 403, "DENIED")


@pytest.mark.parametrize(
    "wrong",
    [
        {"client": {"origin": "https://evil.test"}},
        {"client": {"crossOrigin": True}},
        {"client": {"type": "webauthn.create"}},
        {"rp_id": "evil.test"},
        {"flags": PRESENT},
        {"flags": VERIFIED},
        {"algorithm": "EdDSA"},
        {"credential": b"unknown"},
    ],
)
def test_whatever_is_wrong_with_an_assertion_the_answer_is_the_same(holder: Holder, wrong: dict[str, Any]) -> None:
    holder.enrol(Authenticator())
    unknown = holder.house.client.post("/v1/sign-in", json={"account": "nobody", "password": WORD})
    answer = holder.sign_in(Authenticator(**wrong))
    assert (answer.status_code, answer.json(), dict(answer.headers)) == (
        401,
        unknown.json(),
        dict(unknown.headers),
    )
    is_known = "credential" not in wrong
    assert len(entries(holder, "sign_in.failed")) == int(is_known)  # counted for the person, as a wrong password is
    assert holder.sign_in(Authenticator(), user_handle=b64(b"person:another")).status_code == 401
    assert holder.sign_in(Authenticator(), user_handle=b64(holder.house.person(WHO).encode())).status_code == 200


def test_a_counter_that_goes_back_is_refused_and_recorded(holder: Holder) -> None:
    holder.enrol(Authenticator(count=5))
    assert holder.sign_in(Authenticator(count=7)).status_code == 200
    for count in (7, 6, 0):
        holder.house.refused(holder.sign_in(Authenticator(count=count)), 401, "BAD_CREDENTIALS")
    found = entries(holder, "passkey.suspected")
    assert [(one["seen"], one["sign_count"], one["purpose"]) for one in found] == [
        (7, 7, "sign-in"),
        (7, 6, "sign-in"),
        (7, 0, "sign-in"),
    ]
    assert holder.sign_in(Authenticator(count=8)).status_code == 200


def test_of_many_at_once_with_one_assertion_exactly_one_is_let_in(holder: Holder) -> None:
    holder.enrol(Authenticator())
    client = holder.house.client
    challenge = client.post("/v1/sign-in/passkey/options", json={}).json()["challenge"]
    body = assertion(Authenticator(), challenge)
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: client.post("/v1/sign-in/passkey", json=body), range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 401, 401, 401]


def test_removal_asks_for_the_password_or_another_passkey_and_ends_what_began_by_it(holder: Holder) -> None:
    one, two = Authenticator(), Authenticator("EdDSA", credential=b"credential two")
    first, second = holder.enrol(one), holder.enrol(two)
    token = holder.sign_in(one).json()["token"]
    house = holder.house
    house.refused(holder.post(f"{OWN}/{first}/removal", {}), 400, "MALFORMED")
    wrong = holder.post(f"{OWN}/{first}/removal", {"password": "another word entirely"})
    house.refused(wrong, 401, "BAD_CREDENTIALS")
    asked = holder.post(f"{OWN}/{first}/removal/options").json()
    assert [item["id"] for item in asked["allowCredentials"]] == [b64(two.credential)]
    itself = {"passkey": assertion(one, asked["challenge"])}
    house.refused(holder.post(f"{OWN}/{first}/removal", itself), 403, "DENIED")
    for_first = {"passkey": assertion(two, asked["challenge"])}
    house.refused(holder.post(f"{OWN}/{second}/removal", for_first), 401, "BAD_CREDENTIALS")
    assert house.get("/v1/me", token).status_code == 200
    answer = holder.post(f"{OWN}/{first}/removal", for_first)
    assert answer.json()["outcome"] == "removed", answer.text
    assert house.get("/v1/me", token).status_code == 401  # its session ended with it
    house.refused(holder.sign_in(one), 401, "BAD_CREDENTIALS")
    house.refused(holder.attested(one, holder.options()["challenge"]), 409, "WRONG_STATE")
    assert holder.post(f"{OWN}/{second}/removal", {"password": WORD}).status_code == 200
    removed = entries(holder, "passkey.removed")
    assert [(entry["by"], entry["other"]) for entry in removed] == [("passkey", second), ("password", None)]
    assert house.get(OWN, holder.token).json()["items"] == []


def test_a_name_is_its_persons_alone_and_changes(holder: Holder) -> None:
    made = holder.enrol(Authenticator())
    path = f"{OWN}/{made}"
    assert holder.house.call("PUT", path, holder.token, json={"name": "Desk"}).status_code == 200
    assert holder.house.get(OWN, holder.token).json()["items"][0]["name"] == "Desk"
    other = Holder(holder.house, "change-reviewer")
    holder.house.refused(holder.house.call("PUT", path, other.token, json={"name": "Mine"}), 404, "NOT_FOUND")
    holder.house.refused(other.post(f"{OWN}/{made}/removal", {"password": WORD}), 404, "NOT_FOUND")
    assert holder.house.call("PUT", path, holder.token, json={"name": "a\nb"}).status_code in (400, 422)
    with holder.house.service.reader.view() as view:
        kept = repr(view.query("SELECT * FROM passkey WHERE log_id = {log}")) + repr(entries(holder, "passkey.renamed"))
    assert "Desk" not in kept
    assert b64(Authenticator().credential) not in kept


def test_somebody_else_removes_a_lost_passkey_with_the_permission(holder: Holder) -> None:
    made = holder.enrol(Authenticator())
    person = holder.house.person(WHO)
    other = Holder(holder.house, "change-reviewer")
    path = f"/v1/persons/{person}/passkeys"
    assert other.house.get(path, other.token).status_code == 403
    assert other.post(f"{path}/{made}/removal").status_code == 403
    assert holder.post(f"{path}/{made}/removal").status_code == 403
    assert done(holder.house.run(RemovePasskeyOf(person, made), SYSTEM)).outcome == "removed"
    holder.house.refused(holder.sign_in(Authenticator()), 401, "BAD_CREDENTIALS")


class Edited:
    """A view of which one passkey's row was edited behind our back."""

    def __init__(self, view: Any, **changes: Any) -> None:
        self._view, self._changes = view, changes

    def get(self, table: Any, *key: Any) -> Any:
        row = self._view.get(table, *key)
        return row if table is not PASSKEY else row._replace(**self._changes)

    def unseal(self, *place: Any) -> Any:
        return self._view.unseal(*place)


def test_an_edited_row_proves_nothing(holder: Holder) -> None:
    """Whoever writes to the database cannot put a key of their own into a row, nor make it somebody else's."""
    made = holder.enrol(Authenticator())
    thief = Authenticator("EdDSA")
    given = Given(**assertion(thief, b64(CHALLENGE)))
    own = Given(**assertion(Authenticator(), b64(CHALLENGE)))
    site = Site(ORIGIN, RP_ID)
    with holder.house.service.reader.view() as view:
        row = view.get(PASSKEY, made)
        assert row is not None
        assert read_assertion(view, site, own, CHALLENGE).shown.is_right
        assert not read_assertion(view, site, given, CHALLENGE).shown.is_right
        stolen = Edited(view, public_key=b64(thief.public_key))
        assert read_assertion(stolen, site, given, CHALLENGE).failure is Failure.WRONG_CREDENTIAL  # type: ignore[arg-type]
        for change in ({"person": "person:another"}, {"sealed": row.name}, {"sealed": '"text"'}):
            told = read_assertion(Edited(view, **change), site, own, CHALLENGE)  # type: ignore[arg-type]
            assert not told.shown.is_right


def test_a_new_password_ends_sessions_by_passkey_too(holder: Holder) -> None:
    holder.enrol(Authenticator())
    token = holder.sign_in(Authenticator()).json()["token"]
    body = {"account": WHO, "password": "a wholly different sentence", "present": WORD}
    assert holder.house.client.post("/v1/password", json=body).status_code == 200
    holder.house.service.door.authenticator.forget_person(holder.house.person(WHO))
    assert holder.house.get("/v1/me", token).status_code == 401
    assert holder.sign_in(Authenticator()).status_code == 200


def test_using_a_passkey_is_the_persons_own(holder: Holder) -> None:
    made = holder.enrol(Authenticator())
    used = holder.house.run(UsePasskey(Shown(made, True, 0)), identity.DOOR)
    assert used.outcome.reason.value == "DENIED"


def test_without_an_address_there_are_no_passkeys(tmp_path: Path) -> None:
    settings = Settings(data_dir=str(tmp_path / "data"), log="acme", mark_dir=str(tmp_path / "marks"))
    founded_bare(settings)
    with running(settings) as house:
        bare = Holder(house, WHO)
        house.refused(bare.post(f"{OWN}/options"), 409, "WRONG_STATE")
        assert house.get(OWN, bare.token).json() == {"items": [], "is_possible": False}
        house.refused(house.client.post("/v1/sign-in/passkey/options", json={}), 409, "WRONG_STATE")
        local = house.post(f"{OWN}/options", bare.token, headers={"host": "localhost:8000"})
        assert local.json()["rp"]["id"] == "localhost"


def test_the_sign_in_page_takes_a_passkey_by_a_script_of_its_own(holder: Holder) -> None:
    """Same cookie as the form gives; only out of the page; nothing inline."""
    holder.enrol(Authenticator())
    client = holder.house.client
    client.cookies.clear()
    shown = client.get("/sign-in")
    assert "script-src 'self'; connect-src 'self'" in shown.headers["content-security-policy"]
    visitor = shown.headers["set-cookie"].partition(";")[0]  # Secure: the test's client, on http, keeps it to itself
    client.headers["Cookie"] = visitor
    (address,) = re.findall(r'<script src="([^"]+)" defer></script>', shown.text)
    script = client.get(address)
    assert (script.status_code, script.headers["content-type"].partition(";")[0]) == (200, "text/javascript")
    (token,) = re.findall(r'data-token="([^"]+)"', shown.text)
    asked = client.post("/v1/sign-in/passkey/options", json={"log": "acme"}).json()["challenge"]
    body = {**assertion(Authenticator(), asked), "log": "acme", "form_token": token, "next": "/instances"}
    for bad in ({"form_token": "x"}, {"log": "other"}):
        assert client.post("/sign-in/passkey", json={**body, **bad}).status_code == 403
    foreign = client.post("/sign-in/passkey", json=body, headers={"Origin": "https://evil.test"})
    assert foreign.status_code == 403
    wrong = {**body, **assertion(Authenticator("EdDSA"), asked)}
    holder.house.refused(client.post("/sign-in/passkey", json=wrong), 401, "BAD_CREDENTIALS")
    answer = client.post("/sign-in/passkey", json=body)
    assert (answer.status_code, answer.json()) == (200, {"to": "/instances"})
    cookie = answer.headers["set-cookie"]
    assert "muniment_session=acme_st_" in cookie
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert "Secure" in cookie
    del client.headers["Cookie"]
    client.cookies.clear()
    holder.house.refused(client.post("/sign-in/passkey", json=body), 403, "DENIED")
