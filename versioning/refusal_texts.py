"""Why commands are turned down, in English by code: the sentences of this room's refusals that have words elsewhere."""

from ledger.wording import Texts

why = Texts(
    {
        "approvals-missing": "expected {needed} approvals of this edit, found {fresh}",
        "approved-before": "this person has approved this edit already",
        "author-reviews": "an author of a change request does not review it",
        "base-moved": "expected base version {current_version}, found {base_version}",
        "change-erased": "the content of the change request was erased",
        "change-lapsed": "the change request lapsed at {expires_at}",
        "change-not-in-review": "expected a change request in review, found one {status}",
        "change-not-open": "expected an open change request, found one {status}",
        "change-not-proposed": "expected a proposed change request, found one {status}",
        "change-without-reason": "expected a reason for the change",
        "checks-failed": "expected no errors, found {count}",
        "content-reads-otherwise": "the content no longer reads as it was approved; edit it anew",
        "edited-after-read": "the content was edited after it was read",
        "lapses-only-at": "lapses only at {expires_at}",
        "no-statement-of-change": "expected a statement about this change request, found none",
        "no-such-change": "expected the id of a change request",
        "nothing-in-force": "expected an artefact in force",
        "other-revision": "expected revision {revision}, found {expected}",
        "replaced-never-retired": "artefacts of this kind are replaced, never retired",
        "retirement-not-edited": "a retirement has nothing to edit; withdraw it and propose anew",
        "review-unsigned": "expected a signed statement to {verdict}, found none",
        "review-without-reason": "a reason is required to {verdict}",
        "reviewer-not-a-person": "a change request is reviewed by a person",
        "scheduled-for": "scheduled for {not_before}",
        "statement-signed-before": "expected a statement that was not signed yet, found one that was",
        "too-many-edits": "expected at most {most} edits; withdraw it and propose anew",
        "withdrawn-by-author": "a change request is withdrawn by one of its authors",
    },
    "refused.",
)
