"""An OpenAI-compatible chat endpoint over HTTP, with limits on time, size and patience.

Format: https://platform.openai.com/docs/api-reference/chat/create. aiohttp is loaded by the first
request, as in `services/adapters/egress.py`.
"""

import asyncio
import random
import time
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

import msgspec

from services.adapters.agents import AgentError

if TYPE_CHECKING:
    from aiohttp import ClientResponse

Message = dict[str, str]
"""A `role` (system, user or assistant) and a `content`."""

_LONGEST_WAIT_S = 60.0
_BACKOFF_S = 0.5
_MAX_QUOTED_CHARACTERS = 20_000
_PASSING = {408, 409, 425, 429}
_REFUSALS = {
    401: "The model endpoint does not accept the key.",
    403: "The model endpoint does not allow this model to this key.",
    404: "The model endpoint or the model does not exist.",
}


class CutOff(Exception):
    """The model ran out of tokens before its answer was complete."""


class _Retry(Exception):
    """The endpoint may answer later; `wait_s` is when, as far as it said so."""

    def __init__(self, message: str, wait_s: float | None = None) -> None:
        super().__init__(message)
        self.wait_s = wait_s


class _AnswerMessage(msgspec.Struct):
    content: str | None = None
    refusal: str | None = None


class _Choice(msgspec.Struct):
    message: _AnswerMessage
    finish_reason: str | None = None


class _Usage(msgspec.Struct):
    prompt_tokens: int = 0
    completion_tokens: int = 0


class _Completion(msgspec.Struct):
    choices: list[_Choice]
    model: str = ""
    usage: _Usage | None = None


class Reply(msgspec.Struct, frozen=True):
    """What a model said, which model it was, and the tokens as far as the endpoint counts them."""

    content: str
    model: str
    input_tokens: int = 0
    output_tokens: int = 0


class ChatEndpoint:
    """One model at one endpoint.

    The key is sent to the endpoint's own address only, and appears in no error and no answer.
    `timeout_s` bounds each request, `max_response_kb` each response before it is parsed, and
    `attempts` how often a request is sent when the endpoint is overloaded or fails.
    """

    def __init__(
        self,
        base_url: str,
        api_key: str,
        model: str,
        timeout_s: float,
        max_response_kb: int,
        attempts: int,
    ) -> None:
        self._url = base_url.rstrip("/") + "/chat/completions"
        self._key = api_key
        self._model = model
        self._timeout_s = timeout_s
        self._max_bytes = max_response_kb * 1024
        self._attempts = attempts

    async def complete(self, messages: list[Message], name: str, schema: dict[str, Any]) -> str:
        """Return the model's answer to a conversation, asked to follow a JSON schema.

        Raises: AgentError; CutOff if the answer is not complete.
        """
        structure = {"name": name, "schema": schema, "strict": True}
        form = {"type": "json_schema", "json_schema": structure}
        return (await self.reply(messages, response_format=form)).content

    async def reply(self, messages: list[Message], **options: Any) -> Reply:
        """Return the model's answer to a conversation; `options` are those of the format.

        Raises: AgentError; CutOff if the answer is not complete.
        """
        body = {"model": self._model, "messages": messages, **options}
        for attempt in range(1, self._attempts + 1):
            try:
                return self._read_reply(await self._post(msgspec.json.encode(body)))
            except _Retry as error:
                wait = self._wait_s(error, attempt)
                if attempt == self._attempts or wait > _LONGEST_WAIT_S:
                    raise AgentError(str(error)) from error
            await asyncio.sleep(wait)
        raise AssertionError("attempts must be at least 1")

    def _wait_s(self, error: _Retry, attempt: int) -> float:
        """Wait as the endpoint said, or twice as long each time with some jitter."""
        if error.wait_s is not None:
            return error.wait_s
        return float(_BACKOFF_S * 2 ** (attempt - 1) * random.uniform(0.5, 1.0))

    async def _post(self, body: bytes) -> bytes:
        import aiohttp

        headers = {
            "Authorization": f"Bearer {self._key}",
            "Content-Type": "application/json",
            "Accept-Encoding": "identity",
        }
        timeout = aiohttp.ClientTimeout(total=self._timeout_s)
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout, auto_decompress=False) as session,
                session.post(
                    self._url, data=body, headers=headers, allow_redirects=False
                ) as response,
            ):
                self._check_status(response)
                return await self._read(response)
        except TimeoutError as error:
            raise AgentError(f"The model took longer than {self._timeout_s:g} s.") from error
        except (aiohttp.InvalidURL, aiohttp.NonHttpUrlClientError) as error:
            raise AgentError("The model endpoint's URL is not valid.", retryable=False) from error
        except aiohttp.ClientError as error:
            raise _Retry("The connection to the model endpoint failed.") from error

    def _check_status(self, response: "ClientResponse") -> None:
        """Sort the statuses into answers, those that pass by and those that stay."""
        status = response.status
        if status == 200:
            return
        if status in _PASSING or status >= 500:
            reason = f"The model endpoint is overloaded or failing (status {status})."
            raise _Retry(reason, _retry_after(response.headers.get("Retry-After")))
        if 300 <= status < 400:
            raise AgentError(
                "The model endpoint redirects; the setting needs its final URL.", retryable=False
            )
        reason = _REFUSALS.get(status, f"The model endpoint refused the request ({status}).")
        raise AgentError(reason, retryable=False)

    async def _read(self, response: "ClientResponse") -> bytes:
        """Read the body, but no further than the limit."""
        content = bytearray()
        async for chunk in response.content.iter_chunked(65536):
            content += chunk
            if len(content) > self._max_bytes:
                raise AgentError(f"The model's answer exceeds {self._max_bytes // 1024} KB.")
        return bytes(content)

    def _read_reply(self, body: bytes) -> Reply:
        """Take the text out of a completion. Raises: _Retry, CutOff, AgentError."""
        try:
            completion = msgspec.json.decode(body, type=_Completion)
            choice = completion.choices[0]
        except (msgspec.MsgspecError, UnicodeDecodeError, IndexError) as error:
            raise _Retry("The model endpoint's answer is no chat completion.") from error
        if choice.finish_reason == "length":
            raise CutOff
        if choice.message.refusal or choice.message.content is None:
            raise AgentError("The model refused to answer.")
        content = choice.message.content
        content = content.replace(self._key, "[key]") if self._key else content
        usage = completion.usage or _Usage()
        model = completion.model or self._model
        return Reply(content, model, usage.prompt_tokens, usage.completion_tokens)


def message(role: str, content: str) -> Message:
    """A part of a conversation."""
    return {"role": role, "content": content}


def objection(content: str, problem: str) -> list[Message]:
    """Give the model its answer back with what is wrong; only the last one, to keep it short."""
    quoted = content[:_MAX_QUOTED_CHARACTERS]
    request = f"That answer is not valid: {problem}\nAnswer again with the whole JSON."
    return [message("assistant", quoted), message("user", request)]


def without_fence(content: str) -> str:
    """Drop the ``` lines that models like to put around JSON."""
    text = content.strip()
    if text.startswith("```") and text.endswith("```"):
        return text.partition("\n")[2].removesuffix("```")
    return text


def _retry_after(value: str | None) -> float | None:
    """Read seconds or an HTTP date; None for nothing or nonsense."""
    if value is None:
        return None
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    except ValueError:
        return None
