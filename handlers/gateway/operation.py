"""One operation of the contract, compiled: from a routed request to the bytes of its answer."""

import http
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

from generated.models import FieldError
from handlers.gateway import bodies, conditional, idempotency, leaving, streams
from handlers.gateway.bodies import Body
from handlers.gateway.headers import Headers
from handlers.gateway.parameters import Parameter, Parameters
from handlers.gateway.request import Request
from handlers.gateway.respond import Reply, encoded, send_answer
from handlers.gateway.security import Authenticate
from handlers.gateway.shapes import Shape
from handlers.gateway.shedding import Lane, Place
from services.cache import etag_of
from services.context import App, Context
from services.errors import Forbidden
from services.idempotency import Answer

log = structlog.get_logger()

Handler = Callable[..., Awaitable[Any]]
"""It returns a `Reply`, or a file or a stream as a `Response`."""
Answering = Callable[[App, App | Context, Scope, Receive], Awaitable[Answer | Response]]
Checking = Literal["off", "sample", "on", "strict"]

SAMPLE = 64
"""With `sample`, one answer in so many is checked."""

decode = msgspec.json.Decoder().decode


class ResponseMismatch(Exception):
    """An answer does not match the contract; the message names operation and place."""


@dataclass(slots=True)
class Documented:
    """What comes with a status: a JSON body, if it has one, and headers."""

    body: jsonschema_rs.Draft4Validator | None = None
    headers: tuple[Parameter, ...] = ()
    shape: Shape | None = None
    """What says most often at once that a body is right."""


