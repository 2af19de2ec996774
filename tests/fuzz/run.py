"""One run of the fuzzer, in a process of its own: libFuzzer ends the process.

python -m tests.fuzz.run CORPUS [libFuzzer's options]
"""

import sys

import atheris

with atheris.instrument_imports(include=["governance.rules", "lark"]):
    from governance.rules import limits
    from tests.fuzz.targets import one_input

if __name__ == "__main__":
    limits.STEPS_MAX = 20_000  # what is slow finds nothing that what is short does not
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
