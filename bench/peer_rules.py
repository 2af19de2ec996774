"""One peer of the rule language in a process of its own, run as a script by whichever Python it is installed in.

    PYTHON -P bench/peer_rules.py PEER FOLDER

The first line it writes says what is measured, or `{"missing": PACKAGE}`. Then each line it reads, `{"act": "evaluate",
"count": 1000}`, is answered by `{"count": 1000, "seconds": 0.2}`, until its input ends. It imports nothing of Muniment.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from contextlib import redirect_stdout
from importlib import import_module, metadata
from typing import Any

DATA = {
    "amount": 84000, "limit": 100000, "risk": {"grade": 5}, "purpose": "home", "score": 701, "age": 44,
    "region": "north",
}  # fmt: skip
Compile = Callable[[int], Callable[[], Any]]


def cel() -> tuple[Compile, str]:
    """CEL in C++, with its variables declared."""
    library = import_module("cel_expr_python.cel")
    kinds = library.Type
    whole, text = kinds.INT, kinds.STRING
    env = library.NewEnv(
        variables={
            "amount": whole, "limit": whole, "risk": kinds.Map(text, whole), "purpose": text, "score": whole,
            "age": whole, "region": text,
        }
    )  # fmt: skip

    def compiled(score: int) -> Callable[[], Any]:
        expression = env.compile(
            f'amount <= limit && risk.grade <= 7 && score >= {score} && purpose == "home" && age >= 18'
            ' && region in ["north", "south", "west"]'
        )
        return lambda: expression.eval(data=DATA).plain_value()

    return compiled, "CEL, written in C++; whole numbers"


def feel() -> tuple[Compile, str]:
    """The other FEEL in Python; a path and a list of texts are written as it takes them."""
    library = import_module("bkflow_feel")

    def compiled(score: int) -> Callable[[], Any]:
        tree = library.parser.parse(
            f'amount <= limit and risk.grade <= 7 and score >= {score} and purpose = "home" and age >= 18'
            ' and list contains(["north", "south", "west"], region)'
        )
        expression = library.transformer.transform(tree)
        return lambda: expression.evaluate(DATA)

    return compiled, "FEEL, written in Python; its numbers are Python's"


PEERS: dict[str, Callable[[], tuple[Compile, str]]] = {"cel-expr-python": cel, "bkflow-feel": feel}


def run(compiled: Compile, act: str, count: int) -> dict[str, Any]:
    """`count` evaluations of one condition, or `count` conditions compiled."""
    if act == "compile":
        started = time.perf_counter()
        for number in range(count):
            compiled(600 + number)
        return {"count": count, "seconds": time.perf_counter() - started}
    evaluate = compiled(620)
    assert evaluate() is True
    started = time.perf_counter()
    for _ in range(count):
        evaluate()
    return {"count": count, "seconds": time.perf_counter() - started}


def main(peer: str) -> None:
    """Open the peer and answer until the input ends; what the peer prints goes to the error stream."""
    answers = os.fdopen(os.dup(1), "w")

    def answer(value: dict[str, Any]) -> None:
        answers.write(json.dumps(value) + "\n")
        answers.flush()

    with redirect_stdout(sys.stderr):
        try:
            version = metadata.version(peer)
        except metadata.PackageNotFoundError:
            answer({"missing": peer})
            return
        compiled, said = PEERS[peer]()
        answer({"peer": peer, "version": version, "durability": said})
        for line in sys.stdin:
            asked = json.loads(line)
            answer(run(compiled, asked["act"], asked["count"]))


if __name__ == "__main__":
    main(sys.argv[1])
