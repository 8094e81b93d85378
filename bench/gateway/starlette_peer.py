"""Bare Starlette: validates nothing and authenticates nobody; JSON by msgspec."""

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bench.gateway.payloads import draft, page

JSON = "application/json"


async def list_runs(request: Request) -> Response:
    """The page."""
    return Response(msgspec.json.encode(page()), media_type=JSON)


async def create_project(request: Request) -> Response:
    """The body as plain data, given back in the envelope."""
    new = msgspec.json.decode(await request.body())
    project = {"success": True, "data": draft(new["name"], new["description"])}
    return Response(msgspec.json.encode(project), 201, media_type=JSON)


def create() -> Starlette:
    """Two routes."""
    return Starlette(
        routes=[
            Route("/v1/projects/{project_id}/runs", list_runs),
            Route("/v1/projects", create_project, methods=["POST"]),
        ]
    )
