"""The worker: claims free tasks from their lanes, begins them, keeps their leases."""

import asyncio
import contextlib
import time
from collections.abc import Iterable
from functools import partial

import structlog

from db.listen import wait
from services.context import App, new_id, system_transaction, tenant_transaction
from services.engine import claim, limits
from services.engine.attempts import Attempts
from services.engine.claim import Lease, TaskRow, by_tenant
from services.engine.complete import Taker
from services.engine.executors import end
from services.engine.graph import waits
from services.engine.heartbeat import Heartbeat, Standing
from services.engine.kind import Kinds
from services.engine.lanes import OWN_QUEUE, Heads
from services.engine.looking import look
from services.engine.newcomers import Newcomers, Room
from services.errors import Unavailable

log = structlog.get_logger()

POLL_S = 1.0
MOST_CLAIMED = 800
TOLD_AFTER_S = 0.05
"""The start of a solo run that takes longer is recorded by itself, and not with its end."""
TOLD_AGAIN_S = 1.0
STEERING_SLOTS = 64
"""So many waits and sub-runs of graphs end at once, beside all slots: each takes milliseconds."""
MOST_BEGINNINGS = 2
"""So many claims with tasks of graphs may be begun while the next is made."""
MOST_UNREAD = 3
"""So many attempts has a task that cannot be read, whatever it is allowed."""
GOES_ON_S = 1.0
"""So long a slot may stay with a run before it goes to whoever's turn it is."""
DRAIN_S = 8.0
STOP_S = 1.5
GIVE_UP_S = 10.0
"""What does not end within so long after its lease was lost is not waited for any more."""
RETURN_S = 2.0
"""After an outage, other workers have so long to extend leases that ran out in it."""

Key = tuple[str, int]


class Share:
    """Some kinds of tasks, and what a worker has of them: held, and of these being begun."""

    def __init__(self, kinds: Iterable[str]) -> None:
        self.kinds = sorted(kinds)
        self.heads = Heads()
        self.hint = asyncio.Event()
        self.held = 0
        self.beginners: set[asyncio.Task[None]] = set()


