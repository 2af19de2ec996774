"""The risk desk as a worker: it grades the report of the credit bureau it is shown, by the rules of the local agent.

    RISK_DESK_TOKEN=... python -m examples.services.risk_desk --url http://127.0.0.1:8000

The token is an API key of `svc:risk-desk`.
"""

import argparse
import os
from typing import Any

from examples.services.agents import graded, report_in
from muniment.worker import Failed, Options, Worker

NO_REPORT = "NO_REPORT"


def summarising(address: str, token: str) -> Worker:
    """A worker that proposes summaries for the lending domain."""
    worker = Worker(address, token, Options("lending", "risk-desk-1", concurrency=10))

    @worker.job("summarise-risk")
    def summarise(shown: dict[str, Any]) -> dict[str, Any]:
        return summary(shown)

    return worker


def summary(shown: dict[str, Any]) -> dict[str, Any]:
    """What is proposed on a report; the confidence as decimal text, since no number of ours is a float."""
    report = report_in(shown)
    if report is None:
        raise Failed(NO_REPORT)
    proposed = graded(report)
    return {**proposed, "confidence": str(proposed["confidence"])}


def main() -> None:
    """Until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(description="the risk desk of the demo organisation")
    parser.add_argument("--url", default="http://127.0.0.1:8000")
    summarising(parser.parse_args().url, os.environ["RISK_DESK_TOKEN"]).run()


if __name__ == "__main__":
    main()
