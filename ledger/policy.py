"""Trust policies: which logs and witnesses count, and how many witnesses are enough (c2sp.org/tlog-policy).

    log <vkey> [<url>]                            a log's key; its name is the origin
    witness <name> <vkey> [<url>]                 a witness's key (type 0x04 or 0x06) under a name of this file
    group <name> all|any|<k> <name>...            is witnessed when so many of its members are
    quorum <name>|none                            exactly one line: what must be witnessed

A file of octets: lines end in 0x0A, items stand apart by spaces and tabs, `#` begins a comment line, other control
octets are refused. Octets above 0x7F are opaque; here they are text with the ones that are no UTF-8 escaped, which is
the same file read and written. A group and the quorum name what stands above them; a name is a member at most once.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from ledger.cosignature import CosignatureVerifier
from ledger.errors import BrokenInput, Misuse, TooLarge
from ledger.note import (
    ED25519,
    ED25519_COSIGNATURE,
    ML_DSA_44_COSIGNATURE,
    CheckSignature,
    Ed25519Verifier,
    Note,
    SignatureLine,
    Verifier,
    VerifierKey,
    format_vkey,
    parse_vkey,
)

POLICY_BYTES_MAX = 1 << 20  # 256 ML-DSA-44 keys of 1.8 kB, with room
LINES_MAX = 256  # of each sort; the specification asks for at least 32 logs, 32 witnesses and 32 groups
NONE = "none"  # the quorum that asks for nobody

LOG_KEY_TYPES = (ED25519, ML_DSA_44_COSIGNATURE)  # c2sp.org/tlog-checkpoint
WITNESS_KEY_TYPES = (ED25519_COSIGNATURE, ML_DSA_44_COSIGNATURE)  # c2sp.org/tlog-cosignature

_CONTROLS = bytes((*range(0x09), *range(0x0B, 0x20), 0x7F))
_DIGITS_MAX = len(str(LINES_MAX)) + 3

Checks = Mapping[int, CheckSignature]
"""Key type -> what checks a raw signature of that type; handed in, so that this module needs no library."""


@dataclass(frozen=True, slots=True)
class TrustedLog:
    """A key that a log signs checkpoints with. The key's name is the log's origin."""

    key: VerifierKey
    url: str = ""


@dataclass(frozen=True, slots=True)
class TrustedWitness:
    """A witness's key under the name that this policy gives it; `url` is its submission prefix."""

    name: str
    key: VerifierKey
    url: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Witnessed when at least `least` of `members` are: names of witnesses and of groups before this one."""

    name: str
    least: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """A trust policy; `quorum` is the name of a witness or group, or `none`."""

    logs: tuple[TrustedLog, ...]
    witnesses: tuple[TrustedWitness, ...]
    groups: tuple[Group, ...]
    quorum: str


@dataclass(frozen=True, slots=True)
class Cosigned:
    """What the lines of one note are worth: names of the witnesses whose line verifies, and lines that do not."""

    names: frozenset[str]
    wrong: tuple[SignatureLine, ...]


def parse_policy(data: bytes) -> Policy:
    """The policy of a file. Strict and total: a policy, or `BrokenInput` with the line (`TooLarge` over a limit)."""
    if len(data) > POLICY_BYTES_MAX:
        raise TooLarge(f"expected a policy of at most {POLICY_BYTES_MAX} bytes, found {len(data)}")
    if data and not data.endswith(b"\n"):
        raise BrokenInput("expected every line to end in a newline", f"line {data.count(10) + 1}")
    reading = _Reading()
    for number, line in enumerate(data.split(b"\n"), 1):
        if line.translate(None, _CONTROLS) != line:
            raise BrokenInput("expected no control character but tab and newline", f"line {number}")
        items = [item.decode("utf-8", "surrogateescape") for item in line.split()]
        if items and not items[0].startswith("#"):
            try:
                reading.take(items)
            except BrokenInput as error:
                raise type(error)(error.message, f"line {number}") from error
    return reading.policy()


def format_policy(policy: Policy) -> bytes:
    """The policy as a file. What `parse_policy` would not give back as it was is a bug of ours: `Misuse`."""
    lines = [_joined("log", format_vkey(one.key), one.url) for one in policy.logs]
    lines += [_joined("witness", one.name, format_vkey(one.key), one.url) for one in policy.witnesses]
    for group in policy.groups:
        least = {len(group.members): "all", 1: "any"}.get(group.least, str(group.least))
        lines.append(_joined("group", group.name, least, *group.members))
    lines.append(_joined("quorum", policy.quorum))
    data = "".join(lines).encode("utf-8", "surrogateescape")
    try:
        is_whole = parse_policy(data) == policy
    except BrokenInput as error:
        raise Misuse(f"expected a policy that can be read back: {error}") from error
    if not is_whole:
        raise Misuse("expected a policy that reads back as it was")
    return data


def quorum_of(policy: Policy, names: Collection[str]) -> bool:
    """Whether these witnesses, whose cosignatures were verified, are enough."""
    if policy.quorum == NONE:
        return True
    witnessed = {one.name for one in policy.witnesses if one.name in names}
    for group in policy.groups:  # in order: members stand before their group
        if sum(member in witnessed for member in group.members) >= group.least:
            witnessed.add(group.name)
    return policy.quorum in witnessed


def cosigned_by(policy: Policy, note: Note, checks: Checks) -> Cosigned:
    """The policy's witnesses under this note. Lines of unknown keys are passed over; so are types nobody can check."""
    known = {(one.key.name, one.key.key_id): one for one in policy.witnesses if one.key.type in checks}
    names: set[str] = set()
    wrong: list[SignatureLine] = []
    for line in note.signatures:
        witness = known.get((line.name, line.key_id))
        if witness is None:
            continue
        verifier = CosignatureVerifier(witness.key, checks[witness.key.type])
        if verifier.verify(note.text.encode(), line.signature):
            names.add(witness.name)
        else:
            wrong.append(line)
    return Cosigned(frozenset(names), tuple(wrong))


