"""Expressions that try to take all the time or all the memory, evaluated in a process with little of both.

    python -m tests.governance.rules.hostile SEED COUNT [json]

A line of JSON for each of `GROWING`, `LONG` and COUNT random ones: `[name, kind of outcome, seconds]`; a last one with
the megabytes that were taken. With `json` what is evaluated is so once more from its tree as JSON.
"""

import json
import random
import resource
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from governance.rules.closures import closure_of
from governance.rules.compile import Compiled, tree_digest
from governance.rules.parse import parse, parse_tests
from governance.rules.tree_eval import evaluate_tree
from governance.rules.tree_json import to_tree_json
from governance.rules.types import ANY
from ledger.errors import MunimentError

MEGABYTES = 200
_TEXT = '"' + "x" * 2000 + '"'
_HORSES = '"' + "\U0001f40e" * 2000 + '"'
_DOUBLED = ", b: a + a, c: b + b, d: c + c, e: d + d"
_KEYS = "{" + ", ".join(f"a{n}: 1" for n in range(900)) + "}"
_NUMBERS = "l: for i in 1..10000 return i"


def _shared(levels: int, name: str = "x") -> str:
    """Entries of lists that hold the one before twice: as a tree, 2 ** levels members."""
    later = "".join(f", {name}{n}: [{name}{n - 1}, {name}{n - 1}]" for n in range(1, levels))
    return f"{name}0: [1, 1]{later}"


GROWING = {
    "nested loops": "for a in 1..10000, b in 1..10000 return a * b",
    "loops in loops": "for a in 1..10000 return for b in 1..10000 return if a > b then a else b",
    "quantified": "some a in 1..10000, b in 1..10000 satisfies a * b < 0",
    "quantified in function": "{f: function(x) every a in 1..10000 satisfies a > 0, r: for i in 1..10000 return f(i)}",
    "texts": f"{{a: {_TEXT}{_DOUBLED}, h: for i in 1..10000 return [{', '.join(['e + e'] * 200)}]}}",
    "horses": f"{{a: {_HORSES}{_DOUBLED}, h: for i in 1..10000 return [{', '.join(['e + e'] * 200)}]}}",
    "text too long": f"{{a: {_TEXT}{_DOUBLED}, f: e + e, g: f + f}}",
    "upper case": f"{{a: {_TEXT}{_DOUBLED}, h: for i in 1..10000 return [upper case(e), upper case(e)]}}",
    "lists in lists": f"{{{_shared(40)}}}",
    "lists in lists compared": f"{{{_shared(40)}, {_shared(40, 'y')}, r: x39 = y39}}.r",
    "lists in lists tested": f"{{{_shared(40)}, r: x39 in [[x39]]}}.r",
    "lists in lists of a type": f"{{{_shared(40)}, r: x39 instance of list<list<list<number>>>}}.r",
    "lists in lists as text": f"{{{_shared(40)}, r: string(x39)}}.r",
    "lists in lists contain": f"{{{_shared(40)}, r: list contains(x39, x38)}}.r",
    "lists in lists as argument": f"{{f: function(a: list<list<number>>) 1, r: f({{{_shared(40)}}}.x39)}}.r",
    "partial": "for i in 1..10000 return [partial]",
    "concatenated": f"{{{_NUMBERS}, r: for i in 1..10000 return concatenate(l)}}",
    "concatenated often": f"{{{_NUMBERS}, r: for i in 1..10000 return [{', '.join(['concatenate(l)'] * 99)}]}}",
    "functions that keep": "{"
    + ", ".join(f"a{n}: 1" for n in range(500))
    + ", r: for i in 1..10000 return function(x) x}",
    "contexts": "for i in 1..10000 return {" + ", ".join(f"a{n}: i" for n in range(900)) + "}",
    "contexts that read": "for i in 1..10000 return {" + ", ".join(f"a{n}: i" for n in range(600)) + ", z: a1}",
    "indexes": f"{{{_NUMBERS}, r: for i in 1..10000 return index of(l, i)}}",
    "modes": f"{{{_NUMBERS}, r: for i in 1..10000 return mode(l)}}",
    "sorted": f"{{{_NUMBERS}, r: for i in 1..10000 return sort(l, function(x, y) x > y)}}",
    "sorted by lists": f"{{{_NUMBERS}, r: sort(l, function(x, y) l = l)}}",
    "sorted in itself": "{f: function(g, x) sort([1, 2, 3], function(a, b) g(g, a) > 0), r: f(f, 1)}",
    "replaced by function": f"{{{_NUMBERS}, r: for i in 1..10000 return list replace(l, function(a, b) true, 1)}}",
    "flattened": f"{{{_shared(40)}, r: flatten(x39)}}.r",
    "texts replaced": f"{{a: {_TEXT}{_DOUBLED}, r: for i in 1..10000 return replace(e, 'x', 'yy')}}".replace("'", '"'),
    "texts matched": f"{{a: {_TEXT}{_DOUBLED}, r: for i in 1..10000 return matches(e, '((x?)?)*$')}}".replace("'", '"'),
    "texts split": f"{{a: {_TEXT}{_DOUBLED}, r: for i in 1..10000 return split(e, 'x')}}".replace("'", '"'),
    "texts joined": f"{{a: {_TEXT}{_DOUBLED}, r: for i in 1..10000 return string join([e, e])}}",
    "entries": f"{{c: {_KEYS}, r: for i in 1..10000 return get entries(c)}}",
    "contexts put": f'{{c: {_KEYS}, r: for i in 1..10000 return context put(c, "b", i)}}',
    "contexts merged": f"{{c: {_KEYS}, r: for i in 1..10000 return context merge([c, c])}}",
    "sums": f"{{{_NUMBERS}, r: for i in 1..10000 return sum(l)}}",
    "memberships": f"{{{_NUMBERS}, r: for i in 1..10000 return -1 in l}}",
    "equalities": f"{{{_NUMBERS}, r: for i in 1..10000 return l = l}}",
    "filters": f"{{{_NUMBERS}, r: for i in 1..10000 return l[item > 5]}}",
    "deep calls": "{f: function(g, n) g(g, n + 1), r: f(f, 1)}",
    "deep calls of deep trees": "{f: function(g, n) " + "-(" * 40 + "g(g, n + 1)" + ")" * 40 + ", r: f(f, 1)}",
    "branching calls": "{f: function(g, n) if n = 0 then 1 else g(g, n - 1) + g(g, n - 1), r: f(f, 20)}",
    "long bodies": "for a in 1..100, b in 1..10000 return [" + ", ".join(["a + b"] * 600) + "]",
    "many tests": "for i in 1..10000, j in 1..10000 return i in (" + ", ".join(["< 0"] * 500) + ")",
    "many variables": "for " + ", ".join(f"a{n} in [1, 2]" for n in range(300)) + " return 1",
}
LONG = {
    "quotes": "for " + '"\\' * 4900,
    "comments": ":" + "/*a" * 3300,
    "spaces in a type": "x instance of context<a" + " " * 9900,
    "spaces in parameters": "function(a" + " " * 9900 + "b(c)",
    "spaces before parameters": "function(" + " " * 9900 + "(c)",
    "names": "{" + ", ".join(f"a {n}: 1" for n in range(500)) + "}" + " a" * 1200,
    "parentheses": "(" * 9990,
    "brackets turned": "]" * 4000 + "1..2" + "[" * 4000,
    "minus": "-" * 9989 + "1",
    "dots": "a" + ".a" * 4900,
    "types": "x instance of " + "list<" * 1900,
    "nots": "not(" * 2400,
    "filters": "a" + "[1]" * 3300,
    "functions": "function(a) " * 800,
    "loops": "for " * 2400,
    "long name": "{" + "a " * 4900 + ": 1}",
}
_SHAPES = (
    "for i in 1..$ return #", "for i in 1..$, j in #  return i", "some i in # satisfies # = null", "[#, #]", "# + #",
    "concatenate(#, #)", "append(#, #)", "{a: #, b: [a, a], c: [b, b], d: a + a}.c", "{f: function(x) #, r: f(f(#))}.r",
    "#[item != null]", "for i in # return [partial, #]", "string(#)", "# = #", "sum(#)", "flatten(#)",
    "sort(#, function(a, b) string(a) < string(b))",
    "distinct values(#)", "string join(#)",
    "replace(string(#), \"1\", string(#))", "split(string(#), \"\")", "context merge([#, #])", "union(#, #)",
    "context put({a: #}, \"b\", #)", "{s: string(#), r: s + s}.r",
    "{f: function(g, x) if x = null then 1 else g(g, #), r: f(f, #)}.r", "# in #", "every i in 1..$ satisfies i in #",
)  # fmt: skip


