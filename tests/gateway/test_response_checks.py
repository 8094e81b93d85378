"""Answers are held against the contract, as far as the setting asks for it."""

from typing import Any, get_args

import pytest
from structlog.testing import capture_logs

from handlers.gateway import parameters
from handlers.gateway.app import checking
from handlers.gateway.operation import SAMPLE, Checking, Documented, ResponseMismatch, Responses
from services.context import App
from services.idempotency import Answer
from services.schemas import Schemas
from services.settings import Settings
from tests.contract.walk import CONTRACT

ERROR = Schemas(CONTRACT).compile({"$ref": "#/components/schemas/ErrorBody"})
COUNT = parameters.parameter(
    Schemas(CONTRACT), {"name": "x-count", "in": "header", "schema": {"type": "integer"}}
)
WRONG = (
    b'{"success": false, "error": {"code": "WRONG", "message": "m", "requestId": "req_12345678"}}'
)


def responses(mode: Checking) -> Responses:
    """What a made-up operation may answer."""
    return Responses("get_thing", {404: Documented(ERROR), 200: Documented(headers=(COUNT,))}, mode)


async def test_a_mismatch_in_production_is_counted_and_logged_with_its_place(app: App) -> None:
    with capture_logs() as logs:
        responses("on").check(app, Answer(404, {}, WRONG))
    assert app.metrics.mismatches == {"get_thing": 1}
    assert [(line["operation"], line["status"]) for line in logs] == [("get_thing", 404)]
    assert logs[0]["what"].startswith("at /error/code")


async def test_a_status_that_is_not_documented_is_a_mismatch(app: App) -> None:
    responses("on").check(app, Answer(418, {}, b"{}"))
    assert app.metrics.mismatches == {"get_thing": 1}


@pytest.mark.parametrize(("count", "mismatches"), [("3", {}), ("many", {"get_thing": 1})])
async def test_a_header_that_is_not_as_documented_is_a_mismatch(
    app: App, count: str, mismatches: dict[str, int]
) -> None:
    responses("on").check(app, Answer(200, {"x-count": count}, b"{}"))
    assert app.metrics.mismatches == mismatches


async def test_a_mismatch_in_development_raises(app: App) -> None:
    with pytest.raises(ResponseMismatch, match="get_thing: 404 at /error/code"):
        responses("strict").check(app, Answer(404, {}, WRONG))


async def test_a_sample_is_one_answer_in_so_many(app: App) -> None:
    sampled = responses("sample")
    for _ in range(SAMPLE * 3):
        sampled.check(app, Answer(404, {}, WRONG))
    assert app.metrics.mismatches == {"get_thing": 3}


async def test_without_checks_nothing_is_read(app: App) -> None:
    responses("off").check(app, Answer(404, {}, b"not even JSON"))
    assert not app.metrics.mismatches


@pytest.mark.parametrize("mode", ["off", "sample", "on"])
@pytest.mark.parametrize("environment", ["production", "development"])
def test_a_mismatch_is_a_failure_in_development_alone(environment: Any, mode: Any) -> None:
    strict = environment == "development" and mode == "on"
    settings = Settings(environment=environment, validate_responses=mode)
    assert checking(settings) == ("strict" if strict else mode)
    assert checking(settings) in get_args(Checking)
