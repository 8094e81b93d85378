"""The worked example of CONTRIBUTING.md, done in a copy of the project."""

import re
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from scripts import generation
from scripts.generation import NODE, ROOT
from tests.docs.markdown import read, section

FOLDERS = ("spec", "scripts", "sdk", "handlers", "services", "db", "generated", "docs")
FILES = ("openapi.yaml", "redocly.yaml", "pyproject.toml")
INDENTED = re.compile(r"^   ```\w+\n(.*?)^   ```$", re.MULTILINE | re.DOTALL)
GENERATE = "from scripts.generation import generate; generate()"
CHECK = """
from handlers.gateway.app import create_app
from scripts.checks import columns, contract
from services.runs import sql
from services.settings import Settings

bundle = contract.bundled()
found = [*contract.is_openapi(bundle), *contract.examples_are_valid(bundle),
         *columns.operations_are_functions(bundle), *columns.handlers_are_operations(bundle)]
assert not found, found
create_app(Settings(), "")
assert b"FROM run" in sql.get_plan.text
import prazium
assert prazium.AsyncPrazium.__init__ and hasattr(prazium.Prazium(api_key="k").runs, "plan")
"""


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The project without its data; the Node programs by a link."""
    generation.install_node_programs()
    for name in FOLDERS:
        skipped = shutil.ignore_patterns("node_modules", "__pycache__")
        shutil.copytree(ROOT / name, tmp_path / name, ignore=skipped)
    for name in FILES:
        shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / "scripts/node/node_modules").symlink_to(NODE / "node_modules")
    return tmp_path


def edit(path: Path, old: str, new: str) -> None:
    """Replace the first of what must be there."""
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{path.name} has no {old!r}"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def python(copy: Path, code: str) -> None:
    """Run code with the copy in the place of the project."""
    environment = {"PYTHONPATH": f"{copy}:{copy / 'generated/python'}", "PATH": "/usr/bin:/bin"}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=copy, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_endpoint_of_the_example_fits_in(copy: Path) -> None:
    example = section(read("CONTRIBUTING.md"), "## Adding an endpoint")
    blocks = [textwrap.dedent(block) for block in INDENTED.findall(example)]
    line, path, shape, query, service, handler, method, _ = blocks
    edit(copy / "openapi.yaml", "\npaths:\n", f"\npaths:\n{without_place(line)}")
    edit(copy / "spec/runs.yaml", "\nschemas:\n", f"\n{without_place(path)}schemas:\n")
    append(copy / "spec/runs.yaml", without_place(shape))
    append(copy / "db/queries/runs.sql", f"\n{query}")
    edit(copy / "services/runs.py", "    Outcome,\n", "    Outcome,\n    Plan,\n")
    append(copy / "services/runs.py", f"\n\n{service}")
    append(copy / "handlers/runs.py", f"\n\n{handler}")
    client = copy / "sdk/python/prazium/_async/runs.py"
    edit(client, "import cancel_run,", "import cancel_run, get_plan,")
    edit(client, "NewRun, ", "NewRun, Plan, ")
    edit(
        client, "    async def cancel(", f"{textwrap.indent(method, '    ')}\n    async def cancel("
    )
    python(copy, GENERATE)
    python(copy, CHECK)


def without_place(block: str) -> str:
    """The block without its first line, which says where it goes; two columns in."""
    return textwrap.indent(textwrap.dedent(block.partition("\n")[2]), "  ")


def append(path: Path, text: str) -> None:
    """Add to the end of a file."""
    path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")
