"""One matcher for all paths, in the place of Connexion's scan of regular expressions.

Paths are a tree of segments, so that finding one takes as long with a thousand operations as with
ten. A fixed segment comes before a parameter, `{id}:verb` before `{id}`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from connexion.middleware.abstract import AbstractRoutingAPI, SpecMiddleware
from connexion.operations import AbstractOperation
from connexion.spec import Specification
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Receive, Scope, Send

from services.errors import ValidationFailed

SEGMENT = re.compile(r"\{(?P<name>\w+)\}(?::(?P<verb>[\w-]+))?")
REST = "path"
"""The parameter that takes the rest of the path, slashes included."""
SERVER = "*"
"""The path of OPTIONS about no path (RFC 9110, section 9.3.7)."""
AT_DOORS = "GET, HEAD, OPTIONS"


class PathUnclear(Exception):
    """A path template cannot be matched; the message names it."""


@dataclass(slots=True)
class Route:
    """A path: its parameters in order, and its operations by method."""

    parameters: tuple[str, ...]
    operations: dict[str, Any] = field(default_factory=dict)

    @property
    def allow(self) -> str:
        """The methods in the words of `Allow` (RFC 9110, section 10.2.1)."""
        head = {"HEAD"} if "GET" in self.operations else set()
        return ", ".join(sorted({*self.operations, *head, "OPTIONS"}))


@dataclass(slots=True)
class Node:
    """What can follow a segment."""

    fixed: dict[str, "Node"] = field(default_factory=dict)
    verbs: dict[str, "Node"] = field(default_factory=dict)
    parameter: "Node | None" = None
    rest: "Node | None" = None
    route: Route | None = None

    def child(self, segment: str) -> "Node":
        """The node of a template's segment, made if it is missing.

        Raises: PathUnclear.
        """
        if "{" not in segment:
            return self.fixed.setdefault(segment, Node())
        match = SEGMENT.fullmatch(segment)
        if match is None:
            raise PathUnclear(f"The segment {segment} is neither fixed nor one parameter.")
        if match["verb"]:
            return self.verbs.setdefault(match["verb"], Node())
        if match["name"] == REST:
            self.rest = self.rest or Node()
            return self.rest
        self.parameter = self.parameter or Node()
        return self.parameter


class Matcher:
    """All paths of the contract."""

    def __init__(self) -> None:
        self._root = Node()
        self._methods = {"HEAD", "OPTIONS"}
        self._whole: dict[bytes, Route] = {}
        """Paths without parameters, as they stand on the wire."""

    def add(self, template: str, method: str, operation: Any) -> None:
        """Register an operation.

        Raises: PathUnclear.
        """
        node = self._root
        for segment in template.split("/"):
            node = node.child(segment)
        names = tuple(match["name"] for match in SEGMENT.finditer(template))
        node.route = node.route or Route(names)
        if node.route.parameters != names:
            raise PathUnclear(f"{template} has the same form as a path with other parameters.")
        node.route.operations[method.upper()] = operation
        self._methods.add(method.upper())
        if not names:
            self._whole[template.encode()] = node.route

    @property
    def allow(self) -> str:
        """All methods that any path can do, in the words of `Allow`."""
        return ", ".join(sorted(self._methods))

    def find(self, scope: Scope) -> tuple[Route, dict[str, str]] | None:
        """The route of a path, and the values of its parameters by name."""
        if route := self._whole.get(scope.get("raw_path") or b""):
            return route, {}
        values: list[str] = []
        route = descend(self._root, segments_of(scope), 0, values)
        return None if route is None else (route, dict(zip(route.parameters, values, strict=True)))


def descend(node: Node, segments: list[str], at: int, values: list[str]) -> Route | None:
    """The route below a node; `values` gets what the parameters stand for."""
    if at == len(segments):
        return node.route
    segment = segments[at]
    child = node.fixed.get(segment)
    if child is not None and (route := descend(child, segments, at + 1, values)):
        return route
    if segment and (child := child_for(node, segment, values)):
        if route := descend(child, segments, at + 1, values):
            return route
        values.pop()
    if node.rest is not None:
        values.append("/".join(segments[at:]))
        return node.rest.route
    return None


def child_for(node: Node, segment: str, values: list[str]) -> Node | None:
    """The node that a segment's value leads to; a colon is a verb where there are verbs."""
    if node.verbs and ":" in segment:
        value, _, verb = segment.rpartition(":")
        child = node.verbs.get(verb) if value else None
    else:
        value, child = segment, node.parameter
    if child is not None:
        values.append(value)
    return child


