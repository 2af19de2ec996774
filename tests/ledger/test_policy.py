"""Trust policies: the specification's example, every rule of it broken once, round trips, and files nobody wrote."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.checking import CHECKS
from ledger.cosignature import cosign
from ledger.errors import BrokenInput, Misuse, TooLarge
from ledger.note import (
    ED25519,
    ED25519_COSIGNATURE,
    ML_DSA_44_COSIGNATURE,
    VerifierKey,
    format_vkey,
    parse_note,
    verifier_key,
)
from ledger.policy import (
    LINES_MAX,
    NONE,
    POLICY_BYTES_MAX,
    Group,
    Policy,
    TrustedLog,
    TrustedWitness,
    cosigned_by,
    format_policy,
    log_verifiers,
    parse_policy,
    quorum_of,
)
from tests.ledger.test_cosignature import ED, ML, TEXT, key_of


def witness_key(number: int, name: str = "w.example/1") -> VerifierKey:
    return verifier_key(name, ED25519_COSIGNATURE, number.to_bytes(32, "big"))


def vkey(number: int) -> str:
    return format_vkey(witness_key(number))


def log_vkey(number: int, kind: int = ED25519) -> str:
    size = 32 if kind == ED25519 else 1312
    return format_vkey(verifier_key("log.example/1", kind, number.to_bytes(size, "big")))


EXAMPLE = f"""
log {log_vkey(1)}

witness X1 {vkey(1)}
witness X2 {vkey(2)} https://x2.example/
witness X3 {vkey(3)}
group X-witnesses 2 X1 X2 X3
  # a comment, \t set in
\twitness\tY1  {vkey(4)}\t
witness Y2 {vkey(5)}
witness Y3 {vkey(6)}
group Y-witnesses any Y1 Y2 Y3

