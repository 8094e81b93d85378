"""Idempotency-Key: which requests are the same, and how an answer is given again."""

import hashlib
from collections.abc import Awaitable, Callable

import msgspec
from starlette.types import Scope

from handlers.gateway.request import Request
from services import idempotency
from services.context import Context
from services.idempotency import Answer

HEADER = b"idempotency-key"
REPLAYED = {"idempotency-replayed": "true"}


async def act_once(
    ctx: Context,
    operation_id: str,
    scope: Scope,
    request: Request,
    act: Callable[[Context], Awaitable[Answer]],
) -> Answer:
    """The answer of `act`, or the one that it gave when the request came before.

    Raises: KeyReused, KeyInFlight, Unavailable, and what `act` raises; nothing has happened then.
    """
    key = request.headers[HEADER].decode("ascii")
    taken = await idempotency.claim(ctx, operation_id, key, request_hash(scope, request))
    if isinstance(taken, Answer):
        return msgspec.structs.replace(taken, headers=taken.headers | REPLAYED)
    async with taken:
        answer = await act(taken.ctx)
        await taken.complete(answer)
    return answer


def request_hash(scope: Scope, request: Request) -> bytes:
    """SHA-256 of all that a request says to its operation, byte for byte.

    The path counts by its parameters, as an operation may be served under several prefixes.
    """
    path = list(scope["path_params"].values())
    condition = request.headers.get(b"if-match", b"").decode("latin-1")
    said = msgspec.json.encode([path, scope["query_string"].decode("latin-1"), condition])
    return hashlib.sha256(said + request.body).digest()
