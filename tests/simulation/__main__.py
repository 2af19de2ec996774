"""Play one history again, and tell what happened: `python -m tests.simulation SEED [--acts N] [--faults N] ...`."""

import argparse
import sys
import traceback
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.simulation.history import ACTS, Seed
from tests.simulation.place import Place, quick_folder
from tests.simulation.shrinking import made


def main() -> int:
    """The exit code: 1 when the history fails."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation")
    parser.add_argument("seed", type=int)
    parser.add_argument("--acts", type=int, default=ACTS)
    parser.add_argument("--faults", type=int, default=None)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--wide", action="store_true", help="one of the histories that draw everything")
    given = parser.parse_args()
    with TemporaryDirectory(dir=quick_folder()) as folder:
        seed = Seed(given.seed, given.acts, given.faults, given.processes, given.wide)
        place = Place(Path(folder))
        history = made(seed, place)
        for version in history.house.released.values():
            print(version.blueprint.id, *version.blueprint.steps, sep="\n    ")
        print("faults", history.faults)
        try:
            history.play()
        except Exception:
            traceback.print_exc()
            return 1
        finally:
            place.close()
            print("\n".join(history.told))
    return 0


if __name__ == "__main__":
    sys.exit(main())
