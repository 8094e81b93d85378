"""The fuzzer finds nothing: neither in single operations nor in sequences of them.

A run takes about three minutes, so each day takes one of the four seeds; `scripts/fuzz` takes
all of them, or goes on for as long as it is given.
"""

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from scripts.fuzzing import SEEDS
from scripts.generation import BUNDLE, ROOT
from tests.conftest import Live
from tests.contract import seed

SEED = os.environ.get("FUZZ_SEED") or str(SEEDS[datetime.now(UTC).toordinal() % len(SEEDS)])
LIMIT_S = 300

# What an operation changes, and the state in which it succeeds.
PROJECTS = {
    "EDITED": "draft",
    "DELETED": "draft",
    "CLARIFIED": "draft",
    "ANSWERED": "clarifying",
    "APPROVED": "spec_review",
    "REGENERATED": "spec_review",
    "STARTED": "approved",
    "CANCELLED": "approved",
}


@pytest.fixture(scope="module")
def variables(live: Live) -> dict[str, str]:
    """What the configurations ask for: a key and ids of a tenant that only the fuzzer uses."""
    tenant = seed.new_tenant(live, "fuzzed")
    seed.build(tenant)
    seed.register(tenant, "seed.deleted")
    ids = {name: seed.project_in(tenant, state, name) for name, state in PROJECTS.items()}
    graph = seed.waiting_graph(tenant)
    ids |= {
        "LIVE_RUN": seed.waiting_run(live, tenant, ids["CANCELLED"]),
        "COMPLETED": tenant.ids["projectId"],
        "RUN": tenant.ids["runId"],
        "TASK": tenant.ids["taskId"],
        "EXPORT": tenant.ids["exportId"],
        "SCHEDULE": tenant.ids["scheduleId"],
        "DELETED_SCHEDULE": seed.schedule_of(tenant, "Deleted"),
        "JOB": tenant.ids["jobId"],
        "WAITING_JOB": seed.waiting_job(tenant),
        "RETRIED_JOB": seed.done_job(tenant),
        "GRAPH": tenant.ids["graphId"],
        "LIVE_GRAPH": graph["graphId"],
        "LIVE_TASK": graph["taskId"],
        "KEY": tenant.key,
        "PLACE": tenant.call("GET", "/events")[0]["cursor"],
    }
    return {f"FUZZ_{name}": value for name, value in ids.items()}


def fuzz(live: Live, variables: dict[str, str], config: Path, phases: str) -> None:
    """Run the fuzzer; what it finds or warns of fails the test."""
    done = subprocess.run(
        [
            Path(sys.executable).parent / "schemathesis", "--config-file", config,
            "run", BUNDLE, "--url", live.url, "--phases", phases, "--seed", SEED,
        ],
        cwd=ROOT,
        env=os.environ | variables,
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
    )  # fmt: skip
    if done.returncode:
        pytest.fail(done.stdout + done.stderr, pytrace=False)
    print(done.stdout)


def test_no_operation_breaks_the_contract(live: Live, variables: dict[str, str]) -> None:
    fuzz(live, variables, ROOT / "schemathesis.toml", "examples,coverage,fuzzing")


def test_no_sequence_of_operations_breaks_the_contract(
    live: Live, variables: dict[str, str]
) -> None:
    fuzz(live, variables, ROOT / "tests" / "contract" / "sequences.toml", "stateful")