@dataclass(slots=True)
class Responses:
    """What an operation may answer, by status."""

    operation_id: str
    documented: dict[int, Documented]
    checking: Checking
    _turns: Iterator[int] = field(default_factory=itertools.count)
    _fits: dict[int, Callable[[bytes], bool]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Know the quick checks by status, as every answer asks."""
        shapes = {status: one.shape for status, one in self.documented.items()}
        self._fits = {status: shape.fits for status, shape in shapes.items() if shape is not None}

    def check(self, app: App, answer: Answer) -> None:
        """Hold an answer against the contract, as far as the setting asks for it.

        Raises: ResponseMismatch if checking is strict; otherwise a mismatch is counted and logged.
        """
        if self.checking == "off" or (self.checking == "sample" and next(self._turns) % SAMPLE):
            return
        fits = None if answer.headers else self._fits.get(answer.status)
        if fits is not None and fits(answer.body):
            return
        mismatch = self._mismatch(answer)
        if mismatch is None:
            return
        app.metrics.mismatch(self.operation_id)
        if self.checking == "strict":
            raise ResponseMismatch(f"{self.operation_id}: {answer.status} {mismatch}")
        log.error(
            "response.mismatch", operation=self.operation_id, status=answer.status, what=mismatch
        )

    def _mismatch(self, answer: Answer) -> str | None:
        documented = self.documented.get(answer.status)
        if documented is None:
            return "is not documented"
        if answer.headers and (found := wrong_headers(documented.headers, answer.headers)):
            return f"in the header {found[0].field_}: {found[0].message}"
        if documented.body is None:
            return None
        if documented.shape is not None and documented.shape.fits(answer.body):
            return None
        data = decode(answer.body)
        if documented.body.is_valid(data):
            return None
        error = next(documented.body.iter_errors(data))
        return f"at /{'/'.join(map(str, error.instance_path))}: {error.message[:200]}"


def wrong_headers(documented: tuple[Parameter, ...], given: dict[str, str]) -> list[FieldError]:
    """Headers of an answer whose values are not as documented; names are in lower case."""
    found: list[FieldError] = []
    for header in documented:
        if header.name in given:
            header.value(given[header.name], found)
    return found


@dataclass(slots=True)
class Operation:
    """One operation, ready to be called."""

    id: str
    method: str
    template: str
    scope_needed: str | None
    authenticate: Authenticate | None
    parameters: Parameters
    body: Body | None
    handler: Handler
    responses: Responses
    marks: Headers
    """What all its answers carry."""
    keyed: bool
    """Whether it takes an Idempotency-Key."""
    kept: bool
    """Whether answers are kept until something is written in the tenant (`x-kept`)."""
    tagged: bool
    """Whether it may be answered with 304."""
    unheeded: tuple[str, ...]
    """Preconditions that it cannot hold, and so must not pass over."""
    waits: bool
    """Whether it waits for something to happen (`x-waits`)."""
    lane: Lane
    """How many of its sort are answered at once."""
    _answering: Answering = field(init=False)

    def __post_init__(self) -> None:
        """Know the way of every request."""
        self._answering = self._read if self.kept else self._tag if self.tagged else self._act

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read the request, call the handler, write its answer."""
        request: Request = scope["prazium"]
        request.operation_id, request.route = self.id, self.template
        request.marks = self.marks
        self.lane.check()
        app: App = scope["state"]["app"]
        caller = await self._caller(app, request)
        place = request.place = Place(self.lane, request.actor.subject)
        try:
            answer = await self._answering(app, caller, scope, receive)
            if isinstance(answer, Answer):
                place.give_back()  # whoever does not read holds none
                await send_answer(request, answer)
            elif request.method == "HEAD":
                await streams.head_of(answer)(scope, receive, send)
            else:
                await answer(scope, receive, send)
        finally:
            place.give_back()

    async def _caller(self, app: App, request: Request) -> App | Context:
        if self.authenticate is None:
            return app
        request.actor = await self.authenticate(app, request)
        if self.scope_needed not in request.actor.scopes:
            raise Forbidden(f"The key lacks the scope {self.scope_needed}.")
        return Context(app, request.actor, request.id)

    async def _read(
        self, app: App, caller: App | Context, scope: Scope, receive: Receive
    ) -> Answer | Response:
        """Answer a read from what is kept, or anew and keep it; 304 if the client has it."""
        if not app.cache.keeps:
            return await self._tag(app, caller, scope, receive)
        request: Request = scope["prazium"]
        tenant, key = request.actor.tenant_id, conditional.key_of(scope)
        fresh = conditional.wants_fresh(request)
        kept = None if fresh else app.cache.get(tenant, key)
        if kept is None:
            note = await app.cache.note(tenant, key)
            kept = None if fresh else note.found
        if kept is None:
            answer = await self._act(app, caller, scope, receive)
            if not isinstance(answer, Answer) or answer.status != http.HTTPStatus.OK:
                return answer
            kept = app.cache.put(note, answer.body)
        else:
            self.parameters.check(request)
        return conditional.answer(kept.content, kept.etag, request)

    async def _tag(
        self, app: App, caller: App | Context, scope: Scope, receive: Receive
    ) -> Answer | Response:
        """Answer a read that is not kept; 304 if the client has this very answer."""
        answer = await self._act(app, caller, scope, receive)
        if not isinstance(answer, Answer) or answer.status != http.HTTPStatus.OK:
            return answer
        return conditional.answer(answer.body, etag_of(answer.body), scope["prazium"])

    async def _act(
        self, app: App, caller: App | Context, scope: Scope, receive: Receive
    ) -> Answer | Response:
        """Call the handler with what the request says; once, if it has an Idempotency-Key."""
        request: Request = scope["prazium"]
        arguments = self.parameters.read(scope, request)
        if self.body is not None:
            arguments["body"] = await self.body.read(request, receive)
        elif self.method != "GET":
            await bodies.read_nothing(request, receive)
        if self.unheeded:
            conditional.refuse(self.unheeded, request)
        request.place.take()
        if self.waits and isinstance(caller, Context):
            async with leaving.watched(caller, receive) as watched:
                return await self._answer(app, watched, arguments, scope)
        return await self._answer(app, caller, arguments, scope)

    async def _answer(
        self, app: App, caller: App | Context, arguments: dict[str, Any], scope: Scope
    ) -> Answer | Response:
        request: Request = scope["prazium"]
        if self.keyed and isinstance(caller, Context) and idempotency.HEADER in request.headers:
            act = partial(self._replied, app, arguments)
            return await idempotency.act_once(caller, self.id, scope, request, act)
        reply = await self.handler(caller, **arguments)
        return self._checked(app, reply) if isinstance(reply, Reply) else reply

    async def _replied(self, app: App, arguments: dict[str, Any], caller: Context) -> Answer:
        return self._checked(app, await self.handler(caller, **arguments))

    def _checked(self, app: App, reply: Reply) -> Answer:
        """A reply in bytes, held against the contract."""
        answer = encoded(reply)
        self.responses.check(app, answer)
        return answer
