"""Builds: the kind of run that carries an approved spec to a verified application.

Plan (`decompose`) → write (`code`, one task each, in parallel) → `merge` → `verify`. Each step
works outside any transaction and returns what is to be recorded in one.
"""

from db.pool import Transaction
from db.queries import load
from generated.models import Failure, Outcome, ProjectStatus, TaskDefinition
from services.builds.build import BuildInput, new_task
from services.builds.coding import code
from services.builds.merging import merge
from services.builds.planning import decompose
from services.builds.sweeping import sweep
from services.builds.verifying import verify
from services.engine.graph.adding import NewTask
from services.engine.kind import EndedRun, Kind

__all__ = ["KIND", "BuildInput", "first_task", "sweep"]

sql = load("projects")

AFTERWARDS = {
    Outcome.succeeded: ProjectStatus.completed,
    Outcome.failed: ProjectStatus.failed,
    Outcome.cancelled: ProjectStatus.approved,
}


def first_task() -> NewTask:
    """The task that every build begins with."""
    definition = TaskDefinition(
        id="decompose",
        slug="decompose",
        description="Cut the work into tasks",
        instructions="Read the approved spec and plan tasks with dependencies and path scopes.",
        dependencies=[],
        path_scope=[],
        expected_outputs=[],
    )
    return new_task("build.decompose", 0, definition)


async def ended(tx: Transaction, run: EndedRun, outcome: Outcome, error: Failure | None) -> None:
    """The project's state follows its run."""
    await tx.run(sql.end_building, project_id=run.project_id, status=AFTERWARDS[outcome])


KIND = Kind(
    functions={"decompose": decompose, "code": code, "merge": merge, "verify": verify},
    ended=ended,
)
