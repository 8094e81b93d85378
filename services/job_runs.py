"""Jobs that tasks of graphs stand for."""

import msgspec

from db.pool import Transaction
from services.context import new_id
from services.engine.enqueue import NewRun, enqueue
from services.engine.kind import Child, Kinds
from services.engine.retry import TaskFailed
from services.errors import ValidationFailed
from services.job_kinds.inputs import invalid_input
from services.kinds import Inputs, inputs


async def start(tx: Transaction, kinds: Kinds, children: list[Child]) -> list[str | TaskFailed]:
    """Queue jobs, each in the form of the engine's `NewRun`; none whose input its kind refuses.

    Nor one whose kind was deleted since the graph was created: it would wait for ever.
    """
    jobs = [job_of(child) for child in children]
    known = await inputs(kinds["job"].functions, tx, {job.name for job in jobs})
    refused = {job.id: flaw for job in jobs if (flaw := refusal(known, job))}
    queued = iter(await enqueue(tx, [job for job in jobs if job.id not in refused]))
    return [refused.get(job.id) or next(queued) for job in jobs]


def job_of(child: Child) -> NewRun:
    """The job of a task."""
    above = {name: getattr(child, name) for name in ("parent_id", "parent_task", "depth")}
    return msgspec.convert({**child.input, "id": new_id("job"), **above}, NewRun)


def refusal(known: Inputs, job: NewRun) -> TaskFailed | None:
    """Why a job is refused, now that its turn has come and what its input refers to is in it."""
    if not known.has(job.name):
        message = f"The kind {job.name} is neither built in nor registered by a worker any more."
        return TaskFailed("UNKNOWN_KIND", message)
    try:
        known.check_value(job.name, job.input)
    except ValidationFailed as error:
        return invalid_input(error)
    return None
