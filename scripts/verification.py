"""Everything that can be checked without a server; scripts/verify prints it.

Each check stands for itself: one that cannot run is a problem of its own and hides no other.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from scripts.checks import breaking, columns, contract, database, programs


class Problem(NamedTuple):
    """The check that found it, and one line that says what is wrong."""

    check: str
    message: str

    def __str__(self) -> str:
        return f"{self.check}: {self.message}"


CHECKS: dict[str, Callable[[], Iterator[str]]] = {
    "house rules": programs.contract_keeps_the_house_rules,
    "generated files": programs.generated_is_fresh,
    "OpenAPI": lambda: contract.is_openapi(contract.bundled()),
    "breaking changes": breaking.nothing_breaks,
    "examples": lambda: contract.examples_are_valid(contract.bundled()),
    "event types": lambda: contract.events_are_whole(contract.bundled()),
    "tags": lambda: columns.tags_are_modules(contract.bundled()),
    "operations": lambda: columns.operations_are_functions(contract.bundled()),
    "handlers": lambda: columns.handlers_are_operations(contract.bundled()),
    "errors": lambda: columns.errors_are_classes(contract.bundled()),
    "imports": programs.imports_keep_their_layers,
    "ruff": programs.ruff_finds_nothing,
    "format": programs.everything_is_formatted,
    "types": programs.types_hold,
    "migrations": database.migrations_make_the_schema,
    "queries": database.queries_prepare,
}


def verify(progress: Callable[[str], None]) -> list[Problem]:
    """Run all checks; `progress` gets the name of each before it starts."""
    problems = []
    for name, check in CHECKS.items():
        progress(name)
        problems += [Problem(name, message) for message in outcome(check)]
    return problems


def outcome(check: Callable[[], Iterator[str]]) -> list[str]:
    """What a check found, or why it could not run."""
    try:
        return list(check())
    except Exception as error:
        return [f"could not run: {type(error).__name__}: {' '.join(str(error).split())[:500]}"]
