"""What requests may hold. Every body is closed: an unknown member, a wrong type or a missing one is a problem.

Instants are integers, microseconds since 1970-01-01T00:00:00Z, unless a description says otherwise. Free data is
JSON; a number with a fraction is taken as `{"$decimal": "1.5"}`, never as a float.
"""

from typing import Annotated, Any, Literal

from pydantic import Field

from api.body import Body, Name, Text
from api.identity.bodies import AssertionBody, Code, Secret

Reason = Annotated[str, Field(max_length=2_000)]
Digest = Annotated[str, Field(max_length=64)]
Data = dict[str, Any]
Revision = Annotated[int, Field(ge=0)]
Instant = Annotated[int, Field(ge=0, le=2**53 - 1)]
Verdict = Literal["approve", "request changes", "refuse"]
Source = Annotated[str, Field(min_length=1, max_length=40 * 1024)]


class RecordBody(Body):
    """One thing that happened in another system. `occurred_at` is RFC 3339, UTC, six fractional digits."""

    source: str
    key: str
    activity: str
    occurred_at: str
    resource: str = ""
    data: Data = Field(default_factory=dict)
    data_class: str = "confidential"
    key_class: str = "confidential"


class RecordsBody(Body):
    """Records written as one command: all or none, in order."""

    records: list[RecordBody] = Field(min_length=1, max_length=1_000)
    domain: Text = "organisation"


class ProposeBody(Body):
    """The next version of a governed artefact. Without `base_version` it is a new one.

    With `retires` (and no `source`) it proposes to end the artefact of that name.
    """

    kind: Name
    title: Text
    reason: Reason
    source: Source | None = None
    base_version: Annotated[int, Field(ge=1)] | None = None
    draft: bool = False
    not_before: Instant | None = None
    retires: Name | None = None


class EditBody(Body):
    """A new source text; every approval so far becomes stale, and whoever edits is an author."""

    source: Source
    expected_revision: Revision | None = None
    base_version: Annotated[int, Field(ge=1)] | None = None


class SourceCheckBody(Body):
    """A source to be read and checked as if it were proposed."""

    kind: Name
    source: Source


class DraftBody(Body):
    """What was typed, as it was typed: nothing in it is judged. `expected_version` is that of the draft it goes on
    from, 0 when none is known."""

    content: Data
    expected_version: Annotated[int, Field(ge=0, le=2**53 - 1)] = 0


class BranchBody(Body):
    """A branch to begin: the activation of the step that has it, and its first step."""

    activation: Annotated[int, Field(ge=1, le=10**11)]
    branch: Name


class BranchReasonBody(BranchBody):
    """A branch to begin again or to pass over, and why; the reason is sealed as confidential."""

    reason: Reason


class RevisionBody(Body):
    """The revision the caller has seen; the header `If-Match` says the same."""

    expected_revision: Revision | None = None


class MoneyBody(Body):
    """An amount; `amount` is a decimal as text."""

    amount: Annotated[str, Field(pattern=r"^-?\d{1,30}(\.\d{1,30})?$")]
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]


class AuthorityCheckBody(Body):
    """May this person take this decision of this size now? `measure` is money, or a plain decimal as text."""

    person: Name
    decision_kind: Name
    domain: Name = "organisation"
    blueprint: Name
    step: Name
    outcome: Name
    measure: MoneyBody | Annotated[str, Field(pattern=r"^-?\d{1,30}(\.\d{1,30})?$")] | None = None
    context: Data = Field(default_factory=dict)
    initiator: Text = ""


class StartBody(Body):
    """A new process instance, of the version in force or of the released one with the digest `version`.

    In test mode (`test`) its calls are answered by examples and nothing of it counts among what is real.
    """

    blueprint: Name
    business_key: Name
    data: Data = Field(default_factory=dict)
    version: Digest | None = None
    domain: Name = "organisation"
    test: bool = False


class ReasonBody(Body):
    """Why; it is sealed as confidential."""

    reason: Reason = ""


class StatementBody(Body):
    """Ask for the statement to sign for an outcome."""

    outcome: Name
    reason: Reason = ""
    reason_code: Text = ""
    shown_digest: Digest = ""


class SignatureBody(AssertionBody):
    """A signature by a passkey: its assertion, of which the challenge is the digest of the statement (32 bytes)."""

    method: Literal["passkey"]


class SignedBody(Body):
    """What is signed: the statement with this nonce, by `signature` or by `password`, with a `code` where the person
    has a second factor."""

    statement_nonce: Text = ""
    password: Secret = ""
    code: Code = ""
    signature: SignatureBody | None = None


class CompletionBody(SignedBody):
    """Complete a form (`data`) or take a decision (`outcome`). The statement with this nonce is signed by `signature`,
    or by `password`, with a `code` where the person has a second factor."""

    outcome: Text = ""
    data: Data = Field(default_factory=dict)
    reason: Reason = ""
    reason_code: Text = ""
    shown_digest: Digest = ""
    expected_revision: Revision | None = None


