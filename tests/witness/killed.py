"""A witness that ends itself by SIGKILL around its commit: `-m tests.witness.killed FOLDER PORT before|after`."""

import os
import signal
import sys
from argparse import ArgumentParser

from witness import book, command


def main(folder: str, port: str, when: str) -> int:
    """Serve, and die at the first commit: before it, or after it and before the answer."""
    finish = book.Book._finish

    def dying(self: book.Book) -> None:
        if when == "after":
            finish(self)
        os.kill(os.getpid(), signal.SIGKILL)

    book.Book._finish = dying  # type: ignore[method-assign]
    return command.run("witness", ArgumentParser(), ["serve", "--folder", folder, "--port", port])


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
