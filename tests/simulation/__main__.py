"""Play one history again, and tell what happened: `python -m tests.simulation SEED [--acts N] [--faults N] ...`."""

import argparse
import sys
import traceback
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.simulation.history import ACTS, History, Seed
from tests.simulation.place import Place, quick_folder


def main() -> int:
    """The exit code: 1 when the history fails."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation")
    parser.add_argument("seed", type=int)
    parser.add_argument("--acts", type=int, default=ACTS)
    parser.add_argument("--faults", type=int, default=None)
    parser.add_argument("--processes", type=int, default=2)
    given = parser.parse_args()
    with TemporaryDirectory(dir=quick_folder()) as folder:
        history = History(Seed(given.seed, given.acts, given.faults, given.processes), Place(Path(folder)))
        for version in history.house.released.values():
            print(version.blueprint.id, *version.blueprint.steps, sep="\n    ")
        print("faults", history.faults)
        try:
            history.play()
        except Exception:
            traceback.print_exc()
            return 1
        finally:
            print("\n".join(history.told))
    return 0


if __name__ == "__main__":
    sys.exit(main())
