"""What an agent does wrong ends its run with the reason, and leaves main untouched."""

from pathlib import Path

import pygit2
import pytest

from generated.models import Plan, Question, TaskDefinition
from services import agents
from services.adapters.agents import Brief, Documents
from tests.faults.conftest import Site


def untouched(site: Site) -> bool:
    """Whether main is still at its root commit and nothing of the attempt lies about."""
    main = site.repository.references["refs/heads/main"].peel(pygit2.Commit)
    return not main.parents and not site.worktrees()


async def test_the_program_of_these_tests_builds_an_application(site: Site) -> None:
    await site.start()
    async with site.working():
        run = await site.finish()
    assert run.status == "succeeded", run.error
    assert site.worktrees() == []


async def test_files_outside_the_path_scope_fail_the_run_and_are_listed(site: Site) -> None:
    site.program(after="[ $scope != openapi.yaml ] || touch outside.txt b")
    _, error = await site.fail()
    assert error.code == "OUTSIDE_PATH_SCOPE"
    assert error.files == ["b", "outside.txt"]
    assert untouched(site)
    assert site.tasks()["contract"] == ("failed", 1)


async def test_a_program_that_fails_is_tried_three_times_and_its_last_words_are_shown(
    site: Site,
) -> None:
    site.program(before="echo tokens are used up in $PWD; exit 3")
    _, error = await site.fail()
    assert error.code == "AGENT_FAILED"
    assert "failed with exit code 3" in error.message
    assert "tokens are used up" in error.message
    assert str(site.folder) not in error.message
    assert site.tasks()["contract"] == ("failed", 3)
    assert untouched(site)


async def test_a_verification_that_fails_keeps_its_evidence_and_leaves_main(site: Site) -> None:
    site.program(test="echo 3 failed; exit 1")
    run, error = await site.fail()
    assert error.code == "VERIFICATION_FAILED"
    evidence = run.verification_result
    assert evidence is not None
    assert not evidence.passed
    checks = {check.name: check for check in evidence.checks}
    assert (checks["tests"].exit_code, checks["tests"].passed) == (1, False)
    assert "3 failed" in checks["tests"].output_tail
    assert checks["contract"].passed
    assert untouched(site)
    assert f"refs/tags/run-{run.run_number}" not in site.refs()


class Overlapping:
    """An agent whose two tasks write the same file."""

    def __init__(self, scope: str = "shared.txt") -> None:
        self.scope = scope

    async def ask(self, brief: Brief) -> list[Question]:
        return []

    async def specify(self, brief: Brief) -> Documents:
        return dict.fromkeys(("SPEC.md", "ACCEPTANCE.md", "ROUTES.md", "DATA.md"), "Small.")

    async def decompose(self, brief: Brief, documents: Documents) -> Plan:
        return Plan(tasks=[self.task("a"), self.task("b")], merge_order=["a", "b"])

    def task(self, name: str) -> TaskDefinition:
        return TaskDefinition(
            id=name,
            slug=name,
            description=name,
            instructions=name,
            dependencies=[],
            path_scope=[self.scope, f"{name}.txt"],
            expected_outputs=[],
        )

    async def carry_out(
        self, task: TaskDefinition, brief: Brief, documents: Documents, worktree: Path
    ) -> None:
        (worktree / "shared.txt").write_text(f"as {task.id} wants it\n")
        (worktree / f"{task.id}.txt").write_text("of its own\n")


async def test_a_merge_conflict_fails_the_run_and_names_the_files(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(agents, "named", lambda settings, name: Overlapping())
    _, error = await site.fail()
    assert error.code == "MERGE_CONFLICT"
    assert error.files == ["shared.txt"]
    assert site.tasks()["merge"] == ("failed", 1)
    assert {site.tasks()["a"][0], site.tasks()["b"][0]} == {"succeeded"}
    assert untouched(site)


async def test_a_plan_that_leaves_the_repository_is_tried_again_and_refused(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(agents, "named", lambda settings, name: Overlapping("../../etc/**"))
    _, error = await site.fail()
    assert error.code == "INVALID_PLAN"
    assert site.tasks() == {"decompose": ("failed", 3)}
