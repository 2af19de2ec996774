"""The console goes into the wheel: it is built first where it was not, by the Node that `console/node.sh` finds."""

import subprocess
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py
from setuptools.command.sdist import sdist

ROOT = Path(__file__).parent
BUILT = ROOT / "api" / "static" / "index.html"


def build_console() -> None:
    """Build it; an installation from a source distribution holds it already."""
    if not BUILT.is_file():
        subprocess.run(["sh", str(ROOT / "console" / "build.sh")], check=True)  # noqa: S603, S607


class BuildWithConsole(build_py):
    """A package to install holds the console; an editable one takes what is in the tree."""

    def run(self) -> None:
        if not self.editable_mode:
            build_console()
        super().run()


class SdistWithConsole(sdist):
    """A source distribution holds the built console: whoever installs from it needs no Node."""

    def run(self) -> None:
        build_console()
        super().run()


setup(cmdclass={"build_py": BuildWithConsole, "sdist": SdistWithConsole})
