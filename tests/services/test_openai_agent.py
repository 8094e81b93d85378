"""The `openai` agent against a real HTTP server that answers well, badly, slowly or not at all."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from aiohttp import web

from generated.models import QuestionType, TaskDefinition
from services.adapters.agents import AgentError, Brief
from services.adapters.agents.openai import OpenAIAgent

KEY = "sk-canary-123456"
BRIEF = Brief(name="shop", description="A shop for tea.")
DOCUMENTS = {"SPEC.md": "# Tea", "ACCEPTANCE.md": "a", "ROUTES.md": "r", "DATA.md": "d"}
TASK = TaskDefinition(
    id="task-001",
    slug="pages",
    description="Write the page",
    instructions="Write it.",
    dependencies=[],
    path_scope=["static/**", "scripts/*"],
    expected_outputs=["static/index.html"],
)
QUESTION = {"id": "q1", "question": "Who signs in?", "type": "text", "options": []}
QUESTIONS = {"questions": [QUESTION]}

Reply = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Endpoint:
    """A chat endpoint with a list of replies; the last one repeats."""

    def __init__(self) -> None:
        self.replies: list[Reply] = []
        self.requests: list[dict[str, Any]] = []
        self.keys: list[str | None] = []
        self.url = ""

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(await request.json())
        self.keys.append(request.headers.get("Authorization"))
        reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        return await reply(request)

    def agent(self, **options: Any) -> OpenAIAgent:
        return OpenAIAgent(self.url, KEY, "tea-1", **{"timeout_s": 5.0, **options})


@pytest.fixture
async def endpoint() -> AsyncIterator[Endpoint]:
    served = Endpoint()
    app = web.Application()
    app.router.add_post("/v1/chat/completions", served.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    served.url = f"http://{host}:{port}/v1"
    yield served
    await runner.cleanup()


def says(content: object, finish_reason: str = "stop") -> Reply:
    """Answer with a completion whose content is this text, or this object as JSON."""
    text = content if isinstance(content, str) else json.dumps(content)
    choice = {"message": {"role": "assistant", "content": text}, "finish_reason": finish_reason}

    async def reply(request: web.Request) -> web.StreamResponse:
        return web.json_response({"id": "x", "choices": [choice], "usage": {}})

    return reply


def status(code: int, headers: dict[str, str] | None = None, text: str = "") -> Reply:
    async def reply(request: web.Request) -> web.StreamResponse:
        return web.Response(status=code, headers=headers, text=text)

    return reply


async def refused(agent: OpenAIAgent) -> AgentError:
    """Ask, and return the error."""
    with pytest.raises(AgentError) as caught:
        await agent.ask(BRIEF)
    assert KEY not in str(caught.value)
    return caught.value


async def test_a_good_answer_becomes_questions(endpoint: Endpoint) -> None:
    choice = {"id": "q2", "question": "?", "type": "single_choice", "options": ["a", "b"]}
    endpoint.replies = [says({"questions": [QUESTION, choice]})]
    first, second = await endpoint.agent().ask(BRIEF)
    assert (first.id, first.type, second.options) == ("q1", QuestionType.text, ["a", "b"])


async def test_the_request_names_the_model_the_schema_and_the_key(endpoint: Endpoint) -> None:
    endpoint.replies = [says(QUESTIONS)]
    await endpoint.agent().ask(BRIEF)
    [request] = endpoint.requests
    assert request["model"] == "tea-1"
    assert endpoint.keys == [f"Bearer {KEY}"]
    structure = request["response_format"]["json_schema"]
    assert structure["strict"] is True
    assert structure["schema"]["required"] == ["questions"]
    assert structure["schema"]["additionalProperties"] is False
    assert "A shop for tea." in request["messages"][1]["content"]
    assert KEY not in json.dumps(request)


async def test_a_fenced_answer_is_understood(endpoint: Endpoint) -> None:
    endpoint.replies = [says(f"```json\n{json.dumps(QUESTIONS)}\n```")]
    assert len(await endpoint.agent().ask(BRIEF)) == 1


async def test_a_malformed_answer_goes_back_with_the_error(endpoint: Endpoint) -> None:
    endpoint.replies = [says({"questions": [{"id": 7}]}), says(QUESTIONS)]
    assert len(await endpoint.agent().ask(BRIEF)) == 1
    given_back, objection = endpoint.requests[1]["messages"][2:]
    assert given_back == {"role": "assistant", "content": '{"questions": [{"id": 7}]}'}
    assert "$.questions[0].id" in objection["content"]


BAD_QUESTIONS = [
    "no JSON",
    "",
    "[" * 100_000,
    {},
    {"questions": [QUESTION], "more": 1},
    {"questions": [QUESTION, QUESTION]},
    {"questions": [{**QUESTION, "type": "guess"}]},
    {"questions": [{**QUESTION, "type": "single_choice"}]},
    {"questions": [{**QUESTION, "options": ["a", "b"]}]},
    {"questions": [{**QUESTION, "question": "a\0b"}]},
    {"questions": [{**QUESTION, "question": "\ud800"}]},
    {"questions": [{**QUESTION, "id": "../x"}]},
    {"questions": [{**QUESTION, "id": f"q{n}"} for n in range(99)]},
]


@pytest.mark.parametrize("content", BAD_QUESTIONS, ids=range(len(BAD_QUESTIONS)))
async def test_an_answer_that_is_always_malformed_is_an_error(
    endpoint: Endpoint, content: object
) -> None:
    endpoint.replies = [says(content)]
    error = await refused(endpoint.agent(attempts=2))
    assert "not valid" in str(error)
    assert error.retryable
    assert len(endpoint.requests) == 2


async def test_an_answer_that_was_cut_off_is_asked_for_again(endpoint: Endpoint) -> None:
    endpoint.replies = [says('{"questions": [', "length"), says(QUESTIONS)]
    assert len(await endpoint.agent().ask(BRIEF)) == 1
    assert "shorter" in endpoint.requests[1]["messages"][-1]["content"]


async def test_a_refusal_of_the_model_is_an_error(endpoint: Endpoint) -> None:
    async def reply(request: web.Request) -> web.StreamResponse:
        message = {"role": "assistant", "content": None, "refusal": "I will not."}
        return web.json_response({"choices": [{"message": message, "finish_reason": "stop"}]})

    endpoint.replies = [reply]
    assert "refused to answer" in str(await refused(endpoint.agent()))


async def test_a_slow_endpoint_is_given_up(endpoint: Endpoint) -> None:
    async def reply(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        for _ in range(100):  # a byte now and then must not keep the request alive
            await response.write(b" ")
            await asyncio.sleep(0.1)
        return response

    endpoint.replies = [reply]
    began = time.monotonic()
    error = await refused(endpoint.agent(timeout_s=0.5))
    assert "longer than 0.5 s" in str(error)
    assert error.retryable
    assert time.monotonic() - began < 2


async def test_an_oversized_answer_is_not_read_to_its_end(endpoint: Endpoint) -> None:
    sent = 0

    async def reply(request: web.Request) -> web.StreamResponse:
        nonlocal sent
        response = web.StreamResponse()
        await response.prepare(request)
        while sent < 200 << 20:
            await response.write(b" " * 65536)
            sent += 65536
        return response

    endpoint.replies = [reply]
    error = await refused(endpoint.agent(max_response_kb=64))
    assert "exceeds 64 KB" in str(error)
    assert sent < 32 << 20


async def test_a_compressed_answer_is_not_unpacked(endpoint: Endpoint) -> None:
    async def reply(request: web.Request) -> web.StreamResponse:
        response = web.Response(body=b'{"choices": []}' + b" " * 10_000_000)
        response.enable_compression(web.ContentCoding.gzip)
        return response

    endpoint.replies = [reply]
    error = await refused(endpoint.agent(attempts=1))
    assert "no chat completion" in str(error)


async def test_an_overloaded_endpoint_is_asked_again_when_it_says(endpoint: Endpoint) -> None:
    endpoint.replies = [status(429, {"Retry-After": "1"}), says(QUESTIONS)]
    began = time.monotonic()
    assert len(await endpoint.agent().ask(BRIEF)) == 1
    assert time.monotonic() - began >= 1


async def test_an_endpoint_that_wants_too_long_a_pause_is_given_up(endpoint: Endpoint) -> None:
    endpoint.replies = [status(429, {"Retry-After": "Fri, 31 Dec 2100 23:59:59 GMT"})]
    error = await refused(endpoint.agent())
    assert error.retryable
    assert len(endpoint.requests) == 1


@pytest.mark.parametrize("code", [500, 502, 503])
async def test_a_failing_endpoint_is_asked_again(endpoint: Endpoint, code: int) -> None:
    endpoint.replies = [status(code, text=KEY), says(QUESTIONS)]
    assert len(await endpoint.agent().ask(BRIEF)) == 1


async def test_an_endpoint_that_always_fails_is_given_up(endpoint: Endpoint) -> None:
    endpoint.replies = [status(500, text=f"stack trace {KEY}")]
    error = await refused(endpoint.agent(attempts=2))
    assert str(error) == "The model endpoint is overloaded or failing (status 500)."
    assert len(endpoint.requests) == 2


@pytest.mark.parametrize("code", [400, 401, 403, 404, 422])
async def test_a_refused_request_is_not_repeated(endpoint: Endpoint, code: int) -> None:
    endpoint.replies = [status(code, text=f"Incorrect API key provided: {KEY}")]
    assert not (await refused(endpoint.agent())).retryable
    assert len(endpoint.requests) == 1


@pytest.mark.parametrize("code", [301, 302, 307, 308])
async def test_a_redirect_is_not_followed(endpoint: Endpoint, code: int) -> None:
    endpoint.replies = [status(code, {"Location": endpoint.url + "/chat/completions"})]
    error = await refused(endpoint.agent())
    assert "redirects" in str(error)
    assert len(endpoint.requests) == 1


async def test_a_truncated_answer_is_asked_for_again(endpoint: Endpoint) -> None:
    async def reply(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "1000"})
        await response.prepare(request)
        await response.write(b'{"choices": [')
        assert request.transport is not None
        request.transport.close()
        return response

    endpoint.replies = [reply, says(QUESTIONS)]
    assert len(await endpoint.agent().ask(BRIEF)) == 1


@pytest.mark.parametrize("body", ["<html>", "{}", '{"choices": []}', "\udcff", "null"])
async def test_what_is_no_completion_is_an_error(endpoint: Endpoint, body: str) -> None:
    async def reply(request: web.Request) -> web.StreamResponse:
        return web.Response(body=body.encode("utf-8", "surrogateescape"))

    endpoint.replies = [reply]
    assert "no chat completion" in str(await refused(endpoint.agent(attempts=1)))


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/v1", "ftp://x/v1", "nonsense", "http://"])
async def test_an_endpoint_that_is_not_there_is_an_error(url: str) -> None:
    agent = OpenAIAgent(url, KEY, "m", timeout_s=2, attempts=1)
    assert "model endpoint" in str(await refused(agent))


async def test_a_key_that_an_endpoint_echoes_is_taken_out(endpoint: Endpoint) -> None:
    documents = {"SPEC.md": f"# {KEY}", "ACCEPTANCE.md": "a", "ROUTES.md": "r", "DATA.md": "d"}
    endpoint.replies = [says(documents)]
    assert (await endpoint.agent().specify(BRIEF))["SPEC.md"] == "# [key]"


async def test_the_documents_have_their_names(endpoint: Endpoint) -> None:
    endpoint.replies = [says(DOCUMENTS)]
    assert await endpoint.agent().specify(BRIEF) == DOCUMENTS


async def test_a_plan_that_breaks_a_rule_goes_back_with_the_rule(endpoint: Endpoint) -> None:
    task = msgspec.to_builtins(TASK)
    good = {"tasks": [task], "mergeOrder": ["task-001"]}
    bad = {"tasks": [{**task, "dependencies": ["zzz"]}], "mergeOrder": ["task-001"]}
    endpoint.replies = [says(bad), says(good)]
    assert (await endpoint.agent().decompose(BRIEF, DOCUMENTS)).tasks == [TASK]
    assert "'zzz', which is no task id" in endpoint.requests[1]["messages"][-1]["content"]


@pytest.fixture
def worktree(tmp_path: Path) -> Path:
    path = tmp_path / "worktree"
    (path / "static").mkdir(parents=True)
    (path / "static/old.html").write_text("old page")
    (path / ".git").write_text("gitdir: /host")
    return path


def file(path: str, content: str = "new", executable: bool = False) -> dict[str, object]:
    return {"path": path, "content": content, "executable": executable}


def files(*written: dict[str, object], deletions: tuple[str, ...] = ()) -> Reply:
    return says({"files": list(written), "deletions": list(deletions)})


async def carry_out(endpoint: Endpoint, worktree: Path, attempts: int = 1) -> None:
    await endpoint.agent(attempts=attempts).carry_out(TASK, BRIEF, DOCUMENTS, worktree)


async def test_files_are_written_and_deleted(endpoint: Endpoint, worktree: Path) -> None:
    written = file("static/a/b.html", "ü"), file("scripts/test", "#!/bin/sh\n", executable=True)
    endpoint.replies = [files(*written, deletions=("static/old.html", "static/never.html"))]
    await carry_out(endpoint, worktree)
    assert (worktree / "static/a/b.html").read_text() == "ü"
    assert (worktree / "scripts/test").stat().st_mode & 0o111 == 0o111
    assert (worktree / "static/a/b.html").stat().st_mode & 0o111 == 0
    assert not (worktree / "static/old.html").exists()


async def test_the_model_sees_the_task_and_the_files_that_exist(
    endpoint: Endpoint, worktree: Path, tmp_path: Path
) -> None:
    (tmp_path / "secret").write_text("canary")
    (worktree / "static/link").symlink_to(tmp_path / "secret")
    (worktree / "static/logo.png").write_bytes(b"\x89\0")
    endpoint.replies = [files(file("static/index.html"))]
    await carry_out(endpoint, worktree)
    prompt = endpoint.requests[0]["messages"][1]["content"]
    for part in ("Write the page", "- static/**", "# Tea", "- static/old.html", "old page", "logo"):
        assert part in prompt
    assert "canary" not in prompt and "gitdir" not in prompt and str(tmp_path) not in prompt


@pytest.mark.parametrize(
    "path",
    ["../x", "/etc/x", "static/../../x", ".git", "static/.GIT/config", "a\\b", "other/x", "static"],
)
async def test_a_file_outside_the_scope_is_refused(
    endpoint: Endpoint, worktree: Path, tmp_path: Path, path: str
) -> None:
    endpoint.replies = [files(file(path))]
    with pytest.raises(AgentError):
        await carry_out(endpoint, worktree)
    endpoint.replies = [files(deletions=(path,))]
    with pytest.raises(AgentError):
        await carry_out(endpoint, worktree)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["worktree"]
    assert (worktree / ".git").read_text() == "gitdir: /host"


async def test_a_file_is_not_written_through_a_link(
    endpoint: Endpoint, worktree: Path, tmp_path: Path
) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/kept").write_text("kept")
    (worktree / "static/folder").symlink_to(tmp_path / "outside")
    (worktree / "static/file").symlink_to(tmp_path / "outside/kept")
    for answer in (
        files(file("static/folder/kept")),
        files(file("static/file")),
        files(deletions=("static/folder/kept",)),
    ):
        endpoint.replies = [answer]
        with pytest.raises(AgentError, match="could not be written") as caught:
            await carry_out(endpoint, worktree)
        assert str(tmp_path) not in str(caught.value)
    assert (tmp_path / "outside/kept").read_text() == "kept"


@pytest.mark.parametrize(
    "paths", [("static/a", "static/a/b"), ("static/a", "static/a")], ids=["below", "twice"]
)
async def test_files_that_exclude_each_other_are_refused(
    endpoint: Endpoint, worktree: Path, paths: tuple[str, str]
) -> None:
    endpoint.replies = [files(*map(file, paths)), files(file("static/good"))]
    await carry_out(endpoint, worktree, attempts=2)
    assert (worktree / "static/good").exists()
    assert not (worktree / "static/a").exists()
