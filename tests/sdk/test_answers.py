"""What the client makes of answers: failures, nonsense, and what only a newer service knows."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from aiohttp import web
from prazium import Prazium, errors
from prazium.models import ProjectSummary

from tests.sdk.examples import example
from tests.sdk.harness import CONTRACT, Face, Handler, Server

CODES = CONTRACT["components"]["schemas"]["ErrorCode"]["enum"]
PROJECT = example({"$ref": "#/components/schemas/Project"}, CONTRACT)

Answer = Callable[..., Server]


def failure(code: str, details: Any = None) -> dict[str, Any]:
    error = {"code": code, "message": "No.", "details": details, "requestId": "req_1"}
    return {"success": False, "error": error}


@pytest.mark.parametrize("code", CODES)
def test_every_error_code_has_its_class(code: str, client: Face, answer: Answer) -> None:
    with pytest.raises(errors.BY_CODE[code]) as raised:
        client.call(answer(418, failure(code)), "projects.get", "proj_1")
    assert type(raised.value) is not errors.APIError
    assert (raised.value.code, raised.value.status) == (code, 418)
    assert str(raised.value) == f"No. ({code} 418, request req_1)"


def test_a_validation_error_names_the_fields(client: Face, answer: Answer) -> None:
    details = [{"field": "/name", "message": "must not be empty"}]
    with pytest.raises(errors.ValidationError) as raised:
        client.call(answer(400, failure("VALIDATION_ERROR", details)), "projects.get", "proj_1")
    assert [(each.field, each.message) for each in raised.value.fields] == [
        ("/name", "must not be empty")
    ]


def test_a_conflict_names_the_states(client: Face, answer: Answer) -> None:
    details = {"currentState": "approved", "allowedStates": ["spec_review"], "id": "run_1"}
    with pytest.raises(errors.ConflictError) as raised:
        client.call(answer(409, failure("CONFLICT", details)), "specs.approve", "proj_1")
    error = raised.value
    assert (error.current_state, error.allowed_states) == ("approved", ["spec_review"])
    assert error.blocked_by == "run_1"


def test_a_code_of_a_newer_service_is_a_plain_api_error(client: Face, answer: Answer) -> None:
    with pytest.raises(errors.APIError) as raised:
        client.call(answer(402, failure("PAYMENT_REQUIRED")), "projects.get", "proj_1")
    assert type(raised.value) is errors.APIError
    assert raised.value.code == "PAYMENT_REQUIRED"


@pytest.mark.parametrize("details", [None, 7, ["x"], [{"field": 1}], {"currentState": []}])
@pytest.mark.parametrize("code", ["VALIDATION_ERROR", "CONFLICT"])
def test_odd_details_do_not_hide_the_error(
    code: str, details: Any, client: Face, answer: Answer
) -> None:
    with pytest.raises(errors.APIError) as raised:
        client.call(answer(400, failure(code, details)), "projects.get", "proj_1")
    assert raised.value.code == code


@pytest.mark.parametrize("body", ["<html>Bad gateway</html>", "[]", '{"error": 7}', ""])
def test_a_failure_of_something_in_between_keeps_the_status(
    body: str, client: Face, answer: Answer
) -> None:
    with pytest.raises(errors.APIError) as raised:
        client.call(answer(502, body), "projects.get", "proj_1")
    assert (raised.value.status, raised.value.code) == (502, None)


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        "[]",
        "null",
        '"data"',
        {"success": True},
        {"success": True, "data": None},
        {"success": True, "data": []},
        {"success": True, "data": {"id": "proj_1"}},
        {"success": True, "data": PROJECT | {"createdAt": "yesterday"}},
        {"success": True, "data": PROJECT | {"status": 7}},
        {"success": True, "data": PROJECT | {"latestRun": {"id": "run_1"}}},
    ],
)
def test_a_malformed_success_is_a_malformed_answer(body: Any, client: Face, answer: Answer) -> None:
    with pytest.raises(errors.MalformedAnswer):
        client.call(answer(200, body), "projects.get", "proj_1")


def test_what_only_a_newer_service_knows_is_kept(client: Face, answer: Answer) -> None:
    body = {"success": True, "data": PROJECT | {"status": "paused", "colour": "red"}, "more": 1}
    project = client.call(answer(200, body), "projects.get", "proj_1")
    assert project.status == "paused"
    assert project.additional_properties == {"colour": "red"}
    assert project.to_dict()["colour"] == "red"


def test_an_absent_field_is_none(client: Face, answer: Answer) -> None:
    data = {name: PROJECT[name] for name in PROJECT if name not in ("spec", "latestRun")}
    project = client.call(answer(200, {"success": True, "data": data}), "projects.get", "proj_1")
    assert (project.spec, project.latest_run) == (None, None)


def test_a_binary_file_is_decoded(client: Face, answer: Answer) -> None:
    data = example({"$ref": "#/components/schemas/FileContent"}, CONTRACT)
    body = {"success": True, "data": data | {"content": "AP8=", "encoding": "base64"}}
    content = client.call(answer(200, body), "files.read", "proj_1", "a.bin")
    assert content.bytes == b"\x00\xff"


def test_a_list_is_read_page_by_page(client: Face, serve: Callable[[Handler], Server]) -> None:
    summary = example({"$ref": "#/components/schemas/ProjectSummary"}, CONTRACT)

    async def handler(request: web.Request) -> web.Response:
        page = int(request.query["page"])
        pagination = {"page": page, "pageSize": 2, "total": 3, "totalPages": 2}
        data = [summary | {"name": f"{page}.{n}"} for n in range(2 if page == 1 else 1)]
        return web.json_response({"success": True, "data": data, "pagination": pagination})

    server = serve(handler)
    projects: list[ProjectSummary] = client.collect(server, "projects.list", page_size=2)
    assert [project.name for project in projects] == ["1.0", "1.1", "2.0"]
    assert [request.query["pageSize"] for request in server.requests] == ["2", "2"]


def test_pages_say_where_they_stand(serve: Callable[[Handler], Server], answer: Answer) -> None:
    pagination = {"page": 1, "pageSize": 20, "total": 0, "totalPages": 0}
    server = answer(200, {"success": True, "data": [], "pagination": pagination})
    with Prazium(base_url=server.url) as client:
        (page,) = client.projects.list().pages()
    assert (list(page.items), page.pagination.total) == ([], 0)


def test_a_service_that_is_not_there_is_a_failed_connection() -> None:
    with (
        Prazium("pzm_test", "http://127.0.0.1:9/v1") as client,
        pytest.raises(errors.ConnectionFailed),
    ):
        client.system.health()


def test_a_silent_service_is_a_timeout(serve: Callable[[Handler], Server]) -> None:
    async def handler(request: web.Request) -> web.Response:
        assert request.transport is not None
        await request.content.read(1)
        await asyncio.sleep(1)
        return web.Response()

    server = serve(handler)
    with Prazium(base_url=server.url, timeout=0.1) as client, pytest.raises(errors.Timeout):
        client.system.health()


def test_waiting_for_a_run_that_goes_on_ends_in_a_timeout(client: Face, answer: Answer) -> None:
    run = example({"$ref": "#/components/schemas/Run"}, CONTRACT) | {"completedAt": None}
    server = answer(200, {"success": True, "data": run})
    with pytest.raises(errors.Timeout):
        client.call(server, "runs.wait", "proj_1", "run_1", timeout=0.2)


def test_waiting_for_an_export_asks_until_it_is_packed(
    client: Face, serve: Callable[[Handler], Server]
) -> None:
    export = example({"$ref": "#/components/schemas/Export"}, CONTRACT)
    states = ["processing", "processing", "failed"]

    async def handler(_: web.Request) -> web.Response:
        return web.json_response({"success": True, "data": export | {"status": states.pop(0)}})

    server = serve(handler)
    assert client.call(server, "exports.wait", "proj_1", "exp_1").status == "failed"
    assert len(server.requests) == 3


def test_key_and_address_come_from_the_environment(answer: Answer) -> None:
    health = example({"$ref": "#/components/schemas/Health"}, CONTRACT)
    server = answer(200, health)
    program = "import prazium; print(prazium.Prazium().system.health().status)"
    environment = os.environ | {"PRAZIUM_API_KEY": "pzm_env", "PRAZIUM_BASE_URL": server.url}
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "healthy"
    assert server.requests[0].headers["Authorization"] == "Bearer pzm_env"
