"""The second factor beside the password: what was shown, found outside the writer, and what it proves inside it.

    shown = read_code(rows, door, person, code)    # outside: secrets are opened, the code is compared and dropped
    used = proved(uow, person, shown)              # inside, under the head of the log: still good, never used before

A code of the app proves by its time step, a recovery code by its number: neither code goes to the writer. Whatever was
used stands in an entry and is folded, so that no code works twice, on whichever machine and after whichever crash.
"""

from typing import NamedTuple, Protocol

from api.identity.recovery import code_mac, number_of
from api.identity.sealed import opened
from api.identity.tables import RECOVERY, TOTP, TotpRow
from api.identity.tokens import Door
from api.identity.totp import matching_step
from ledger.clock import Instant
from rbac.service import SealedRows

OFFERED = "offered"
CONFIRMED = "confirmed"
REMOVED = "removed"

PASSWORD = "password"  # noqa: S105  # the kind of credential, and how somebody signed in
WITH_TOTP = "password+totp"
WITH_RECOVERY = "password+recovery-code"
SECRET_PATH = "totp"  # noqa: S105  # where the secret lies in the vault
CODES_PATH = "recovery"


class TimedRows(SealedRows, Protocol):
    """Rows of one instant."""

    @property
    def now(self) -> Instant:
        """The instant by which codes count."""
        ...


class Shown(NamedTuple):
    """What a code was found to be, with the entries of the secret and the codes it was compared with; -1 says no."""

    totp_index: int = -1
    step: int = -1
    codes_index: int = -1
    number: int = -1


NOTHING = Shown()


class Used(NamedTuple):
    """A code that proves: the time step of the app's, or the number of a recovery code; the other is None."""

    step: int | None
    number: int | None

    @property
    def method(self) -> str:
        """How somebody signs in with it."""
        return WITH_RECOVERY if self.step is None else WITH_TOTP


def read_code(rows: TimedRows, door: Door, person: str | None, code: str) -> Shown:
    """What this code is of the person's. The same work whoever is asked about, and whatever they have."""
    totp = None if person is None else rows.get(TOTP, person)
    codes = None if person is None else rows.get(RECOVERY, person)
    secret = None if totp is None else opened(rows, totp.person, SECRET_PATH, totp.sealed)
    kept = None if codes is None else opened(rows, codes.person, CODES_PATH, codes.sealed)
    step = matching_step(secret, code, rows.now)
    number = number_of(kept, code_mac(door.key, person or "", code))
    return Shown(-1 if totp is None else totp.entry_index, step, -1 if codes is None else codes.entry_index, number)


def has_factor(rows: SealedRows, person: str) -> bool:
    """Whether the person has to show a code beside the password."""
    return confirmed(rows, person) is not None


def confirmed(rows: SealedRows, person: str) -> TotpRow | None:
    """The person's second factor, where there is one in force."""
    row = rows.get(TOTP, person)
    return row if row is not None and row.status == CONFIRMED else None


def proved(rows: SealedRows, person: str, shown: Shown) -> Used | None:
    """What the code proves of a person with a second factor; None for nothing, or not once more."""
    row = confirmed(rows, person)
    if row is None:
        return None
    if row.entry_index == shown.totp_index and shown.step > row.last_step:
        return Used(shown.step, None)
    codes = rows.get(RECOVERY, person)
    if codes is None or codes.entry_index != shown.codes_index or shown.number < 0:
        return None
    return None if codes.used >> shown.number & 1 else Used(None, shown.number)


def method_of(rows: SealedRows, person: str, shown: Shown) -> str | None:
    """How the person signs in with the right password and this code; None when the code is missing or no good."""
    if not has_factor(rows, person):
        return PASSWORD
    used = proved(rows, person, shown)
    return None if used is None else used.method


def codes_left(rows: SealedRows, person: str) -> int:
    """How many recovery codes the person could still use."""
    row = rows.get(RECOVERY, person)
    return 0 if row is None or not has_factor(rows, person) else row.codes - row.used.bit_count()
