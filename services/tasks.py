"""Tasks: the steps of a run."""

from db.queries import load
from generated.models import Task
from services.context import Context
from services.errors import NotFound
from services.runs import require_run

sql = load("tasks")


async def list_tasks(ctx: Context, project_id: str, run_id: str) -> list[Task]:
    """The run's tasks by sequence.

    Raises: NotFound.
    """
    async with ctx.transaction() as tx:
        await require_run(tx, project_id, run_id)
        return await tx.all(sql.list_tasks, Task, run_id=run_id)


async def get_task(ctx: Context, project_id: str, run_id: str, task_id: str) -> Task:
    """One task with its definition and result.

    Raises: NotFound.
    """
    async with ctx.transaction() as tx:
        await require_run(tx, project_id, run_id)
        task = await tx.first(sql.get_task, Task, run_id=run_id, task_id=task_id)
    if task is None:
        raise NotFound("There is no such task.")
    return task
