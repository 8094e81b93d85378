"""The agent port: whoever turns a description into questions, a spec, a plan and files.

Every agent (`scaffold`, `openai`, `command`) has the four methods of `Agent`. They know no tenant,
run or database: plain values in, plain values out, files written into the given worktree.
"""

from pathlib import Path
from typing import Any, Protocol

import msgspec

from generated.models import Plan, Question, TaskDefinition

Documents = dict[str, str]
"""The spec: `SPEC.md`, `ACCEPTANCE.md`, `ROUTES.md` and `DATA.md` with their Markdown text."""


class Brief(msgspec.Struct, frozen=True, kw_only=True):
    """All that the customer has said about the application.

    `answers` maps a question's id to what was answered (text, boolean or list of texts);
    `feedback` holds the remarks of each regeneration, oldest first.
    """

    name: str
    description: str
    questions: list[Question] = []
    answers: dict[str, Any] = {}
    feedback: list[str] = []


class Agent(Protocol):
    """Plans and builds one application. All methods may be called again after a crash."""

    async def ask(self, brief: Brief) -> list[Question]:
        """Name what the description leaves open, most decisive question first."""

    async def specify(self, brief: Brief) -> Documents:
        """Write the four spec documents from the brief."""

    async def decompose(self, brief: Brief, documents: Documents) -> Plan:
        """Cut the work into tasks with dependencies and path scopes, and order the merges."""

    async def carry_out(
        self, task: TaskDefinition, brief: Brief, documents: Documents, worktree: Path
    ) -> None:
        """Do one task by changing files below `worktree`; committing is not the agent's work.

        Raises: AgentError if the task cannot be done; the message is shown to the customer.
        """


class AgentError(Exception):
    """The agent could not do its work."""

    def __init__(self, message: str, *, retryable: bool = True) -> None:
        super().__init__(message)
        self.retryable = retryable
