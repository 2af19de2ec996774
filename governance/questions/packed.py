"""What a pack holds beside the ledger's own files: registers, answers, records - each derived from its entries.

The builder writes these files and the verifier's fifth verdict writes them again from the entries and compares, so that
no register, answer or record in a pack can say anything its entries do not. Standard library only.

    answers/<id>.json                        the answer contract, computed without a key given from outside
    answers/csv/<id>.csv                     its rows, flat
    record.json                              compliance record of each instance
    registers/authority/register.json        the authority register at the count
    registers/blueprints/<name>/<n>.json     value, digest, authors and approvers of each version; <n>.source beside it
    registers/questions/<id>@<n>.json        definition of each question
    keys/keys.jsonl                          the keys the log was opened with, and each change of them
"""

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from governance.questions.answer import Asking, Position, Scope
from governance.questions.catalogue import OF_ALL, QUESTIONS
from governance.questions.facts import Record, Records, is_commitment
from governance.questions.record import Name, Names, instance_record
from governance.questions.registers import blueprints, register_of
from ledger.counts import CountProof
from ledger.key_statements import ORDERED
from ledger.pack import json_bytes, json_text
from ledger.verify.pack_parts import Opening

SEALED = "its opening is not part of this"


class Packed(NamedTuple):
    """What the derived files rest on. `counted` is the index of the `subjects.counted` entry."""

    records: Records
    position: Position
    proofs: Mapping[int, tuple[bytes, ...]]
    counts: Mapping[str, CountProof]
    counted: int
    openings: Sequence[Opening]


class Derived(NamedTuple):
    """What follows from the entries: files by name under data/, and the records and answers that stand in them."""

    files: Mapping[str, bytes]
    records: Sequence[Mapping[str, Any]]
    answers: Sequence[Mapping[str, Any]]


def derive(packed: Packed, predicate: Mapping[str, Any]) -> Derived:
    """Everything that follows from the entries."""
    files = {**_registers(packed), **_keys(packed)}
    names = names_of(packed.records, packed.openings)
    told = [instance_record(packed.records, one, packed.position, names) for one in predicate["instances"]]
    records = [one.as_value() for one in told if one is not None]
    files["record.json"] = json_bytes(records)
    given = []
    asking = Asking(predicate["built_by"], predicate["built_at"], predicate["purpose"])
    for question in predicate["questions"]:
        definition, ask = QUESTIONS[question]
        files[f"registers/questions/{question}@{definition.version}.json"] = json_bytes(definition.as_value())
        answers = []
        for instance in _asked_of(question, predicate["instances"]):
            scope = Scope(packed.records, instance, packed.position, asking, packed.proofs, packed.counts)
            answers.append(ask(scope).as_value())
        files[f"answers/{question}.json"] = json_bytes(answers)
        files[f"answers/csv/{question}.csv"] = rows_csv(answers)
        given += answers
    return Derived(files, records, given)


def _asked_of(question: str, instances: Sequence[str]) -> Sequence[str]:
    """Each instance; of a question about everything at hand, no one of several."""
    return [""] if question in OF_ALL and len(instances) > 1 else instances


def rows_csv(answers: Sequence[Mapping[str, Any]]) -> bytes:
    """The rows of answers as RFC 4180 text; what is no plain value stands as JSON."""
    rows = [{**row, "verdict": answer["verdict"]} for answer in answers for row in answer["rows"]]
    columns = sorted({name for row in rows for name in row}) or ["verdict"]
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_cell(row.get(name)) for name in columns])
    return text.getvalue().encode()


def _cell(value: Any) -> str:
    """A spreadsheet must not take a value for a formula."""
    text = value if isinstance(value, str) else json_text(value) if value is not None else ""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t") else text


def _registers(packed: Packed) -> dict[str, bytes]:
    register = register_of(packed.records, packed.counted)
    value = {"digest": register.digest, "value": register.as_value()}
    files = {"registers/authority/register.json": json_bytes(value)}
    for version in blueprints(packed.records):
        place = f"registers/blueprints/{version.name}/{version.version}"
        about = {
            "name": version.name,
            "version": version.version,
            "digest": version.digest,
            "change_request": version.record.subject,
            "authors": list(version.authors),
            "approvers": list(version.approvers),
            "released_at": version.record.at,
            "value": dict(version.value),
        }
        files[f"{place}.json"] = json_bytes(about)
        edit = version.edit
        if edit is not None and isinstance(edit.record.payload["source"], str):
            files[f"{place}.source"] = edit.record.payload["source"].encode()
    return files


def _keys(packed: Packed) -> dict[str, bytes]:
    opened = packed.records.kind("ledger.opened")
    lines = [json_bytes({**key, "from_size": record.index}) for record in opened for key in record.payload["keys"]]
    changes = [record for kind in ORDERED for record in packed.records.kind(kind)]
    for record in sorted(changes, key=lambda record: record.index):
        said = {name: value for name, value in record.payload.items() if name not in ("order", "result")}
        lines.append(json_bytes({**said, "act": record.kind, "index": record.index}))
    return {"keys/keys.jsonl": b"".join(lines)}


def names_of(records: Records, openings: Sequence[Opening], reason: str = SEALED) -> Names:
    """Names of persons from their entries and the openings at hand."""
    opened = {(one.subject, one.path): one.value for one in openings}
    found: dict[str, Name] = {}
    for record, person, path, sealed in person_names(records):
        value = opened.get((record.subject, path))
        commitment = str(sealed.get("$commitment", "")) if is_commitment(sealed) else ""
        if not is_commitment(sealed):
            found[person] = Name(str(sealed))
        elif value is not None:
            found[person] = Name(str(value))
        else:
            found[person] = Name(None, reason, commitment)
    return lambda person: found.get(person, Name(None, "no entry at hand names this person"))


def person_names(records: Records) -> list[tuple[Record, str, str, Any]]:
    """(entry, person, path of the name, what stands there), the newest name last."""
    found: list[tuple[Record, str, str, Any]] = []
    for record in records.kind("ceremony.held", "person.registered", "person.changed"):
        if record.kind == "ceremony.held":
            for place, one in enumerate(record.payload["persons"]):
                found.append((record, one["person"], f"persons.{place}.name", one["name"]))
        elif record.payload.get("name") is not None:
            found.append((record, record.payload["person"], "name", record.payload["name"]))
    return found
