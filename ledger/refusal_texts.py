"""Why commands are turned down, in English by code: the sentences of this room's refusals that have words elsewhere."""

from ledger.wording import Texts

why = Texts(
    {
        "act-elsewhere": "expected the act to be done at the installation's command line",
        "an-identity-key": "an identity key",
        "command-id-reused": "expected the body first sent with this command id, found another",
        "data-key-of-older-epoch": "expected every data key that is left in the new epoch, found an older one",
        "data-key-of-this-epoch": "expected data keys of earlier epochs, found one of this one",
        "epoch-not-after": "expected an epoch after {epoch}, which is settled, found another",
        "epoch-not-begun": "expected epoch {epoch} begun and not settled, found it otherwise",
        "epoch-not-settled": "expected epoch {epoch} settled and its forerunners not ended",
        "erasure-carried-out": "expected an erasure that was not carried out yet, found another",
        "erasure-under-way": "expected no erasure under way, found one that was not carried out yet",
        "erasures-open": "expected every erasure that was asked for to be carried out first",
        "instances-running": "expected no running process instance",
        "key-list-signature": "expected a list of keys signed by identity key {key}",
        "key-of-purpose": "{purpose} key {key}",
        "keys-changed-since": "expected a list of the keys as they are now",
        "log-open": "expected a log that is not open yet",
        "log-sealed": "expected a log that takes entries, found it sealed",
        "no-data-subject": "expected a data subject that can be erased, found none",
        "no-identity-key": "expected an identity key in force, found none",
        "no-values-of-classes": "expected values of these classes under this data subject, found none",
        "not-the-system": "expected the system itself, found another actor",
        "order-of-other-log": "expected an order about the keys of this log",
        "order-signature": "expected an order signed by {who}",
        "refusals-unwritten": "expected the repeated refusals to be written first",
    },
    "refused.",
)
