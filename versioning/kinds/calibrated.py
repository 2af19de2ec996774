"""What a profile cites for its threshold: the digest of a calibration, or the evidence itself, held against it.

Evidence is the JSON that `muniment agent calibrate` writes. As a part of the profile it is judged when it is read: its
digest is that of the rest of it, and it is evidence of this profile and of no other, so a new model, prompt or
parameter needs new evidence.
"""

import re
from collections.abc import Mapping
from typing import Any

from ledger.canonical import digest
from ledger.wording import as_it_is
from versioning.kinds.located import Located, Members, plain
from versioning.kinds.reading_texts import tell

EVIDENCE = "muniment/agent-calibration/v1"
OUTCOMES = "muniment/agent-outcomes/v1"  # of the first line of a file of labelled outcomes made from a log
CITED = ("calibration", "evidence")  # of a profile's value: what it cites, which its evidence says nothing of
_KEYS = (
    "evidence", "profile", "agent", "model", "model_version", "prompt", "outcomes", "level", "wished", "all",
    "reliability", "threshold", "digest",
)  # fmt: skip
_SHARE = {"count": int, "correct": int, "low": str, "high": str}
_DIGEST = re.compile(r"[A-Za-z0-9_-]{43}\Z")


def profile_digest(value: Mapping[str, Any]) -> str:
    """The digest of a profile's canonical value without what it cites."""
    return digest({name: part for name, part in value.items() if name not in CITED})


def read_calibration(member: Located, value: Mapping[str, Any]) -> dict[str, Any]:
    """{calibration: the digest} and, where the evidence itself stands there, {evidence}; `value` is the rest of the
    profile. `BrokenInput` with `line:column` for what is no evidence, or another profile's."""
    if isinstance(member.value, str):
        if not _DIGEST.match(member.value):
            raise member.error(tell("calibration-digest"))
        return {"calibration": member.value}
    members = Members(member, tell("what-the-evidence-of-a-calibration"))
    members.known(_KEYS)
    for key in _KEYS:
        members.required(key)
    evidence: dict[str, Any] = plain(member)
    if evidence["evidence"] != EVIDENCE:
        raise members.required("evidence").error(tell("evidence", name=as_it_is(EVIDENCE)))
    _share(members.required("all"))
    threshold = members.required("threshold")
    if threshold.value is None:
        raise threshold.error(tell("threshold"))
    _share(threshold, confidence=str)
    rest = {name: part for name, part in evidence.items() if name != "digest"}
    if digest(rest) != evidence["digest"]:
        raise members.required("digest").error(tell("evidence-digest"))
    if evidence["profile"] != profile_digest(value):
        raise members.required("profile").error(tell("other-profile"))
    return {"calibration": evidence["digest"], "evidence": evidence}


def _share(member: Located, **more: type) -> None:
    members = Members(member, tell("what-a-share"))
    for name, kind in {**_SHARE, **more}.items():
        one = members.required(name)
        if type(one.value) is not kind:
            raise one.error(tell("count") if kind is int else tell("share"))
