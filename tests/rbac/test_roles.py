"""A policy is what its source says, and every fault of the source has a place."""

import pytest
from hypothesis import given, settings

from ledger import canonical
from ledger.errors import BrokenInput
from rbac.permission import WHOLE
from rbac.roles import AccessPolicy, parse_policy, policy_digest, policy_of, policy_value
from tests.rbac.acme import POLICY
from tests.rbac.strategies import policies


@given(policies())
@settings(max_examples=60, deadline=None)
def test_a_policy_is_its_canonical_value(policy: AccessPolicy) -> None:
    value = canonical.decode(canonical.encode(policy_value(policy)))
    assert policy_of(value) == policy
    assert canonical.digest(value) == policy_digest(policy)


def test_comments_and_order_do_not_change_the_digest() -> None:
    plain = parse_policy("access policy: a\nroles:\n  b: {allow: {task: [read, claim]}}\n  c: {reads: [public]}\n")
    other = parse_policy("# x\nroles:\n  c: {reads: [public]}\n  b: {allow: {task: [claim, read]}}\naccess policy: a\n")
    assert policy_digest(plain) == policy_digest(other)


def test_any_change_of_meaning_changes_the_digest() -> None:
    digests = {
        policy_digest(parse_policy(text))
        for text in (
            POLICY,
            POLICY.replace("task: [decide]}\n    deny", "task: [claim]}\n    deny"),
            POLICY.replace("deny:", "allow: {job: [read]}\n    deny:", 1).replace(
                "    allow: {task: [decide]}\n", "", 1
            ),
            POLICY.replace("inside: retail", "inside: wholesale"),
            POLICY.replace("access policy: acme", "access policy: acne"),
            POLICY.replace("includes: [clerk]", "includes: [intake]"),
        )
    }
    assert len(digests) == 6


def test_domains_lie_in_each_other() -> None:
    policy = parse_policy(POLICY)
    assert policy.chain("retail-uk") == ("retail-uk", "retail", WHOLE)
    assert policy.chain("unknown") == ()


ROLE = "access policy: a\nroles:\n  r:\n    "


@pytest.mark.parametrize(
    ("source", "location", "words"),
    [
        ("", "line 1, column 1", "found nothing"),
        ("access policy: a\n", "line 1, column 1", "expected key `roles`"),
        ("access policy: A\nroles: {r: {reads: [public]}}", "line 1, column 16", "policy name"),
        ("access policy: a\nroles: {}", "line 2, column 8", "at least one role"),
        (ROLE + "allow: {tusk: [read]}", "line 4, column 13", "`tusk`"),
        (ROLE + "allow: {task: [Read]}", "line 4, column 20", "`Read`"),
        (ROLE + "allow: {task: [start]}", "line 4, column 20", "expected one of claim"),
        (ROLE + "Allow: {task: [read]}", "line 4, column 5", "`Allow`"),
        (ROLE + "reads: [secret]", "line 4, column 13", "`secret`"),
        (ROLE + "reads: [public]\n    includes: [q]", "line 5, column 16", "`q`"),
        (ROLE + "reads: [public]\n    includes: [r]", "line 3, column 3", "circle"),
        (ROLE + "within: {moon: {allow: {task: [read]}}}", "line 4, column 14", "`moon`"),
        (ROLE + "reads: public", "line 4, column 12", "expected a list"),
        (ROLE + "reads: [public]\n    reads: [public]", "line 5, column 5", "twice"),
        (ROLE + "reads: ['']", "line 4, column 13", "found nothing"),
        (ROLE + "reads: [&a public, *a]", "line 4, column 13", "anchors"),
        (ROLE + "reads: !!set {public}", "line 4, column 12", "tags"),
        (ROLE + "reads: [public", "line 4, column 19", "expected YAML"),
        ("access policy: a\ndomains: {b: {inside: c}}\nroles: {r: {reads: [public]}}", "line 2, column 11", "`c`"),
        ("access policy: a\ndomains: {b: {inside: b}}\nroles: {r: {reads: [public]}}", "line 2, column 11", "circle"),
        ("access policy: a\ndomains: {organisation: {}}\nroles: {r: {reads: [public]}}", "line 2, column 11", "not"),
        ("a: 1\n---\nb: 2\n", "line 2, column 1", "one document"),
        ("[[[[[[[[[[[[]]]]]]]]]]]]", "line 1, column 9", "levels"),
        ("- a", "line 1, column 1", "expected a mapping"),
    ],
)
def test_faults_have_a_place(source: str, location: str, words: str) -> None:
    with pytest.raises(BrokenInput) as fault:
        parse_policy(source)
    assert fault.value.location == location
    assert words in fault.value.message


def test_includes_are_at_most_five_deep() -> None:
    def chain(links: int) -> str:
        roles = "".join(f"  r{i}: {{includes: [r{i + 1}]}}\n" for i in range(links))
        return f"access policy: a\nroles:\n{roles}  r{links}: {{reads: [public]}}\n"

    assert len(parse_policy(chain(4)).roles) == 5
    with pytest.raises(BrokenInput, match="deep"):
        parse_policy(chain(5))


@pytest.mark.parametrize(
    "change",
    [
        lambda value: value["roles"]["clerk"].update(extra=1),
        lambda value: value["roles"]["clerk"]["rules"]["allow"]["organisation"]["task"].reverse(),
        lambda value: value["roles"]["clerk"]["rules"]["allow"]["organisation"].update(task=["fly"]),
        lambda value: value["roles"]["clerk"]["rules"].update(Deny={}),
        lambda value: value["roles"]["clerk"].update(includes=["nobody"]),
        lambda value: value.update(model=2),
        lambda value: value["domains"].update(x="y"),
        lambda value: value.pop("name"),
    ],
)
def test_a_value_that_is_no_policy_is_broken_input(change) -> None:  # type: ignore[no-untyped-def]
    value = canonical.decode(canonical.encode(policy_value(parse_policy(POLICY))))
    change(value)
    with pytest.raises(BrokenInput):
        policy_of(value)


def test_a_source_has_a_size() -> None:
    with pytest.raises(BrokenInput, match="at most"):
        parse_policy("#" * 300_000)
