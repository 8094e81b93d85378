"""Plans of agents, held against the rules before they become tasks."""

import pytest

from generated.models import Plan, TaskDefinition
from services.builds.planning import check_plan
from services.engine.retry import TaskFailed


def definition(
    name: str, slug: str, *needs: str, scope: tuple[str, ...] = ("a/**",)
) -> TaskDefinition:
    """A task with the least that it needs."""
    return TaskDefinition(
        id=name,
        slug=slug,
        description="Do it",
        instructions="",
        dependencies=list(needs),
        path_scope=list(scope),
        expected_outputs=[],
    )


A, B = definition("a", "x"), definition("b", "y", "a")


def test_a_sound_plan_passes() -> None:
    check_plan(Plan(tasks=[A, B], merge_order=["a", "b"]))


@pytest.mark.parametrize(
    ("plan", "word"),
    [
        (Plan(tasks=[], merge_order=[]), "0"),
        (Plan(tasks=[A, B], merge_order=["a"]), "merge order"),
        (Plan(tasks=[definition("a", "verify")], merge_order=["a"]), "reserved"),
        (Plan(tasks=[definition("a", "x", scope=("../**",))], merge_order=["a"]), "path scope"),
        (Plan(tasks=[definition("a", "x", scope=("/etc/**",))], merge_order=["a"]), "path scope"),
        (Plan(tasks=[definition("a", "x", "a")], merge_order=["a"]), "wait for each other"),
        (
            Plan(tasks=[definition("a-b", "c"), definition("a", "b-c")], merge_order=["a-b", "a"]),
            "share the branch",
        ),
    ],
)
def test_an_unsound_plan_is_refused_with_its_reason(plan: Plan, word: str) -> None:
    with pytest.raises(TaskFailed, match=word) as refused:
        check_plan(plan)
    assert refused.value.failure.code == "INVALID_PLAN"