def _random(chance: random.Random, depth: int) -> str:
    if depth == 0:
        return chance.choice(("i", "x", "a", "1", '"text"', "partial", "(for i in 1..9999 return i)"))
    text = chance.choice(_SHAPES).replace("$", chance.choice(("3", "100", "10000")))
    while "#" in text:
        text = text.replace("#", f"({_random(chance, depth - 1)})", 1)
    return text


def _outcome(work: Callable[[], object]) -> tuple[str, float]:
    start = time.process_time()
    try:
        work()
        kind = "value"
    except MunimentError as error:
        kind = type(error).__name__
    except BaseException as error:  # what the parent must see
        kind = f"{type(error).__name__}, which is not ours"
    return kind, time.process_time() - start


def _evaluated(source: str) -> object:
    expr = parse(source)
    return Compiled(source, expr, ANY, frozenset(), frozenset(), tree_digest(expr), closure_of(expr, None)).evaluate({})


def main(seed: int, count: int, as_json: bool) -> None:
    """Everything, one after the other."""
    parse("1")
    with open("/proc/self/statm", encoding="ascii") as taken:
        before = int(taken.read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (before + MEGABYTES * 2**20,) * 2)
    chance = random.Random(seed)
    sources = GROWING | {f"random {n}": _random(chance, 3) for n in range(count)}
    for name, source in sources.items():
        print(json.dumps([name, *_outcome(partial(_evaluated, source))]))
        if not as_json:
            continue
        tree = to_tree_json(parse(source))
        print(json.dumps([f"{name} (json)", *_outcome(partial(evaluate_tree, tree, {}))]))
    for name, source in LONG.items():
        for read in (parse, parse_tests):
            print(json.dumps([f"{name} ({read.__name__})", *_outcome(partial(read, source))]))
    print(json.dumps(_most_megabytes()))


def _most_megabytes() -> int:
    """At most, of this process: what `getrusage` says includes the one it was started from."""
    status = Path("/proc/self/status")
    if status.exists():
        return int(status.read_text().partition("VmHWM:")[2].split()[0]) // 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // (1 << 20)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), "json" in sys.argv[3:])