def segments_of(scope: Scope) -> list[str]:
    """The decoded segments of a path; an encoded slash parts none (RFC 3986, section 2.2).

    Raises: ValidationFailed.
    """
    raw: bytes = scope.get("raw_path") or b""
    if b"%" not in raw:
        return str(scope["path"]).split("/")
    try:
        return [unquote(part, errors="strict") for part in raw.decode("ascii").split("/")]
    except UnicodeDecodeError:
        raise ValidationFailed("The path is not valid UTF-8.") from None


class Routing(SpecMiddleware):
    """Connexion's routing over one matcher: it reads the contract, we find and call the operation.

    Connexion's own call would look the operation up again, behind two more middlewares.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        operations: Mapping[str, ASGIApp],
        aliases: tuple[str, ...] = (),
        doors: Mapping[str, str] | None = None,
    ) -> None:
        self._app = app
        self._operations = operations
        self._aliases = aliases
        self._doors = doors or {}
        self._matcher = Matcher()

    def add_api(self, specification: Specification, **options: Any) -> None:
        """Register the operations of a contract below its base path and the aliases."""
        prefixes = (options["base_path"], *self._aliases)
        made, matcher = self._operations, self._matcher
        Routes(specification, made=made, matcher=matcher, prefixes=prefixes, **options)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Find the operation and call it; answer OPTIONS.

        Raises: HTTPException 404, or 405 with Allow.
        """
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        found = self._matcher.find(scope)
        if found is None:
            await self._outside(scope, send)
            return
        route, scope["path_params"] = found
        method = scope["method"]
        operation = route.operations.get("GET" if method == "HEAD" else method)
        if operation is not None:
            await operation(scope, receive, send)
        elif method == "OPTIONS":
            await answer_options(route.allow, send)
        else:
            raise HTTPException(405, headers={"allow": route.allow})

    async def _outside(self, scope: Scope, send: Send) -> None:
        """Lead on who knocks at a door, such as the server's bare address in a browser.

        Raises: HTTPException 404, or 405 with Allow.
        """
        if scope["path"] == SERVER and scope["method"] == "OPTIONS":
            await answer_options(self._matcher.allow, send)
            return
        target = self._doors.get(scope["path"])
        if target is None:
            raise HTTPException(404)
        if scope["method"] in ("GET", "HEAD"):
            headers = [(b"location", target.encode()), (b"content-length", b"0")]
            await send({"type": "http.response.start", "status": 307, "headers": headers})
            await send({"type": "http.response.body", "body": b""})
        elif scope["method"] == "OPTIONS":
            await answer_options(AT_DOORS, send)
        else:
            raise HTTPException(405, headers={"allow": AT_DOORS})


class Routes(AbstractRoutingAPI[ASGIApp]):
    """Connexion's walk over the operations of a contract, into a matcher."""

    def __init__(
        self,
        specification: Specification,
        *,
        made: Mapping[str, ASGIApp],
        matcher: Matcher,
        prefixes: tuple[str, ...],
        **options: Any,
    ) -> None:
        self._made = made
        self._matcher = matcher
        self._prefixes = prefixes
        super().__init__(specification, **options)

    def make_operation(self, operation: AbstractOperation) -> ASGIApp:
        """The compiled operation in the place of Connexion's."""
        return self._made[operation.operation_id]

    @staticmethod
    def _framework_path_and_name(operation: AbstractOperation, path: str) -> tuple[str, str]:
        return path, path

    def _add_operation_internal(
        self, method: str, path: str, operation: ASGIApp, name: str | None = None
    ) -> None:
        for prefix in self._prefixes:
            self._matcher.add(prefix + path, method, operation)


async def answer_options(allow: str, send: Send) -> None:
    """204 with what the path can do."""
    headers = [(b"allow", allow.encode())]
    await send({"type": "http.response.start", "status": 204, "headers": headers})
    await send({"type": "http.response.body", "body": b""})
