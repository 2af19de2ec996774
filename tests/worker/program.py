"""A worker process of the tests: `python -m tests.worker.program ADDRESS EFFECTS [--die] [--slow SECONDS]`, token in
the environment. Every job leaves a line in the file of effects before it is answered."""

import argparse
import asyncio
import logging
import os
import signal
from pathlib import Path

from muniment.worker import Job, Options, Worker


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("address")
    parser.add_argument("effects", type=Path)
    parser.add_argument("--die", action="store_true", help="kill -9 itself between the first work and its answer")
    parser.add_argument("--slow", type=float, default=0.0)
    parser.add_argument("--lease", type=int, default=60)
    parser.add_argument("--grace", type=float, default=30.0)
    options = parser.parse_args()
    logging.basicConfig(level=logging.WARNING)
    worker = Worker(
        options.address,
        os.environ["WORKER_TOKEN"],
        Options("finance", concurrency=2, lease_seconds=options.lease, wait_seconds=5, grace_seconds=options.grace),
    )

    @worker.job("score")
    async def score(job: Job) -> dict[str, int]:
        descriptor = os.open(options.effects, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.write(descriptor, f"{job.id}\n".encode())
        os.close(descriptor)
        if options.die:
            os.kill(os.getpid(), signal.SIGKILL)
        await asyncio.sleep(options.slow)
        return {"grade": 7}

    worker.run()


if __name__ == "__main__":
    main()
