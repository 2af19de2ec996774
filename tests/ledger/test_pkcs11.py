"""The identity key in a token (SoftHSM2), and addresses of tokens: what they say, and what they must not."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from api.settings import Settings, printable
from ledger.checking import check_signature
from ledger.errors import BrokenInput, Unavailable
from ledger.key_statements import COMMIT_KEY, COMPROMISED, IDENTITY_KEY, ROTATED
from ledger.keys import first_keys, load_keys
from ledger.log_lines import OwnLines
from ledger.note import parse_note
from ledger.pkcs11 import token_key
from ledger.publication import Publication
from ledger.signers import Ed25519Signer, KeyRing
from ledger.token_address import IdentityPlace, is_printable, parse_address
from ledger.verify.receipt import check_receipt
from tests.conftest import SetClock, missing
from tests.ledger.keeping import ORIGIN, PASSPHRASE, open_keeper
from tests.migrated import migrated_sqlite

MODULES = ("/usr/lib/softhsm/libsofthsm2.so", "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so")
PIN = "4711"
ED25519_OID = bytes.fromhex("06032b6570")


class Token(NamedTuple):
    """A token with two Ed25519 keys, `identity` and `next`."""

    module: str

    def uri(self, label: str = "identity", *more: str) -> str:
        return "&".join((f"pkcs11:token=muniment;object={label}?module-path={self.module}", *more))


@pytest.fixture(scope="module")
def token(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Token]:
    module = next((path for path in MODULES if Path(path).exists()), None)
    if module is None or shutil.which("softhsm2-util") is None:
        missing("softhsm", "no softhsm2 on this machine")
    assert module is not None
    try:
        import pkcs11
    except ImportError:
        missing("softhsm", "no package python-pkcs11")
    folder = tmp_path_factory.mktemp("token")
    (folder / "tokens").mkdir()
    settings = f"directories.tokendir = {folder}/tokens\nobjectstore.backend = file\nlog.level = ERROR\n"
    (folder / "softhsm2.conf").write_text(settings)
    before = os.environ.get("SOFTHSM2_CONF")
    os.environ["SOFTHSM2_CONF"] = str(folder / "softhsm2.conf")
    command = ["softhsm2-util", "--init-token", "--free", "--label", "muniment", "--so-pin", "5678", "--pin", PIN]
    subprocess.run(command, check=True, capture_output=True)
    with pkcs11.lib(module).get_token(token_label="muniment").open(rw=True, user_pin=PIN) as session:
        curve = {pkcs11.Attribute.EC_PARAMS: ED25519_OID}
        parameters = session.create_domain_parameters(pkcs11.KeyType.EC_EDWARDS, curve, local=True)
        for label in ("identity", "next"):
            mechanism = pkcs11.Mechanism.EC_EDWARDS_KEY_PAIR_GEN
            parameters.generate_keypair(mechanism=mechanism, store=True, label=label)
        parameters = session.create_domain_parameters(
            pkcs11.KeyType.EC, {pkcs11.Attribute.EC_PARAMS: bytes.fromhex("06082a8648ce3d030107")}, local=True
        )
        parameters.generate_keypair(store=True, label="other-kind")
    yield Token(module)
    if before is None:
        del os.environ["SOFTHSM2_CONF"]
    else:
        os.environ["SOFTHSM2_CONF"] = before


def test_a_token_signs_notes(token: Token) -> None:
    signer = Ed25519Signer(ORIGIN, token_key(token.uri(), PIN))
    key_id, signature = signer.sign_bytes(b"m")
    key = token_key(token.uri(), PIN)
    assert check_signature(key.public_key().public_bytes_raw(), b"m", signature)
    assert signer.key_id == key_id
    assert PIN not in repr(key)
    assert PIN not in repr(IdentityPlace(token.uri(), PIN))


def test_the_identity_key_of_a_log_lies_in_a_token(token: Token, tmp_path: Path, clock: SetClock) -> None:
    """Founding, certifying and publishing with it, rotation to another key of the token, and an old receipt."""
    database = migrated_sqlite(tmp_path / "ledger.sqlite")
    keeper = open_keeper(database, tmp_path / "keys", clock, identity=IdentityPlace(token.uri(), PIN))
    assert not (keeper.ring.folder / "identity.pem").exists()
    (receipt,) = keeper.bump()
    keeper.rotate(COMMIT_KEY)
    old = keeper.ring.identity(keeper.current(IDENTITY_KEY))
    place = IdentityPlace(token.uri("next"), PIN)
    new = keeper.ring.identity_at(place)
    keeper.change(keeper.order(ROTATED, IDENTITY_KEY, vkey=new.vkey))
    keeper.workings.log.secrets.ring._identity = place
    keeper.certify([old])
    pinned = [keeper.vkeys[IDENTITY_KEY]]
    assert keeper.current(IDENTITY_KEY) == new.key_id
    assert check_receipt(keeper.with_proof(receipt), pinned, check_signature, keeper.lists()).is_included
    assert keeper.verify(IDENTITY_KEY).is_sound
    keeper.close()


def test_a_token_that_cannot_sign_now(token: Token, tmp_path: Path) -> None:
    """Wrong PIN, no such key, token or module, another kind of key: said by kind, without the PIN."""
    for uri, pin, told in (
        (token.uri(), "9999", "PinIncorrect"),
        (token.uri("none"), PIN, "NoSuchKey"),
        (token.uri().replace("token=muniment", "token=other"), PIN, "NoSuchToken"),
        (token.uri().replace(token.module, "/nowhere.so"), PIN, "token"),
        (token.uri("other-kind"), PIN, "another kind"),
    ):
        with pytest.raises(Unavailable, match=told) as caught:
            token_key(uri, pin)
        assert pin not in str(caught.value)


def test_a_log_whose_token_is_away_goes_on_and_no_key_changes(token: Token, tmp_path: Path, clock: SetClock) -> None:
    """No line of the identity key and no key of the log changes, until the token is there again."""
    database = migrated_sqlite(tmp_path / "ledger.sqlite")
    there = IdentityPlace(token.uri(), PIN)
    keeper = open_keeper(database, tmp_path / "keys", clock, identity=there)
    ring, keys = keeper.ring, keeper.on_record()
    ring._identity = IdentityPlace(token.uri().replace("token=muniment", "token=away"), PIN)
    (receipt,) = keeper.bump()
    size = keeper.size()
    stolen = keeper.order(COMPROMISED, COMMIT_KEY, keeper.current(), 1)
    with pytest.raises(Unavailable, match="no key can be reached"):
        keeper.command(stolen)
    own = OwnLines(ring, keeper.on_record, clock)
    made = Publication(receipt.size, parse_note(receipt.checkpoint).text, receipt.checkpoint)
    with pytest.raises(Unavailable, match="NoSuchToken"):
        own.contribute(made)
    assert (keeper.on_record(), keeper.size()) == (keys, size)
    assert len(keeper.bump()) == 1, "commands do not need it"
    ring._identity = there
    assert len(own.contribute(made)) == 2
    assert keeper.verify(IDENTITY_KEY).is_sound
    keeper.close()


def test_the_pin_comes_from_a_file_or_the_settings(token: Token, tmp_path: Path) -> None:
    path = tmp_path / "pin"
    path.write_text(f"{PIN}\n")
    path.chmod(0o600)
    assert token_key(token.uri("identity", f"pin-source=file:{path}")).sign(b"m")
    path.chmod(0o644)
    with pytest.raises(BrokenInput, match="0600"):
        token_key(token.uri("identity", f"pin-source=file:{path}"))
    with pytest.raises(BrokenInput, match="can be read"):
        token_key(token.uri("identity", f"pin-source=file:{tmp_path}/none"))
    with pytest.raises(BrokenInput, match="expected a PIN"):
        token_key(token.uri())


GOOD = "pkcs11:token=a%20b;object=k?module-path=/m.so&pin-source=file:/p"


def test_addresses() -> None:
    address = parse_address(GOOD)
    assert address == ("/m.so", "a b", "", "k", b"", "file:/p")
    assert parse_address("pkcs11:serial=1;id=%01%02?module-path=/m.so").id == b"\x01\x02"


@pytest.mark.parametrize(
    "uri",
    [
        "pkcs11:",
        "pkcs11:token=a;object=k",
        "pkcs11:token=a?module-path=/m.so",
        "pkcs11:object=k?module-path=/m.so",
        f"{GOOD}&pin-value=4711",
        f"{GOOD}&module-path=/other.so",
        "pkcs11:token=a;token=b;object=k?module-path=/m.so",
        "pkcs11:token=a;object=k;slot-id=1?module-path=/m.so",
        "pkcs11:token=%ff;object=k?module-path=/m.so",
        "pkcs11:token=a;object=k;pin-value=4711?module-path=/m.so",
    ],
)
def test_addresses_that_say_too_little_or_too_much(uri: str) -> None:
    """Refused without being repeated: a PIN may stand in it."""
    with pytest.raises(BrokenInput) as caught:
        parse_address(uri)
    assert "4711" not in str(caught.value)
    assert not is_printable(uri)
    assert "4711" not in str(printable(Settings(signing_key=uri, signing_pin="4711")))


def test_settings_print_where_the_key_is_and_no_pin() -> None:
    shown = printable(Settings(signing_key=GOOD, signing_pin="4711"))
    assert shown["MUNIMENT_SIGNING_KEY"] == GOOD
    assert shown["MUNIMENT_SIGNING_PIN"] == "(hidden)"
    assert printable(Settings(signing_key="/keys/identity.pem"))["MUNIMENT_SIGNING_KEY"] == "/keys/identity.pem"


def test_an_identity_key_in_a_file_elsewhere(tmp_path: Path, clock: SetClock) -> None:
    """By path: read when it is asked for, and refused when it is another than the log's."""
    (tmp_path / "elsewhere").mkdir()
    ring = KeyRing(tmp_path / "elsewhere", ORIGIN, PASSPHRASE, IdentityPlace())
    made: Any = ring.make(IDENTITY_KEY)
    path = tmp_path / "elsewhere" / f"identity-{made.key_id}.pem"
    database = migrated_sqlite(tmp_path / "ledger.sqlite")
    keeper = open_keeper(database, tmp_path / "keys", clock, identity=IdentityPlace(str(path)))
    keeper.rotate(COMMIT_KEY)
    assert keeper.vkeys[IDENTITY_KEY] == made.vkey
    assert keeper.verify(IDENTITY_KEY).is_sound
    other = load_keys(keeper.ring.folder, ORIGIN, PASSPHRASE, IdentityPlace(str(keeper.ring.folder / "commit.pem")))
    with pytest.raises(Unavailable, match="found another"):
        other.ring.identity(made.key_id)
    with pytest.raises(BrokenInput, match="found none"):
        first_keys(other, IdentityPlace(str(tmp_path / "none.pem")))
    keeper.close()