def log_verifiers(policy: Policy, origin: str, checks: Checks) -> list[Verifier]:
    """The keys that may sign checkpoints of this origin; none where the policy does not know the log."""
    found: list[Verifier] = []
    for one in policy.logs:
        if one.key.name == origin and one.key.type in checks:
            check = checks[one.key.type]
            is_plain = one.key.type == ED25519
            found.append(Ed25519Verifier(one.key, check) if is_plain else CosignatureVerifier(one.key, check))
    return found


@dataclass(slots=True)
class _Reading:
    """A policy while its lines are read."""

    logs: list[TrustedLog] = field(default_factory=list)
    witnesses: list[TrustedWitness] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    quorum: str | None = None
    names: set[str] = field(default_factory=set)
    members: set[str] = field(default_factory=set)

    def take(self, items: list[str]) -> None:
        """One line that says something."""
        keyword, *rest = items
        if keyword == "log" and len(rest) in (1, 2):
            self._log(*rest)
        elif keyword == "witness" and len(rest) in (2, 3):
            self._witness(*rest)
        elif keyword == "group" and len(rest) >= 3:
            self._group(rest[0], rest[1], tuple(rest[2:]))
        elif keyword == "quorum" and len(rest) == 1:
            self._quorum(rest[0])
        else:
            raise BrokenInput(
                "expected `log VKEY [URL]`, `witness NAME VKEY [URL]`, `group NAME all|any|K NAME...` or `quorum NAME`"
            )

    def policy(self) -> Policy:
        if self.quorum is None:
            raise BrokenInput("expected one quorum line, found none")
        return Policy(tuple(self.logs), tuple(self.witnesses), tuple(self.groups), self.quorum)

    def _log(self, vkey: str, url: str = "") -> None:
        key = _key(vkey, LOG_KEY_TYPES)
        if any(one.key.public_key == key.public_key for one in self.logs):
            raise BrokenInput("expected each log's public key once")
        self.logs.append(TrustedLog(key, url))
        _within(self.logs, "logs")

    def _witness(self, name: str, vkey: str, url: str = "") -> None:
        key = _key(vkey, WITNESS_KEY_TYPES)
        if any(one.key.public_key == key.public_key for one in self.witnesses):
            raise BrokenInput("expected each witness's public key once")
        self._define(name)
        self.witnesses.append(TrustedWitness(name, key, url))
        _within(self.witnesses, "witnesses")

    def _group(self, name: str, least: str, members: tuple[str, ...]) -> None:
        for member in members:
            if member not in self.names:
                raise BrokenInput("expected members that are defined on lines above")
            if member in self.members:
                raise BrokenInput("expected each name as a member at most once")
            self.members.add(member)
        count = {"all": len(members), "any": 1}.get(least)
        if count is None:
            is_decimal = least.isascii() and least.isdigit() and len(least) <= _DIGITS_MAX and least[0] != "0"
            count = int(least) if is_decimal else 0
        if not 1 <= count <= len(members):
            raise BrokenInput(f"expected `all`, `any` or a number from 1 to {len(members)}")
        self._define(name)
        self.groups.append(Group(name, count, members))
        _within(self.groups, "groups")

    def _quorum(self, name: str) -> None:
        if self.quorum is not None:
            raise BrokenInput("expected one quorum line, found a second one")
        if name != NONE and name not in self.names:
            raise BrokenInput("expected a quorum that is defined on a line above")
        self.quorum = name

    def _define(self, name: str) -> None:
        if name == NONE:
            raise BrokenInput("expected another name than `none`, which stands for nobody")
        if name in self.names:
            raise BrokenInput("expected each name to be defined once")
        self.names.add(name)


def _key(vkey: str, types: tuple[int, ...]) -> VerifierKey:
    key = parse_vkey(vkey)
    if key.type not in types:
        expected = " or ".join(f"0x{one:02x}" for one in types)
        raise BrokenInput(f"expected a key of type {expected}, found 0x{key.type:02x}")
    return key


def _within(found: Collection[object], what: str) -> None:
    if len(found) > LINES_MAX:
        raise TooLarge(f"expected at most {LINES_MAX} {what}")


def _joined(*items: str) -> str:
    return " ".join(item for item in items if item) + "\n"
