"""Jobs of kind http against a real server."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import Any

import msgspec
import pytest
from aiohttp import web

from generated.models import HttpJobInput, HttpJobResult, TextEncoding
from services.engine.retry import TaskFailed
from services.job_kinds.http import http, retry_after
from services.settings import Networks
from tests.services.job_kinds.conftest import MakeApp

Answer = Callable[[], Awaitable[web.StreamResponse]]


@dataclass
class Server:
    """A server that answers one way and keeps what it was asked."""

    call: Callable[..., Awaitable[HttpJobResult]]
    requests: list[web.BaseRequest] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)


@pytest.fixture
async def serve(make_app: MakeApp) -> Callable[..., Any]:
    """Serves one answer."""

    @asynccontextmanager
    async def serving(answer: Answer) -> AsyncIterator[Server]:
        async def handle(request: web.BaseRequest) -> web.StreamResponse:
            server.requests.append(request)
            server.bodies.append(await request.read())
            return await answer()

        async def call(token: str = "task_1", **given: Any) -> HttpJobResult:
            url = f"http://127.0.0.1:{port}/hook"
            return await http(app, msgspec.convert({"url": url, **given}, HttpJobInput), token)

        app = make_app(egress_allow=Networks("127.0.0.1:*"))
        server = Server(call)
        runner = web.ServerRunner(web.Server(handle), shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        port = runner.addresses[0][1]
        yield server
        await runner.cleanup()

    return serving


def says(status: int = 200, body: bytes = b"", **headers: str) -> Answer:
    """One answer."""

    async def answer() -> web.StreamResponse:
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        return web.Response(status=status, body=body, headers=names)

    return answer


async def failure(server: Server, **given: Any) -> TaskFailed:
    """How the job fails."""
    with pytest.raises(TaskFailed) as failed:
        await server.call(**given)
    return failed.value


async def test_the_answer_is_the_result(serve: Any) -> None:
    async with serve(says(201, b'{"ok":true}', X_Trace="7")) as server:
        done = await server.call()
    assert (done.status, done.body, done.body_encoding) == (201, '{"ok":true}', TextEncoding.utf_8)
    assert (done.headers["x-trace"], done.truncated) == ("7", False)


async def test_method_headers_and_json_are_sent(serve: Any) -> None:
    async with serve(says()) as server:
        await server.call(method="PUT", headers={"X-Key": "abc"}, json={"a": [1]})
    [request] = server.requests
    assert (request.method, request.headers["X-Key"]) == ("PUT", "abc")
    assert (request.content_type, json.loads(server.bodies[0])) == ("application/json", {"a": [1]})


async def test_null_is_a_json_body_too(serve: Any) -> None:
    async with serve(says()) as server:
        await server.call(method="POST", json=None)
    assert server.bodies == [b"null"]


async def test_a_media_type_of_ones_own_stays(serve: Any) -> None:
    async with serve(says()) as server:
        await server.call(method="POST", headers={"content-type": "text/csv"}, body="a,b")
    assert server.requests[0].headers.getall("Content-Type") == ["text/csv"]


async def test_each_attempt_sends_the_same_idempotency_key(serve: Any) -> None:
    async with serve(says(503)) as server:
        for _ in range(2):
            await failure(server, token="task_42")
    assert [request.headers["Idempotency-Key"] for request in server.requests] == ["task_42"] * 2


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 599])
async def test_a_status_that_may_pass_is_tried_again(serve: Any, status: int) -> None:
    async with serve(says(status)) as server:
        failed = await failure(server)
    assert (failed.failure.code, failed.retryable) == ("HTTP_STATUS", True)


@pytest.mark.parametrize("status", [400, 401, 404, 410, 422])
async def test_a_status_that_stays_is_final_and_tells_what_was_said(
    serve: Any, status: int
) -> None:
    async with serve(says(status, b"no such\n order")) as server:
        failed = await failure(server)
    assert not failed.retryable
    assert failed.failure.message == f"The server answered {status}: no such order."


async def test_a_redirect_is_not_followed(serve: Any) -> None:
    async with serve(says(307, Location="/elsewhere")) as server:
        failed = await failure(server)
    assert (failed.retryable, len(server.requests)) == (False, 1)


async def test_retry_after_is_honoured(serve: Any) -> None:
    async with serve(says(429, Retry_After="17")) as server:
        assert (await failure(server)).retry_after_s == 17


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        *((None, None), ("soon", None), ("-5", None), ("1e9", None), ("", None), ("0", 0)),
        *(("120", 120), ("9" * 400, 86400), (formatdate(1060, usegmt=True), 60)),
        *((formatdate(1, usegmt=True), 0), ("Mon, 99 Foo 2026 00:00:00 GMT", None)),
    ],
)
def test_retry_after_is_seconds_or_a_date(value: str | None, seconds: float | None) -> None:
    assert retry_after(value, 1000) == seconds


async def test_a_slow_answer_is_a_timeout_that_is_tried_again(serve: Any) -> None:
    async def slow() -> web.StreamResponse:
        await asyncio.sleep(5)
        return web.Response()

    async with serve(slow) as server:
        began = time.monotonic()
        failed = await failure(server, timeoutSeconds=1)
    assert (failed.failure.code, failed.retryable) == ("HTTP_TIMEOUT", True)
    assert time.monotonic() - began < 2


async def test_an_inner_address_is_refused_for_good(make_app: MakeApp) -> None:
    with pytest.raises(TaskFailed) as failed:
        await http(make_app(), HttpJobInput(url="http://169.254.169.254/latest"), "t")
    assert (failed.value.failure.code, failed.value.retryable) == ("HTTP_REFUSED", False)


async def test_a_long_body_is_cut_at_256_kib(serve: Any) -> None:
    async with serve(says(200, "é".encode() * 200_000)) as server:
        done = await server.call()
    assert (len(done.body.encode()), done.truncated) == (256 * 1024, True)


async def test_a_character_that_the_cut_divides_is_left_out(serve: Any) -> None:
    async with serve(says(200, b"a" + "é".encode() * 200_000)) as server:
        done = await server.call()
    assert (len(done.body.encode()), done.body_encoding) == (256 * 1024 - 1, TextEncoding.utf_8)


@pytest.mark.parametrize("body", [b"\xff\xfe", b"a\0b"])
async def test_what_is_no_text_is_base64(serve: Any, body: bytes) -> None:
    async with serve(says(200, body)) as server:
        assert (await server.call()).body_encoding == TextEncoding.base64


async def test_cookies_of_the_answer_are_hidden(serve: Any) -> None:
    async with serve(says(200, b"", Set_Cookie="session=secret")) as server:
        assert "secret" not in str(await server.call())


async def test_a_secret_that_the_server_repeats_is_hidden_in_the_failure(serve: Any) -> None:
    async with serve(says(401, b"token=abcdef123 is wrong")) as server:
        assert "abcdef123" not in (await failure(server)).failure.message


async def test_a_hundred_headers_are_kept(serve: Any) -> None:
    async with serve(says(200, **{f"X_{n}": "1" for n in range(110)})) as server:
        assert len((await server.call()).headers) == 100
