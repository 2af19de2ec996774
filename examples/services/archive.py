"""The example worker: an archive that keeps documents of paid invoices. It runs apart from the service:

    ARCHIVE_TOKEN=... python -m examples.services.archive --url http://127.0.0.1:8000

The token is an API key of `svc:document-archive`.
"""

import argparse
import os

from pydantic import BaseModel

from muniment.worker import Job, Options, Worker


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


def main() -> None:
    """Until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(description="the archive of the demo organisation")
    parser.add_argument("--url", default="http://127.0.0.1:8000")
    archiving(parser.parse_args().url, os.environ["ARCHIVE_TOKEN"]).run()


if __name__ == "__main__":
    main()
