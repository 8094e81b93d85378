"""The applications that the scaffold agent builds: planned soundly, written exactly, working."""

import asyncio
import fnmatch
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from pathlib import Path

import pytest
import yaml
from openapi_spec_validator import validate

from generated.models import Plan
from services.adapters.agents import AgentError, Brief
from services.adapters.agents.scaffold import ScaffoldAgent

PROJECTS = Brief(
    name="My SaaS App",
    description="A project management tool with team collaboration features, task boards, "
    "and time tracking.",
    answers={"q1": "Email/Password", "q4": "Only the person who created them"},
)
CLINIC = Brief(
    name="Paws",
    description="A veterinary clinic where each pet has an owner and owners book appointments.",
    answers={"q1": "No sign-in"},
)
PODCASTS = Brief(name="Pod", description="A podcast host", answers={"q1": "API key"})
HOSTILE_TEXT = (
    "Tasks'; DROP TABLE tasks; -- \" \"\"\" ''' {{7*7}} {% raw %} ${7*7} `rm -rf` ```\n"
    "</script><script>alert(1)</script> <!-- \\ \\N{DEGREE SIGN} # %s \n---\nkey: [1, *a, &b]\r\n"
    "!!python/object/apply:os.system [] | > ]]> \u2028 \u202e \x1b[31m"
)
HOSTILE = Brief(
    name="</title>{{7*7}}\n'\"`# | *x*",
    description=HOSTILE_TEXT,
    answers={"q1": HOSTILE_TEXT, "q2": [HOSTILE_TEXT], "q3": HOSTILE_TEXT, "q9": HOSTILE_TEXT},
    feedback=[HOSTILE_TEXT],
)


def build(brief: Brief, folder: Path) -> Plan:
    """All tasks carried out in merge order into one folder."""

    async def run() -> Plan:
        agent = ScaffoldAgent()
        documents = await agent.specify(brief)
        plan = await agent.decompose(brief, documents)
        for task in plan.tasks:
            await agent.carry_out(task, brief, documents, folder)
        return plan

    return asyncio.run(run())


