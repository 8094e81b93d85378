"""Jobs of kind agent against a real endpoint."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import msgspec
import pytest
from aiohttp import web

from generated.models import AgentJobInput, AgentJobResult
from services.engine.retry import TaskFailed
from services.job_kinds.agent import agent
from tests.services.job_kinds.conftest import MakeApp

KEY = "sk-canary-123456"
COLOURS = {"type": "array", "items": {"type": "string"}}


@dataclass
class Endpoint:
    """A chat endpoint that says one thing after the other; the last one for ever."""

    url: str = ""
    says: list[str] = field(default_factory=list)
    finish: str = "stop"
    requests: list[dict[str, Any]] = field(default_factory=list)

    async def handle(self, request: web.Request) -> web.Response:
        self.requests.append(await request.json())
        content = self.says.pop(0) if len(self.says) > 1 else self.says[0]
        choice = {"message": {"content": content}, "finish_reason": self.finish}
        usage = {"prompt_tokens": 10, "completion_tokens": 2}
        return web.json_response({"model": "tea-1-mini", "choices": [choice], "usage": usage})


@pytest.fixture
async def endpoint() -> AsyncIterator[Endpoint]:
    """A real server."""
    served = Endpoint()
    app = web.Application()
    app.router.add_post("/v1/chat/completions", served.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    served.url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    yield served
    await runner.cleanup()


async def ask(make_app: MakeApp, endpoint: Endpoint, **given: Any) -> AgentJobResult:
    """Ask the model."""
    app = make_app(agent="openai", openai_api_key=KEY, openai_base_url=endpoint.url)
    return await agent(app, msgspec.convert({"prompt": "Colours?", **given}, AgentJobInput), "t")


async def test_a_prompt_is_answered_with_text_and_usage(
    make_app: MakeApp, endpoint: Endpoint
) -> None:
    endpoint.says = ["red and blue"]
    done = await ask(make_app, endpoint, system="Be brief.")
    assert (done.text, done.value, done.model) == ("red and blue", None, "tea-1-mini")
    assert msgspec.structs.astuple(done.usage) == (1, 10, 2)
    assert [part["role"] for part in endpoint.requests[0]["messages"]] == ["system", "user"]


async def test_a_prompt_alone_is_the_whole_conversation(
    make_app: MakeApp, endpoint: Endpoint
) -> None:
    endpoint.says = ["red"]
    await ask(make_app, endpoint, maxOutputTokens=5)
    assert endpoint.requests[0]["messages"] == [{"role": "user", "content": "Colours?"}]
    assert endpoint.requests[0]["max_completion_tokens"] == 5


async def test_an_answer_by_a_schema_is_a_value(make_app: MakeApp, endpoint: Endpoint) -> None:
    endpoint.says = ['```json\n["red", "blue"]\n```']
    assert (await ask(make_app, endpoint, answerSchema=COLOURS)).value == ["red", "blue"]


async def test_an_answer_that_does_not_match_is_asked_for_again_and_counted(
    make_app: MakeApp, endpoint: Endpoint
) -> None:
    endpoint.says = [r'["\u0000"]', "[1]", '["red"]']
    done = await ask(make_app, endpoint, answerSchema=COLOURS)
    assert (done.value, done.usage.requests, done.usage.input_tokens) == (["red"], 3, 30)
    assert "/0 must be of type string" in json.dumps(endpoint.requests[2]["messages"])


async def test_answers_that_never_match_are_a_failure(
    make_app: MakeApp, endpoint: Endpoint
) -> None:
    endpoint.says = ["[1]"]
    with pytest.raises(TaskFailed) as failed:
        await ask(make_app, endpoint, answerSchema=COLOURS)
    assert (failed.value.failure.code, failed.value.retryable) == ("AGENT_ANSWER_UNFIT", True)
    assert "3 answers (36 tokens)" in failed.value.failure.message


async def test_an_answer_that_was_cut_off_is_a_failure(
    make_app: MakeApp, endpoint: Endpoint
) -> None:
    endpoint.says, endpoint.finish = ["red and"], "length"
    with pytest.raises(TaskFailed) as failed:
        await ask(make_app, endpoint, maxOutputTokens=2)
    assert (failed.value.failure.code, failed.value.retryable) == ("AGENT_ANSWER_UNFIT", False)


async def test_an_object_is_asked_for_by_the_format_too(
    make_app: MakeApp, endpoint: Endpoint
) -> None:
    endpoint.says = ["{}"]
    await ask(make_app, endpoint, answerSchema={"type": "object"})
    assert endpoint.requests[0]["response_format"]["json_schema"]["schema"] == {"type": "object"}


async def test_a_nul_in_the_answer_can_be_stored(make_app: MakeApp, endpoint: Endpoint) -> None:
    endpoint.says = ["a\0b"]
    assert (await ask(make_app, endpoint)).text == "a\ufffdb"


@pytest.mark.parametrize(
    "settings", [{}, {"agent": "openai"}, {"agent": "scaffold", "openai_api_key": KEY}]
)
async def test_without_a_model_the_failure_says_what_to_set(
    make_app: MakeApp, settings: dict[str, Any]
) -> None:
    with pytest.raises(TaskFailed) as failed:
        await agent(make_app(**settings), AgentJobInput(prompt="Why?"), "t")
    assert (failed.value.failure.code, failed.value.retryable) == ("AGENT_NOT_CONFIGURED", False)
    assert "PRAZIUM_OPENAI_API_KEY" in failed.value.failure.message


async def test_an_endpoint_that_is_away_is_tried_again(make_app: MakeApp) -> None:
    app = make_app(agent="openai", openai_api_key=KEY, openai_base_url="http://127.0.0.1:9/v1")
    with pytest.raises(TaskFailed) as failed:
        await agent(app, AgentJobInput(prompt="Why?"), "t")
    assert (failed.value.failure.code, failed.value.retryable) == ("AGENT_FAILED", True)
