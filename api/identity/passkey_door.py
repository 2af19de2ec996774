"""The door of passkeys: options for the browser, and what came back of it verified, outside the writer.

    options = enrolment_options(view, gate, person)               # -> navigator.credentials.create
    command = prepare_enrolment(view, gate, session, attested)    # Refusal for an attestation that does not hold
    options = assertion_options(gate, asked, now, credentials)    # -> navigator.credentials.get
    prepared = prepare_sign_in(view, gate, given)                 # send as DOOR, then `service.sign_in_outcome`

Attestations are verified by `webauthn`; assertions by `ledger.verify.webauthn`, so that whatever is accepted here is
accepted by `verify.py` ever after.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import orjson
from webauthn import verify_registration_response
from webauthn.helpers.cose import COSEAlgorithmIdentifier
from webauthn.helpers.exceptions import WebAuthnException

from api.identity.challenges import CHALLENGE_TIME, ENROL, SIGN_IN, Asked, new_challenge, read_challenge
from api.identity.passkey_commands import ByPasskey, EnrolPasskey, RemovePasskey, SignInByPasskey
from api.identity.passkeys import ALGORITHMS, METHOD, Given, challenge_in, credential_of, in_force, read_assertion
from api.identity.second_factor import PASSWORD
from api.identity.service import Prepared
from api.identity.site import Site
from api.identity.tables import CREDENTIAL, PASSKEY
from api.identity.tokens import SIGN_IN as SIGN_IN_TOKEN
from api.identity.tokens import Door, mint, session_mac
from api.refusal_texts import why
from ledger.canonical import b64url, from_b64url
from ledger.clock import SECOND, Instant
from ledger.errors import BrokenInput
from ledger.refusal import Reason, Refusal
from ledger.verify.cose_key import NAMES, read_cose_key
from ledger.verify.webauthn import CREDENTIAL_BYTES_MAX
from ledger.work import Rows

TIMEOUT_MS = CHALLENGE_TIME // (SECOND // 1000)
TRANSPORTS = frozenset(("ble", "cable", "hybrid", "internal", "nfc", "smart-card", "usb"))
NOT_ATTESTED = Refusal(Reason.BAD_CREDENTIALS, why("no-new-passkey"))


class Gate(NamedTuple):
    """The door of a log at a site."""

    door: Door
    site: Site


class Account(NamedTuple):
    """Whom a passkey is made for: the person's id, their reference and their printed name."""

    person: str
    ref: str
    name: str


class Attested(NamedTuple):
    """What the browser made, binary members in base64url, and the name its person gave it."""

    credential: str
    client_data: str
    attestation: str
    transports: tuple[str, ...]
    name: str


def enrolment_options(rows: Rows, gate: Gate, account: Account, session: str) -> dict[str, Any]:
    """What `navigator.credentials.create` takes, binary members in base64url."""
    known = [credential_of(rows, row) for row in in_force(rows, account.person)]
    return {
        "challenge": b64url(new_challenge(gate.door.key, Asked(ENROL, session), rows.now)),
        "rp": {"id": gate.site.rp_id, "name": f"Muniment {gate.door.log}"},
        "user": {"id": b64url(account.person.encode()), "name": account.ref, "displayName": account.name},
        "pubKeyCredParams": [{"type": "public-key", "alg": algorithm} for algorithm in ALGORITHMS],
        "timeout": TIMEOUT_MS,
        "attestation": "none",
        "authenticatorSelection": {
            "residentKey": "required",
            "requireResidentKey": True,
            "userVerification": "required",
        },
        "excludeCredentials": [{"type": "public-key", "id": one} for one in known if one is not None],
    }


def assertion_options(gate: Gate, challenge: bytes, credentials: Sequence[str] = ()) -> dict[str, Any]:
    """What `navigator.credentials.get` takes; without credentials any passkey of this service may answer."""
    return {
        "challenge": b64url(challenge),
        "rpId": gate.site.rp_id,
        "timeout": TIMEOUT_MS,
        "userVerification": "required",
        "allowCredentials": [{"type": "public-key", "id": one} for one in credentials],
    }


def sign_in_options(gate: Gate, now: Instant) -> dict[str, Any]:
    """Options for a sign-in: of nobody in particular."""
    return assertion_options(gate, new_challenge(gate.door.key, Asked(SIGN_IN), now))


