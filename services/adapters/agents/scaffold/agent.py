"""The embedded agent: no network, no model; the same brief gives the same bytes."""

import asyncio
from pathlib import Path

from generated.models import Plan, Question, TaskDefinition
from services.adapters.agents import AgentError, Brief, Documents
from services.adapters.agents.scaffold.build import Files
from services.adapters.agents.scaffold.documents import documents
from services.adapters.agents.scaffold.plan import plan, steps
from services.adapters.agents.scaffold.questions import application, questions


class ScaffoldAgent:
    """Reads nouns out of a description and builds a contract-first application for them.

    The work is computing, so each method runs in a thread and leaves the event loop free.
    """

    async def ask(self, brief: Brief) -> list[Question]:
        """Three to eight questions; every answer changes what is built."""
        return await asyncio.to_thread(questions, brief)

    async def specify(self, brief: Brief) -> Documents:
        """The four spec documents of exactly what will be built."""
        return await asyncio.to_thread(lambda: documents(application(brief)))

    async def decompose(self, brief: Brief, documents: Documents) -> Plan:
        """Tasks with disjoint scopes; everything after data and server may run at once."""
        return await asyncio.to_thread(lambda: plan(application(brief)))

    async def carry_out(
        self, task: TaskDefinition, brief: Brief, documents: Documents, worktree: Path
    ) -> None:
        """Write the files of one task; a second call writes the same bytes.

        Raises: AgentError if the brief gives no task of that slug or the disk refuses.
        """
        await asyncio.to_thread(_carry_out, task, brief, worktree)


def _carry_out(task: TaskDefinition, brief: Brief, worktree: Path) -> None:
    app = application(brief)
    step = next((step for step in steps(app) if step.slug == task.slug), None)
    if step is None:
        raise AgentError(f"The brief has no task {task.slug}.", retryable=False)
    try:
        _write(step.builder(app), worktree)
    except OSError as error:
        raise AgentError(f"A file could not be written: {error.strerror}.") from error


def _write(files: Files, worktree: Path) -> None:
    for name, file in files.items():
        path = worktree / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(file.text, "utf-8", newline="\n")
        path.chmod(0o755 if file.executable else 0o644)
