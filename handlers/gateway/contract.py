"""The contract compiled at start-up: per operation its readers, its handler and its answers.

Connexion routes and authenticates; in the place of its per-request interpretation stands one object
per operation, made in its own extension point (the app's `api_cls`).
"""

import importlib
import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import jsonschema_rs
import msgspec
import structlog
from connexion.apps.asynchronous import AsyncApi
from connexion.operations import AbstractOperation
from connexion.resolver import Resolution, Resolver
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from handlers.gateway import readers, streams
from handlers.gateway.respond import JSON, Reply
from handlers.gateway.schemas import Json, Schemas
from services.context import App, Context
from services.errors import Forbidden

log = structlog.get_logger()

Handler = Callable[..., Awaitable[Reply | Response]]


class ContractBroken(Exception):
    """Code and contract disagree; the message says where."""


class ResponseMismatch(Exception):
    """An answer does not match the contract; the message names operation and place."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation, ready to be called."""

    id: str
    scope_needed: str | None
    parameters: readers.Parameters
    body: readers.Body | None
    handler: Handler
    responses: dict[int, jsonschema_rs.Draft4Validator | None]
    checked: bool

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read the request, call the handler, write its answer."""
        request = scope["prazium"]
        request.operation_id = self.id
        answer = await self._call(request, scope, receive)
        if isinstance(answer, Reply):
            answer = self._encoded(answer)
        if scope["method"] == "HEAD":
            answer = streams.head_of(answer)
        await answer(scope, receive, send)

    async def _call(self, request: Any, scope: Scope, receive: Receive) -> Reply | Response:
        app: App = scope["state"]["app"]
        if self.scope_needed is None:
            return await self.handler(app)
        ctx = Context(app, request.actor, request.id)
        if self.scope_needed not in ctx.actor.scopes:
            raise Forbidden(f"The key lacks the scope {self.scope_needed}.")
        arguments = self.parameters.read(scope)
        if self.body is not None:
            arguments["body"] = await self.body.read(scope, receive)
        return await self.handler(ctx, **arguments)

    def _encoded(self, reply: Reply) -> Response:
        """The answer as bytes, held against the contract.

        Raises: ResponseMismatch.
        """
        content = msgspec.json.encode(reply.body)
        if self.checked:
            self._check(reply.status, content)
        return Response(content, reply.status, reply.headers, JSON)

    def _check(self, status: int, content: bytes) -> None:
        if status not in self.responses:
            raise ResponseMismatch(f"{self.id}: {status} is not documented")
        validator = self.responses[status]
        if validator is None:
            return
        for error in validator.iter_errors(msgspec.json.decode(content)):
            where = "/".join(map(str, error.instance_path))
            raise ResponseMismatch(f"{self.id}: {status} at /{where}: {error.message[:200]}")


class TagResolver(Resolver):
    """The tag is the module, the operationId is the function."""

    def resolve(self, operation: AbstractOperation) -> Resolution:
        """The handler of an operation.

        Raises: ContractBroken.
        """
        raw = operation._operation
        return Resolution(handler_of(raw), raw["operationId"])


def handler_of(raw: Json) -> Handler:
    """`handlers.<tag>.<operationId>`.

    Raises: ContractBroken.
    """
    tag, operation_id = raw["tags"][0], raw["operationId"]
    module = importlib.import_module(f"handlers.{tag}")
    handler: Handler | None = getattr(module, operation_id, None)
    if handler is None:
        raise ContractBroken(f"handlers/{tag}.py has no {operation_id}.")
    return handler


class Compiler:
    """Compiles every operation of one contract."""

    def __init__(self, contract: Json, *, check_responses: bool) -> None:
        self._schemas = Schemas(contract)
        self._components = contract["components"]
        self._check = check_responses
        self.operations: dict[str, Operation] = {}
        for item in contract["paths"].values():
            for raw in item.values():
                self._add(raw)

    def _add(self, raw: Json) -> None:
        operation_id = raw["operationId"]
        if operation_id in self.operations:
            raise ContractBroken(f"The operationId {operation_id} is used twice.")
        operation = self._compile(raw)
        check_signature(operation)
        self.operations[operation_id] = operation

    def _compile(self, raw: Json) -> Operation:
        compiled = [readers.parameter(self._schemas, self._ref(p)) for p in raw["parameters"]]
        return Operation(
            id=raw["operationId"],
            scope_needed=raw.get("x-scope"),
            parameters=readers.Parameters(
                path=tuple(p for p in compiled if p.place == "path"),
                query={p.name: p for p in compiled if p.place == "query"},
                header=tuple(p for p in compiled if p.place == "header"),
            ),
            body=readers.body(
                self._schemas, raw.get("requestBody"), raw.get("x-max-body", readers.MAX_BODY)
            ),
            handler=handler_of(raw),
            responses={int(s): self._response(r) for s, r in raw["responses"].items()},
            checked=self._check,
        )

    def _response(self, raw: Json) -> jsonschema_rs.Draft4Validator | None:
        schema = self._ref(raw).get("content", {}).get(JSON, {}).get("schema")
        return self._schemas.compile(schema) if schema else None

    def _ref(self, node: Json) -> Json:
        """A parameter or response that may be a `$ref`."""
        if "$ref" not in node:
            return node
        _, _, kind, name = node["$ref"].split("/")
        found: Json = self._components[kind][name]
        return found


def check_signature(operation: Operation) -> None:
    """Make sure that the handler takes just what the contract gives.

    Raises: ContractBroken.
    """
    if operation.scope_needed is None:
        return
    p = operation.parameters
    given = {q.argument for q in (*p.path, *p.query.values(), *p.header)}
    given |= {"body"} if operation.body else set()
    taken = set(list(inspect.signature(operation.handler).parameters)[1:])
    if given != taken:
        difference = ", ".join(sorted(given ^ taken))
        raise ContractBroken(f"{operation.id}: code and contract disagree on {difference}.")


def api_class(operations: dict[str, Operation]) -> type[AsyncApi]:
    """The API class that gives Connexion our operations in the place of its own."""

    class CompiledApi(AsyncApi):
        def make_operation(self, operation: AbstractOperation) -> Operation:
            return operations[operation.operation_id]

    return CompiledApi


def for_routing(contract: Json) -> Json:
    """What Connexion needs of the contract: paths, ids, tags and security.

    Path parameters are strings here; our readers check them, so that no convertor can fail.
    """
    paths: Json = {}
    for path, item in contract["paths"].items():
        paths[path] = {method: routed(contract, raw) for method, raw in item.items()}
    kept = {key: contract[key] for key in ("openapi", "info", "servers", "security")}
    schemes = contract["components"]["securitySchemes"]
    return kept | {"paths": paths, "components": {"securitySchemes": schemes}}


def routed(contract: Json, raw: Json) -> Json:
    """One operation as Connexion routes it."""
    parameters = [
        contract["components"]["parameters"][p["$ref"].rpartition("/")[2]] if "$ref" in p else p
        for p in raw["parameters"]
    ]
    kept = {key: raw[key] for key in ("operationId", "tags", "security") if key in raw}
    return kept | {
        "parameters": [
            {"name": p["name"], "in": "path", "required": True, "schema": string_schema(p)}
            for p in parameters
            if p["in"] == "path"
        ],
        "responses": {"default": {"description": "See the contract."}},
    }


def string_schema(parameter: Json) -> Json:
    """A string; with slashes if the contract says `format: path`."""
    is_path = parameter["schema"].get("format") == "path"
    return {"type": "string", "format": "path"} if is_path else {"type": "string"}
