"""Every type of event is written somewhere, and each of its fields is set there."""

import ast
import re
from collections import defaultdict
from pathlib import Path

import pytest

from tests.contract.walk import COMPONENTS

SCHEMAS = COMPONENTS["schemas"]
PAYLOADS = {
    "".join(word.capitalize() for word in name.split("_")): name.lower().replace("_", ".")
    for name in SCHEMAS["EventType"]["enum"]
}
"""The stored type by the name of the payload's schema."""
STATEMENTS = [*Path("db/queries").glob("*.sql"), Path("db/schema.sql")]


def camel(name: str) -> str:
    """As it is on the wire."""
    first, *others = name.split("_")
    return first + "".join(word.capitalize() for word in others)


def set_in_python() -> dict[str, set[str]]:
    """The fields by payload: what it is made with, and what its module assigns afterwards."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for path in Path("services").rglob("*.py"):
        nodes = list(ast.walk(ast.parse(path.read_text())))
        targets = [
            target for node in nodes if isinstance(node, ast.Assign) for target in node.targets
        ]
        assigned = {camel(one.attr) for one in targets if isinstance(one, ast.Attribute)}
        for node in nodes:
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                given = {camel(word.arg) for word in node.keywords if word.arg}
                found[node.func.id] |= given | assigned
    return found


def set_in_statements() -> dict[str, set[str]]:
    """The names in quotes that stand behind a type of event, up to the end of its statement."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for statement in (part for path in STATEMENTS for part in path.read_text().split(";\n")):
        for name, stored in PAYLOADS.items():
            for place in re.finditer(rf"'{re.escape(stored)}'", statement):
                about = re.split(r"\n\s*FROM |\n\), |\n\n", statement[place.end() :], maxsplit=1)[0]
                found[name] |= set(re.findall(r"""['"](\w+)['"]""", about))
    return found


PYTHON, SQL = set_in_python(), set_in_statements()


@pytest.mark.parametrize("name", PAYLOADS)
def test_each_field_of_an_event_is_set_where_it_is_written(name: str) -> None:
    assert name in PYTHON or name in SQL, "nothing writes it"
    assert set(SCHEMAS[name]["properties"]) <= PYTHON.get(name, set()) | SQL.get(name, set())
