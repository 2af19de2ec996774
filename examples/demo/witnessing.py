"""The demo's witness: a process with a folder and a database of its own, as an audit department would run it.

It is here to show what a second party changes: with it, whoever holds the operator's keys can no longer show two
histories unseen. In earnest it runs on somebody else's machine; beside the log it proves nothing to anybody.
"""

import json
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from examples.demo.running import START_SECONDS
from ledger.checkpoint import parse_checkpoint
from ledger.note import ED25519_COSIGNATURE, VerifierKey, parse_note, parse_vkey
from ledger.policy import Group, Policy, TrustedLog, TrustedWitness, format_policy
from ledger.witnessing import origin_hash

NAME = "audit.example.com/demo"
ASKED_SECONDS = 2.0  # how long the end of a log may take to reach the witness: it is published once a second


class WitnessProcess:
    """`muniment witness serve` over a folder, which is made when it is not there. `vkey` is the log's key."""

    def __init__(self, folder: Path, vkey: str, port: int) -> None:
        self.folder = folder
        self.address = f"http://127.0.0.1:{port}"
        if not folder.exists():
            _run("init", "--folder", str(folder), "--name", NAME, "--log", vkey, "--json")
        self.keys = _keys(folder)
        self.policy = folder.with_name("witnesses.policy")
        self.policy.write_bytes(format_policy(_policy(self.keys, parse_vkey(vkey), self.address)))
        command = [*_PROGRAM, "serve", "--folder", str(folder), "--port", str(port)]
        self._process = subprocess.Popen(command, cwd=_HOME)  # noqa: S603 - our own program and our own words

    def wait(self) -> None:
        """Return once it answers."""
        begun = time.monotonic()
        while time.monotonic() - begun < START_SECONDS:
            if self._process.poll() is not None:
                raise RuntimeError(f"the witness ended with status {self._process.returncode}")
            try:
                self._cosigned("nobody")
            except OSError:
                time.sleep(0.02)
            else:
                return
        raise TimeoutError("the witness did not start")

    def size(self, origin: str, wanted: int = 0) -> int:
        """What it cosigned last for this log, by its own account; waits a moment for `wanted`."""
        begun = time.monotonic()
        while True:
            size = self._cosigned(origin)
            if size >= wanted or time.monotonic() - begun > ASKED_SECONDS:
                return size
            time.sleep(0.1)

    def stop(self) -> None:
        """SIGTERM, then wait."""
        self._process.terminate()
        self._process.wait(timeout=START_SECONDS)

    def _cosigned(self, origin: str) -> int:
        url = f"{self.address}/{origin_hash(origin)}/checkpoint"
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 - our own address
                return parse_checkpoint(parse_note(answer.read()).text).size
        except urllib.error.HTTPError:
            return 0


_HOME = Path(__file__).parent.parent.parent
_PROGRAM = (sys.executable, "-m", "muniment", "witness")


def _run(*words: str) -> str:
    ran = subprocess.run([*_PROGRAM, *words], cwd=_HOME, capture_output=True, text=True, check=False)  # noqa: S603
    if ran.returncode:
        raise RuntimeError(f"muniment witness {words[0]} ended with {ran.returncode}: {ran.stderr[-500:]}")
    return ran.stdout


def _keys(folder: Path) -> tuple[VerifierKey, ...]:
    """The witness's verifier keys, as it tells them."""
    told = json.loads(_run("keys", "--folder", str(folder), "--json"))
    return tuple(map(parse_vkey, told["vkeys"]))


def _policy(keys: tuple[VerifierKey, ...], log: VerifierKey, address: str) -> Policy:
    """This log, and either key of this witness."""
    names = {key: "ed25519" if key.type == ED25519_COSIGNATURE else "ml-dsa-44" for key in keys}
    witnesses = tuple(TrustedWitness(name, key, address) for key, name in names.items())
    return Policy((TrustedLog(log),), witnesses, (Group("audit", 1, tuple(names.values())),), "audit")
