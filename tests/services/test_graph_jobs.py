"""Jobs that graphs start for the tenant's own workers."""

from dataclasses import replace

import msgspec
import pytest

from generated.models import (
    ChangeJobs,
    ClaimedJob,
    FailJob,
    JobError,
    JobFilter,
    JobStatus,
    RegisterKind,
    SignalGraph,
    StateConflict,
)
from services import graphs, jobs, kinds, queues, worker_jobs
from services.context import App, Context
from services.errors import GraphHasJob
from services.settings import Functions
from tests.services.test_graphs import claimed, created


async def registered(ctx: Context) -> None:
    """The kind `any` takes anything."""
    anything = RegisterKind(description="Anything.", input_schema={"type": "object"})
    await kinds.register_kind(ctx, "any", anything)


async def begun(ctx: Context) -> tuple[str, ClaimedJob]:
    """A live graph, and a job of it that a worker is at."""
    await registered(ctx)
    graph_id = await created(ctx, {"slug": "a", "kind": "any"})
    return graph_id, await claimed(ctx, "any")


async def failed(ctx: Context) -> tuple[str, str]:
    """A live graph, and a job of it that has failed."""
    graph_id, job = await begun(ctx)
    error = JobError(code="BROKEN", message="It broke.")
    broken = FailJob(lease_token=job.lease_token, error=error, retryable=False)
    assert (await worker_jobs.fail_job(ctx, job.job_id, broken)).status == "failed"
    return graph_id, job.job_id


async def test_a_failed_job_of_a_graph_is_the_graphs_and_no_dead_letter(ctx: Context) -> None:
    await failed(ctx)
    assert (await queues.list_failed_jobs(ctx, "default", None, 20)).items == []
    assert (await queues.get_queue(ctx, "default")).counts.failed == 0


async def test_a_job_of_a_graph_is_not_retried_without_its_graph(ctx: Context) -> None:
    graph_id, job_id = await failed(ctx)
    with pytest.raises(GraphHasJob) as refused:
        await jobs.retry_job(ctx, job_id)
    assert isinstance(refused.value.details, StateConflict)
    assert refused.value.details.id == graph_id
    assert (await jobs.get_job(ctx, job_id)).status == "failed"


async def test_a_retry_of_many_jobs_passes_over_those_of_graphs(ctx: Context) -> None:
    _, failed_id = await failed(ctx)
    _, job = await begun(ctx)
    await jobs.cancel_job(ctx, job.job_id)
    for job_id, status in ((failed_id, JobStatus.failed), (job.job_id, JobStatus.cancelled)):
        change = ChangeJobs(filter=JobFilter(job_ids=[job_id], status=status))
        assert (await jobs.retry_jobs(ctx, change)).matched == 0


@pytest.mark.parametrize("deleted", [True, False])
async def test_a_task_whose_kind_was_deleted_while_it_waited_fails(
    ctx: Context, deleted: bool
) -> None:
    await registered(ctx)
    wait = {"slug": "w", "wait": {"for": "signal", "name": "go"}}
    graph_id = await created(ctx, wait, {"slug": "a", "kind": "any", "dependsOn": ["w"]})
    if deleted:
        await kinds.delete_kind(ctx, "any")
    await graphs.signal_graph(ctx, graph_id, SignalGraph(name="go"))
    [_, task] = (await graphs.list_graph_tasks(ctx, graph_id, None, None, 20)).items
    assert (task.error and task.error.code) == ("UNKNOWN_KIND" if deleted else None)
    assert (task.child_id is None) == deleted


async def test_a_kind_that_the_operator_added_is_known_to_graphs(app: App, ctx: Context) -> None:
    added = msgspec.structs.replace(app.settings, job_functions=Functions("any=json:loads"))
    mine = replace(ctx, app=replace(app, settings=added))
    graph_id = await created(mine, {"slug": "a", "kind": "any"})
    [task] = (await graphs.list_graph_tasks(mine, graph_id, None, None, 20)).items
    assert task.child_id is not None
