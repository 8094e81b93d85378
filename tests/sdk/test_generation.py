"""The package is what the contract says: same bytes each time, and the committed ones."""

import copy
import re
import subprocess
import sys
import textwrap
import tomllib
from pathlib import Path

import pytest

from scripts import sdk
from tests.sdk.harness import CONTRACT

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "sdk" / "python"
PROGRAM = """
from prazium import AsyncPrazium, Event, Prazium
from prazium.models import Project, RunCompleted, Task, TaskStarted


def follow(client: Prazium, project: Project) -> list[Task]:
    run = client.runs.start(project.id, agent="scaffold")
    for event in client.runs.stream_events(project.id, run.id):
        if isinstance(event.payload, TaskStarted):
            number: int = event.payload.attempt
    ended = client.runs.wait(project.id, run.id, timeout=1)
    names: list[str] = [each.name for each in client.projects.list(status="draft")]
    totals = [page.pagination.total for page in client.projects.list().pages()]
    assert ended.verification_result is None or ended.verification_result.passed
    return client.tasks.list(project.id, run.id)


async def follow_async(client: AsyncPrazium, project: Project) -> Event | None:
    await client.specs.submit_answers(project.id, {"q1": "a", "q2": True, "q3": ["b"]})
    async for event in client.events.list(project.id, "run_1", type="TASK_STARTED"):
        if isinstance(event.payload, RunCompleted):
            return event
    return None
"""


def tree(folder: Path) -> dict[str, bytes]:
    """The files of a package, without what installing and running it leaves."""
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in folder.rglob("*")
        if file.is_file()
        and not any(
            part.endswith((".egg-info", "_cache")) or part in ("__pycache__", "build")
            for part in file.relative_to(folder).parts
        )
    }


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package, made once more."""
    target = tmp_path_factory.mktemp("sdk") / "python"
    sdk.build_python(CONTRACT, SOURCE, target)
    return target


def test_a_second_generation_gives_the_same_bytes(built: Path, tmp_path: Path) -> None:
    sdk.build_python(CONTRACT, SOURCE, tmp_path / "python")
    assert tree(tmp_path / "python") == tree(built)


def test_the_committed_package_is_fresh(built: Path) -> None:
    committed = tree(ROOT / "generated" / "python")
    assert {name for name, text in tree(built).items() if committed.get(name) != text} == set()
    assert committed.keys() == tree(built).keys()


def test_a_file_that_is_no_longer_made_is_removed(built: Path, tmp_path: Path) -> None:
    (tmp_path / "stale.py").touch()
    sdk.replace_tree(built, tmp_path)
    assert tree(tmp_path) == tree(built)


def test_name_version_and_dependencies_are_those_of_the_contract(built: Path) -> None:
    project = tomllib.loads((built / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert (project["name"], project["version"]) == ("prazium", CONTRACT["info"]["version"])
    assert [name.partition(">")[0] for name in project["dependencies"]] == ["attrs", "httpx"]


def test_a_contract_that_the_generator_cannot_read_fails(tmp_path: Path) -> None:
    broken = copy.deepcopy(CONTRACT)
    broken["components"]["schemas"]["Health"]["properties"]["status"] = {"$ref": "#/nowhere"}
    with pytest.raises(sdk.SdkFailed):
        sdk.build_python(broken, SOURCE, tmp_path / "python")


def test_no_trace_of_asyncio_is_left_in_the_synchronous_client(built: Path) -> None:
    for module in (built / "prazium" / "_sync").iterdir():
        text = module.read_text(encoding="utf-8")
        assert not [word for word in ("async ", "await", "asyncio", "Async") if word in text]


def mypy(package: Path, program: Path, text: str, *more: str) -> str:
    """What mypy --strict finds in a caller's program."""
    program.write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(ROOT / ".mypy_cache")]
    done = subprocess.run(
        [*command, str(program), *more], cwd=package, capture_output=True, text=True
    )
    return done.stdout


def test_package_and_a_callers_program_are_clean_under_mypy_strict(
    built: Path, tmp_path: Path
) -> None:
    assert "Success" in mypy(built, tmp_path / "program.py", PROGRAM, "prazium")


def test_the_examples_of_the_readme_are_clean_under_mypy_strict(
    built: Path, tmp_path: Path
) -> None:
    readme = (built / "README.md").read_text(encoding="utf-8")
    quickstart, asynchronous, workers, failures = re.findall(
        r"```python\n(.*?)```", readme, re.DOTALL
    )
    wrapped = "async def main() -> None:\n" + textwrap.indent(asynchronous, "    ")
    text = f"{quickstart}\n{failures}\n{workers}\nfrom prazium import AsyncPrazium\n{wrapped}"
    found = mypy(built, tmp_path / "readme.py", text)
    assert "Success" in found, found


def test_a_callers_mistake_is_seen_by_mypy(built: Path, tmp_path: Path) -> None:
    mistake = "import prazium\nprazium.Prazium().projects.list(status='finished')\n"
    assert "incompatible type" in mypy(built, tmp_path / "program.py", mistake)
