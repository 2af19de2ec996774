"""A person of a running service with a software authenticator, for tests over HTTP."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from typing import Any

from tests.api.organisation import WORD, House
from tests.ledger.authenticator import Authenticator

OWN = "/v1/me/passkeys"


def b64(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def raw(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def assertion(passkey: Authenticator, challenge: str) -> dict[str, str]:
    """What a browser sends of an assertion on this challenge."""
    made = passkey.sign(raw(challenge))
    members = ("credential", "client_data", "authenticator_data", "signature")
    return {name: b64(getattr(made, name)) for name in members}


@dataclass
class Holder:
    """A person signed in with their password, who makes passkeys."""

    house: House
    ref: str
    token: str = ""
    known: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.token = self.token or self.house.token(self.ref)

    def post(self, path: str, body: Any = None) -> Any:
        return self.house.post(path, self.token, json=body)

    def again(self, code: str = "") -> None:
        """Sign in once more by password."""
        body = {"account": self.ref, "password": WORD, "code": code}
        self.token = self.house.client.post("/v1/sign-in", json=body).json()["token"]

    def options(self) -> dict[str, Any]:
        answer = self.post(f"{OWN}/options")
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.json()
        return told

    def attested(self, passkey: Authenticator, challenge: str, **changes: Any) -> Any:
        client_data, attestation = passkey.attest(raw(challenge))
        body = {
            "name": "My key",
            "credential": b64(passkey.credential),
            "client_data": b64(client_data),
            "attestation": b64(attestation),
            "transports": ["usb", "internal"],
            **changes,
        }
        return self.post(OWN, body)

    def enrol(self, passkey: Authenticator) -> str:
        """The passkey's id."""
        answer = self.attested(passkey, self.options()["challenge"])
        assert answer.status_code == 200, answer.text
        made: str = answer.json()["passkey"]
        return made

    def sign_in(self, passkey: Authenticator, challenge: str = "", **changes: Any) -> Any:
        client = self.house.client
        challenge = challenge or client.post("/v1/sign-in/passkey/options", json={}).json()["challenge"]
        return client.post("/v1/sign-in/passkey", json={**assertion(passkey, challenge), **changes})
