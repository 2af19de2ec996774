"""The kinds local identity writes, with the members of each payload. A released pair (kind, schema) never changes.

`hash`, `code`, `secret`, `codes`, `sealed` and `name` are commitments. No token, password or code and no hash of one
stands in an entry.
"""

from collections.abc import Mapping
from types import MappingProxyType

CREDENTIAL_SET = "credential.set"
SETUP_CODE_ISSUED = "setup_code.issued"
SIGN_IN_STARTED = "sign_in.started"
SIGN_IN_FAILED = "sign_in.failed"
SIGN_IN_ENDED = "sign_in.ended"
SECOND_FACTOR_OFFERED = "second_factor.offered"
SECOND_FACTOR_CONFIRMED = "second_factor.confirmed"
SECOND_FACTOR_REMOVED = "second_factor.removed"
RECOVERY_CODES_REPLACED = "recovery_codes.replaced"
SECOND_FACTOR_USED = "second_factor.used"
PASSKEY_ENROLLED = "passkey.enrolled"
PASSKEY_RENAMED = "passkey.renamed"
PASSKEY_USED = "passkey.used"
PASSKEY_SUSPECTED = "passkey.suspected"
PASSKEY_REMOVED = "passkey.removed"
API_KEY_CREATED = "api_key.created"
API_KEY_REVOKED = "api_key.revoked"

KINDS: Mapping[tuple[str, int], tuple[str, ...]] = MappingProxyType(
    {
        # subject: the person. `by` is `code` (then `code_id`) or `password`.
        (CREDENTIAL_SET, 1): ("person", "kind", "hash", "by", "code_id", "result"),
        # by the present password and a code: `step` is the time step of the app's, else `number` the recovery code's.
        (CREDENTIAL_SET, 2): ("person", "kind", "hash", "by", "code_id", "step", "number", "result"),
        # `replaces`: the person had a password already.
        (SETUP_CODE_ISSUED, 1): ("person", "code_id", "code", "expires_at", "replaces", "result"),
        (SIGN_IN_STARTED, 1): ("person", "session", "method", "ends_at", "result"),
        # a sign-in that proved no knowledge of the password (`method` is `demo-link`): failures stay counted.
        (SIGN_IN_STARTED, 2): ("person", "session", "method", "ends_at", "result"),
        # with a second factor: `step` is the time step of the app's code, else `number` that of a recovery code.
        (SIGN_IN_STARTED, 3): ("person", "session", "method", "step", "number", "ends_at", "result"),
        # by a passkey, named by the digest of its credential id, and the counter it told.
        (SIGN_IN_STARTED, 4): ("person", "session", "method", "passkey", "sign_count", "ends_at", "result"),
        (SIGN_IN_FAILED, 1): ("person", "failures", "locked_until", "result"),
        # the password (or a session) was right and the code was not: `code_failures` of the `failures` in a row.
        (SIGN_IN_FAILED, 2): ("person", "failures", "code_failures", "locked_until", "result"),
        (SIGN_IN_ENDED, 1): ("person", "session", "result"),
        # ended by its person out of another session: that one, or `count` of them when `session` is null.
        (SIGN_IN_ENDED, 2): ("person", "session", "count", "result"),
        (SECOND_FACTOR_OFFERED, 1): ("person", "secret", "result"),
        # `codes` are the first recovery codes, `count` of them; `step` that of the code that confirmed.
        (SECOND_FACTOR_CONFIRMED, 1): ("person", "step", "codes", "count", "result"),
        # `by` is `sign-in` (a fresh one that showed it), `code` (then `step` or `number`) or `keeper` (somebody else).
        (SECOND_FACTOR_REMOVED, 1): ("person", "by", "step", "number", "result"),
        (RECOVERY_CODES_REPLACED, 1): ("person", "by", "step", "number", "codes", "count", "result"),
        # a code beside the password, to sign: `step` or `number`.
        (SECOND_FACTOR_USED, 1): ("person", "step", "number", "result"),
        # `passkey` is the digest of the credential id; `public_key` a COSE_Key; `by` how the session began.
        (PASSKEY_ENROLLED, 1): (
            "person",
            "passkey",
            "public_key",
            "rp_id",
            "sealed",
            "name",
            "transports",
            "is_backed_up",
            "sign_count",
            "by",
            "result",
        ),
        (PASSKEY_RENAMED, 1): ("person", "passkey", "name", "result"),
        # an assertion that proved something else than a sign-in: `purpose` is `signature`.
        (PASSKEY_USED, 1): ("person", "passkey", "sign_count", "purpose", "result"),
        # an assertion that holds, of which the counter went back from `seen`: there may be a copy of the key.
        (PASSKEY_SUSPECTED, 1): ("person", "passkey", "seen", "sign_count", "purpose", "result"),
        # `by` is `password` (with `step` or `number` of a code), `passkey` (then `other`, and its counter) or `keeper`.
        (PASSKEY_REMOVED, 1): (
            "person",
            "passkey",
            "public_key",
            "rp_id",
            "by",
            "step",
            "number",
            "other",
            "sign_count",
            "result",
        ),
        # subject: `api-key:<id>`. `scope` is [[role, domain], ...].
        (API_KEY_CREATED, 1): ("key_id", "actor", "title", "scope", "hash", "expires_at", "result"),
        (API_KEY_REVOKED, 1): ("key_id", "result"),
    }
)
