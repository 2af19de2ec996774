"""What the checks of this room's artefacts find, in English by code."""

from ledger.wording import Texts

say = Texts(
    {
        "backdated": "it begins before it is released",
        "breaks": "breaks `{name}`: {fault}",
        "chain-broken": "at `{grant}`: {why}",
        "end-in-the-past": "expected an end in the future",
        "grant-revoked": "expected a grant that is not revoked",
        "grantee-and-domain-stay": (
            "expected the grantee and domain it has; another person or domain takes another grant"
        ),
        "no-step": "no released decision step takes its powers",
        "no-such-grant": "expected a known grant, found `{grant}`",
        "no-such-person": "expected a known person, found `{person}`",
        "not-retired": "expected a revocation or another version, found a retirement",
        "other-grant": "expected the grant this name was released for",
        "retroactive": "it takes effect at its release",
        "revoked-before": "the grant is revoked already",
        "two-holders": "two persons hold the office at once",
    },
    "authority.",
)
