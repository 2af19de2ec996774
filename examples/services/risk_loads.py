"""The worker of the first two stages of the daily load of risk data: it asks the source for the positions of a desk and
maps them. It runs apart from the service:

    RISK_LOADS_TOKEN=... python -m examples.services.risk_loads --url http://127.0.0.1:8000 --source http://127.0.0.1:9100

The token is an API key of `svc:risk-worker`. A source that is down is asked again, as the blueprint says; one that does
not know a desk is not.
"""

import argparse
import json
import os
import urllib.error
import urllib.request
from typing import Any

from muniment.worker import Failed, Options, Worker

EXOTIC = "exotic"  # positions of a desk whose name holds this word map from version 2 of the mapping on
DOWN = "SOURCE_DOWN"


def loading(address: str, token: str, source: str) -> Worker:
    """A worker of both stages for the domain of risk data."""
    worker = Worker(address, token, Options("risk-data", "risk-loads-1", concurrency=10))

    @worker.job("extract-partition")
    def extract(asked: dict[str, Any]) -> dict[str, Any]:
        return extracted(source, asked)

    @worker.job("transform-partition")
    def transform(asked: dict[str, Any]) -> dict[str, Any]:
        return mapped(asked)

    return worker


def extracted(source: str, asked: dict[str, Any]) -> dict[str, Any]:
    """The positions of one desk as the source has them; asked twice for one day, it makes one extract."""
    key = f"{asked['source']}|{asked['day']}|{asked['partition']}"
    return {"partition": asked["partition"], **ask(f"{source}/extracts", asked, key)}


def mapped(asked: dict[str, Any]) -> dict[str, Any]:
    """What mapping one desk's positions comes to: `failed` is a result, since trying again would not mend it."""
    fails = EXOTIC in asked["partition"] and asked["mapping"] < 2
    return {"partition": asked["partition"], "status": "failed" if fails else "mapped", "rejected": 7 if fails else 0}


def ask(address: str, body: dict[str, Any], key: str) -> dict[str, Any]:
    """One request of an outside system; `Failed` says whether to try again."""
    headers = {"Content-Type": "application/json", "Idempotency-Key": key}
    request = urllib.request.Request(address, json.dumps(body).encode(), headers)  # noqa: S310 - our own address
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310 - our own address
            told: dict[str, Any] = json.loads(answer.read())
    except urllib.error.HTTPError as error:
        error.close()
        raise Failed(f"SOURCE_{error.code}", retryable=error.code >= 500) from error
    except OSError as error:
        raise Failed(DOWN, retryable=True) from error
    return told


def main() -> None:
    """Until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(description="the loads of risk data of the demo organisation")
    parser.add_argument("--url", default="http://127.0.0.1:8000")
    parser.add_argument("--source", default="http://127.0.0.1:9100")
    options = parser.parse_args()
    loading(options.url, os.environ["RISK_LOADS_TOKEN"], options.source).run()


if __name__ == "__main__":
    main()
