"""The modules the stand-alone verifier is made of run where nothing is installed."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

STANDALONE = (
    "ledger.cbor",
    "ledger.chain",
    "ledger.cose",
    "ledger.clock",
    "ledger.tree",
    "ledger.proof",
    "ledger.note",
    "ledger.cosignature",
    "ledger.key_rules",
    "ledger.key_statements",
    "ledger.checkpoint",
    "ledger.commitment",
    "ledger.refusal_texts",  # the clock says what it expects in words that others may translate
    "ledger.wording",
    "ledger.verify.cose_key",
    "ledger.verify.plain_es256",
    "ledger.verify.plain_ml_dsa",
    "ledger.verify.plain_rs256",
    "ledger.der",
    "ledger.dsse",
    "ledger.timestamp",
    "ledger.tlog_proof",
    "ledger.verify.plain_signatures",
    "ledger.verify.bytes",
    "ledger.tiles",
    "ledger.verify.bundled",
    "ledger.verify.acts",
    "ledger.verify.anchors",
    "ledger.verify.canonical",
    "ledger.verify.classify",
    "ledger.verify.envelope",
    "ledger.verify.forms",
    "ledger.verify.join",
    "ledger.verify.key_trust",
    "ledger.verify.log",
    "ledger.verify.openings",
    "ledger.verify.places",
    "ledger.verify.receipt",
    "ledger.verify.report",
    "ledger.verify.signing",
    "ledger.verify.source",
    "ledger.verify.stretch",
    "ledger.verify.timestamps",
    "ledger.verify.tiles",
    "ledger.verify.webauthn",
)

PROGRAM = """
import importlib, sys
sys.path.insert(0, sys.argv[1])
for name in sys.argv[2:]:
    importlib.import_module(name)
roots = {name.partition(".")[0] for name in sys.modules}
print(*sorted(roots - sys.stdlib_module_names - {"__main__", "ledger"}))
print(*sorted(name for name in sys.modules if name.startswith("ledger")))
"""


def test_standard_library_only() -> None:
    """A fresh, isolated interpreter without site packages imports them, and loads nothing but the standard library."""
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", PROGRAM, str(ROOT), *STANDALONE], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    foreign, own = done.stdout.split("\n")[:2]
    assert foreign == ""
    assert set(own.split()) == {"ledger", "ledger.errors", "ledger.verify", *STANDALONE}
