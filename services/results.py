"""Results of jobs: in the row while they are small, as a blob when they are not."""

import msgspec

from db.pool import Transaction
from db.queries import load
from services import folders
from services.adapters.blobs import BlobMissing, Blobs, LocalBlobs
from services.context import Context, new_id
from services.engine.kind import Completion
from services.engine.retry import TaskFailed
from services.errors import StorageUnavailable
from services.settings import Settings

sql = load("jobs")

INLINE_BYTES = 64 * 1024
MOST_INLINE_BYTES = 1024 * 1024


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


def inline(result: object) -> object:
    """A result that other tasks refer to, and so is in its row.

    Raises: TaskFailed if it is too large for that.
    """
    size = len(msgspec.json.encode(result))
    if size > MOST_INLINE_BYTES:
        message = f"The result has {size} bytes; in a graph {MOST_INLINE_BYTES} are possible."
        raise TaskFailed("RESULT_TOO_LARGE", message)
    return result


async def spilled(settings: Settings, name: str) -> bytes:
    """A large result.

    Raises: StorageUnavailable.
    """
    try:
        return await blobs(settings).get(name)
    except (BlobMissing, OSError) as error:
        raise StorageUnavailable("The result cannot be read right now.") from error