def files(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.mark.parametrize("brief", [PROJECTS, CLINIC, PODCASTS, HOSTILE], ids=lambda b: b.name[:8])
def test_each_task_writes_its_expected_outputs_and_nothing_else(
    brief: Brief, tmp_path: Path
) -> None:
    async def run() -> None:
        agent = ScaffoldAgent()
        documents = await agent.specify(brief)
        for task in (await agent.decompose(brief, documents)).tasks:
            worktree = tmp_path / task.slug
            await agent.carry_out(task, brief, documents, worktree)
            assert sorted(files(worktree)) == task.expected_outputs
            assert all(
                any(fnmatch.fnmatch(path, glob) for glob in task.path_scope)
                for path in files(worktree)
            )

    asyncio.run(run())


def test_the_plan_has_no_cycle_and_merges_dependencies_first(tmp_path: Path) -> None:
    plan = asyncio.run(ScaffoldAgent().decompose(PROJECTS, {}))
    place = {task_id: number for number, task_id in enumerate(plan.merge_order)}
    assert set(place) == {task.id for task in plan.tasks}
    for task in plan.tasks:
        assert all(place[needed] < place[task.id] for needed in task.dependencies)


def test_resources_can_be_built_side_by_side() -> None:
    plan = asyncio.run(ScaffoldAgent().decompose(PROJECTS, {}))
    resources = {task.id for task in plan.tasks if task.slug.startswith("resource-")}
    assert len(resources) == 6
    assert not any(resources & set(task.dependencies) for task in plan.tasks)


def test_no_two_scopes_cover_one_file() -> None:
    plan = asyncio.run(ScaffoldAgent().decompose(PROJECTS, {}))
    for task in plan.tasks:
        for other in plan.tasks:
            covered = [
                path
                for path in task.expected_outputs
                if any(fnmatch.fnmatch(path, glob) for glob in other.path_scope)
            ]
            assert other is task or not covered


def test_instructions_name_every_file_of_the_task() -> None:
    for task in asyncio.run(ScaffoldAgent().decompose(PROJECTS, {})).tasks:
        assert all(f"`{path}`" in task.instructions for path in task.expected_outputs)
        assert len(task.instructions) > 800


def test_the_same_brief_gives_the_same_bytes_again(tmp_path: Path) -> None:
    build(PROJECTS, tmp_path / "one")
    build(PROJECTS, tmp_path / "two")
    before = files(tmp_path / "one")
    build(PROJECTS, tmp_path / "one")
    assert before == files(tmp_path / "one") == files(tmp_path / "two")


def test_a_task_of_another_plan_is_refused_and_not_retried(tmp_path: Path) -> None:
    (task, *_) = asyncio.run(ScaffoldAgent().decompose(PROJECTS, {})).tasks
    task.slug = "resource-unicorns"
    with pytest.raises(AgentError) as refused:
        asyncio.run(ScaffoldAgent().carry_out(task, PROJECTS, {}, tmp_path))
    assert not refused.value.retryable


def test_a_folder_that_cannot_be_written_is_named_without_its_path(tmp_path: Path) -> None:
    (task, *_) = asyncio.run(ScaffoldAgent().decompose(PROJECTS, {})).tasks
    blocked = tmp_path / "a file"
    blocked.write_text("")
    with pytest.raises(AgentError, match="could not be written") as failed:
        asyncio.run(ScaffoldAgent().carry_out(task, PROJECTS, {}, blocked))
    assert str(tmp_path) not in str(failed.value)


def run_tests(folder: Path) -> subprocess.CompletedProcess[str]:
    """`scripts/test` of a built application, with nothing of the environment but the Python."""
    environment = {"APP_PYTHON": sys.executable, "PATH": os.defpath}
    return subprocess.run(
        [folder / "scripts/test"], env=environment, capture_output=True, text=True, timeout=60
    )


@contextmanager
def started(folder: Path) -> Iterator[str]:
    """`scripts/start` of a built application on a free port; gives its URL, stops it after."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {"APP_PYTHON": sys.executable, "PATH": os.defpath, "PORT": str(port)}
    process = subprocess.Popen([folder / "scripts/start"], env=environment, stdout=subprocess.PIPE)
    try:
        assert process.stdout
        while b"Serving on" not in (line := process.stdout.readline()):
            assert line, "it ended before it served"
        _await(f"http://127.0.0.1:{port}/health")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(10)
        if process.stdout:
            process.stdout.close()


def _await(url: str) -> None:
    until = time.monotonic() + 10
    while True:
        try:
            urllib.request.urlopen(url, timeout=2).close()
            return
        except OSError:
            assert time.monotonic() < until
            time.sleep(0.05)


def fetch(url: str, body: object = None, **headers: str) -> bytes:
    data = json.dumps(body).encode() if body is not None else None
    request = urllib.request.Request(url, data, {"Content-Type": "application/json", **headers})
    with urllib.request.urlopen(request, timeout=5) as answer:
        return bytes(answer.read())


@pytest.mark.parametrize("brief", [PROJECTS, CLINIC], ids=["with sign-in", "without"])
def test_a_built_application_passes_its_own_tests_and_answers(brief: Brief, tmp_path: Path) -> None:
    build(brief, tmp_path)
    tested = run_tests(tmp_path)
    assert tested.returncode == 0, tested.stdout[-2000:] + tested.stderr[-2000:]
    assert re.search(r"\d{3} passed", tested.stdout)
    manifest = json.loads((tmp_path / "app.json").read_text())
    with started(tmp_path) as url:
        assert all(fetch(url + path) for path in manifest["probe"])


def test_people_can_register_and_work_with_related_records(tmp_path: Path) -> None:
    build(PROJECTS, tmp_path)
    with started(tmp_path) as url:
        credentials = {"email": "ada@example.com", "password": "a long password"}
        session = json.loads(fetch(f"{url}/api/auth/register", credentials))
        bearer = {"Authorization": f"Bearer {session['token']}"}
        project = json.loads(fetch(f"{url}/api/projects", {"name": "Moon"}, **bearer))
        body = {"title": "Land", "project_id": project["id"]}
        task = json.loads(fetch(f"{url}/api/tasks", body, **bearer))
    assert (task["project_label"], task["status"]) == ("Moon", "to_do")


def test_a_hostile_text_stays_text_and_the_application_still_passes(tmp_path: Path) -> None:
    spec = asyncio.run(ScaffoldAgent().specify(HOSTILE))["SPEC.md"]
    build(HOSTILE, tmp_path)
    validate(yaml.safe_load((tmp_path / "openapi.yaml").read_text("utf-8")))
    page = (tmp_path / "app/static/index.html").read_text("utf-8")
    assert page.count("</title>") == 1
    assert "<title></title>" not in page and "{{7*7}}" in unescape(page)
    readme = (tmp_path / "README.md").read_text("utf-8").splitlines()[0]
    assert readme.startswith("# ") and "</title>" not in readme
    fences = [line for line in spec.splitlines() if re.match("`{4,}", line)]
    assert fences == ["````text", "````"]
    assert run_tests(tmp_path).returncode == 0


def test_the_code_of_a_built_application_is_formatted_and_lints_clean(tmp_path: Path) -> None:
    for brief in (PROJECTS, CLINIC, PODCASTS):
        build(brief, tmp_path / brief.name)
    rules = ["--isolated", "--line-length", "100", "--no-cache"]
    ruff = [sys.executable, "-m", "ruff"]
    checked = subprocess.run(
        [*ruff, "check", *rules, "--select", "E,F,UP,B,SIM,C4,RET", str(tmp_path)],
        capture_output=True,
        text=True,
    )
    assert checked.returncode == 0, checked.stdout
    formatted = subprocess.run(
        [*ruff, "format", "--check", *rules, str(tmp_path)], capture_output=True, text=True
    )
    assert formatted.returncode == 0, formatted.stdout
