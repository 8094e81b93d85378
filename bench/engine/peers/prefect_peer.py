"""Prefect: flows of tasks against a server of its own on the same PostgreSQL.

Results are not kept, which is its default; states and events of each task run are.
"""

import os
import sys

from bench.engine.client import serve
from bench.engine.job import job

HOME = os.environ["BENCH_FOLDER"]
URL = os.environ["BENCH_URL"].replace("postgresql://", "postgresql+asyncpg://")
os.environ |= {
    "PREFECT_HOME": f"{HOME}/prefect",
    "PREFECT_SERVER_DATABASE_CONNECTION_URL": URL,
    "PREFECT_SERVER_DATABASE_SQLALCHEMY_POOL_SIZE": "8",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_UI_ENABLED": "false",
    "PREFECT_SERVER_LOGGING_LEVEL": "ERROR",
    "PREFECT_LOGGING_LEVEL": "ERROR",
    "PREFECT_LOGGING_TO_API_ENABLED": "false",
    "PREFECT_API_URL": f"http://127.0.0.1:{os.environ['BENCH_PORT']}/api",
    "DO_NOT_TRACK": "1",
}


def client() -> None:
    """Runs flows in this process, as a flow run does."""
    from prefect import flow, task

    @task
    def step(n: int) -> dict[str, int]:
        return job(n)

    @flow
    def chain(steps: int) -> int:
        return sum(step(n)["twice"] for n in range(steps))

    @flow
    def fan(width: int) -> int:
        results = step.map(range(width)).result()
        return int(step(sum(found["n"] for found in results))["twice"])

    class Client:
        def chains(self, count: int, steps: int) -> None:
            for _ in range(count):
                found = chain(steps)
                assert found == steps * (steps - 1), found

        def fan(self, width: int) -> None:
            found = fan(width)
            assert found == width * (width - 1), found

    serve(Client())  # type: ignore[arg-type]  # it has no queue of jobs


def start(*words: str) -> None:
    """Become its own program."""
    os.execv(sys.executable, [sys.executable, "-m", "prefect", *words])


def serve_api() -> None:
    """The server."""
    start("server", "start", "--host", "127.0.0.1", "--port", os.environ["BENCH_PORT"])


ROLES = {
    "prepare": lambda: start("server", "database", "upgrade", "-y"),
    "server": serve_api,
    "client": client,
}
