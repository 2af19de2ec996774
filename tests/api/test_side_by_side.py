"""Several organisations in one process: nothing crosses, and what befalls one leaves the others as they were."""

import re
import shutil
import sqlite3
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from api import services
from api.gauges import Gauge
from api.installation import each
from api.metrics import Counts
from api.openapi import document
from api.publishing import make_publisher
from api.serving import application
from api.settings import Settings
from ledger.actor import SYSTEM
from ledger.clock import SystemClock
from ledger.errors import BrokenInput
from ledger.lifecycle import SealLog
from ledger.sqlite import BUSY_TIMEOUT_MS
from tests.api.older_copies import backup, restored_to
from tests.api.organisation import WORD, copied, make
from tests.api.side_by_side import Organisation, body_of, both, locked, serving
from tests.api.work import FINANCE, intake, invoice, task_of

ID = re.compile(r"(?:person:[0-9a-z]{26}|\b[a-z]{1,3}_[0-9a-hjkmnp-tv-z]{26})")
READERS = ("auditor", "compliance-officer", "change-reviewer", "budget-owner-1", "process-owner")


@pytest.fixture(scope="module")
def two(founded: Settings, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The data folder of two organisations: same people, same artefacts, same references; other keys, other ids."""
    settings = copied(founded, tmp_path_factory.mktemp("two") / "data")
    make(replace(settings, log="globex"))
    return settings


@pytest.fixture
def settings(two: Settings, tmp_path: Path) -> Settings:
    """A copy for a test that breaks something."""
    return copied(two, tmp_path / "data")


@pytest.fixture(scope="module")
def pair(two: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Organisation, Organisation]]:
    with both(copied(two, tmp_path_factory.mktemp("pair") / "data")) as (acme, globex):
        for one in (acme, globex):
            begun(one)
            for who in READERS:
                one.token(who)
        yield acme, globex


def begun(one: Organisation, key: str = "D-1", command_id: str = "start-1") -> str:
    """An instance whose business key and command id every organisation gives out for itself."""
    body = {"blueprint": "invoice-approval", "business_key": key, "data": invoice(one), "domain": FINANCE}
    body["data"] = {**body["data"], "invoice_number": "INV-1"}  # type: ignore[dict-item]
    answer = one.post("/v1/process-instances", intake(one), body, headers={"Idempotency-Key": command_id})
    assert answer.status_code == 200, answer.text
    assert answer.json()["receipt"]["log"] == one.service.log.name
    return str(answer.json()["instance"])


def test_the_same_keys_and_command_ids_are_each_their_own(pair: tuple[Organisation, Organisation]) -> None:
    acme, globex = pair
    sizes = acme.size, globex.size
    one, other = begun(acme), begun(globex)
    assert one != other
    assert (acme.size, globex.size) == sizes, "each was answered as before, by its own log"
    one, other = begun(acme, "D-2", "start-2"), begun(globex, "D-2", "start-2")
    assert one != other
    for mine, theirs, instance in ((acme, globex, one), (globex, acme, other)):
        path = f"/v1/process-instances/{instance}"
        assert mine.get(path, "auditor").json()["id"] == instance
        theirs.refused(theirs.get(path, "auditor"), 404, "NOT_FOUND")


def _addresses(one: Organisation) -> list[str]:
    """Every address that is read, with what there is of this organisation in the place of each parameter."""
    values = {
        "id": [one.person("budget-owner-1"), *_ids(one)],
        "log": [one.service.log.name],
        "n": ["1"], "number": ["1"], "index": ["0", "5"], "name": ["budget-owner-1", "invoice-approval"],
    }  # fmt: skip
    found: list[str] = []
    for path, operations in document(application())["paths"].items():
        if "get" not in operations:
            continue
        made = [path]
        for name in re.findall(r"{(\w+)}", path):
            made = [each.replace(f"{{{name}}}", value) for each in made for value in values.get(name, ["1"])]
        found += made
    return found


def _ids(one: Organisation) -> list[str]:
    """The ids of this organisation, one of each kind, as its own readers are told them."""
    kinds: dict[str, str] = {}
    for path in ("/v1/process-instances", "/v1/tasks", "/v1/change-requests", "/v1/decisions", "/v1/authority-grants"):
        for who in READERS:
            for found in ID.findall(one.get(path, who).text):
                kinds.setdefault(found[:3], found)
    return list(kinds.values())


def test_no_read_crosses(pair: tuple[Organisation, Organisation]) -> None:
    """Every address that can be read, with every id of the one, by the readers of the other."""
    acme, globex = pair
    for mine, theirs in ((acme, globex), (globex, acme)):
        addresses = _addresses(mine)
        assert len(addresses) > 60
        own = {who: {found for path in addresses for found in ID.findall(mine.get(path, who).text)} for who in READERS}
        secret = set().union(*own.values())
        assert len(secret) > 20
        for path in addresses:
            asked = {found for found in secret if found in path}
            for who in READERS:
                answer = theirs.get(path, who)
                told = (set(ID.findall(answer.text)) & secret) - asked
                assert not told, f"{path} told {who} of the other organisation {sorted(told)[:3]}"
                if asked and not path.startswith("/v1/who-could"):
                    assert answer.status_code in (400, 401, 403, 404), f"{path}: {answer.status_code}"


def test_a_credential_is_good_for_its_own_log_alone(pair: tuple[Organisation, Organisation]) -> None:
    acme, globex = pair
    for token in (acme.token("auditor"), intake(acme)):
        assert acme.get("/v1/me", token).status_code == 200
        moved = token.replace("acme_", "globex_", 1)
        globex.refused(acme.get("/v1/me", moved), 401, "BAD_CREDENTIALS")
        globex.refused(acme.post("/v1/process-instances", moved, {}), 401, "BAD_CREDENTIALS")
        globex.refused(acme.get("/v1/me", token.replace("acme_", "initech_", 1)), 401, "BAD_CREDENTIALS")
    globex.refused(acme.get("/v1/me"), 401, "NO_CREDENTIAL")
    for broken in ("acme", "acme_", "_", "acme_st_x_y"):
        assert acme.client.get("/v1/me", headers={"authorization": f"Bearer {broken}"}).status_code == 401


def test_a_log_is_picked_by_its_own_credential_when_both_are_shown(pair: tuple[Organisation, Organisation]) -> None:
    acme, globex = pair
    acme.client.cookies.set("muniment_session", globex.token("auditor"))
    try:
        assert acme.get("/v1/me", "auditor").json()["actor"]["id"] == acme.person("auditor")
    finally:
        acme.client.cookies.clear()


def test_sign_in_names_the_log(pair: tuple[Organisation, Organisation]) -> None:
    acme, globex = pair
    acme.token("auditor")
    client = acme.client
    unnamed = acme.refused(client.post("/v1/sign-in", json=body_of("auditor")), 400, "MALFORMED")
    assert unnamed["location"] == "log"
    unknown = client.post("/v1/sign-in", json={**body_of("auditor"), "log": "initech"})
    wrong = client.post("/v1/sign-in", json={"account": "auditor", "password": "wrong", "log": "globex"})
    assert unknown.status_code == wrong.status_code == 401
    assert unknown.json()["detail"] == wrong.json()["detail"], "who is served here is not told"
    for one in (acme, globex):
        named = client.post("/v1/sign-in", json={**body_of("auditor"), "log": one.service.log.name})
        assert named.json()["token"].startswith(f"{one.service.log.name}_st_")


def test_pages_ask_which_and_then_know(pair: tuple[Organisation, Organisation]) -> None:
    acme, globex = pair
    globex.token("auditor")
    client = acme.client
    client.cookies.clear()
    which = client.get("/sign-in")
    assert which.status_code == 200
    assert "Which organisation?" in which.text
    assert "acme" not in which.text + client.get("/sign-in?log=initech").text
    assert client.get("/sign-in?log=initech").status_code == 404
    assert client.get("/sign-out", follow_redirects=False).headers["location"] == "/sign-in?out=1"
    form = client.get("/sign-in?log=globex")
    assert 'action="/sign-in?log=globex"' in form.text
    token = re.search(r'name="form_token" value="([^"]+)"', form.text)
    assert token is not None
    fields = {"form_token": token.group(1), "account": "auditor", "password": WORD}
    foreign = client.post("/sign-in?log=acme", data=fields, follow_redirects=False)
    assert foreign.status_code == 403, "a form of the one is none of the other"
    done = client.post("/sign-in?log=globex", data=fields, follow_redirects=False)
    assert done.headers["location"] == "/console/"
    assert client.get("/v1/me").json()["actor"]["id"] == globex.person("auditor")
    leaving = client.get("/sign-out")
    assert '<span class="organisation">globex</span>' in leaving.text
    out = re.search(r'name="form_token" value="([^"]+)"', leaving.text)
    assert out is not None
    gone = client.post("/sign-out", data={"form_token": out.group(1)}, follow_redirects=False)
    assert gone.headers["location"] == "/sign-in?out=1&log=globex"
    client.cookies.clear()


def test_a_pack_is_handed_out_by_its_own_log_alone(pair: tuple[Organisation, Organisation]) -> None:
    acme, globex = pair
    body = {"instances": [begun(acme)], "purpose": "Audit", "recipient": "An auditor"}
    built = acme.post("/v1/evidence-packs", "auditor", body)
    assert built.status_code == 200, built.text
    assert acme.get(built.json()["href"], "auditor").status_code == 200
    globex.refused(globex.get(built.json()["href"], "auditor"), 404, "NOT_FOUND")


def test_each_log_is_published_under_its_name(pair: tuple[Organisation, Organisation]) -> None:
    for one in pair:
        submit = one.service.writer._writer.submit
        assert make_publisher(one.settings, one.service.reader, submit).round()
        note = one.client.get(f"/log/{one.settings.log}/checkpoint").text
        assert note.startswith(f"{one.settings.origin}\n")
    acme, globex = pair
    bundle = "/log/globex/tile/entries/000.p/1"
    assert globex.get(bundle, "auditor").status_code == 200
    acme.refused(acme.get(bundle, "auditor"), 404, "NOT_FOUND")
    for name in ("globex", "initech"):
        path = f"/log/{name}/tile/entries/000.p/1"
        acme.refused(acme.client.get(path), 401, "NO_CREDENTIAL")


def test_each_log_is_told_its_own_counts() -> None:
    counts = Counts(SystemClock())
    counts.add(("acme", "GET", "/v1/tasks", 200), 0.1)
    counts.add(("globex", "GET", "/v1/secret", 200), 0.1)
    counts.add(("", "GET", "/healthz", 200), 0.1)
    told = counts.text({"acme": [Gauge("muniment_log_size", "Entries", 7)]}, ("acme",)).decode()
    assert 'muniment_log_size{log="acme"} 7.0' in told
    assert "/v1/tasks" in told
    assert not [word for word in ("globex", "/v1/secret", "/healthz") if word in told]


# What befalls one leaves the others


def test_a_locked_database_holds_up_no_other_log(settings: Settings) -> None:
    with both(settings) as (acme, globex):
        token = globex.token("auditor")
        begun(globex)
        waiting: list[int] = []
        with locked(globex.database):
            late = threading.Thread(target=lambda: waiting.append(_start(globex)))
            late.start()
            began = time.monotonic()
            for n in range(5):
                begun(acme, f"L-{n}", f"locked-{n}")
            assert globex.get("/v1/me", token).status_code == 200, "it can be read"
            assert time.monotonic() - began < BUSY_TIMEOUT_MS / 2000
            assert not waiting
        late.join(timeout=BUSY_TIMEOUT_MS / 1000)
        assert waiting == [200], "and goes on when the lock is gone"


def _start(one: Organisation) -> int:
    body = {"blueprint": "invoice-approval", "business_key": "late", "data": invoice(one), "domain": FINANCE}
    status: int = one.post("/v1/process-instances", intake(one), body).status_code
    return status


def test_a_sealed_log_leaves_the_other(settings: Settings) -> None:
    with both(settings) as (acme, globex):
        begun(acme)
        begun(globex)
        persons = (globex.person("process-owner"), globex.person("change-reviewer"))
        globex.run(SealLog("globex", persons, "over", with_open=True), SYSTEM)
        body = {"blueprint": "invoice-approval", "business_key": "x", "data": invoice(globex), "domain": FINANCE}
        globex.refused(globex.post("/v1/process-instances", intake(globex), body), 409, "LEDGER_SEALED")
        task_of(acme, begun(acme, "S-1", "sealed-1"))


def test_an_older_copy_of_one_leaves_the_other(settings: Settings, tmp_path: Path) -> None:
    with both(settings) as (acme, globex):
        begun(globex)
        older = backup(globex.settings, tmp_path / "older.sqlite")
        begun(globex, "O-1", "older-1")
        restored_to(globex.settings, older)
        assert _start(globex) == 503
        begun(acme)


def test_a_broken_head_leaves_the_other(settings: Settings) -> None:
    with both(settings) as (acme, globex):
        begun(globex)
        owner = sqlite3.connect(globex.database)
        for (name,) in owner.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            owner.execute(f"DROP TRIGGER {name}")
        owner.execute("DELETE FROM head")
        owner.commit()
        owner.close()
        assert _start(globex) == 500
        assert acme.client.get("/readyz").json() == {"status": "ready", "demo": False, "logs_closed": 1}
        begun(acme)


def test_a_log_that_cannot_be_opened_is_tried_again(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "OPEN_AGAIN_SECONDS", 0.05)
    keys = settings.folder / "keys" / "globex"
    shutil.move(keys, settings.folder / "away")
    with serving(replace(settings, logs="*")) as (client, opened):
        assert opened["globex"] is None
        assert opened["acme"] is not None
        for path in ("/v1/me", "/v1/tasks?limit=none"):  # whatever is wrong with it: nobody has been asked who calls
            closed = client.get(path, headers={"authorization": "Bearer globex_ak_x_y"})
            assert (closed.status_code, closed.json()["reason"]) == (503, "LOG_CLOSED")
        assert client.get("/readyz").json()["logs_closed"] == 1
        shutil.move(settings.folder / "away", keys)
        deadline = time.monotonic() + 30
        while client.get("/readyz").json()["logs_closed"] and time.monotonic() < deadline:
            time.sleep(0.05)
        closed = client.get("/v1/me", headers={"authorization": "Bearer globex_ak_x_y"})
        assert closed.status_code == 401


# Which logs


def test_one_log_is_served_unless_several_are_named() -> None:
    assert [own.log for own in each(Settings())] == ["main"]
    assert [own.log for own in each(Settings(log="acme"))] == ["acme"]
    assert [own.log for own in each(Settings(logs=" acme, globex "))] == ["acme", "globex"]
    assert [own.origin for own in each(Settings(logs="acme,globex"))] == ["localhost/acme", "localhost/globex"]


def test_every_log_of_the_installation(two: Settings) -> None:
    assert [own.log for own in each(replace(two, logs="*"))] == ["acme", "globex"]


MANY = ",".join(f"l{n}" for n in range(65))


@pytest.mark.parametrize("logs", ["acme,acme", "acme,", "../acme,b", "Acme,b", "*,acme", MANY])
def test_names_that_cannot_be_served(logs: str) -> None:
    with pytest.raises(BrokenInput, match="short names of logs"):
        each(Settings(logs=logs))


def test_one_sqlite_file_holds_one_log() -> None:
    with pytest.raises(BrokenInput, match="one SQLite file"):
        each(Settings(logs="acme,globex", database_url="sqlite:///one.sqlite"))


def test_one_identity_key_is_not_shared_by_several_logs() -> None:
    shared = Settings(logs="acme,globex", signing_key="pkcs11:token=hsm;object=identity")
    with pytest.raises(BrokenInput, match="each log has its own"):
        each(shared)
    own = each(replace(shared, signing_key="pkcs11:token=hsm;object={log}"))
    assert [one.identity.where for one in own] == ["pkcs11:token=hsm;object=acme", "pkcs11:token=hsm;object=globex"]
    assert each(replace(shared, logs="", signing_key="keys/identity.pem"))[0].identity.where == "keys/identity.pem"
