"""The processes of the demo: the service, started as its user would start it, and the outside systems beside it."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import replace
from pathlib import Path

from api.settings import Settings

START_SECONDS = 60.0  # a slow machine under load; an idle one needs less than one
PORTS_TRIED = 20


def own(settings: Settings, folder: str) -> Settings:
    """Settings of an organisation that lies in this folder as a whole, its mark included: it is thrown away so."""
    return replace(
        settings, data_dir=folder, database_url="", mark_dir=settings.mark_dir or str(Path(folder) / "marks")
    )


def free_port(wanted: int) -> int:
    """The wanted port, or the next one that is free."""
    for port in range(wanted, wanted + PORTS_TRIED):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except (OSError, OverflowError):  # busy, or no port any more
                continue
            return port
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        chosen: int = probe.getsockname()[1]
        return chosen


def environment_of(settings: Settings) -> dict[str, str]:
    """The environment in which `muniment` finds this organisation."""
    return {
        **os.environ,
        "MUNIMENT_DATA_DIR": str(Path(settings.data_dir).resolve()),
        "MUNIMENT_LOG": settings.log,
        "MUNIMENT_LOG_ORIGIN": settings.log_origin,
        "MUNIMENT_EGRESS_ALLOW": settings.egress_allow,
        "MUNIMENT_WITNESSES": settings.witnesses,
        "MUNIMENT_MARK_DIR": settings.mark_dir and str(Path(settings.mark_dir).resolve()),
    }


class ServiceProcess:
    """`muniment serve` as a process of its own."""

    def __init__(self, settings: Settings, port: int) -> None:
        self.address = f"http://127.0.0.1:{port}"
        command = [sys.executable, "-m", "muniment", "serve", "--port", str(port)]
        self._process = subprocess.Popen(  # noqa: S603 - our own program and our own words
            command, env=environment_of(settings), cwd=Path(__file__).parent.parent.parent
        )

    def wait(self) -> float:
        """Seconds until the service took commands."""
        begun = time.monotonic()
        while time.monotonic() - begun < START_SECONDS:
            if self._process.poll() is not None:
                raise RuntimeError(f"the service ended with status {self._process.returncode}")
            try:
                with urllib.request.urlopen(f"{self.address}/readyz", timeout=5):  # noqa: S310 - our own address
                    return time.monotonic() - begun
            except (urllib.error.URLError, OSError):
                time.sleep(0.02)
        raise TimeoutError("the service did not start")

    def is_over(self) -> bool:
        """Whether it has ended, though nobody stopped it."""
        return self._process.poll() is not None

    def stop(self) -> int:
        """SIGTERM, then wait; the exit status."""
        self._process.terminate()
        return self._process.wait(timeout=START_SECONDS)
