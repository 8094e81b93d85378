"""Results of jobs: in the row while they are small, as a blob when they are not."""

from typing import Any

import msgspec

from db.pool import Transaction
from db.queries import load
from services import folders
from services.adapters.blobs import BlobMissing, Blobs, LocalBlobs
from services.context import App, Context, new_id, system_transaction
from services.engine.kind import Completion
from services.engine.retry import TaskFailed
from services.errors import StorageUnavailable
from services.settings import Settings

sql = load("jobs")

YOUNG_S = 24 * 3600.0

INLINE_BYTES = 64 * 1024
MOST_INLINE_BYTES = 1024 * 1024


class Spilled(msgspec.Struct, frozen=True):
    """A blob that is the result of a job."""

    name: str


def blobs(settings: Settings) -> Blobs:
    """Where large results are."""
    return LocalBlobs(folders.blobs(settings))


async def completion(ctx: Context, job_id: str, result: object) -> Completion:
    """What records this result: a large one is stored first, under a name that was never used.

    So a worker that has lost its lease spoils nothing; what it stored belongs to no job.

    Raises: StorageUnavailable.
    """
    encoded = msgspec.json.encode(result)
    if len(encoded) <= INLINE_BYTES:
        return Completion(result=result)
    name = f"{ctx.actor.tenant_id}/{new_id('blob')}"
    try:
        await blobs(ctx.settings).put(name, encoded)
    except OSError as error:
        raise StorageUnavailable() from error

    async def record(tx: Transaction) -> None:
        await tx.run(sql.spill_result, job_id=job_id, name=name, size=len(encoded))

    return Completion(record=record)


async def sweep(app: App) -> None:
    """Remove what is no job's result: of jobs that are kept no longer, or of a lost lease.

    What is young may be on its way into its job's row.
    """
    store = blobs(app.settings)
    async for names in store.older(YOUNG_S):
        async with system_transaction(app) as tx:
            kept = {row.name for row in await tx.all(sql.list_spilled, Spilled, names=names)}
        for name in sorted(set(names) - kept):
            await store.delete(name)


def inline(result: object) -> object:
    """A result that other tasks refer to, and so is in its row.

    Raises: TaskFailed if it is too large for that.
    """
    check_size(len(msgspec.json.encode(result)))
    return result


async def whole(ctx: Context, name: str, size: int) -> Any:
    """A job's large result, for the task of a graph that the job was done for.

    Raises: TaskFailed if it is too large for that, or cannot be read right now.
    """
    check_size(size)
    try:
        return msgspec.json.decode(await spilled(ctx.settings, name))
    except StorageUnavailable as error:
        raise TaskFailed("STORAGE_UNAVAILABLE", str(error), retryable=True) from error


def check_size(size: int) -> None:
    """Whether a graph can have a result of so many bytes.

    Raises: TaskFailed if it cannot.
    """
    if size > MOST_INLINE_BYTES:
        message = f"The result has {size} bytes; in a graph {MOST_INLINE_BYTES} are possible."
        raise TaskFailed("RESULT_TOO_LARGE", message)


async def spilled(settings: Settings, name: str) -> bytes:
    """A large result.

    Raises: StorageUnavailable.
    """
    try:
        return await blobs(settings).get(name)
    except (BlobMissing, OSError) as error:
        raise StorageUnavailable("The result cannot be read right now.") from error
