"""The contract compiled at start-up: per operation its readers, its handler and its answers.

Connexion interprets the contract and dispatches; in the place of its per-request work stands one
object per operation, made in its own extension point (the app's `api_cls`).
"""

import importlib
import inspect
from types import ModuleType

from connexion.apps.asynchronous import AsyncApi
from connexion.operations import AbstractOperation
from connexion.resolver import Resolution, Resolver

from handlers.gateway import bodies, conditional, headers, parameters, security, strict
from handlers.gateway.operation import Checking, Documented, Handler, Operation, Responses
from handlers.gateway.respond import API, JSON
from handlers.gateway.shapes import Shapes
from handlers.gateway.shedding import Lanes
from services.schemas import ContractBroken, Json, Schemas


class Handlers(Resolver):
    """The tag is the module, the operationId is the function."""

    def __init__(self, package: str) -> None:
        super().__init__()
        self._package = package

    def resolve(self, operation: AbstractOperation) -> Resolution:
        """The handler of an operation.

        Raises: ContractBroken.
        """
        raw = operation._operation
        return Resolution(self.of(raw), raw["operationId"])

    def of(self, raw: Json) -> Handler:
        """`<package>.<tag>.<operationId>`.

        Raises: ContractBroken.
        """
        tag, operation_id = raw["tags"][0], raw["operationId"]
        try:
            module = importlib.import_module(f"{self._package}.{tag}")
        except ModuleNotFoundError:
            raise ContractBroken(f"{operation_id}: there is no {self._package}/{tag}.py.") from None
        handler: Handler | None = getattr(module, operation_id, None)
        if handler is None:
            raise ContractBroken(f"{self._package}/{tag}.py has no {operation_id}.")
        return handler


class Compiler:
    """Compiles every operation of one contract."""

    def __init__(
        self,
        contract: Json,
        handlers: Handlers,
        models: ModuleType,
        checking: Checking,
        lanes: Lanes,
    ) -> None:
        self._contract = contract
        self._handlers = handlers
        self._models = models
        self._checking = checking
        self._lanes = lanes
        self._schemas = Schemas(contract)
        self._shapes = Shapes(contract["components"]["schemas"])
        self._named_responses: dict[str, Documented] = {}
        self.operations: dict[str, Operation] = {}
        for path, item in contract["paths"].items():
            for method, raw in item.items():
                self._add(method.upper(), path, raw)

    def _add(self, method: str, path: str, raw: Json) -> None:
        operation_id = raw.get("operationId")
        if operation_id is None:
            raise ContractBroken(f"{method} {path} has no operationId.")
        if operation_id in self.operations:
            raise ContractBroken(f"The operationId {operation_id} is used twice.")
        try:
            operation = self._compile(method, path, raw)
        except (ValueError, KeyError, AttributeError) as error:
            first = str(error).partition("\n")[0]
            raise ContractBroken(f"{operation_id}: {first[:500]}") from error
        check_signature(operation)
        self.operations[operation_id] = operation

    def _compile(self, method: str, path: str, raw: Json) -> Operation:
        given = [self._ref(parameter) for parameter in raw.get("parameters", [])]
        return Operation(
            id=raw["operationId"],
            method=method,
            template=API + path,
            scope_needed=raw.get("x-scope"),
            authenticate=security.authentication(self._contract, raw),
            parameters=parameters.parameters(self._schemas, given),
            body=bodies.body(
                self._schemas,
                self._shapes,
                self._models,
                raw.get("requestBody"),
                raw.get("x-max-body", bodies.MAX_BODY),
                raw.get("x-max-values", strict.MAX_VALUES),
            ),
            handler=self._handlers.of(raw),
            responses=Responses(
                raw["operationId"],
                {int(s): self._response(r) for s, r in raw["responses"].items()},
                self._checking,
            ),
            marks=headers.of_deprecated(raw),
            keyed=any(parameter["name"] == "Idempotency-Key" for parameter in given),
            kept=raw.get("x-kept", False),
            tagged="304" in raw["responses"],
            unheeded=conditional.unheeded(method, {parameter["name"] for parameter in given}),
            waits=raw.get("x-waits", False),
            lane=self._lanes.of(raw, self._media_types(raw)),
        )

    def _response(self, raw: Json) -> Documented:
        """What a response describes; most are named, and compiled once for all operations."""
        name = raw.get("$ref")
        if name is None:
            return self._documented(raw)
        if name not in self._named_responses:
            self._named_responses[name] = self._documented(self._ref(raw))
        return self._named_responses[name]

    def _documented(self, response: Json) -> Documented:
        content = response.get("content", {}).get(JSON)
        return Documented(
            self._schemas.checked(content) if content else None,
            tuple(self._header(*named) for named in response.get("headers", {}).items()),
            self._shapes.of(content["schema"]) if content else None,
        )

    def _header(self, name: str, raw: Json) -> parameters.Parameter:
        source = self._ref(raw) | {"name": name.lower(), "in": "header"}
        return parameters.parameter(self._schemas, source)

    def _media_types(self, raw: Json) -> set[str]:
        answers = [self._ref(answer).get("content", {}) for answer in raw["responses"].values()]
        return {media_type for content in answers for media_type in content}

    def _ref(self, node: Json) -> Json:
        """A parameter or response that may be a `$ref`."""
        if "$ref" not in node:
            return node
        _, _, kind, name = node["$ref"].split("/")
        found: Json = self._contract["components"][kind][name]
        return found


def check_signature(operation: Operation) -> None:
    """Make sure that the handler takes just what the contract gives.

    Raises: ContractBroken.
    """
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
    """What Connexion needs of the contract: paths, ids and tags.

    It gets no parameters, as our readers check them, and no security, as the operation does.
    """
    paths = {
        path: {method: routed(raw) for method, raw in item.items()}
        for path, item in contract["paths"].items()
    }
    return {key: contract[key] for key in ("openapi", "info", "servers") if key in contract} | {
        "paths": paths
    }


def routed(raw: Json) -> Json:
    """One operation as Connexion routes it."""
    kept = {key: raw[key] for key in ("operationId", "tags")}
    return kept | {"responses": {"default": {"description": "See the contract."}}}