class Worker:
    """One process's worker, with room for as many tasks at a time as the settings say.

    It takes tasks of these queues alone, or of all. The ends of what graphs wait for take none of
    its slots, so that long tasks hold up no graph.
    """

    def __init__(self, app: App, kinds: Kinds, queues: list[str] | None = None) -> None:
        self.id = new_id("wrk")
        self._app = app
        self._kinds = kinds
        self._queues = queues
        self._slots = app.settings.worker_concurrency
        self._leases_lost = 0
        self._attempts = Attempts(app, kinds, self.id, self)
        self._steering = Share(waits.KINDS)
        self._work = Share({*self._attempts.kinds} - waits.KINDS)
        self._newcomers = Newcomers(app, self._slots, self._work.kinds, queues)
        self._again_s = POLL_S
        self._running: dict[Key, asyncio.Task[None]] = {}
        self._leases: dict[Key, tuple[Lease, float]] = {}
        self._beginning: dict[Key, Lease] = {}
        self._tellers: set[asyncio.Task[None]] = set()
        self._claiming = asyncio.Lock()
        self._doubts = False
        self._more = True
        self._draining = self._drained = False
        self._beat_at = time.monotonic()
        self._claims_from = 0.0

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set; then finish what can be finished and hand back the rest."""
        loop = asyncio.get_running_loop()

        def on_beat(held: set[Key], began: float) -> None:
            loop.call_soon_threadsafe(self._on_beat, held, began)

        lease_seconds = self._app.settings.lease_seconds
        heartbeat = Heartbeat(
            self._app.db.url, self.id, lease_seconds, self._working, on_beat, self._standing
        )
        heartbeat.start()
        self._app.metrics.slots += self._slots
        beside = [
            asyncio.create_task(look(self._app, self._kinds, self._holds_off), name="look"),
            asyncio.create_task(limits.keep(self._app), name="limits"),
            asyncio.create_task(self._newcomers.follow(self._wake), name="newcomers"),
            asyncio.create_task(self._wake_at(stop), name="stop"),
        ]
        try:
            async with asyncio.TaskGroup() as claiming:
                claiming.create_task(self._claim_work(stop))
                if self._queues is None or OWN_QUEUE in self._queues:
                    claiming.create_task(self._steer(stop))
            await self._drain()
        finally:
            for task in [*beside, *self._tellers]:
                task.cancel()
            await asyncio.to_thread(heartbeat.stop)
            self._app.metrics.slots -= self._slots
            await self._hand_back()

    async def _wake_at(self, stop: asyncio.Event) -> None:
        await stop.wait()
        self._wake()

    def _wake(self) -> None:
        self._work.hint.set()
        self._steering.hint.set()

    async def _claim_work(self, stop: asyncio.Event) -> None:
        """Claim what takes slots, whenever there is some and room for it."""
        with self._app.hints.subscribe("ready", *self._work.kinds) as self._work.hint:
            while not stop.is_set():
                if not await self._claim():
                    await wait(self._work.hint, self._again_s)

    async def _steer(self, stop: asyncio.Event) -> None:
        """Claim what graphs wait for."""
        with self._app.hints.subscribe("ready", *self._steering.kinds) as self._steering.hint:
            while not stop.is_set():
                free = STEERING_SLOTS - self._steering.held
                idle = free <= 0 or self._holds_off()
                if idle or await self._take(self._steering, Room(free, free)) != free:
                    await wait(self._steering.hint, POLL_S)

    async def _claim(self) -> bool:
        """Claim as much as there is room for; whether there may be more, and room for it."""
        room = self._newcomers.room(self._slots - self._work.held, MOST_CLAIMED)
        busy = room.slots <= 0 or len(self._work.beginners) == MOST_BEGINNINGS
        self._more |= busy or room.keeps
        if self._rests(room) or busy or self._holds_off():
            return False
        taken = await self._take(self._work, room)
        self._more = taken is None or taken > 0 or room.alone
        return taken == room.slots

    async def _take(self, share: Share, room: Room) -> int | None:
        """Claim tasks of a share and take them up; how many, None if that cannot be now."""
        async with self._claiming:
            try:
                if not await self._is_sure():
                    return None
                leases, runs = await self._leased(share, room)
            except Exception as error:  # whatever it is, the worker stays
                self._failed(error)
                return None
            self._app.metrics.claims["taken" if leases else "empty"] += 1
            self._take_up(share, leases, runs)
            return len(leases)

    def _rests(self, room: Room) -> bool:
        """Whether there is room for newcomers alone, who have just been looked for."""
        rest_s = self._newcomers.rest_s() if room.alone else 0.0
        self._again_s = rest_s or POLL_S
        return rest_s > 0

    def _failed(self, error: Exception) -> None:
        """Nobody knows what was claimed or begun."""
        self._doubts = True
        if isinstance(error, Unavailable):
            log.warning("worker.database_unavailable")
        else:
            log.error("worker.claim_failed", exc_info=error)

    async def _is_sure(self) -> bool:
        """Give back what was taken if nobody knows what that was; not while more is being taken."""
        if self._doubts:
            if self._attempts.taking or self._beginning:
                return False
            at_work = [task_id for task_id, _ in self._running]
            await claim.hand_back(self._app, self.id, at_work, begun=False)
            self._doubts = False
        return True

    def doubt(self) -> None:
        """Nobody knows what this worker has taken."""
        self._doubts = True

    def taker(self) -> Taker | None:
        """As whom it goes on with what follows its tasks; nobody while it stops or is unsure."""
        if self._draining or self._doubts or self._holds_off():
            return None
        lease_s = self._app.settings.lease_seconds
        return Taker(self.id, self._attempts.kinds, self._queues, lease_s)

    def goes_on(self, lease: Lease) -> bool:
        """Whether the slot of this lease may stay with its run."""
        short = time.monotonic() - lease.since < GOES_ON_S
        return short and lease.kind not in waits.KINDS

    async def _leased(self, share: Share, room: Room) -> tuple[list[Lease], list[TaskRow]]:
        """Leases, and the tasks of those that are of solo runs."""
        tasks: list[TaskRow] = []
        holders = self._holders() if room.keeps else ()
        began = time.monotonic()
        async with system_transaction(self._app) as tx:
            leases = await claim.claim(
                tx,
                share.heads,
                worker_id=self.id,
                kinds=share.kinds,
                slots=room.slots,
                lease_seconds=self._app.settings.lease_seconds,
                queues=self._queues,
                open_slots=room.open,
                holders=holders,
            )
            for tenant_id, own in by_tenant(lease for lease in leases if lease.solo).items():
                await tx.enter(tenant_id)
                tasks += await claim.read(tx, own)
        if room.alone:
            self._newcomers.looked(began)
        return leases, tasks

    def _take_up(self, share: Share, leases: list[Lease], runs: list[TaskRow]) -> None:
        """Work on solo runs; begin tasks of graphs, while more is claimed."""
        held = {lease.task_id: lease for lease in leases}
        for task in runs:
            self.start(held[task.id], task)
        for tenant_id, own in by_tenant(lease for lease in leases if lease.solo).items():
            teller = asyncio.create_task(self._tell(tenant_id, own), name="tell")
            self._tellers.add(teller)
            teller.add_done_callback(self._tellers.discard)
        if of_graphs := [lease for lease in leases if not lease.solo]:
            self._beginning |= {lease.key: lease for lease in of_graphs}
            self._count(of_graphs, 1)
            begin = asyncio.create_task(self._begin(share, of_graphs), name="begin")
            share.beginners.add(begin)

    async def _begin(self, share: Share, leases: list[Lease]) -> None:
        """Begin tasks of graphs; not what was cancelled meanwhile."""
        try:
            for tenant_id, own in by_tenant(leases).items():
                await self._begin_some(tenant_id, own)
        except Exception as error:
            self._failed(error)
        finally:
            for lease in leases:
                self._beginning.pop(lease.key, None)
            self._count(leases, -1)
            share.beginners -= {asyncio.current_task()}
            if self._doubts:
                self._wake()
            elif self._more:
                self._work.hint.set()

    async def _begin_some(self, tenant_id: str, leases: list[Lease]) -> None:
        """Begin these at once; one that cannot be read must not stop the others.

        Its lease runs out, so that it is tried again; at last it fails.
        Raises: Unavailable.
        """
        held = {lease.task_id: lease for lease in leases}
        try:
            async with tenant_transaction(self._app, tenant_id) as tx:
                tasks = await claim.begin(tx, leases)
        except Unavailable:
            raise
        except Exception as error:
            if len(leases) == 1:
                log.error("worker.begin_failed", task_id=leases[0].task_id, exc_info=error)
                if leases[0].attempt >= MOST_UNREAD:
                    with contextlib.suppress(claim.LeaseLost):
                        await self._attempts.give_up(leases[0], error)
                return
            for lease in leases:
                await self._begin_some(tenant_id, [lease])
            return
        for task in tasks:
            self.start(held[task.id], task)

    async def _tell(self, tenant_id: str, leases: list[Lease]) -> None:
        """Record the start of those that are worked on for longer than a moment."""
        pause = TOLD_AFTER_S
        while True:
            await asyncio.sleep(pause)
            at_work = self._running.keys() - self._attempts.recording
            untold = [lease for lease in leases if lease.key in at_work]
            try:
                if untold:
                    async with tenant_transaction(self._app, tenant_id) as tx:
                        await claim.begin(tx, untold)
                return
            except Unavailable:
                log.warning("worker.starts_not_recorded", runs=len(untold))
            except Exception as error:
                log.error("worker.starts_not_recorded", runs=len(untold), exc_info=error)
            pause = TOLD_AGAIN_S

    def start(self, lease: Lease, task: TaskRow) -> None:
        """Work on a task; one that comes too late is handed back with the rest."""
        if self._drained:
            return
        key = (lease.task_id, lease.lease_token)
        running = asyncio.create_task(self._attempts.work(lease, task), name=lease.task_id)
        self._running[key] = running
        self._leases[key] = (lease, time.monotonic())
        self._count([lease], 1)
        running.add_done_callback(lambda _: self._forget(key))

    def _forget(self, key: Key) -> None:
        if self._running.pop(key, None) is None:
            return
        lease, _ = self._leases.pop(key)
        self._count([lease], -1)
        if self._more:  # else there was nothing left to claim, and what comes is told
            self._work.hint.set()

    def _count(self, leases: list[Lease], change: int) -> None:
        """Count what it has; room for what graphs wait for is told of when there was none."""
        for lease in leases:
            share = self._steering if lease.kind in waits.KINDS else self._work
            share.held += change
            if share is self._steering and change < 0 and share.held == STEERING_SLOTS - 1:
                share.hint.set()

    def _working(self) -> list[Lease]:
        return [lease for lease, _ in list(self._leases.values())]

    def _holders(self) -> set[str]:
        """The tenants that have slots."""
        held = [*self._working(), *self._beginning.values()]
        return {lease.tenant_id for lease in held if lease.kind not in waits.KINDS}

    def _standing(self) -> Standing:
        taken = sum(lease.kind not in waits.KINDS for lease in self._working())
        return Standing(self._queues, self._slots, taken, self._leases_lost)

    async def _hand_back(self) -> None:
        try:
            await claim.sign_off(self._app, self.id)
        except Unavailable:
            log.warning("worker.leases_run_out")

    def _holds_off(self) -> bool:
        """Whether to leave alone what others hold: leases run out while the database is away.

        Without a beat of its own a worker claims nothing, and after a long silence not at once.
        """
        now = time.monotonic()
        return now < self._claims_from or self._is_long(now - self._beat_at)

    def _is_long(self, silence_s: float) -> bool:
        return silence_s > self._app.settings.lease_seconds / 2

    def _on_beat(self, held: set[Key], began: float) -> None:
        """Stop the tasks whose lease the last beat did not find; it cannot see younger ones.

        A task that is being recorded is left alone: its lease ends with that.
        """
        now = time.monotonic()
        if self._is_long(now - self._beat_at):
            self._claims_from = now + RETURN_S
        self._beat_at = now
        for key, task in list(self._running.items()):
            older = self._leases[key][1] < began and key not in self._attempts.recording
            if key not in held and older and not (task.done() or task.cancelling()):
                self._leases_lost += 1
                end(task, GIVE_UP_S, partial(self._forget, key))

    async def _drain(self) -> None:
        """Give running tasks a moment, then stop them; their leases are handed back.

        What does not end is left alone; the process ends without it.
        """
        self._draining = True
        until = time.monotonic() + DRAIN_S
        if beginners := self._work.beginners | self._steering.beginners:
            await asyncio.wait(beginners, timeout=DRAIN_S)
        while self._running and (left := until - time.monotonic()) > 0:
            await asyncio.wait(self._running.values(), timeout=left)
        self._drained = True
        for key, task in list(self._running.items()):
            end(task, STOP_S, partial(self._forget, key))
        while self._running:
            await asyncio.wait(self._running.values(), timeout=STOP_S / 10)
