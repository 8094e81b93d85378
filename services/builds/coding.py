"""The second step, once per task of the plan: an agent writes its part in a worktree."""

from db.pool import Transaction
from generated.models import (
    FileCreated,
    FileDeleted,
    FileModified,
    TaskDefinition,
    TaskResult,
)
from services import agents
from services.adapters import git
from services.builds.build import (
    Build,
    definition_of,
    done_tasks,
    failures,
    read,
    set_ref,
    worktree,
)
from services.engine import events
from services.engine.claim import TaskContext, TaskRow
from services.engine.kind import Completion
from services.threads import in_thread

MAX_LISTED = 10_000


async def code(ctx: TaskContext, task: TaskRow) -> Completion:
    """Let the agent do one task and commit its changes on the task's branch.

    Raises: TaskFailed if the agent cannot, or touched files outside the path scope.
    """
    build, definition = await read(ctx), definition_of(task)
    with failures():
        start = await starting_point(ctx, build, definition)
        async with worktree(ctx, build, task, start) as folder:
            agent = agents.named(ctx.settings, build.agent)
            given = build.input
            await agent.carry_out(definition, given.brief, given.documents, folder)
            change = await in_thread(
                git.commit_worktree,
                build.repository(ctx.settings),
                folder,
                definition.description,
                definition.path_scope,
            )

    async def record(tx: Transaction) -> None:
        ref = f"refs/heads/{task.branch_name}"
        await set_ref(ctx, build, ref, change.commit)
        await events.record(tx, build.id, *file_events(change), task_id=task.id)

    return Completion(result=result_of(change), record=record)


async def starting_point(ctx: TaskContext, build: Build, definition: TaskDefinition) -> str:
    """The base with the commits of all dependencies merged in."""
    done = await done_tasks(ctx)
    commits = [done[dependency].commit_sha for dependency in definition.dependencies]
    repository = build.repository(ctx.settings)
    return await in_thread(git.merge, repository, build.planned.base, commits, "Merge")


def file_events(change: git.Change) -> list[FileCreated | FileModified | FileDeleted]:
    """What happened to the files."""
    return [
        *(FileCreated(path=file.path, size=file.size) for file in change.created),
        *(FileModified(path=file.path, size=file.size) for file in change.modified),
        *(FileDeleted(path=path) for path in change.deleted),
    ]


def result_of(change: git.Change) -> TaskResult:
    """The task's result; the log has an event for every file, the result lists the first."""
    return TaskResult(
        files_created=[file.path for file in change.created[:MAX_LISTED]],
        files_modified=[file.path for file in change.modified[:MAX_LISTED]],
        files_deleted=change.deleted[:MAX_LISTED],
        commit_sha=change.commit,
    )
