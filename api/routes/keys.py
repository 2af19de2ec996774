"""The keys of the log: which sign for it, from and to which size, and the signed lists that a verifier keeps."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.allowing import allow
from api.app import json_answer
from api.context import viewing
from api.describing import described
from ledger.key_life import keys_value, signed_lists
from rbac.permission import Action, Object

router = APIRouter(prefix="/v1/keys", tags=["keys"])

READ = (Object.REGISTER, Action.READ)


@router.get("", **described("ledger.KeysAnswer"))
async def keys(request: Request) -> Response:
    """Every key of the log with its verifier key and the sizes it signs, and the lists the identity key signed."""
    with viewing(request) as (view, actor):
        allow(request, view, actor, READ)
        found, lists = keys_value(view), signed_lists(view)
    return json_answer({"items": found, "lists": lists})