def removal_options(rows: Rows, gate: Gate, person: str, removing: tuple[str, str]) -> dict[str, Any]:
    """Options to remove a passkey by another; `removing` is (session, the passkey to end)."""
    others = [credential_of(rows, row) for row in in_force(rows, person) if row.credential != removing[1]]
    challenge = new_challenge(gate.door.key, _removal(removing), rows.now)
    return assertion_options(gate, challenge, [one for one in others if one is not None])


def prepare_enrolment(rows: Rows, gate: Gate, session: str, attested: Attested) -> EnrolPasskey | Refusal:
    """The command, once the attestation holds. Send as the person; BAD_CREDENTIALS for one that does not."""
    told = challenge_in(Given("", attested.client_data, "", ""))
    challenge = read_challenge(gate.door.key, Asked(ENROL, session), told, rows.now)
    if challenge is None or not _is_own_page(attested.client_data):
        return NOT_ATTESTED
    credential = {
        "id": attested.credential,
        "rawId": attested.credential,
        "type": "public-key",
        "response": {"clientDataJSON": attested.client_data, "attestationObject": attested.attestation},
    }
    try:
        found = verify_registration_response(
            credential=credential,
            expected_challenge=told,
            expected_rp_id=gate.site.rp_id,
            expected_origin=gate.site.origin,
            require_user_verification=True,
            supported_pub_key_algs=[COSEAlgorithmIdentifier(algorithm) for algorithm in ALGORITHMS],
        )
        key = read_cose_key(found.credential_public_key)
        is_named = b64url(found.credential_id) == attested.credential
    except (WebAuthnException, BrokenInput, ValueError, KeyError, TypeError, IndexError, RecursionError):
        return NOT_ATTESTED
    if not is_named or key.algorithm not in NAMES or not 0 < len(found.credential_id) <= CREDENTIAL_BYTES_MAX:
        return NOT_ATTESTED
    return EnrolPasskey(
        challenge,
        b64url(found.credential_id),
        b64url(found.credential_public_key),
        gate.site.rp_id,
        attested.name,
        tuple(sorted(TRANSPORTS.intersection(attested.transports))),
        found.credential_backed_up,
        found.sign_count,
    )


def prepare_sign_in(rows: Rows, gate: Gate, given: Given, user_handle: str) -> Prepared:
    """Verify and mint. Send the command as `DOOR`. `user_handle` (base64url) is whom the passkey says it is for."""
    proof = read_proof(rows, gate, Asked(SIGN_IN), given)
    row = rows.get(PASSKEY, proof.shown.credential)
    person = "" if row is None else row.person
    if user_handle and user_handle != b64url(person.encode()):
        proof = replace(proof, shown=proof.shown._replace(is_right=False))
    credential = rows.get(CREDENTIAL, person, PASSWORD)
    index = -1 if credential is None else credential.entry_index
    minted = mint(gate.door.log, SIGN_IN_TOKEN)
    mac = session_mac(gate.door.key, (minted.id, person, METHOD, index), minted.hash)
    return Prepared(SignInByPasskey(proof, index, minted.id, mac), minted.text)


def prepare_removal(rows: Rows, gate: Gate, removing: tuple[str, str], given: Given) -> RemovePasskey:
    """The end of a passkey of one's own by another; `removing` is (session, the passkey to end)."""
    return RemovePasskey(removing[1], read_proof(rows, gate, _removal(removing), given))


def read_proof(rows: Rows, gate: Gate, asked: Asked, given: Given) -> ByPasskey:
    """An assertion on a challenge of ours, for what was asked. As much is done where there is no such passkey."""
    told = challenge_in(given)
    challenge = read_challenge(gate.door.key, asked, told, rows.now)
    shown = read_assertion(rows, gate.site, given, told).shown
    return ByPasskey(shown, challenge)


def _removal(removing: tuple[str, str]) -> Asked:
    return Asked(f"remove {removing[1]}", removing[0])


def _is_own_page(client_data: str) -> bool:
    """Whether a browser says that no page of another origin was around ours."""
    try:
        said = orjson.loads(from_b64url(client_data))
    except (BrokenInput, ValueError):
        return False
    return isinstance(said, dict) and said.get("crossOrigin", False) is False and "topOrigin" not in said
