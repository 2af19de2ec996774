"""The limit of HTTP: a FastAPI POST with a pydantic body that does nothing, on uvicorn as it comes."""

import sys

import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel

app = FastAPI()


class Body(BaseModel):
    """As many members as a completion has."""

    outcome: str = ""
    reason: str = ""
    shown_digest: str = ""
    expected_revision: int | None = None


@app.get("/healthz")
async def healthz() -> dict[str, str]:
    """Alive."""
    return {"status": "alive"}


@app.post("/noop")
async def noop(body: Body) -> dict[str, str]:
    """Nothing."""
    return {"outcome": body.outcome}


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), loop="uvloop", http="httptools", log_level="warning")
