"""`muniment agent ACT`: labelled outcomes of an agent, and how far its confidence can be trusted by them.

`outcomes` makes them of the reviews on record (`api.cli_outcomes`); `calibrate` takes such a file, or lines that
somebody else has labelled. The evidence is one JSON file: which profile, which outcomes by their digest, the
reliability table and the threshold. Its digest is what a profile cites (`calibration`), so that a reviewer of a
threshold finds what it rests on; a new profile or new outcomes make new evidence.
"""

import argparse
import hashlib
import io
import json
import re
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from api.cli_given import file_text, write_file
from ledger.canonical import b64url, digest
from ledger.errors import BrokenInput
from versioning.calibration import LEVELS, OUTCOMES_MAX, Outcome, reliability, share_value, threshold, told, wilson
from versioning.kinds.agent import read_agent
from versioning.kinds.calibrated import EVIDENCE, OUTCOMES, profile_digest

OUTCOMES_BYTES_MAX = OUTCOMES_MAX * 300  # a line that `outcomes` writes is shorter
DIGITS_MAX = 40  # of a confidence

_SHARE = re.compile(r"([01]|[01]?\.[0-9]+)\Z", re.ASCII)


def run(name: str, parser: argparse.ArgumentParser, arguments: list[str]) -> int:  # noqa: ARG001 - one signature
    """0 a threshold was found, 1 none reaches the wished precision, 2 unreadable or wrong usage."""
    from api import cli_outcomes

    acts = parser.add_subparsers(dest="act", required=True)
    made = acts.add_parser("calibrate", help="a threshold for a wished precision, from labelled outcomes")
    made.add_argument("file", type=Path, help='JSON lines such as {"confidence": 0.91, "correct": true}')
    made.add_argument("--profile", type=Path, required=True, help="the source of the agent's profile")
    made.add_argument("--precision", default="0.95", help="the share that has to be right, 0.95 unless said")
    made.add_argument("--level", choices=tuple(LEVELS), default="0.95", help="of the intervals")
    made.add_argument("--out", type=Path, help="where the evidence is written")
    made.add_argument("--json", action="store_true", help="print the evidence for machines")
    gathered = acts.add_parser("outcomes", help="what people made of its proposals, as `calibrate` takes it")
    cli_outcomes.describe(gathered)
    options = parser.parse_args(arguments)
    if options.act == "outcomes":
        return cli_outcomes.run(options)
    precision = _share(options.precision, "--precision")
    evidence = calibrated(
        file_text(options.file, OUTCOMES_BYTES_MAX), file_text(options.profile), precision, options.level
    )
    if options.out is not None:
        write_file(options.out, json.dumps(evidence, indent=1, sort_keys=True) + "\n")
    print(json.dumps(evidence) if options.json else "\n".join(_words(evidence)))
    return 0 if evidence["threshold"] is not None else 1


def calibrated(outcomes: str, profile: str, precision: Decimal, level: str) -> dict[str, Any]:
    """The evidence, with its own digest: base64url(SHA-256) over the canonical form of the rest."""
    value, found = read_agent(profile), read_outcomes(outcomes)
    made_of = _made_of(outcomes)
    if made_of is not None and made_of.get("profile") != profile_digest(value):
        raise BrokenInput("expected outcomes of this profile, found those of another", "line 1")
    whole = wilson(sum(one.correct for one in found), len(found), level)
    reached = threshold(found, precision, level)
    evidence: dict[str, Any] = {
        "evidence": EVIDENCE,
        "profile": profile_digest(value),  # without what it cites: it is to cite this
        "agent": value["name"],
        "model": value["model"],
        "model_version": value["version"],
        "prompt": value["prompt_digest"],
        "outcomes": b64url(hashlib.sha256(outcomes.encode()).digest()),
        "level": level,
        "wished": format(precision, "f"),
        "all": share_value(whole),
        "reliability": reliability(found, level),
        "threshold": None if reached is None else {"confidence": format(reached[0], "f"), **share_value(reached[1])},
    }
    return {**evidence, "digest": digest(evidence)}


def read_outcomes(text: str) -> list[Outcome]:
    """The outcomes of JSON lines; `BrokenInput` names the line."""
    found: list[Outcome] = []
    made_of = _made_of(text)
    for number, line in enumerate(io.StringIO(text, newline="\n"), 1):  # a line ends there alone, whatever it holds
        if not line.strip() or (number == 1 and made_of is not None):
            continue
        if len(found) >= OUTCOMES_MAX:
            raise BrokenInput(f"expected at most {OUTCOMES_MAX} outcomes")
        try:
            value = _JSON.decode(line.strip())
        except (ValueError, RecursionError) as error:
            raise BrokenInput("expected a JSON object", f"line {number}") from error
        if type(value) is not dict or type(value.get("correct")) is not bool:
            raise BrokenInput("expected `confidence` and `correct`, true or false", f"line {number}")
        found.append(Outcome(_share(value.get("confidence"), f"line {number}"), value["correct"]))
    if not found:
        raise BrokenInput("expected outcomes, found none")
    return found


def _number(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation as error:  # an exponent beyond all that is counted
        raise ValueError(text) from error


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("a name twice")
    return made


_JSON = json.JSONDecoder(parse_float=_number, object_pairs_hook=_object)


def _made_of(text: str) -> dict[str, Any] | None:
    """What the first line says that the outcomes are made of; None where it is an outcome itself, or nothing."""
    try:
        said = json.loads(text[: text.find("\n") + 1] or text)
    except (ValueError, RecursionError):
        return None
    return said if type(said) is dict and said.get("outcomes") == OUTCOMES else None


def _share(value: Any, place: str) -> Decimal:
    """A share that is a number of JSON, or text as the ledger has it; 0 has no sign, and digits are counted."""
    is_text = type(value) is str and _SHARE.match(value) is not None
    share = Decimal(value) if is_text or type(value) in (int, Decimal) else Decimal("NaN")
    if share.is_nan() or not 0 <= share <= 1:
        raise BrokenInput("expected a share from 0 to 1", place)
    exponent = share.as_tuple().exponent
    if type(exponent) is not int or exponent < -DIGITS_MAX:
        raise BrokenInput(f"expected a share of at most {DIGITS_MAX} digits", place)
    return abs(share)


def _words(evidence: dict[str, Any]) -> list[str]:
    whole, reached = evidence["all"], evidence["threshold"]
    lines = [f"{whole['count']} outcomes of agent {evidence['agent']}, {whole['correct']} of them right"]
    for row in evidence["reliability"]:
        right = told(Decimal(row["correct"]) / row["count"])
        said = f"{row['count']}, sure {row['confidence']}, right {right} ({row['low']} to {row['high']})"
        lines.append(f"  {row['from']} to {row['to']}: {said}")
    if reached is None:
        lines.append(f"no threshold: nowhere is the precision {evidence['wished']} at the level {evidence['level']}")
    else:
        lines.append(
            f"threshold {reached['confidence']}: {reached['correct']} of {reached['count']} right, "
            f"at least {reached['low']} at the level {evidence['level']}"
        )
    return [*lines, f"digest {evidence['digest']}"]
