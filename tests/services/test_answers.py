"""The rules for a model's plan; the other shapes are tried through the agent itself."""

import msgspec
import pytest

from services.adapters.agents.answers import BadAnswer, PlanAnswer


def task(name: str, needs: list[str] | None = None, **changes: object) -> dict[str, object]:
    return {
        "id": name,
        "slug": name,
        "description": "d",
        "instructions": "i",
        "dependencies": needs or [],
        "pathScope": [f"{name}/**"],
        "expectedOutputs": [f"{name}/a.py"],
        **changes,
    }


BAD_PLANS = {
    "no task id": ([task("a", ["zzz"])], ["a"]),
    "wait for each other": ([task("a", ["b"]), task("b", ["a"])], ["a", "b"]),
    "Tasks wait": ([task("a", ["a"])], ["a"]),
    "task id 'a' is used twice": ([task("a"), task("a", slug="x")], ["a", "a"]),
    "task slug 'a' is used twice": ([task("a"), task("b", slug="a")], ["a", "b"]),
    "every task id once": ([task("a"), task("b")], ["a"]),
    "before its dependency": ([task("b", ["a"]), task("a")], ["b", "a"]),
    "pathScope '../**'": ([task("a", pathScope=["../**"])], ["a"]),
    "pathScope '/etc/**'": ([task("a", pathScope=["/etc/**"])], ["a"]),
    "expectedOutputs '.git/x'": ([task("a", expectedOutputs=[".git/x"])], ["a"]),
    "outside its pathScope": ([task("a", expectedOutputs=["b/x"])], ["a"]),
    "Expected `array` of length >= 1": ([], []),
    "control characters": ([task("a", instructions="\0")], ["a"]),
}


@pytest.mark.parametrize("rule", BAD_PLANS)
def test_a_plan_that_breaks_a_rule_is_refused(rule: str) -> None:
    tasks, order = BAD_PLANS[rule]
    with pytest.raises((BadAnswer, msgspec.ValidationError)) as caught:
        msgspec.convert({"tasks": tasks, "mergeOrder": order}, PlanAnswer).check()
    assert rule in str(caught.value)


def test_a_plan_that_keeps_the_rules_is_taken_over() -> None:
    answer = {"tasks": [task("b", ["a"]), task("a")], "mergeOrder": ["a", "b"]}
    checked = msgspec.convert(answer, PlanAnswer)
    checked.check()
    plan = checked.to_plan()
    assert [definition.id for definition in plan.tasks] == ["b", "a"]
    assert plan.tasks[0].dependencies == ["a"]
    assert plan.tasks[0].path_scope == ["b/**"]
    assert plan.merge_order == ["a", "b"]
