"""`muniment key` by a person who may, beside a running service that follows at once, and `GET /v1/keys`."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from api.settings import Settings
from ledger.note import parse_vkey
from ledger.signers import signed_by
from tests.api.organisation import House, copied, running
from tests.product.at_the_command_line import muniment

KEEPER = "compliance-officer"


class Office:
    """A running service, and the command line beside it."""

    def __init__(self, house: House, folder: Path) -> None:
        self.house = house
        self.folder = folder

    def key(self, *arguments: str, who: str = KEEPER, **more: str) -> subprocess.CompletedProcess[str]:
        token = self.house.token(who) if who else ""
        return muniment(self.house.settings, token, "key", *arguments, folder=self.folder, **more)

    def done(self, *arguments: str) -> dict[str, Any]:
        ran = self.key(*arguments, "--json")
        assert ran.returncode == 0, ran.stderr
        value: dict[str, Any] = json.loads(ran.stdout)
        return value

    def listed(self) -> dict[str, Any]:
        answer = self.house.get("/v1/keys", KEEPER)
        assert answer.status_code == 200, answer.text
        value: dict[str, Any] = answer.json()
        return value

    def in_force(self, purpose: str) -> str:
        found = [key for key in self.listed()["items"] if key["purpose"] == purpose and key["state"] == "in force"]
        assert len(found) == 1
        return str(found[0]["vkey"])

    def receipt(self) -> dict[str, Any]:
        """The receipt of something the running service writes now."""
        self.house.count += 1
        answer = self.house.client.post("/v1/sign-in", json={"account": f"nobody-{self.house.count}", "password": "x"})
        assert answer.status_code in (401, 403), answer.text
        size = self.house.size
        found = self.house.get(f"/v1/ledger/receipts/{size - 1}?proof=1", KEEPER)
        assert found.status_code == 200, found.text
        value: dict[str, Any] = found.json()
        return value


@pytest.fixture(scope="module")
def office(founded: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    folder = tmp_path_factory.mktemp("office")
    with running(copied(founded, folder / "data")) as house:
        yield Office(house, folder)


def key_id(vkey: str) -> str:
    return parse_vkey(vkey).key_id.hex()


def test_a_running_service_signs_with_the_new_key_at_once(office: Office) -> None:
    """And every receipt, old or new, is opened with the identity key and the exported lists."""
    identity = office.in_force("identity")
    first = office.receipt()
    said = office.done("rotate")
    assert (said["act"], said["purpose"], said["ended"]) == ("key.rotated", "commit", signed_by(first["checkpoint"]))
    assert isinstance(said["certified"], int)
    second = office.receipt()
    assert signed_by(second["checkpoint"]) == key_id(said["vkey"]) == key_id(office.in_force("commit"))
    office.done("list", "--export", "keys.txt")
    for receipt in (first, second):
        (office.folder / "receipt.json").write_text(json.dumps(receipt))
        asked = ("verify", "--receipt", "receipt.json", "--vkey", identity, "--json")
        checked = muniment(office.house.settings, "", *asked, "--keys", "keys.txt", folder=office.folder)
        assert (checked.returncode, json.loads(checked.stdout)["inclusion"]) == (0, "passed"), checked.stdout
        assert muniment(office.house.settings, "", *asked, folder=office.folder).returncode == 1
    asked = ("verify", "--vkey", identity, "--keys", "keys.txt", "--json")
    verified = muniment(office.house.settings, "", *asked, folder=office.folder)
    assert verified.returncode == 0, verified.stdout + verified.stderr
    lists = office.listed()["lists"]
    assert (office.folder / "keys.txt").read_text() == "".join(lists)


def test_what_is_signed_for_others_follows_a_rotation_elsewhere(office: Office) -> None:
    """A process that wrote nothing since signs COSE receipts with the key of the newest checkpoint, as it must."""
    house = office.house
    house.token("auditor")
    office.done("rotate")
    ring = house.service.log.secrets.ring
    was = ring.commit
    with house.service.reader.view() as view:
        now = ring.signer_of(view.head.checkpoint)
    ring._latest = next(one for one in ring._commit.values() if one.key_id != now.key_id)  # as it is without a write
    size = house.size
    for path in (f"receipts/{size - 1}?format=cose", f"proofs/consistency?old={size - 1}&format=cose"):
        answer = house.get(f"/v1/ledger/{path}", "auditor")
        assert answer.status_code == 200, answer.text
        assert bytes.fromhex(now.key_id) in answer.content
    ring._latest = was


def test_a_stolen_key_is_replaced(office: Office) -> None:
    stolen = office.in_force("commit")
    kept = office.receipt()
    said = office.done("compromise", "--key-id", key_id(stolen), "--from", str(kept["size"] - 1))
    assert said["ended"] == key_id(stolen) == signed_by(kept["checkpoint"])
    (office.folder / "receipt.json").write_text(json.dumps(kept))
    office.done("list", "--export", "keys.txt")
    asked = ("verify", "--receipt", "receipt.json", "--vkey", office.in_force("identity"), "--keys", "keys.txt")
    refused = muniment(office.house.settings, "", *asked, folder=office.folder)
    assert refused.returncode == 1
    assert "ask for a new receipt" in refused.stdout
    row = next(key for key in office.listed()["items"] if key["vkey"] == stolen)
    assert (row["state"], row["void_from"]) == ("compromised", kept["size"] - 1)
    assert signed_by(office.receipt()["checkpoint"]) == key_id(said["vkey"])


def test_the_other_keys(office: Office) -> None:
    for purpose in ("post-quantum", "identity"):
        before = office.in_force(purpose)
        said = office.done("rotate", "--purpose", purpose)
        assert said["ended"] == key_id(before)
        assert isinstance(said["certified"], int), said
        assert office.in_force(purpose) == said["vkey"]
    office.done("retire", "--purpose", "post-quantum")
    office.done("enrol", "--purpose", "post-quantum")
    assert isinstance(office.done("certify")["certified"], int)
    shown = office.key("list")
    assert shown.returncode == 0
    assert "commit       " in shown.stdout
    assert "compromised" in shown.stdout


def test_who_may_not_changes_nothing(office: Office) -> None:
    """No permission, no token, no such key, no such act: no entry, and no file of a key that would lie about."""
    before = office.listed()["items"]
    files = sorted(path.name for path in office.house.settings.key_folder.iterdir())
    ran = office.key("rotate", who="auditor")
    assert (ran.returncode, "NO_RULE" in ran.stderr) == (1, True), ran.stderr
    assert office.key("rotate", who="").returncode == 2
    assert office.key("compromise", "--key-id", "00000000", "--from", "1").returncode == 2
    assert office.key("enrol", "--purpose", "identity").returncode == 2
    assert office.key("rotate", "--key", "elsewhere.pem").returncode == 2
    assert office.listed()["items"] == before
    assert sorted(path.name for path in office.house.settings.key_folder.iterdir()) == files


GONE = "pkcs11:token=gone;object=identity?module-path=/nowhere.so"


def test_a_token_that_is_missing_changes_nothing(office: Office) -> None:
    """As the place where the next identity key is said to lie."""
    before, size = office.listed()["items"], office.house.size
    files = sorted(path.name for path in office.house.settings.key_folder.iterdir())
    ran = office.key("rotate", "--purpose", "identity", "--key", GONE, MUNIMENT_SIGNING_PIN="4711")
    assert (ran.returncode, "the token with the identity key" in ran.stderr) == (2, True), ran.stderr
    assert "4711" not in ran.stderr
    assert office.listed()["items"] == before
    assert office.house.size == size
    assert sorted(path.name for path in office.house.settings.key_folder.iterdir()) == files


def test_the_keys_are_read_with_a_permission(office: Office) -> None:
    office.house.refused(office.house.get("/v1/keys"), 401, "NO_CREDENTIAL")
    assert office.house.get("/v1/keys", "auditor").status_code == 200  # who reads the ledger reads whose it is
    office.house.refused(office.house.get("/v1/keys", "credit-officer-1"), 403, "NO_RULE")


def test_whole_ledger_is_sound_in_the_end(office: Office, founded: Settings) -> None:
    first = office.listed()["items"]
    for purpose in ("commit", "identity"):
        vkey = next(key["vkey"] for key in first if key["purpose"] == purpose)
        ran = muniment(office.house.settings, "", "verify", "--vkey", vkey, "--json", folder=office.folder)
        assert ran.returncode == 0, ran.stdout + ran.stderr
