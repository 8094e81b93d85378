"""The first step: from the spec to a graph of tasks."""

from db.pool import Transaction
from generated.models import Plan, RunPlanned, TaskDefinition
from services import agents
from services.adapters import git
from services.builds.build import (
    Build,
    StoredPlan,
    failures,
    new_task,
    node_of,
    read,
    set_ref,
    sql,
)
from services.engine import events
from services.engine.claim import TaskContext, TaskRow
from services.engine.complete import advance_run
from services.engine.graph.adding import NewTask, add_tasks
from services.engine.graph.checking import InvalidGraph, check_graph
from services.engine.kind import Completion
from services.engine.retry import TaskFailed
from services.threads import in_thread

MAX_TASKS = 200
RESERVED = {"decompose", "merge", "verify"}


async def decompose(ctx: TaskContext, task: TaskRow) -> Completion:
    """Plan the work, commit the spec as the base of all branches, and add the tasks."""
    build = await read(ctx)
    agent = agents.named(ctx.settings, build.agent)
    with failures():
        plan = await agent.decompose(build.input.brief, build.input.documents)
        check_plan(plan)
        base = await in_thread(commit_spec, build, ctx)

    async def record(tx: Transaction) -> None:
        await set_ref(ctx, build, f"refs/heads/{build.main_branch}", base)
        await tx.run(sql.set_plan, run_id=build.id, plan=StoredPlan(plan=plan, base=base))
        await add_tasks(tx, build.id, tasks_of(build, plan))
        slugs = [definition.slug for definition in plan.tasks]
        await events.record(tx, build.id, RunPlanned(tasks=slugs, merge_order=plan.merge_order))
        await advance_run(tx, build.id, "decomposing", "executing")

    return Completion(record=record)


def check_plan(plan: Plan) -> None:
    """Hold an agent's plan against the rules.

    Raises: TaskFailed; another attempt may bring a better plan.
    """
    try:
        if not 0 < len(plan.tasks) <= MAX_TASKS:
            raise InvalidGraph(f"A plan has 1 to {MAX_TASKS} tasks; this has {len(plan.tasks)}.")
        order = check_graph([node_of(definition) for definition in plan.tasks])
        check_definitions(plan.tasks)
        if sorted(plan.merge_order) != sorted(order):
            raise InvalidGraph("The merge order does not name each task once.")
    except InvalidGraph as error:
        raise TaskFailed("INVALID_PLAN", str(error), retryable=True) from error


def check_definitions(definitions: list[TaskDefinition]) -> None:
    """No reserved names, no path scope outside the repository.

    Raises: InvalidGraph.
    """
    branches = [f"{definition.id}-{definition.slug}" for definition in definitions]
    if twice := sorted({branch for branch in branches if branches.count(branch) > 1}):
        raise InvalidGraph(f"Two tasks would share the branch {twice[0]}.")
    for definition in definitions:
        if {definition.id, definition.slug} & RESERVED:
            raise InvalidGraph(f"The name {definition.slug} is reserved.")
        for glob in definition.path_scope:
            if problem := git.scope_problem(glob):
                raise InvalidGraph(f"The path scope of {definition.id}: {problem}")


def commit_spec(build: Build, ctx: TaskContext) -> str:
    """The commit that all branches begin at: the spec's documents on an empty tree.

    A build starts clean, so that nothing of an earlier one lingers; `main` takes it over later.
    """
    repository = build.repository(ctx.settings)
    git.ensure_repository(repository)
    files = {name: text.encode() for name, text in build.input.documents.items()}
    message = f"Begin run {build.number} with version {build.input.spec.version} of the spec"
    return git.commit_files(repository, [git.root(repository)], files, message)


def tasks_of(build: Build, plan: Plan) -> list[NewTask]:
    """The plan's tasks, then the merge of their branches, then the verification."""
    code = [
        new_task("build.code", place, definition, build.branch(definition.id, definition.slug))
        for place, definition in enumerate(plan.tasks, start=1)
    ]
    ids = [definition.id for definition in plan.tasks]
    merge = step("merge", "Merge the branches in their order", ids)
    verify = step("verify", "Check the contract, run the tests, start the application", ["merge"])
    last = len(code)
    return [
        *code,
        new_task("build.merge", last + 1, merge),
        new_task("build.verify", last + 2, verify),
    ]


def step(name: str, description: str, dependencies: list[str]) -> TaskDefinition:
    """The definition of a step that is not the agent's."""
    return TaskDefinition(
        id=name,
        slug=name,
        description=description,
        instructions=f"{description}.",
        dependencies=dependencies,
        path_scope=[],
        expected_outputs=[],
    )
