"""Hundreds of runs under workers, thieves and cancellers that all begin at the same moment."""

import asyncio
import random
import time
from collections import Counter, defaultdict

import pytest

from db.pool import Transaction
from services.context import Actor, new_id
from services.engine import claim, retry
from services.engine.claim import Lease, LeaseLost, TaskContext, TaskRow
from services.engine.complete import complete_task, fail_task
from services.engine.expiry import expire
from services.engine.kind import Completion
from services.engine.retry import TaskFailed
from tests.conftest import Form
from tests.engine.conftest import Lab, effect, new

RUNS_A_ROUND = 20
ENDED = {"succeeded", "failed", "cancelled"}


class Chaos:
    """One round: everyone acts on the same runs until all have ended."""

    def __init__(self, lab: Lab, seed: int) -> None:
        self.lab = lab
        self.dice = random.Random(seed)
        self.barrier = asyncio.Barrier(7)
        self.runs: list[str] = []
        self.over = False
        self.newest: defaultdict[str, int] = defaultdict(int)
        self.inside: Counter[str] = Counter()
        self.lost = 0

    async def play(self) -> None:
        """Start the runs, let everyone at them, and wait for the last end."""
        for _ in range(RUNS_A_ROUND):
            self.runs.append(await self.lab.start(new("a"), new("b"), new("c", "a", "b")))
        actors = [self.worker(f"wrk_{n}") for n in range(4)]
        async with asyncio.timeout(30):
            await asyncio.gather(*actors, self.thief(), self.canceller(), self.watcher())

    async def worker(self, who: str) -> None:
        """Claim, begin, and end what was claimed; now and then hand everything back."""
        await self.barrier.wait()
        while not self.over:
            lasting = self.dice.choice([0.0, 0.02, 30.0])
            leases = await self.lab.claim(who, self.dice.randint(1, 4), lasting)
            for lease in leases:
                self.newest[lease.task_id] = max(self.newest[lease.task_id], lease.lease_token)
            await asyncio.gather(*(self.attempt(lease, who) for lease in leases))
            if self.dice.random() < 0.1:
                await claim.hand_back(self.lab.app, who, [], begun=True)
            await expire(self.lab.app, self.lab.kinds, 1e9)
            await asyncio.sleep(self.dice.random() * 0.005)

    async def attempt(self, lease: Lease, who: str) -> None:
        ctx = TaskContext(self.lab.app, Actor(lease.tenant_id, who), new_id("req"), lease)
        try:
            task = await self.lab.begin(lease)
            await asyncio.sleep(self.dice.random() * 0.01)
            async with ctx.transaction() as tx:
                await self.end(tx, task, lease)
        except LeaseLost:
            self.lost += 1

    async def end(self, tx: Transaction, task: TaskRow, lease: Lease) -> None:
        """Complete or fail the task; whoever is here must be its only owner."""
        self.inside[task.id] += 1
        assert self.inside[task.id] == 1
        assert self.newest[task.id] == lease.lease_token
        await asyncio.sleep(0)
        kinds, chance = self.lab.kinds, self.dice.random()
        if chance < 0.75:
            await complete_task(tx, kinds, task, Completion(record=effect(task.id)))
        else:
            failed = TaskFailed("X", "x", retryable=chance < 0.95, record=effect(f"f:{task.id}"))
            await fail_task(tx, kinds, task, failed)
        self.inside[task.id] -= 1

    async def thief(self) -> None:
        """Let random leases run out."""
        await self.barrier.wait()
        while not self.over:
            await asyncio.to_thread(
                self.lab.owner.execute,
                "UPDATE ready SET lease_until = now() - interval '1 second' WHERE (run_id, "
                "task_id) IN (SELECT run_id, task_id FROM ready WHERE lease_until IS NOT NULL "
                "ORDER BY random() LIMIT 3 FOR UPDATE SKIP LOCKED)",
            )
            await asyncio.sleep(0.004)

    async def canceller(self) -> None:
        await self.barrier.wait()
        for run in self.dice.sample(self.runs, RUNS_A_ROUND // 3):
            await asyncio.sleep(self.dice.random() * 0.04)
            await self.lab.cancel(run)

    async def watcher(self) -> None:
        await self.barrier.wait()
        await asyncio.to_thread(self.wait_for_the_last)
        self.over = True

    def wait_for_the_last(self) -> None:
        while self.lab.rows("SELECT 1 FROM run WHERE completed_at IS NULL LIMIT 1"):
            time.sleep(0.02)


@pytest.mark.long
async def test_every_task_has_one_owner_and_one_end_in_every_order(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, form: Form
) -> None:
    monkeypatch.setattr(retry, "BASE_S", 0.0)
    lost, rounds = 0, form.pick(20, 50)
    for number in range(rounds):
        chaos = Chaos(lab, form.seed + number)
        await chaos.play()
        lost += chaos.lost
        for run in chaos.runs:
            check(lab, run)
    assert lab.rows("SELECT 1 FROM ready") == []
    assert lost > 50, "the leases were hardly ever lost"
    doubled = [what for what, n in Counter(lab.effects()).items() if n > 1 and what[:2] != "f:"]
    assert doubled == []
    ends = Counter(what for (what,) in lab.rows("SELECT what FROM effect WHERE what ~ '^ended'"))
    assert set(ends.values()) == {1}
    assert len(ends) == rounds * RUNS_A_ROUND
    outcomes = Counter(status for (status,) in lab.rows("SELECT status FROM run"))
    assert set(outcomes) == ENDED, outcomes


def check(lab: Lab, run: str) -> None:
    """One end for each task and for the run, in a log without gaps."""
    stored = lab.events(run)
    assert [event.seq for event in stored] == list(range(1, len(stored) + 1))
    statuses = lab.statuses(run)
    assert set(statuses.values()) <= ENDED
    ends = [
        (event.slug, event.payload["status"]) for event in stored if event.type == "task.completed"
    ]
    assert sorted(ends) == sorted(statuses.items())
    assert [event.type for event in stored].count("run.completed") == 1
    assert stored[-1].type == "run.completed"
    assert stored[-1].payload["status"] == lab.run(run)[0]
