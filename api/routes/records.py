"""What happened in another system, written here: one record, or a batch that is written whole or not at all."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.answers.values import CommandAnswer
from api.body import parse_json, read_body, to_model
from api.context import caller_of, send_as
from api.describing import described
from api.schemas import RecordBody, RecordsBody
from ledger.errors import BrokenInput
from orchestrator.records import Record, WriteRecords, checked

router = APIRouter(prefix="/v1", tags=["records"])


@router.post("/records", **described(CommandAnswer, (RecordBody, RecordsBody), command=True))
async def write(request: Request) -> Response:
    """Write one record, or `{"records": [...]}` as one command with one receipt."""
    actor = caller_of(request)
    value = parse_json(await read_body(request))
    if type(value) is dict and "records" in value:
        body = to_model(RecordsBody, value)
        records = tuple([_record(record, f"body.records.{place}") for place, record in enumerate(body.records)])
        return await send_as(request, actor, WriteRecords(records, body.domain))
    return await send_as(request, actor, WriteRecords((_record(to_model(RecordBody, value), "body"),)))


def _record(body: RecordBody, location: str) -> Record:
    record = Record(
        body.source,
        body.key,
        body.activity,
        body.occurred_at,
        body.resource,
        body.data,
        body.data_class,
        body.key_class,
    )
    try:
        return checked(record, location)
    except BrokenInput as error:
        raise BrokenInput(error.message, error.location or f"{location}.occurred_at") from error
