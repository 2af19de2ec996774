"""The kinds local identity writes, with the members of each payload. A released pair (kind, schema) never changes.

`hash`, `code`, `secret` and `codes` are commitments. No token, password or code and no hash of one stands in an entry.
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
        # subject: `api-key:<id>`. `scope` is [[role, domain], ...].
        (API_KEY_CREATED, 1): ("key_id", "actor", "title", "scope", "hash", "expires_at", "result"),
        (API_KEY_REVOKED, 1): ("key_id", "result"),
    }
)
