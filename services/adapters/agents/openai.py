"""The `openai` agent: a model behind any OpenAI-compatible chat endpoint plans and writes."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import msgspec

from generated.models import Plan, Question, TaskDefinition
from services.adapters.agents import AgentError, Brief, Documents, instructions, worktree_files
from services.adapters.agents.answers import (
    BadAnswer,
    DocumentsAnswer,
    FilesAnswer,
    PlanAnswer,
    QuestionsAnswer,
    Shape,
    schema_of,
)
from services.adapters.agents.chat import (
    ChatEndpoint,
    CutOff,
    Message,
    message,
    objection,
    without_fence,
)
from services.adapters.git import scope_matches

_MAX_LISTED_FILES = 500
_MAX_SHOWN_BYTES = 100_000

T = TypeVar("T", bound=Shape)


class OpenAIAgent:
    """Asks a model for structured answers and holds each against a schema and the rules.

    An answer that breaks them goes back to the model with the reason, `attempts` times at most.
    `timeout_s` bounds each request, `max_response_kb` each response.
    """

    def __init__(
        self,
        base_url: str,
        api_key: str,
        model: str,
        timeout_s: float = 300.0,
        max_response_kb: int = 4096,
        attempts: int = 3,
    ) -> None:
        self._chat = ChatEndpoint(base_url, api_key, model, timeout_s, max_response_kb, attempts)
        self._attempts = attempts

    async def ask(self, brief: Brief) -> list[Question]:
        request = [instructions.ASK, instructions.brief_text(brief)]
        answer = await self._answer(request, QuestionsAnswer)
        return [question.to_question() for question in answer.questions]

    async def specify(self, brief: Brief) -> Documents:
        request = [instructions.SPECIFY, instructions.brief_text(brief)]
        return (await self._answer(request, DocumentsAnswer)).to_documents()

    async def decompose(self, brief: Brief, documents: Documents) -> Plan:
        request = [
            instructions.DECOMPOSE,
            instructions.brief_text(brief),
            instructions.documents_text(documents),
        ]
        return (await self._answer(request, PlanAnswer)).to_plan()

    async def carry_out(
        self, task: TaskDefinition, brief: Brief, documents: Documents, worktree: Path
    ) -> None:
        """Let the model write the task's files whole.

        Raises: AgentError.
        """
        request = [
            instructions.CARRY_OUT,
            instructions.task_text(task),
            instructions.brief_text(brief),
            instructions.documents_text(documents),
            await asyncio.to_thread(_describe_files, worktree, task.path_scope),
        ]
        answer = await self._answer(
            request, FilesAnswer, lambda files: files.check_scope(task.path_scope)
        )
        await asyncio.to_thread(_apply, answer, worktree)

    async def _answer(
        self, request: list[str], shape: type[T], check: Callable[[T], None] | None = None
    ) -> T:
        """Ask until an answer keeps the rules. Raises: AgentError with the last broken rule."""
        schema = schema_of(shape)
        text = msgspec.json.encode(schema).decode()
        system = f"{instructions.APPLICATION_RULES}\n\nAnswer with one JSON object: {text}"
        messages: list[Message] = [message("system", system)]
        messages.append(message("user", "\n\n".join(request)))
        problem = ""
        for _ in range(self._attempts):
            content = ""
            try:
                content = await self._chat.complete(messages, shape.__name__, schema)
                return _decode(content, shape, check)
            except CutOff:
                problem = "It was cut off. Give a shorter answer."
            except BadAnswer as error:
                problem = str(error)
            messages = [*messages[:2], *objection(content, problem)]
        raise AgentError(f"The model's answers were not valid; the last one: {problem}"[:1000])


def _decode(content: str, shape: type[T], check: Callable[[T], None] | None) -> T:
    """Raises: BadAnswer for what is no JSON, has another shape or breaks a rule."""
    try:
        answer = msgspec.json.decode(without_fence(content), type=shape)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise BadAnswer(str(error)) from error
    answer.check()
    if check:
        check(answer)
    return answer


def _describe_files(worktree: Path, scope: list[str]) -> str:
    """List the worktree's files, with the content of those that the task may change."""
    paths = worktree_files.list_files(worktree, _MAX_LISTED_FILES)
    lines = ["# Files that exist", "", *(f"- {path}" for path in paths)]
    left = _MAX_SHOWN_BYTES
    # What the task may change comes first; the rest helps to fit in, as far as there is room.
    for path in sorted(paths, key=lambda path: not scope_matches(path, scope)):
        content = worktree_files.read_text(worktree, path, left)
        if content is not None:
            lines += ["", f"## {path}", "", content]
            left -= len(content.encode())
    return "\n".join(lines)


def _apply(answer: FilesAnswer, worktree: Path) -> None:
    """Write and delete the files. Raises: AgentError where a link or folder stands in the way."""
    path = ""
    try:
        for path in answer.deletions:
            worktree_files.delete_file(worktree, path)
        for file in answer.files:
            path = file.path
            content = file.content.encode()
            worktree_files.write_file(worktree, path, content, executable=file.executable)
    except OSError as error:
        raise AgentError(f"{path} could not be written: {error.strerror}.") from error