class ReviewStatementBody(Body):
    """Ask for the statement to sign under a review. `digest` is that of the content that was read; without it, what
    stands there now is meant."""

    verdict: Verdict
    reason: Reason = ""
    digest: Digest = ""


class ReviewBody(SignedBody):
    """A verdict on the content that has this digest. Everything but an approval needs a reason; everything but to
    request changes needs a signature on the statement with this nonce."""

    verdict: Verdict
    digest: Digest
    reason: Reason = ""
    expected_revision: Revision | None = None


class ActivationBody(Body):
    """Take leases on up to `limit` jobs of a type; waits up to `wait_seconds` for the first.

    No more jobs of the type are under lease than `type_at_once`, and than `worker_at_once` of this worker.
    Jobs of instances in test mode are given to who asks for them (`test`), and no others are.
    """

    type: Name
    worker: Name
    limit: Annotated[int, Field(ge=1, le=100)] = 1
    lease_seconds: Annotated[int, Field(ge=1, le=3_600)] = 60
    wait_seconds: Annotated[int, Field(ge=0, le=30)] = 0
    domain: Name = "organisation"
    type_at_once: Annotated[int, Field(ge=1, le=10_000)] | None = None
    worker_at_once: Annotated[int, Field(ge=1, le=10_000)] | None = None
    test: bool = False


class JobCompletionBody(Body):
    """The result of a job, under its lease."""

    lease: Name
    result: Any = None


class JobFailureBody(Body):
    """A job that did not succeed. `code` is a short word; without `retryable` it goes to an incident at once.

    It is tried again after `retry_after` seconds, or later where its blueprint says so.
    """

    lease: Name
    code: Name
    retryable: bool = True
    retry_after: Annotated[int, Field(ge=0, le=86_400)] = 0


class JobReleaseBody(Body):
    """A job given back, under its lease."""

    lease: Name


class ExtensionBody(Body):
    """More time for a job, under its lease."""

    lease: Name
    lease_seconds: Annotated[int, Field(ge=1, le=3_600)] = 60


class MessageBody(Body):
    """A message by name and key, for the one instance that waits for it.

    `keep_for` (ISO 8601, at most P30D): how long it is kept when nobody waits yet; without it that is refused. Of the
    messages with one name, key, domain and `message_id` only the first has an effect. One with `test` is for instances
    in test mode, and no other is.
    """

    name: Name
    key: Any
    data: Any = None
    domain: Name = "organisation"
    keep_for: Annotated[str, Field(max_length=40)] = ""
    message_id: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    test: bool = False


class ResolutionBody(Body):
    """What to do about an incident: try again, lay data and try again, go on without the step, or at the step `to`."""

    how: Literal["retry", "correct", "skip", "other"]
    data: Data = Field(default_factory=dict)
    reason: Reason = ""
    to: Annotated[str, Field(max_length=80)] = ""


class QuestionBody(Body):
    """Ask a question of the catalogue about an instance. `trust` is the log's verifier key, from elsewhere."""

    question: Annotated[str, Field(pattern=r"^Q\d{2}$")]
    instance: Name
    purpose: Annotated[str, Field(min_length=1, max_length=500)]
    trust: Annotated[str, Field(max_length=2_000)] | None = None


class PackBody(Body):
    """An evidence pack over instances: what for, for whom, which questions; `kept` are checkpoints they hold."""

    instances: Annotated[list[Name], Field(min_length=1, max_length=1_000)]
    purpose: Annotated[str, Field(min_length=1, max_length=500)]
    recipient: Annotated[str, Field(min_length=1, max_length=500)]
    questions: Annotated[list[Name], Field(max_length=50)] | None = None
    kept: Annotated[list[Annotated[str, Field(max_length=20_000)]], Field(max_length=300)] = Field(default_factory=list)


class ErasureBody(Body):
    """Why personal data is erased; `classes` narrows it, `reference` names the letter or ticket it answers."""

    ground: Literal[
        "no-longer-needed", "consent-withdrawn", "objection", "unlawful", "legal-duty", "child", "retention-over"
    ]
    classes: Annotated[list[Literal["confidential", "personal", "special"]], Field(max_length=3)] = Field(
        default_factory=list
    )
    reference: Text = ""


class HoldBody(Body):
    """A hold on a data subject or an instance; `instrument` is what it rests on."""

    about: Name
    instrument: Name
    reason: Annotated[str, Field(min_length=1, max_length=500)]


class LiftBody(Body):
    """Why a hold is over."""

    reason: Annotated[str, Field(min_length=1, max_length=500)]


class VerificationBody(Body):
    """Verify the whole log. `vkeys` are keys of the log that the caller pinned elsewhere; without one, signatures are
    not determinable."""

    vkeys: Annotated[list[Annotated[str, Field(max_length=2_000)]], Field(max_length=16)] = Field(default_factory=list)
