"""Marks stand for data, and what they bring in is counted before it is put together."""

from typing import Any

import pytest

from services.engine.references import MOST_BYTES, MOST_DEPTH, Budget, of_item, references, resolve
from services.engine.retry import TaskFailed
from tests.engine.conftest import Lab, new

LARGE = "x" * (MOST_BYTES // 2)
MARK = {"$from": "a", "pointer": "/v"}


def deep_in(value: Any, levels: int) -> Any:
    """A value in so many lists."""
    for _ in range(levels):
        value = [value]
    return value


def resolved(definition: Any, found: Any, budget: Budget | None = None) -> Any:
    """A definition whose one reference stands for this."""
    return resolve(definition, references(definition), [[found]], budget)


def test_as_much_as_there_is_room_for_comes_in() -> None:
    assert resolved([MARK], LARGE) == [LARGE]
    assert resolved([MARK] * 3, LARGE, Budget(2 * MOST_BYTES)) == [LARGE] * 3
    assert of_item({"a": {"$item": "/v"}}, {"v": LARGE}, 0, literal=False) == {"a": LARGE}


def test_a_reference_counts_as_often_as_it_is_there() -> None:
    with pytest.raises(TaskFailed, match="The input has more than 1048576 bytes") as error:
        resolved([MARK] * 100_000, LARGE)
    assert error.value.failure.code == "INPUT_TOO_LARGE"
    with pytest.raises(TaskFailed) as error:
        resolved([MARK] * 100_000, LARGE, Budget(what="result"))
    assert error.value.failure.code == "RESULT_TOO_LARGE"


def test_a_part_of_an_item_counts_as_often_as_it_is_there() -> None:
    with pytest.raises(TaskFailed):
        of_item([{"$item": "/v"}] * 100_000, {"v": LARGE}, 0, literal=True)


def test_several_templates_can_have_one_budget() -> None:
    budget = Budget(MOST_BYTES)
    of_item({"$item": ""}, LARGE, 0, literal=True, budget=budget)
    with pytest.raises(TaskFailed):
        of_item({"$item": ""}, LARGE, 0, literal=True, budget=budget)


def test_data_comes_in_as_deep_as_a_request_may_be() -> None:
    deepest = deep_in(1, MOST_DEPTH)
    assert resolved(MARK, deepest) == deepest
    with pytest.raises(TaskFailed) as error:
        resolved(MARK, [deepest])
    assert error.value.failure.code == "INPUT_TOO_DEEP"


async def test_the_database_gives_no_more_results_than_anyone_may_have(lab: Lab) -> None:
    run = await lab.start(new("a"))
    await lab.work_through(run)
    found = (
        "SELECT found_results(%s, jsonb_build_array(jsonb_build_object('task', id)), {}) FROM task"
    )
    lab.owner.execute("UPDATE task SET result = to_jsonb('12345678'::text)")
    assert lab.owner.execute(found.format(10), [run]).fetchall() == [([["12345678"]],)]
    assert lab.owner.execute(found.format(9), [run]).fetchall() == [(None,)]
    with pytest.raises(TaskFailed):
        resolve([MARK], references([MARK]), None)
