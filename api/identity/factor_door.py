"""The door of the second factor: secrets and codes are made and compared here, outside the writer.

offer = prepare_offer(log, account)
outcome = writer.send(actor, offer.command).outcome      # Done(...) -> hand offer.secret and offer.uri over, once
"""

from typing import NamedTuple

from api.identity.factor_commands import ConfirmTotp, OfferTotp, RemoveTotp, ReplaceRecoveryCodes
from api.identity.recovery import code_mac, new_codes
from api.identity.second_factor import Shown, TimedRows, codes_left, read_code
from api.identity.tables import TOTP
from api.identity.tokens import Door
from api.identity.totp import new_secret, otpauth

ISSUER = "Muniment"


class Offer(NamedTuple):
    """A secret to be shown once, by itself and as the address that apps read."""

    command: OfferTotp
    secret: str
    uri: str


class WithCodes(NamedTuple):
    """A command, and the recovery codes to be shown once when it is done."""

    command: ConfirmTotp | ReplaceRecoveryCodes
    codes: tuple[str, ...]


class Standing(NamedTuple):
    """Where a person's second factor stands: `none`, `offered`, `confirmed` or `removed`."""

    totp: str
    codes_left: int


def standing(rows: TimedRows, person: str) -> Standing:
    """What a person has of a second factor."""
    row = rows.get(TOTP, person)
    return Standing("none" if row is None else row.status, codes_left(rows, person))


def prepare_offer(log: str, account: str) -> Offer:
    """A new secret for an account of this log. Send as the person."""
    secret = new_secret()
    return Offer(OfferTotp(secret), secret, otpauth(secret, f"{ISSUER} {log}", account))


def prepare_confirmation(rows: TimedRows, door: Door, person: str, code: str) -> WithCodes:
    """The code that came back, and the first recovery codes. Send as the person."""
    codes, macs = _codes(door, person)
    return WithCodes(ConfirmTotp(read_code(rows, door, person, code), macs), codes)


def prepare_removal(rows: TimedRows, door: Door, person: str, code: str | None) -> RemoveTotp:
    """The end of one's own second factor. Send as the person."""
    return RemoveTotp(_shown(rows, door, person, code))


def prepare_replacement(rows: TimedRows, door: Door, person: str, code: str | None) -> WithCodes:
    """New recovery codes in the place of all former ones. Send as the person."""
    codes, macs = _codes(door, person)
    return WithCodes(ReplaceRecoveryCodes(_shown(rows, door, person, code), macs), codes)


def _shown(rows: TimedRows, door: Door, person: str, code: str | None) -> Shown | None:
    return None if code is None else read_code(rows, door, person, code)


def _codes(door: Door, person: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    codes = new_codes()
    return codes, tuple(code_mac(door.key, person, code) for code in codes)
