"""Why commands are turned down, in English by code: the sentences of this room's refusals that have words elsewhere."""

from ledger.wording import Texts

why = Texts(
    {
        "actor-not-active": "expected an actor who is registered and active",
        "blank-ask": "expected a domain, an object and an action, found a blank",
        "ceremony-elsewhere": "expected the ceremony to be held at the installation's command line",
        "ceremony-held": "expected a log without a ceremony, found one held",
        "denied-by-rule": "denied by a rule of the role",
        "end-in-future": "expected an end in the future",
        "grants-for-others": "expected a grant for this decision, found grants for others",
        "no-authority-grant": "expected an authority grant in this domain, found none",
        "no-policy": "expected an access policy in force, found none",
        "no-role": "expected a role in force in this domain, found none",
        "no-rule": "expected a role with a rule that allows this, found none",
        "no-such-holder": "expected a registered person or actor",
        "no-such-permission": "expected an object and an action of the permission catalogue",
        "no-such-person": "expected a registered person",
        "not-signed-in-person": "expected a person who signed in, found a service, an agent or an API key",
        "other-policy": "expected the access policy with its released digest, found another",
        "policy-fault": "expected an answer of the policy, found a fault in evaluating it",
        "unclassed-field": "expected a field with a class, found none",
    },
    "refused.",
)
