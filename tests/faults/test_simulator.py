"""Scheduler and leases are right under any order: thousands of seeds through the simulator."""

import psycopg
import pytest

from tests.conftest import Form
from tests.faults.simulator import CLOCK, simulate

SHARES = 4
STEPS = 25


@pytest.mark.long
@pytest.mark.parametrize("share", range(SHARES))
async def test_each_job_has_one_owner_and_one_end_whatever_happens(
    database: str, form: Form, share: int
) -> None:
    with psycopg.connect(database, autocommit=True) as owner:
        owner.execute(CLOCK.encode())
    count = form.pick(5000, 500_000) // SHARES
    first = form.seed * 10**6 + share * count
    late = await simulate(database, range(first, first + count), STEPS)
    form.say(seeds=count, first=first, late=late)
    assert late > count / 50, "hardly anything came too late"
