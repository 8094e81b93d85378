"""One operation of the contract, compiled: from a routed request to the bytes of its answer."""

import itertools
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal

import jsonschema_rs
import msgspec
import structlog
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from handlers.gateway import idempotency, readers, streams
from handlers.gateway.headers import Headers
from handlers.gateway.request import Request
from handlers.gateway.respond import Reply, send_reply
from handlers.gateway.security import Authenticate
from services.context import App, Context
from services.errors import Forbidden
from services.idempotency import Answer

log = structlog.get_logger()

Handler = Callable[..., Awaitable[Reply | Response]]
Checking = Literal["off", "sample", "on", "strict"]

SAMPLE = 64
"""With `sample`, one answer in so many is checked."""

encode = msgspec.json.Encoder().encode
decode = msgspec.json.Decoder().decode


class ResponseMismatch(Exception):
    """An answer does not match the contract; the message names operation and place."""


@dataclass(slots=True)
class Responses:
    """What an operation may answer: a validator by status, None where there is no JSON body."""

    operation_id: str
    validators: dict[int, jsonschema_rs.Draft4Validator | None]
    checking: Checking
    _turns: Iterator[int] = field(default_factory=itertools.count)

    def check(self, status: int, content: bytes) -> None:
        """Hold an answer against the contract, as far as the setting asks for it.

        Raises: ResponseMismatch if checking is strict; otherwise a mismatch is logged.
        """
        if self.checking == "off" or (self.checking == "sample" and next(self._turns) % SAMPLE):
            return
        mismatch = self._mismatch(status, content)
        if mismatch is None:
            return
        if self.checking == "strict":
            raise ResponseMismatch(f"{self.operation_id}: {status} {mismatch}")
        log.error("response.mismatch", operation=self.operation_id, status=status, what=mismatch)

    def _mismatch(self, status: int, content: bytes) -> str | None:
        if status not in self.validators:
            return "is not documented"
        validator = self.validators[status]
        if validator is None:
            return None
        data = decode(content)
        if validator.is_valid(data):
            return None
        error = next(validator.iter_errors(data))
        return f"at /{'/'.join(map(str, error.instance_path))}: {error.message[:200]}"


@dataclass(slots=True)
class Operation:
    """One operation, ready to be called."""

    id: str
    method: str
    template: str
    scope_needed: str | None
    authenticate: Authenticate | None
    parameters: readers.Parameters
    body: readers.Body | None
    handler: Handler
    responses: Responses
    marks: Headers
    """What all its answers carry."""
    keyed: bool
    """Whether it takes an Idempotency-Key."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read the request, call the handler, write its answer."""
        request: Request = scope["prazium"]
        request.operation_id, request.route = self.id, self.template
        request.marks = self.marks
        answer = await self._answer(scope["state"]["app"], request, scope, receive)
        if isinstance(answer, Reply):
            await send_reply(send, answer, self._encoded(answer), head=request.method == "HEAD")
        elif isinstance(answer, Answer):
            await send_reply(send, answer, answer.body)
        elif request.method == "HEAD":
            await streams.head_of(answer)(scope, receive, send)
        else:
            await answer(scope, receive, send)

    async def _answer(
        self, app: App, request: Request, scope: Scope, receive: Receive
    ) -> Reply | Answer | Response:
        caller: App | Context = app
        if self.authenticate is not None:
            request.actor = await self.authenticate(app, request)
            if self.scope_needed not in request.actor.scopes:
                raise Forbidden(f"The key lacks the scope {self.scope_needed}.")
            caller = Context(app, request.actor, request.id)
        arguments = self.parameters.read(scope, request)
        if self.body is not None:
            arguments["body"] = await self.body.read(request, receive)
        if self.keyed and idempotency.HEADER in request.headers and isinstance(caller, Context):
            act = partial(self._keepable, arguments)
            return await idempotency.act_once(caller, self.id, scope, request, act)
        return await self.handler(caller, **arguments)

    async def _keepable(self, arguments: dict[str, Any], ctx: Context) -> Answer:
        """The answer of a request with an Idempotency-Key, in a form that can be kept."""
        reply = await self.handler(ctx, **arguments)
        if not isinstance(reply, Reply):
            raise TypeError(f"{self.id} has an Idempotency-Key, so it must answer with a Reply")
        return Answer(reply.status, reply.headers, self._encoded(reply))

    def _encoded(self, reply: Reply) -> bytes:
        """The body as bytes, held against the contract.

        Raises: ResponseMismatch.
        """
        content = encode(reply.body)
        self.responses.check(reply.status, content)
        return content
