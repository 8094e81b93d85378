"""What the steps of a build share: the run's row, its branches and worktrees."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Literal

import msgspec

from db.queries import load
from generated.models import AgentName, Plan, Spec, TaskDefinition, VerificationResult
from services import folders
from services.adapters import git
from services.adapters.agents import AgentError, Brief, Documents
from services.adapters.git.repository import Expected
from services.adapters.sandbox import SandboxMissing
from services.engine.claim import TaskContext, TaskRow
from services.engine.graph.adding import NewTask
from services.engine.graph.checking import Node
from services.engine.retry import TaskFailed
from services.settings import Settings
from services.threads import in_thread

sql = load("runs")
task_sql = load("tasks")


class BuildInput(msgspec.Struct, frozen=True):
    """What a build starts from: the approved spec, and the brief that it was written from."""

    spec: Spec
    brief: Brief

    @property
    def documents(self) -> Documents:
        """The spec's documents by file name."""
        documents: Documents = msgspec.to_builtins(self.spec.documents)
        return documents


class StoredPlan(msgspec.Struct, frozen=True):
    """How the work was cut, and the commit that all branches begin at."""

    plan: Plan
    base: str


class Build(msgspec.Struct, frozen=True):
    """A run of kind build, as its steps read it."""

    id: str
    project_id: str
    number: int
    agent: AgentName
    input: BuildInput
    plan: StoredPlan | None
    output: VerificationResult | None

    def repository(self, settings: Settings) -> Path:
        """The project's bare repository."""
        return folders.repository(settings, self.project_id)

    @property
    def planned(self) -> StoredPlan:
        """The plan, which every step after the first finds stored."""
        if self.plan is None:
            raise LookupError("the run has no plan")
        return self.plan

    @property
    def main_branch(self) -> str:
        """The branch that the tasks' branches are merged into."""
        return f"run-{self.number}/main"

    def branch(self, definition_id: str, slug: str) -> str:
        """A task's branch."""
        return f"run-{self.number}/feat/{definition_id}-{slug}"[:200]


class DoneTask(msgspec.Struct, frozen=True):
    """A task that succeeded: its id in the plan, its branch and its commit."""

    definition_id: str
    branch_name: str | None
    commit_sha: str


async def read(ctx: TaskContext) -> Build:
    """The build that the task belongs to."""
    async with ctx.transaction() as tx:
        return await tx.one(sql.get_build, Build, run_id=ctx.lease.run_id)


async def done_tasks(ctx: TaskContext) -> dict[str, DoneTask]:
    """The tasks of the run that succeeded, by id in the plan."""
    async with ctx.transaction() as tx:
        rows = await tx.all(task_sql.list_done, DoneTask, run_id=ctx.lease.run_id)
    return {row.definition_id: row for row in rows}


def node_of(definition: TaskDefinition) -> Node:
    """Where a task stands among others."""
    return Node(key=definition.id, slug=definition.slug, after=definition.dependencies)


def new_task(
    kind: str, sequence: int, definition: TaskDefinition, branch_name: str | None = None
) -> NewTask:
    """A step of a build as the engine takes it."""
    return NewTask(
        key=definition.id,
        slug=definition.slug,
        after=definition.dependencies,
        kind=kind,
        sequence=sequence,
        definition=definition,
        branch_name=branch_name,
    )


def definition_of(task: TaskRow) -> TaskDefinition:
    """What a task of a build is to do."""
    return msgspec.json.decode(task.definition, type=TaskDefinition)


@asynccontextmanager
async def worktree(
    ctx: TaskContext, build: Build, task: TaskRow, commit: str
) -> AsyncIterator[Path]:
    """A worktree of this attempt alone; it is gone afterwards, whatever happened.

    The row names it before it exists, so that the sweeper can tell it from a lost one.
    """
    attempt = "" if task.attempt == 1 else f"-{task.attempt}"
    name = f"run-{build.number}-{definition_of(task).id}{attempt}"
    folder = folders.worktree(ctx.settings, build.project_id, name)
    async with ctx.transaction() as tx:
        shown = folders.shown(ctx.settings, folder)
        await tx.run(
            task_sql.set_worktree, run_id=task.run_id, task_id=task.id, worktree_path=shown
        )
    repository = build.repository(ctx.settings)
    try:
        await in_thread(git.add_worktree, repository, folder, commit)
        yield folder
    finally:
        await in_thread(git.remove_worktree, repository, folder)


async def set_ref(
    ctx: TaskContext,
    build: Build,
    name: str,
    commit: str,
    *,
    expected: str | Literal[Expected.ANY] = git.ANY,
) -> None:
    """Move a ref of the project's repository, inside the fenced transaction that records it.

    Raises: TaskFailed if it is not as expected or cannot be written.
    """
    repository = build.repository(ctx.settings)
    with failures():
        await in_thread(git.set_ref, repository, name, commit, expected=expected)


@contextmanager
def failures() -> Iterator[None]:
    """Raise TaskFailed for what git, the agent or the sandbox could not do."""
    try:
        yield
    except git.OutsideScope as error:
        message = f"The task changed files outside its path scope: {listed(error.files)}."
        raise TaskFailed("OUTSIDE_PATH_SCOPE", message, files=error.files) from error
    except git.MergeConflict as error:
        message = f"The branches change the same lines of {listed(error.files)}."
        raise TaskFailed("MERGE_CONFLICT", message, files=error.files) from error
    except git.RefusedFiles as error:
        raise TaskFailed("REFUSED_FILES", str(error), files=error.files) from error
    except git.RefMoved as error:
        raise TaskFailed("REF_MOVED", str(error), retryable=True) from error
    except git.GitFailure as error:
        raise TaskFailed("STORAGE_UNAVAILABLE", str(error), retryable=True) from error
    except SandboxMissing as error:
        raise TaskFailed("SANDBOX_MISSING", str(error)) from error
    except AgentError as error:
        raise TaskFailed("AGENT_FAILED", str(error), retryable=error.retryable) from error


def listed(files: list[str]) -> str:
    """The first files, for a sentence."""
    more = f" and {len(files) - 5} more" if len(files) > 5 else ""
    return ", ".join(files[:5]) + more
