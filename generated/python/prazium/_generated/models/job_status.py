from typing import Literal, cast

JobStatus = Literal["cancelled", "failed", "queued", "running", "succeeded"]


def check_job_status(value: object) -> JobStatus:
    """The value as it came: one that only a newer server knows is kept."""
    if not isinstance(value, str):
        raise TypeError(f"expected a text, not {value!r}")
    return cast(JobStatus, value)
