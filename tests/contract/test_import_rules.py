"""Each import rule of pyproject.toml finds the forbidden import that is planted here."""

import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import NamedTuple

import pytest

from scripts.generation import BIN, ROOT

FOLDERS = ("bench", "scripts", "handlers", "services", "db", "generated")
CONFIG = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
RULES = {rule["id"]: rule for rule in CONFIG["contracts"]}


class Plant(NamedTuple):
    """A line that is appended to a module, and what the report says of it."""

    rule: str
    module: str
    line: str
    found: str


PLANTS = [
    Plant("layers", "db/rows.py", "import services.errors", "db.rows -> services.errors"),
    Plant("layers", "services/files.py", "import handlers", "services.files -> handlers"),
    Plant("layers", "scripts/logs.py", "import bench", "scripts.logs -> bench"),
    Plant("generated", "db/rows.py", "import generated.models", "db.rows -> generated.models"),
    Plant("generated-apart", "generated/models.py", "import db", "generated.models -> db"),
    Plant("http", "services/files.py", "import connexion", "services.files -> connexion"),
    Plant("http", "db/pool.py", "import starlette", "db.pool -> starlette"),
    Plant("sql", "services/files.py", "import psycopg", "services.files -> psycopg"),
    Plant("sql", "services/files.py", "import psycopg_pool", "services.files -> psycopg_pool"),
    Plant("outside", "services/files.py", "import aiohttp", "services.files -> aiohttp"),
    Plant("outside", "services/engine/graph.py", "import subprocess", "engine.graph -> subprocess"),
    Plant("outside", "db/pool.py", "import pygit2", "db.pool -> pygit2"),
    Plant("outside", "services/cache.py", "import redis", "services.cache -> redis"),
    Plant("nouns", "services/engine/graph.py", "import services.runs", "graph -> services.runs"),
    Plant("nouns", "services/adapters/archives.py", "import services.runs", "-> services.runs"),
    Plant("nouns", "services/errors.py", "import services.engine", "errors -> services.engine"),
    Plant("nouns", "services/planted.py", "", "planted"),
    Plant("handlers", "handlers/runs.py", "import handlers.tasks", "runs -> handlers.tasks"),
    Plant("handlers", "handlers/gateway/__init__.py", "import handlers.runs", "-> handlers.runs"),
    Plant("handlers", "handlers/planted.py", "", "planted"),
    Plant("cycles", "db/rows.py", "import db.pool", "No cycles are allowed in db"),
]


def plant(folder: Path, module: str, line: str) -> None:
    with (folder / module).open("a") as file:
        file.write(f"\n{line}\n")


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What is printed below each broken contract when everything is planted."""
    folder = tmp_path_factory.mktemp("imports")
    shutil.copy(ROOT / "pyproject.toml", folder)
    skipped = shutil.ignore_patterns("node", "python", "typescript", "console", "__pycache__")
    for name in FOLDERS:
        shutil.copytree(ROOT / name, folder / name, ignore=skipped)
    for _, module, line, _ in [*PLANTS, Plant("", "handlers/tasks.py", "", "")]:
        plant(folder, module, line)
    done = subprocess.run(
        [BIN / "lint-imports", "--no-logo", "--no-cache"],
        cwd=folder, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 1
    _, *parts = re.split(
        r"^(.+)\n-+$", done.stdout.split("Broken contracts")[1], flags=re.MULTILINE
    )
    return dict(zip(parts[::2], parts[1::2], strict=True))


def test_every_rule_has_a_planted_import() -> None:
    assert {planted.rule for planted in PLANTS} == RULES.keys()


@pytest.mark.parametrize("planted", PLANTS, ids=lambda planted: f"{planted.rule}: {planted.line}")
def test_a_forbidden_import_is_found_with_the_guidance(
    planted: Plant, report: dict[str, str]
) -> None:
    rule = RULES[planted.rule]
    printed = re.sub(r"\s+", " ", report[rule["name"]])
    assert planted.found in printed
    assert rule["broken_contract_guidance"] in printed
