"""Runs: when they may start, be cancelled and be retried."""

import asyncio
from dataclasses import replace

import msgspec
import pytest

from generated.models import (
    AgentName,
    CreateExport,
    CreateProject,
    Project,
    RunStatus,
    StartRun,
    SubmitAnswers,
)
from services import events, exports, projects, runs, specs, tasks
from services.context import Context
from services.errors import NotFound, ValidationFailed, WrongState


@pytest.fixture
async def project(ctx: Context) -> Project:
    """An approved project."""
    new = CreateProject(name="Clinic", description="A clinic with pets, owners and visits.")
    project = await projects.create_project(ctx, new)
    await specs.clarify_project(ctx, project.id)
    await specs.submit_answers(ctx, project.id, SubmitAnswers(answers=[]))
    await specs.approve_spec(ctx, project.id)
    return project


async def test_a_run_starts_with_the_task_that_plans(ctx: Context, project: Project) -> None:
    run = await runs.start_run(ctx, project.id, StartRun())
    assert (run.run_number, run.status, run.trigger) == (1, "decomposing", "manual")
    assert [task.slug for task in await tasks.list_tasks(ctx, project.id, run.id)] == ["decompose"]
    assert (await projects.get_project(ctx, project.id)).status == "building"


async def test_of_twenty_starts_one_succeeds(ctx: Context, project: Project) -> None:
    calls = [runs.start_run(ctx, project.id, StartRun()) for _ in range(20)]
    outcomes = await asyncio.gather(*calls, return_exceptions=True)
    refused = [outcome for outcome in outcomes if isinstance(outcome, WrongState)]
    assert len(refused) == 19
    assert (await runs.list_runs(ctx, project.id, 1, 20, None)).pagination.total == 1


async def test_a_refused_start_names_the_run_that_is_live(ctx: Context, project: Project) -> None:
    live = await runs.start_run(ctx, project.id, StartRun())
    with pytest.raises(WrongState) as refused:
        await runs.start_run(ctx, project.id, StartRun())
    assert (refused.value.state.current_state, refused.value.state.id) == ("building", live.id)


async def test_a_draft_cannot_be_built(ctx: Context) -> None:
    draft = await projects.create_project(ctx, CreateProject(name="Draft", description="Pets."))
    with pytest.raises(WrongState):
        await runs.start_run(ctx, draft.id, StartRun())


async def test_an_agent_that_is_not_set_up_is_refused(ctx: Context, project: Project) -> None:
    with pytest.raises(ValidationFailed) as refused:
        await runs.start_run(ctx, project.id, StartRun(agent=AgentName.openai))
    assert isinstance(refused.value.details, list)
    assert refused.value.details[0].field_ == "/agent"


async def test_cancelling_ends_the_run_and_all_its_tasks(ctx: Context, project: Project) -> None:
    run = await runs.start_run(ctx, project.id, StartRun())
    assert (await runs.cancel_run(ctx, project.id, run.id)).status == "cancelled"
    listed = await tasks.list_tasks(ctx, project.id, run.id)
    assert {task.status for task in listed} == {"cancelled"}
    assert (await projects.get_project(ctx, project.id)).status == "approved"


async def test_cancelling_what_has_ended_is_refused(ctx: Context, project: Project) -> None:
    run = await runs.start_run(ctx, project.id, StartRun())
    await runs.cancel_run(ctx, project.id, run.id)
    with pytest.raises(WrongState) as refused:
        await runs.cancel_run(ctx, project.id, run.id)
    assert refused.value.state.current_state == "cancelled"


async def test_retrying_what_is_live_is_refused(ctx: Context, project: Project) -> None:
    run = await runs.start_run(ctx, project.id, StartRun())
    with pytest.raises(WrongState) as refused:
        await runs.retry_run(ctx, project.id, run.id)
    assert refused.value.state.current_state == "decomposing"


async def test_a_retry_is_a_new_run_with_the_same_spec(ctx: Context, project: Project) -> None:
    first = await runs.start_run(ctx, project.id, StartRun())
    await runs.cancel_run(ctx, project.id, first.id)
    again = await runs.retry_run(ctx, project.id, first.id)
    assert (again.run_number, again.trigger, again.retry_of) == (2, "retry", first.id)
    one = await runs.get_run(ctx, project.id, first.id)
    two = await runs.get_run(ctx, project.id, again.id)
    assert one.spec_snapshot == two.spec_snapshot


async def test_a_retry_needs_its_agent_to_be_set_up_still(ctx: Context, project: Project) -> None:
    able = msgspec.structs.replace(ctx.settings, agent_command="true")
    before = replace(ctx, app=replace(ctx.app, settings=able))
    run = await runs.start_run(before, project.id, StartRun(agent=AgentName.command))
    await runs.cancel_run(before, project.id, run.id)
    with pytest.raises(ValidationFailed):
        await runs.retry_run(ctx, project.id, run.id)
    assert (await projects.get_project(ctx, project.id)).status == "approved"


async def test_a_project_with_a_live_run_cannot_be_archived(ctx: Context, project: Project) -> None:
    await runs.start_run(ctx, project.id, StartRun())
    with pytest.raises(WrongState) as refused:
        await projects.delete_project(ctx, project.id)
    assert refused.value.state.current_state == "building"


async def test_a_run_of_another_project_is_not_found(ctx: Context, project: Project) -> None:
    run = await runs.start_run(ctx, project.id, StartRun())
    other = await projects.create_project(ctx, CreateProject(name="Other", description="Pets."))
    for call in (runs.get_run, runs.cancel_run, runs.retry_run, tasks.list_tasks):
        with pytest.raises(NotFound):
            await call(ctx, other.id, run.id)


async def test_a_foreign_run_is_not_found(
    ctx: Context, other_ctx: Context, project: Project
) -> None:
    run = await runs.start_run(ctx, project.id, StartRun())
    for call in (runs.get_run, runs.cancel_run, runs.retry_run, tasks.list_tasks):
        with pytest.raises(NotFound):
            await call(other_ctx, project.id, run.id)
    assert (await runs.get_run(ctx, project.id, run.id)).status == "decomposing"


async def test_a_list_of_runs_is_filtered_by_state(ctx: Context, project: Project) -> None:
    first = await runs.start_run(ctx, project.id, StartRun())
    await runs.cancel_run(ctx, project.id, first.id)
    await runs.start_run(ctx, project.id, StartRun())
    page = await runs.list_runs(ctx, project.id, 1, 20, RunStatus.cancelled)
    assert [run.id for run in page.items] == [first.id]
    assert page.items[0].tasks_summary.total == 1


async def test_only_a_run_that_succeeded_can_be_exported(ctx: Context, project: Project) -> None:
    run = await runs.start_run(ctx, project.id, StartRun())
    with pytest.raises(WrongState):
        await exports.create_export(ctx, project.id, CreateExport(run_id=run.id))


async def test_a_stream_whose_project_is_archived_ends(ctx: Context) -> None:
    looks = iter([events.Progress(last_seq=0, ended=False, key_ended=False)])

    async def look() -> events.Progress:
        if (progress := next(looks, None)) is None:
            raise NotFound("There is no such run.")
        return progress

    stream = await events.streamed(ctx, "run_1", None, look)
    assert stream is not None
    assert [batch async for batch in stream] == []
