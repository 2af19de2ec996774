"""The example worker: an archive that keeps documents of paid invoices. It runs apart from the service:

    ARCHIVE_TOKEN=... python -m examples.services.archive --url http://127.0.0.1:8000

The token is an API key of `svc:document-archive`.
"""

import argparse
import asyncio
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from pydantic import BaseModel

from muniment.worker import Job, Options, Worker

STOP_SECONDS = 30.0


class Document(BaseModel):
    """What is archived: the digest of the document, and the payment it led to."""

    document: str
    payment: str | None = None


def archiving(address: str, token: str) -> Worker:
    """A worker that archives for the finance domain."""
    worker = Worker(address, token, Options("finance", "archive-1", concurrency=10))
    kept: dict[str, Document] = {}

    @worker.job("archive-document")
    def archive(document: Document, job: Job) -> None:
        kept[job.id] = document  # by the job's id: done twice, it is archived once

    return worker


@contextmanager
def at_work(worker: Worker) -> Iterator[None]:
    """The worker on a thread of its own, for as long as the block runs."""
    thread = threading.Thread(target=lambda: asyncio.run(worker.serve()), daemon=True, name="archive")
    thread.start()
    try:
        yield
    finally:
        worker.stop()
        thread.join(STOP_SECONDS)


def main() -> None:
    """Until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(description="the archive of the demo organisation")
    parser.add_argument("--url", default="http://127.0.0.1:8000")
    archiving(parser.parse_args().url, os.environ["ARCHIVE_TOKEN"]).run()


if __name__ == "__main__":
    main()
