"""A model that answers one prompt, as text or as JSON that matches a schema."""

from typing import Any

import msgspec

from services.adapters.agents import AgentError
from services.adapters.agents.chat import (
    ChatEndpoint,
    CutOff,
    Message,
    Reply,
    message,
    objection,
    without_fence,
)
from services.json_schemas import Checker

_MAX_QUOTED_CHARACTERS = 20_000
_MAX_JSON_BYTES = 1024 * 1024


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """What to ask; with `schema` and `checker`, which say the same, the answer is JSON."""

    prompt: str
    system: str = ""
    schema: dict[str, Any] | None = None
    checker: Checker | None = None
    max_tokens: int | None = None


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """The last reply, its value if a schema was asked for, and what all requests used."""

    text: str
    value: Any
    model: str
    requests: int
    input_tokens: int
    output_tokens: int


class Unfit(AgentError):
    """No answer matched what was asked for."""


class Model:
    """One model at one endpoint. An answer that does not match is asked for again."""

    def __init__(self, chat: ChatEndpoint, attempts: int = 3) -> None:
        self._chat = chat
        self._attempts = attempts

    async def answer(self, question: Question) -> Answer:
        """Ask until an answer matches.

        Raises: AgentError; Unfit with what is wrong with the last answer.
        """
        messages = opening(question)
        replies: list[Reply] = []
        problem = ""
        for _ in range(self._attempts):
            try:
                replies.append(await self._chat.reply(messages, **options(question)))
            except CutOff as error:
                raise Unfit("The answer is longer than it may be.", retryable=False) from error
            value, problem = fitted(replies[-1].content, question)
            if not problem:
                return answer_of(replies, value)
            messages = [*opening(question), *objection(replies[-1].content, problem)]
        used = sum(reply.input_tokens + reply.output_tokens for reply in replies)
        found = f"{len(replies)} answers ({used} tokens) did not match; the last one: {problem}"
        raise Unfit(found[:1000])


def opening(question: Question) -> list[Message]:
    """The conversation so far: nothing but the question."""
    system = question.system
    if question.schema is not None:
        form = msgspec.json.encode(question.schema).decode()
        system = f"{system}\n\nAnswer with JSON alone, by this JSON Schema: {form}".strip()
    first = [message("system", system)] if system else []
    return [*first, message("user", question.prompt)]


def options(question: Question) -> dict[str, Any]:
    """What the format has for a schema and a limit. Not strict: that knows only some schemas."""
    chosen: dict[str, Any] = {}
    if question.max_tokens is not None:
        chosen["max_completion_tokens"] = question.max_tokens
    if question.schema is not None and question.schema.get("type") == "object":
        form = {"name": "answer", "schema": question.schema, "strict": False}
        chosen["response_format"] = {"type": "json_schema", "json_schema": form}
    return chosen


def fitted(content: str, question: Question) -> tuple[Any, str]:
    """The answer's value, and what is wrong with it."""
    if question.checker is None:
        return None, ""
    text = without_fence(content)
    if len(text) > _MAX_JSON_BYTES:
        return None, "It is too long."
    if r"\u0000" in text:
        return None, "It holds U+0000."
    try:
        value = msgspec.json.decode(text)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        return None, f"It is not JSON: {error}"
    found = question.checker.errors(value, "")
    return value, " ".join(f"{error.field_ or 'It'} {error.message}." for error in found[:5])


def answer_of(replies: list[Reply], value: Any) -> Answer:
    """The last reply with the sum of all."""
    return Answer(
        text=replies[-1].content,
        value=value,
        model=replies[-1].model,
        requests=len(replies),
        input_tokens=sum(reply.input_tokens for reply in replies),
        output_tokens=sum(reply.output_tokens for reply in replies),
    )