group X-and-Y all X-witnesses Y-witnesses
quorum X-and-Y
""".encode()


def test_the_example_of_the_specification_means_what_it_says() -> None:
    policy = parse_policy(EXAMPLE)
    names = [one.name for one in policy.witnesses]
    assert names == ["X1", "X2", "X3", "Y1", "Y2", "Y3"]
    assert policy.witnesses[1].url == "https://x2.example/"
    for count in range(7):
        for chosen in combinations(names, count):
            enough = sum(n[0] == "X" for n in chosen) >= 2 and any(n[0] == "Y" for n in chosen)
            assert quorum_of(policy, set(chosen)) is enough


def test_names_of_groups_and_of_strangers_count_for_nothing() -> None:
    policy = parse_policy(EXAMPLE)
    assert not quorum_of(policy, {"X-and-Y", "X-witnesses", "Y-witnesses", "none", "Z"})
    assert quorum_of(parse_policy(b"quorum none\n"), set())


def test_one_witness_alone_may_be_the_quorum() -> None:
    policy = parse_policy(f"witness a {vkey(1)}\nwitness b {vkey(2)}\nquorum b\n".encode())
    assert not quorum_of(policy, {"a"})
    assert quorum_of(policy, {"b"})


W = f"witness a {vkey(1)}\nwitness b {vkey(2)}\n"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# nothing but a comment\n",
        W,  # no quorum
        f"{W}quorum a\nquorum a\n",
        f"{W}quorum a",  # the last line does not end
        "quorum a\n",
        f"quorum a\n{W}",  # defined below
        f"{W}quorum A\n",
        f"{W}quorum a b\n",
        f"{W}quorum\n",
        f"{W}group g all a c\nquorum g\n",
        f"{W}group g all\nquorum a\n",
        f"{W}group g 1\nquorum a\n",
        f"{W}group g 0 a b\nquorum g\n",
        f"{W}group g 3 a b\nquorum g\n",
        f"{W}group g -1 a b\nquorum g\n",
        f"{W}group g 01 a b\nquorum g\n",
        f"{W}group g +1 a b\nquorum g\n",
        f"{W}group g \u0661 a b\nquorum g\n",
        f"{W}group g {'9' * 5000} a b\nquorum g\n",
        f"{W}group g ALL a b\nquorum g\n",
        f"{W}group g all a a\nquorum g\n",
        f"{W}group g any a b\ngroup h any a g\nquorum h\n",  # a is a member twice
        f"{W}group g any g a\nquorum g\n",
        f"{W}group g any none a\nquorum g\n",
        f"{W}group none any a\nquorum none\n",
        f"{W}group a any b\nquorum a\n",
        f"witness none {vkey(1)}\nquorum none\n",
        f"{W}witness a {vkey(3)}\nquorum a\n",
        f"{W}witness c {format_vkey(witness_key(1, 'other.example'))}\nquorum a\n",  # the same key under another name
        f"witness a {log_vkey(1)}\nquorum a\n",  # a log's key signs no cosignature
        f"log {vkey(1)}\nquorum none\n",
        f"log {log_vkey(1)}\nlog {log_vkey(1)}\nquorum none\n",
        f"log {log_vkey(1)} http://a b\nquorum none\n",
        "log\nquorum none\n",
        f"witness {vkey(1)}\nquorum none\n",
        f"witness a {vkey(1)[:-4]}AAAA\nquorum a\n",
        f"Log {log_vkey(1)}\nquorum none\n",
        f"\ufefflog {log_vkey(1)}\nquorum none\n",
        "quorum none\r\n",
        "quorum none\n\x00\n",
        "quorum none\n# a comment with \x1b\n",
        "quorum none\n\x7f\n",
        "quorum\x0bnone\n",
        "quorum\u00a0none\n",  # no space of ASCII
    ],
)
def test_every_rule_broken_is_refused(text: str) -> None:
    with pytest.raises(BrokenInput):
        parse_policy(text.encode())


def test_a_fault_is_told_with_its_line() -> None:
    with pytest.raises(BrokenInput) as caught:
        parse_policy(f"# first\n{W}quorum c\n".encode())
    assert caught.value.location == "line 4"


def test_names_are_octets() -> None:
    kelvin, broken = b"\xe2\x84\xaa", b"\xff\xfe"
    data = b"witness K %s\nwitness %s %s\nwitness %s %s\nquorum %s\n"
    keys = [vkey(n).encode() for n in (1, 2, 3)]
    policy = parse_policy(data % (keys[0], kelvin, keys[1], broken, keys[2], broken))
    assert len({one.name for one in policy.witnesses}) == 3
    assert not quorum_of(policy, {"K"})
    assert quorum_of(policy, {policy.witnesses[2].name})
    assert parse_policy(format_policy(policy)) == policy


@pytest.mark.parametrize("count", [32, LINES_MAX])
def test_as_many_lines_as_are_promised(count: int) -> None:
    logs = "".join(f"log {log_vkey(n)}\n" for n in range(1, count + 1))
    witnesses = "".join(f"witness w{n} {vkey(n)}\n" for n in range(1, count + 1))
    groups = "".join(f"group g{n} any w{n}{f' g{n - 1}' if n > 1 else ''}\n" for n in range(1, count + 1))
    policy = parse_policy(f"{logs}{witnesses}{groups}quorum g{count}\n".encode())
    assert quorum_of(policy, {"w1"})
    assert not quorum_of(policy, set())


def test_beyond_the_limits_it_is_too_large() -> None:
    many = "".join(f"witness w{n} {vkey(n)}\n" for n in range(1, LINES_MAX + 2))
    with pytest.raises(TooLarge):
        parse_policy(f"{many}quorum none\n".encode())
    with pytest.raises(TooLarge):
        parse_policy(b"#" * POLICY_BYTES_MAX + b"\n")


@given(st.binary(max_size=200))
def test_any_octets_are_a_policy_or_refused(data: bytes) -> None:
    try:
        policy = parse_policy(data + b"\nquorum none\n")
    except BrokenInput:
        return
    assert parse_policy(format_policy(policy)) == policy


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    letters = st.characters(blacklist_categories=("Cs", "Cc", "Zs", "Zl", "Zp"), max_codepoint=0xFFFF)
    names = draw(st.lists(st.text(letters, min_size=1).filter(lambda n: n != NONE), unique=True, max_size=8))
    cut = draw(st.integers(0, len(names)))
    urls = st.sampled_from(["", "https://w.example/a", "http://127.0.0.1:1"])
    witnesses = tuple(TrustedWitness(n, witness_key(i), draw(urls)) for i, n in enumerate(names[:cut], 1))
    free, groups = list(names[:cut]), []
    for name in names[cut:]:
        members = draw(st.lists(st.sampled_from(free), unique=True)) if free else []
        if members:
            groups.append(Group(name, draw(st.integers(1, len(members))), tuple(members)))
            free = [one for one in free if one not in members] + [name]
    known = [one.name for one in witnesses] + [one.name for one in groups]
    kinds = draw(st.lists(st.sampled_from([ED25519, ML_DSA_44_COSIGNATURE]), max_size=3))
    sizes = {ED25519: 32, ML_DSA_44_COSIGNATURE: 1312}
    logs = tuple(
        TrustedLog(verifier_key("log.example", kind, i.to_bytes(sizes[kind], "big")), draw(urls))
        for i, kind in enumerate(kinds, 1)
    )
    return Policy(logs, witnesses, tuple(groups), draw(st.sampled_from([NONE, *known])))


@given(policies())
def test_what_is_printed_reads_back(policy: Policy) -> None:
    assert parse_policy(format_policy(policy)) == policy


def by_recursion(policy: Policy, name: str, names: set[str]) -> bool:
    groups = {one.name: one for one in policy.groups}
    if name not in groups:
        return name in names
    return sum(by_recursion(policy, member, names) for member in groups[name].members) >= groups[name].least


@given(policies(), st.data())
def test_the_quorum_is_the_one_of_the_definition(policy: Policy, data: st.DataObject) -> None:
    names = {one.name for one in policy.witnesses if data.draw(st.booleans())}
    expected = policy.quorum == NONE or by_recursion(policy, policy.quorum, names)
    assert quorum_of(policy, names) is expected


def test_what_cannot_be_read_back_is_our_bug() -> None:
    witness = TrustedWitness("a b", witness_key(1))
    with pytest.raises(Misuse):
        format_policy(Policy((), (witness,), (), NONE))
    with pytest.raises(Misuse):
        format_policy(Policy((), (), (), "nobody"))


def test_cosigners_are_those_whose_line_verifies() -> None:
    ed, _, _ = key_of(ED25519_COSIGNATURE)
    ml, _, _ = key_of(ML_DSA_44_COSIGNATURE)
    policy = Policy((), (TrustedWitness("ed", ed), TrustedWitness("ml", ml)), (), NONE)
    lines = cosign(ed, ED.sign, TEXT, 5), cosign(ml, ML.sign, TEXT, 5)
    stranger = cosign(witness_key(9), lambda _: bytes(64), TEXT, 5)
    note = parse_note(f"{TEXT}\n{lines[0]}{stranger}{lines[1]}")
    assert cosigned_by(policy, note, CHECKS).names == {"ed", "ml"}
    assert cosigned_by(policy, note, CHECKS).wrong == ()
    assert cosigned_by(policy, note, {ED25519_COSIGNATURE: CHECKS[ED25519_COSIGNATURE]}).names == {"ed"}
    forged = cosign(ed, lambda _: bytes(64), TEXT, 5)
    judged = cosigned_by(policy, parse_note(f"{TEXT}\n{forged}{lines[1]}"), CHECKS)
    assert judged.names == {"ml"}
    assert [line.name for line in judged.wrong] == [ed.name]


def test_a_log_is_known_by_its_origin_alone() -> None:
    policy = parse_policy(f"log {log_vkey(1)}\nlog {log_vkey(2, ML_DSA_44_COSIGNATURE)}\nquorum none\n".encode())
    assert [one.name for one in log_verifiers(policy, "log.example/1", CHECKS)] == ["log.example/1"] * 2
    assert log_verifiers(policy, "log.example/2", CHECKS) == []
