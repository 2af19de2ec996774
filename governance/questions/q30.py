"""Q30: which blueprint version governed the instance, who wrote it, who approved it, what changed, how independent?"""

from collections.abc import Mapping
from typing import Any

from governance.questions.answer import (
    Answer,
    Clause,
    Definition,
    Finding,
    Population,
    Row,
    Scope,
    gap,
    note,
    violation,
)
from governance.questions.facts import Record, Records
from governance.questions.migrated import faults
from governance.questions.registers import ReleasedBlueprint, blueprint, blueprints, started
from governance.questions.under_version import stretches

DEFINITION = Definition(
    id="Q30",
    version=1,
    title="Which blueprint version governed the instance, who wrote and who approved it, what changed, and was the "
    "approver independent of the author?",
    rule="the version the instance started on was released before it started; its digest covers value and source text; "
    "enough persons approved that very text before its release, and none of them wrote it",
    clauses=(
        Clause("21 CFR", "11.10(k)(2)", "1997, as amended"),
        Clause("NIST SP 800-53", "CM-3, CM-5", "revision 5"),
        Clause("ISO/IEC 27001", "A.8.32", "2022"),
        Clause("Regulation (EU) 2022/2554", "article 9(4)(e)", "applies since 2025-01-17"),
        Clause("SOC 2", "CC8.1", "2017, points of focus 2022"),
    ),
)


def answer(scope: Scope) -> Answer:
    """The answer for one instance; pure."""
    begun = started(scope.records, scope.instance)
    version = None if begun is None else blueprint(scope.records, str(begun[1]["version"]))
    if begun is None:
        findings = [gap("start", "the entry that started the instance is not at hand")]
    elif version is None:
        findings = [gap("version", "the release of the blueprint version is not at hand", begun[0])]
    else:
        findings = _findings(begun[0], version)
    rows = [_row(scope.records, begun, version)] if begun is not None and version is not None else []
    considered = [] if version is None else [version.record]
    later = stretches(scope.records.of(scope.instance))[1:]
    for one in later:
        before, version = version, blueprint(scope.records, one.under.digest)
        if version is None:
            findings.append(gap("version", "the release of the blueprint version is not at hand", one.since))
            continue
        findings += _findings(one.since, version, "the instance had gone on under it")
        rows.append(_later_row(one.since, before, version))
        considered.append(version.record)
    findings += [violation("migration", one.text, one.record) for one in faults(scope.records, scope.instance).found]
    which = "versions the instance was under" if later else "version the instance started on"
    return Answer(
        definition=DEFINITION,
        scope=scope,
        valid_at=begun[0].at if begun is not None else "not applicable",
        population=Population(f"the blueprint {which}", tuple(considered), len(rows)),
        rows=tuple(rows),
        findings=tuple(findings),
    )


def _row(records: Records, begun: tuple[Record, Mapping[str, Any]], version: ReleasedBlueprint) -> Row:
    previous = [one for one in blueprints(records) if one.name == version.name and one.version == version.version - 1]
    values = {"instance": begun[0].subject, "started_at": begun[0].at}
    return _row_of(begun[0], values, (previous[0] if previous else None, version))


def _later_row(since: Record, before: ReleasedBlueprint | None, version: ReleasedBlueprint) -> Row:
    """Of a version that the instance went on under: what changed is held against the one it was under until then."""
    values = {"instance": since.subject, "migrated_at": since.at, "migrated_by": since.actor["id"]}
    return _row_of(since, values, (before, version))


def _row_of(
    since: Record, said: Mapping[str, Any], versions: tuple[ReleasedBlueprint | None, ReleasedBlueprint]
) -> Row:
    before, version = versions
    approvals = version.approvals
    values = {
        **said,
        "blueprint": version.name,
        "version": version.version,
        "digest": version.digest,
        "released_at": version.record.at,
        "change_request": version.record.subject,
        "authors": list(version.authors),
        "approvals": [
            {"person": one.payload["person"], "on_behalf_of": one.payload["on_behalf_of"], "approved_at": one.at}
            for one in approvals
        ],
        "changed": changed(before, version),
    }
    edit = version.edit
    return Row(values, (since, *(() if edit is None else (edit.record,)), *approvals, version.record))


def _findings(since: Record, version: ReleasedBlueprint, what: str = "the instance had started") -> list[Finding]:
    record = version.record
    found: list[Finding] = []
    if record.index >= since.index:
        found.append(violation("released-after", f"the version was released after {what}", record))
    digest = version.content_digest
    if digest is None:
        found.append(gap("source", "the source text of the version is not at hand", record))
    elif digest != version.digest:
        found.append(violation("digest", "value and source text do not hash to the approved digest", record))
    wrote_and_approved = sorted(set(version.authors) & set(version.approvers))
    if wrote_and_approved:
        found.append(violation("independence", f"wrote and approved it: {', '.join(wrote_and_approved)}", record))
    approvals = [one for one in version.approvals if one.index < record.index]
    needed = max([int(one.payload["approvals_needed"]) for one in version.reviews], default=1)
    persons = {one.payload["person"] for one in approvals}
    if not version.reviews:
        found.append(gap("approvals", "the approvals of the change request are not at hand", record))
    elif len(persons) < needed:
        found.append(violation("approvals", f"expected {needed} approvals of this text, found {len(persons)}", record))
    elif persons != set(version.approvers):
        found.append(violation("approvals", "the release names other approvers than the approvals do", record))
    if not found:
        found.append(note("independence", "nobody who wrote this version approved it", *approvals))
    return found


def changed(previous: ReleasedBlueprint | None, version: ReleasedBlueprint) -> dict[str, Any]:
    """What differs from the version before, by step and member."""
    if previous is None:
        text = "the first version" if version.version == 1 else "the version before is not at hand"
        return {"from_version": None, "text": text, "steps_added": [], "steps_removed": [], "steps_changed": []}
    old, new = previous.steps(), version.steps()
    return {
        "from_version": previous.version,
        "text": "compared step by step",
        "steps_added": sorted(new.keys() - old.keys()),
        "steps_removed": sorted(old.keys() - new.keys()),
        "steps_changed": sorted(step for step in old.keys() & new.keys() if old[step] != new[step]),
        "members_changed": sorted(
            name
            for name in previous.value.keys() | version.value.keys()
            if name != "steps" and previous.value.get(name) != version.value.get(name)
        ),
    }
