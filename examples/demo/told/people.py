"""The persons of the history choose passwords: set-up codes and credentials in two batches."""

import secrets
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from api.identity import service as identity
from api.identity.passwords import AT_ONCE
from api.identity.tokens import parse_token
from examples.demo.told.house import House
from ledger.actor import SYSTEM


def give_passwords(house: House, accounts: Sequence[str]) -> dict[str, str]:
    """A fresh password for each account, each chosen with a code of its own."""
    passwords = {account: secrets.token_urlsafe(18) for account in accounts}
    persons = {account: str(house.person(account).person) for account in accounts}
    codes = {account: identity.prepare_setup_code(house.log.name, persons[account]) for account in accounts}
    house.must((SYSTEM, codes[account].command) for account in accounts)
    house.wait(5)
    hasher = identity.Passwords()
    with ThreadPoolExecutor(AT_ONCE) as hands:
        hashes = dict(zip(accounts, hands.map(lambda one: hasher.hash(passwords[one]), accounts), strict=True))
    house.must((identity.DOOR, _chosen(persons[one], hashes[one], codes[one].token)) for one in accounts)
    return passwords


def _chosen(person: str, hashed: str, code: str) -> Any:
    token = parse_token(code)
    assert token is not None
    return identity.SetPassword(person, hashed, token.id, token.hash)
