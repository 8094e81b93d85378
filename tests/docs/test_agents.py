"""docs/agents.md says what the adapters read and what they allow."""

import json
import sys
from pathlib import Path

import msgspec

from generated.models import TaskDefinition
from services.adapters.agents import Brief, answers
from services.adapters.agents.command import CommandAgent
from services.adapters.agents.scaffold import ScaffoldAgent
from services.adapters.sandbox import Limits
from services.adapters.verification import Manifest
from services.builds.planning import MAX_TASKS, RESERVED
from tests.docs.markdown import blocks, codes, read, rows, section

TEXT = read("docs/agents.md")
MANIFEST = section(TEXT, "## What the verification reads: app.json")
SHAPES: dict[str, type[answers.Shape]] = {
    "ask": answers.QuestionsAnswer,
    "specify": answers.DocumentsAnswer,
    "decompose": answers.PlanAnswer,
    "carry_out": answers.FilesAnswer,
}


def test_the_manifest_has_the_fields_and_defaults_that_are_written() -> None:
    table = {codes(row[0])[0]: json.loads(codes(row[1])[0]) for row in rows(MANIFEST)[:6]}
    assert table == msgspec.to_builtins(Manifest())


def test_the_limits_are_those_of_the_sandbox() -> None:
    table = {codes(row[0])[0]: codes(row[1])[0] for row in rows(MANIFEST)[9:]}
    limits = {name: str(value) for name, value in msgspec.to_builtins(Limits()).items()}
    assert table == limits | {"wall_s": "PRAZIUM_VERIFY_TIMEOUT"}


def test_the_answers_of_a_model_have_the_fields_that_are_written() -> None:
    table = rows(section(TEXT, "## openai"))
    for step, shape in table:
        schema = answers.schema_of(SHAPES[codes(step)[0]])
        fields = set(schema["properties"])
        for part in schema["properties"].values():
            item = part.get("items", {}).get("$ref", "").rpartition("/")[2]
            fields |= set(schema["$defs"][item]["properties"]) if item else set()
        assert {name.strip('"') for name in shape.split('"')[1::2]} == fields


def test_the_rules_of_a_plan_are_those_of_the_planner() -> None:
    rules = section(TEXT, "## What holds for every agent")
    assert f"A plan has 1 to {MAX_TASKS} tasks" in rules
    assert set(codes(rules)) >= RESERVED


def test_the_brief_that_is_shown_is_a_brief() -> None:
    shown = msgspec.json.decode(blocks(TEXT, "json")[0], type=Brief)
    assert shown.answers == {shown.questions[0].id: "Email/Password"}


async def test_the_program_that_is_shown_works_as_an_agent(tmp_path: Path) -> None:
    program = tmp_path / "bin" / "agent"
    program.parent.mkdir()
    source = blocks(TEXT, "python")[0].replace("/usr/bin/env python3", sys.executable)
    program.write_text(source, encoding="utf-8")
    program.chmod(0o755)
    worktree = tmp_path / "worktree"
    worktree.mkdir()
    agent = CommandAgent([str(program)], Limits(wall_s=20), "auto", ScaffoldAgent(), [])
    task = TaskDefinition(
        id="task-001",
        slug="page",
        description="Write a page",
        instructions="Write it.",
        dependencies=[],
        path_scope=["static/**"],
        expected_outputs=["static/index.html", "static/app.js"],
    )
    await agent.carry_out(task, Brief(name="Clinic", description="Pets."), {}, worktree)
    written = {path.name: path.read_text() for path in worktree.rglob("*.*")}
    assert written == dict.fromkeys(["index.html", "app.js"], "written by my agent\n")
