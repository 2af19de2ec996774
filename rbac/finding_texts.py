"""What the checks of this room's artefacts find, in English by code."""

from ledger.wording import Texts

say = Texts(
    {
        "assignment-fixed": (
            "expected the actor, role and domain of the assignment: another one needs a name of its own"
        ),
        "assignment-longer": "expected an end no later than the present one",
        "attribute-fixed": "expected the person and attribute it was given for: another one needs a name of its own",
        "change-control-closed": (
            "expected a role that may {action} a change-request: without it nothing can change any more"
        ),
        "end-in-the-past": "expected an end in the future",
        "end-moved-back": "expected an end before the present one: to give it again takes a name of its own",
        "leaving-actor-unknown": "expected a registered actor to leave",
        "leaving-person-unknown": "expected a registered person to leave",
        "no-end-given": "expected an end for what was given",
        "no-such-domain": "expected a domain of the access policy, found `{domain}`",
        "no-such-role": "expected a role of the access policy, found `{role}`",
        "nobody-registered": "expected a registered person or actor",
        "nothing-to-end": "expected an end for the existing assignment",
        "one-access-policy": "expected the organisation's one access policy `{present}`, found `{other}`",
        "person-unknown": "expected a registered person",
        "role-empty": "role `{name}` states nothing",
        "role-in-use": "expected role `{role}`, which actors hold",
        "role-unheld": "nobody holds role `{role}`",
    },
    "people.",
)
