"""The third step: the branches become one."""

from db.pool import Transaction
from generated.models import BranchMerged, TaskResult
from services.adapters import git
from services.builds.build import DoneTask, done_tasks, failures, read, set_ref
from services.engine import events
from services.engine.claim import TaskContext, TaskRow
from services.engine.complete import advance_run
from services.engine.kind import Completion
from services.threads import in_thread


async def merge(ctx: TaskContext, task: TaskRow) -> Completion:
    """Merge the tasks' commits in the plan's order.

    Raises: TaskFailed naming the files in conflict.
    """
    async with ctx.transaction() as tx:
        await advance_run(tx, task.run_id, "executing", "merging")
    build = await read(ctx)
    done = await done_tasks(ctx)
    repository = build.repository(ctx.settings)
    head, merged = build.planned.base, list[BranchMerged]()
    for definition_id in build.planned.plan.merge_order:
        branch = done[definition_id]
        with failures():
            head = await in_thread(git.merge, repository, head, [branch.commit_sha], "Merge")
        merged.append(BranchMerged(branch_name=name_of(branch), commit_sha=head))

    async def record(tx: Transaction) -> None:
        await set_ref(ctx, build, f"refs/heads/{build.main_branch}", head)
        await events.record(tx, build.id, *merged, task_id=task.id)

    result = TaskResult(files_created=[], files_modified=[], files_deleted=[], commit_sha=head)
    return Completion(result=result, record=record)


def name_of(branch: DoneTask) -> str:
    """The branch's name."""
    return branch.branch_name or branch.definition_id
