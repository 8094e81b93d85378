"""Idempotency keys: a request that comes again acts once, and gets its first answer again.

A key is claimed by one statement, for a short while that is renewed as long as the request is at
work; each claim has a token, and who has lost it can commit nothing. The answer is stored in the
transaction of the effect: the request's last transaction stays open until the answer is known, so
that both are committed or neither (docs/decisions/0016). A request that fails leaves nothing.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, suppress
from dataclasses import replace
from types import TracebackType
from typing import Any, Self
from uuid import UUID

import msgspec

from db.pool import Transaction
from db.queries import load
from services.context import App, Context, domain_errors, system_transaction
from services.errors import KeyInFlight, KeyReused, Unavailable

sql = load("idempotency")

KEPT_HOURS = 24
LEASE_S = 10.0
"""How long a key stays taken after its request was lost with the process."""
SWEEP = 5000


class Answer(msgspec.Struct, frozen=True):
    """What a request was answered: status, headers and the bytes of the body."""

    status: int
    headers: dict[str, str]
    body: bytes


class KeyRow(msgspec.Struct, frozen=True):
    """A key that is taken: by a request at work as long as there is no status."""

    request_hash: bytes
    status: int | None
    headers: dict[str, str] | None
    body: bytes | None


class Claim:
    """The right to act for a key, for the time of an `async with`: a failure gives it back.

    Attributes:
        ctx: the caller's context; its last transaction stays open until `complete`.
    """

    def __init__(self, ctx: Context, operation: str, key: str, token: UUID) -> None:
        self.ctx = replace(ctx, claim=self)
        self._caller = ctx
        self._own: dict[str, Any] = {"operation": operation, "key": key, "token": token}
        self._held: tuple[Transaction, AsyncExitStack] | None = None

    async def __aenter__(self) -> Self:
        self._renewing = asyncio.create_task(self._renew())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._renewing.cancel()
        if error is None:
            return
        if self._held is not None:
            await self._take_held()[1].__aexit__(kind, error, trace)
        with suppress(Unavailable):  # the claim ends by itself, a little later
            async with aside(self._caller) as tx:
                await tx.run(sql.release_claim, **self._own)

    @asynccontextmanager
    async def holding(
        self, begun: AbstractAsyncContextManager[Transaction], *, at_once: bool
    ) -> AsyncIterator[Transaction]:
        """A transaction of the request; one that was held before it is committed first.

        Raises: KeyInFlight if the claim is lost.
        """
        await self._commit_held()
        async with AsyncExitStack() as stack:
            tx = await stack.enter_async_context(begun)
            yield tx
            await self._commit_held()
            self._held = tx, stack.pop_all()
        if at_once:
            await self._commit_held()

    async def complete(self, answer: Answer) -> None:
        """Store the answer and commit it with what the request has done.

        Raises: KeyInFlight if the claim is lost, Unavailable; nothing has happened then.
        """
        if self._held is None:
            async with self.ctx.transaction():
                pass  # nothing was done that the answer could be stored with
        tx, stack = self._take_held()
        async with stack:
            fields = msgspec.structs.asdict(answer)
            if not await tx.run(sql.store_answer, **fields, **self._own):
                raise KeyInFlight()

    async def _commit_held(self) -> None:
        """Commit what is held, if the claim is still ours; that renews it as well."""
        if self._held is None:
            return
        tx, stack = self._take_held()
        async with stack:
            if not await tx.run(sql.renew_claim, lease_seconds=LEASE_S, **self._own):
                raise KeyInFlight()

    def _take_held(self) -> tuple[Transaction, AsyncExitStack]:
        if self._held is None:
            raise RuntimeError("no transaction is held")
        held, self._held = self._held, None
        return held

    async def _renew(self) -> None:
        """Keep the claim of a request that takes long."""
        while True:
            await asyncio.sleep(LEASE_S / 3)
            with suppress(Unavailable):
                async with aside(self._caller) as tx:
                    await tx.run(sql.renew_claim, lease_seconds=LEASE_S, **self._own)


async def claim(ctx: Context, operation: str, key: str, request_hash: bytes) -> Claim | Answer:
    """The right to act for a key of the caller's tenant, or the answer that was given already.

    Raises: KeyReused if the key belongs to another request to this operation, KeyInFlight if the
    request is still at work.
    """
    async with aside(ctx) as tx:
        token: UUID | None = await tx.value(
            sql.claim_key,
            operation=operation,
            key=key,
            request_hash=request_hash,
            lease_seconds=LEASE_S,
            kept_hours=KEPT_HOURS,
        )
        if token is not None:
            return Claim(ctx, operation, key, token)
        row = await tx.first(sql.find_answer, KeyRow, operation=operation, key=key)
    if row is not None and row.request_hash != request_hash:
        raise KeyReused()
    if row is None or row.status is None or row.headers is None or row.body is None:
        raise KeyInFlight()
    return Answer(row.status, row.headers, row.body)


@asynccontextmanager
async def aside(ctx: Context) -> AsyncIterator[Transaction]:
    """A transaction about claims; no read shows what it writes, so kept reads stay good.

    Raises: Unavailable.
    """
    async with domain_errors(), ctx.app.db.transaction(ctx.actor.tenant_id) as tx:
        yield tx
    ctx.app.hints.send(tx.hints)
    ctx.app.hints.remind(tx.reminders)


async def expire(app: App) -> int:
    """Delete the keys whose time is over; how many there were."""
    total, deleted = 0, SWEEP
    while deleted >= SWEEP:
        async with system_transaction(app) as tx:
            deleted = await tx.run(sql.delete_expired, limit=SWEEP)
        total += deleted
    return total
