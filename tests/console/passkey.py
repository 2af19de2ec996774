"""Passkeys of a virtual authenticator: enrolled in a real browser, and what they signed judged by `verify.py` alone."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from api.verifier import assembled
from tests.api.organisation import House
from tests.console.chromium import Person

_ENROL = """async () => {
    const bytes = text => Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), one => one.charCodeAt(0))
    const text = buffer => btoa(String.fromCharCode(...new Uint8Array(buffer)))
        .replace(/\\+/g, '-').replace(/\\//g, '_').replace(/=+$/, '')
    const { csrf } = await (await fetch('/v1/me')).json()
    const headers = { 'Content-Type': 'application/json', 'X-CSRF-Token': csrf }
    const post = (path, body) => fetch(path, { method: 'POST', headers, body: JSON.stringify(body) })
    const asked = await (await post('/v1/me/passkeys/options', {})).json()
    const made = await navigator.credentials.create({ publicKey: {
        ...asked, challenge: bytes(asked.challenge), user: { ...asked.user, id: bytes(asked.user.id) },
        excludeCredentials: [],
    } })
    const answer = await post('/v1/me/passkeys', {
        name: 'Test', credential: text(made.rawId), client_data: text(made.response.clientDataJSON),
        attestation: text(made.response.attestationObject), transports: made.response.getTransports(),
    })
    return answer.status
}"""


def with_authenticator(person: Person) -> None:
    """A device that holds passkeys and knows its owner."""
    devtools = person.context.new_cdp_session(person.page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def enrol(person: Person) -> None:
    """A passkey of whoever is signed in, by the interface alone."""
    person.open("/console/account")
    assert person.page.evaluate(_ENROL) == 200


def judge_signatures(house: House, instance: str, reader: str, folder: Path) -> dict[str, Any]:
    """The fifth verdict of `verify.py`, run without any of our code, on an evidence pack of an instance."""
    asked = {"instances": [instance], "purpose": "review", "recipient": "regulator"}
    built = house.post("/v1/evidence-packs", reader, asked)
    assert built.status_code == 200, built.text
    (folder / "pack.zip").write_bytes(house.get(built.json()["href"], reader).content)
    (folder / "verify.py").write_bytes(assembled())
    trust = house.service.log.secrets.signer.vkey
    command = [sys.executable, "-I", "-S", "verify.py", "pack.zip", "--trust", trust, "--json"]
    done = subprocess.run(command, capture_output=True, check=False, text=True, cwd=folder, env={})
    verdict: dict[str, Any] = json.loads(done.stdout)["verdicts"][4]
    return verdict
