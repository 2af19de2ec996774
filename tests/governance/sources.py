"""Sources of governed artefacts as an organisation would write them."""

INSTRUMENT = """\
instrument: board-minute-2026-03
kind: board resolution
title: Delegation of lending authority
number: 2026/03
issued-by: board of directors
issued-on: 2026-03-01
"""

GRANT = """\
authority-grant: credit-officer-1-2026
instrument: board-minute-2026-03

grantee: person credit-officer-1
grantor: person head-of-lending
parent: head-of-lending-2026
domain: lending
powers: [{decision: approve-credit, outcomes: [approve, decline, send back]}]
limits: [
    {per: case, currency: GBP, max: "100000.00", inclusive: true},
    {per: 30 days, currency: GBP, max: "150000.00", inclusive: true}]
conditions: ["risk.grade <= 7"]
valid: {from: 2026-01-01T00:00:00Z, to: 2027-01-01T00:00:00Z}
"""

HEAD_GRANT = """\
authority-grant: head-of-lending-2026
instrument: board-minute-2026-03
grantee: office head-of-lending
domain: lending
powers: [{decision: approve-credit}]
limits: [{per: case, currency: GBP, max: "500000.00"}, {per: 30 days, currency: GBP, max: "900000.00"}]
valid: {from: 2026-01-01T00:00:00Z, to: 2027-01-01T00:00:00Z}
"""

OFFICE = """\
office: head-of-lending
title: Head of lending
holders:
  - {person: head-of-lending, from: 2026-01-01T00:00:00Z, to: 2026-06-01T12:00:00Z}
  - {person: next-head, from: 2026-06-01T12:00:00Z}
"""

REVOCATION = """\
authority-revocation: officer-1-left
grant: credit-officer-1-2026
action: revoke
reason: left the bank
"""

SUSPENSION = """\
authority-revocation: officer-1-leave
grant: credit-officer-1-2026
action: suspend
from: 2026-01-01T00:00:00Z
to: 2027-01-01T00:00:00Z
reason: parental leave
"""
