"""Stock Connexion: its AsyncApp on the same bundled contract, all operations mounted.

Requests are validated and a bearer function is called; responses are not validated. Answers are
encoded by msgspec, so that the difference is not one of encoders.
"""

import json
from pathlib import Path
from typing import Any

import msgspec
from connexion import AsyncApp
from connexion.options import SwaggerUIOptions
from connexion.resolver import Resolver
from starlette.responses import Response

from bench.gateway.payloads import draft, page

CONTRACT = Path(__file__).parent.parent.parent / "generated" / "openapi.json"


async def list_runs(project_id: str, page_size: int, status: str, **_: Any) -> Response:
    """The page."""
    return answer(page())


async def create_project(body: dict[str, str]) -> Response:
    """The body, given back in the envelope."""
    project = {"success": True, "data": draft(body["name"], body["description"])}
    return answer(project, 201)


async def elsewhere(**_: Any) -> Response:
    """Every other operation."""
    return answer({})


def answer(data: object, status: int = 200) -> Response:
    """JSON, encoded once; Connexion lets a framework's answer through."""
    return Response(msgspec.json.encode(data), status, media_type="application/json")


def bearer(token: str) -> dict[str, str]:
    """Whoever comes."""
    return {"sub": token}


def resolve(operation_id: str) -> Any:
    """The function of an operation."""
    return {"list_runs": list_runs, "create_project": create_project}.get(operation_id, elsewhere)


def create() -> AsyncApp:
    """The application as Connexion's documentation sets it up."""
    contract = json.loads(CONTRACT.read_text(encoding="utf-8"))
    scheme = contract["components"]["securitySchemes"]["ApiKey"]
    scheme["x-bearerInfoFunc"] = f"{__name__}.bearer"
    application = AsyncApp(
        "bench",
        resolver=Resolver(resolve),
        pythonic_params=True,
        strict_validation=True,
        swagger_ui_options=SwaggerUIOptions(swagger_ui=False, serve_spec=False),
    )
    application.add_api(contract, base_path="/v1")
    return application
