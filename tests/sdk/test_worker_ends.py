"""Whatever a job's function does, its attempt ends and nobody keeps the job."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from prazium import RetryLater
from prazium._worker_job import job_of

TWICE: dict[str, Any] = {"retry": {"maxAttempts": 2, "baseSeconds": 0}}
JOB: dict[str, Any] = {
    "jobId": "job_1", "kind": "sdk.none", "queue": "default", "input": {}, "attempt": 1,
    "maxAttempts": 1, "idempotencyToken": "task_1", "timeoutSeconds": None, "deadline": None,
    "tags": [], "metadata": {}, "traceparent": None, "leaseToken": 1,
}  # fmt: skip


@pytest.mark.parametrize(
    ("say", "error"),
    [
        (lambda job: job.progress(Decimal("5")), TypeError),
        (lambda job: job.progress("5"), TypeError),
        (lambda job: job.progress(True), TypeError),
        (lambda job: job.progress(float("nan")), ValueError),
        (lambda job: job.progress(5, b"half"), TypeError),
        (lambda job: job.log("x", level=object()), ValueError),
        (lambda job: job.log(5), TypeError),
        (lambda job: RetryLater("5"), TypeError),
        (lambda job: RetryLater(float("nan")), ValueError),
    ],
)
def test_what_cannot_be_sent_is_refused_in_the_line_that_says_it(
    say: Callable[[Any], Any], error: type[Exception]
) -> None:
    job = job_of(JOB)
    with pytest.raises(error, match="has to be"):
        say(job)
    assert (job.latest, len(job.lines)) == (None, 0)
