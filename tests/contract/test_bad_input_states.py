"""The wrong moment: each gets 409 with the state, of many callers one wins, and nothing is lost."""

import itertools
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from db.queries import Query
from services.context import Context
from tests.conftest import Live
from tests.contract import seed
from tests.contract.seed import Tenant
from tests.contract.walk import BY_ID, ask, check, fields

Json = dict[str, Any]
EXPIRED = Query("test.expire", b"UPDATE export SET expires_at = now() WHERE id = %(id)s")
UNPACKED = {
    state: Query(
        "test.unpack", b"UPDATE export SET status = '%s' WHERE id = %%(id)s" % state.encode()
    )
    for state in ("processing", "failed")
}


@pytest.fixture(scope="module")
def counter() -> Iterator[int]:
    """Numbers that make names differ."""
    return itertools.count(1)


@pytest.fixture
def project(mine: Tenant, counter: Iterator[int]) -> Callable[[str], str]:
    """Makes a project in a state."""
    return lambda state: seed.project_in(mine, state, f"Moment {next(counter)}")


@pytest.fixture
def busy(live: Live, mine: Tenant, project: Callable[[str], str]) -> Json:
    """A project whose run is live, and the run; it is cancelled after the test."""
    project_id = project("approved")
    return {"projectId": project_id, "runId": seed.waiting_run(live, mine, project_id)}


@pytest.fixture
def stopped(live: Live, mine: Tenant, project: Callable[[str], str]) -> Json:
    """A project whose run is cancelled, and the run."""
    project_id = project("approved")
    run_id = seed.waiting_run(live, mine, project_id)
    mine.call("POST", f"/projects/{project_id}/runs/{run_id}/cancel")
    return {"projectId": project_id, "runId": run_id}


def call(mine: Tenant, operation: str, ids: Json, **more: Any) -> httpx.Response:
    """The answer of an operation."""
    return ask(mine.http, BY_ID[operation], ids, **more)


def conflict(answer: httpx.Response) -> Json:
    """The details of a 409."""
    assert answer.status_code == 409, answer.text
    assert answer.json()["error"]["code"] == "CONFLICT"
    details: Json = answer.json()["error"]["details"]
    return details


def raced(callers: int, request: Callable[[], httpx.Response]) -> Counter[int]:
    """How often each status came when so many call at the same moment."""
    barrier = threading.Barrier(callers)

    def run(_: int) -> int:
        barrier.wait()
        answer = request()
        check(answer)
        return answer.status_code

    with ThreadPoolExecutor(callers) as pool:
        return Counter(pool.map(run, range(callers)))


def answered(mine: Tenant, project_id: str, *answers: Json) -> httpx.Response:
    """The answer to these answers."""
    return call(mine, "submit_answers", {"projectId": project_id}, json={"answers": list(answers)})


def question_of(mine: Tenant, project_id: str, kind: str) -> str:
    """The id of the project's first question of a kind."""
    asked = mine.call("GET", f"/projects/{project_id}/questions")["questions"]
    return next(str(question["id"]) for question in asked if question["type"] == kind)


WRONG_ANSWERS: dict[str, list[Any]] = {
    "single_choice": ["No such choice", True, [], ["No sign-in"]],
    "multiple_choice": ["New", False, ["No such choice"], ["x", "x"]],
    "boolean": ["true", [], ["true"]],
    "text": [True, [], ["a"]],
}


@pytest.mark.parametrize("kind", WRONG_ANSWERS)
def test_an_answer_of_the_wrong_type_is_named(
    mine: Tenant, project: Callable[[str], str], kind: str
) -> None:
    project_id = project("clarifying")
    question = question_of(mine, project_id, kind)
    for wrong in WRONG_ANSWERS[kind]:
        answer = answered(mine, project_id, {"questionId": question, "answer": wrong})
        assert fields(answer) == ["/answers/0/answer"], wrong
    assert mine.call("GET", f"/projects/{project_id}")["status"] == "clarifying"


@pytest.mark.parametrize("wrong", [None, 1, {}, {"a": 1}, "", "a" * 2001, ["a"] * 21, "a\x00"])
def test_what_can_be_no_answer_is_named(
    mine: Tenant, project: Callable[[str], str], wrong: Any
) -> None:
    answer = answered(mine, project("clarifying"), {"questionId": "q1", "answer": wrong})
    assert fields(answer) == ["/answers/0/answer"]


def test_what_can_be_no_part_of_an_answer_is_named(
    mine: Tenant, project: Callable[[str], str]
) -> None:
    answer = answered(mine, project("clarifying"), {"questionId": "q1", "answer": ["a", 1]})
    assert fields(answer) == ["/answers/0/answer/1"]


def test_an_answer_to_an_unknown_question_is_named(
    mine: Tenant, project: Callable[[str], str]
) -> None:
    answer = answered(mine, project("clarifying"), {"questionId": "q999", "answer": "x"})
    assert fields(answer) == ["/answers/0/questionId"]


def test_a_question_that_is_answered_twice_is_named(
    mine: Tenant, project: Callable[[str], str]
) -> None:
    project_id = project("clarifying")
    good = {"questionId": question_of(mine, project_id, "boolean"), "answer": True}
    assert fields(answered(mine, project_id, good, good)) == ["/answers/1/questionId"]


def test_every_wrong_answer_is_named(mine: Tenant, project: Callable[[str], str]) -> None:
    wrong = [{"questionId": f"q{number}", "answer": "x"} for number in (998, 999)]
    found = fields(answered(mine, project("clarifying"), *wrong))
    assert found == ["/answers/0/questionId", "/answers/1/questionId"]


@pytest.mark.parametrize("state", ["draft", "spec_review", "approved"])
def test_answers_at_another_moment_conflict(
    mine: Tenant, project: Callable[[str], str], state: str
) -> None:
    details = conflict(answered(mine, project(state)))
    assert details == {"currentState": state, "allowedStates": ["clarifying"]}


@pytest.mark.parametrize("state", ["draft", "clarifying", "approved"])
def test_approving_at_another_moment_conflicts(
    mine: Tenant, project: Callable[[str], str], state: str
) -> None:
    details = conflict(call(mine, "approve_spec", {"projectId": project(state)}))
    assert details == {"currentState": state, "allowedStates": ["spec_review"]}


@pytest.mark.parametrize("state", ["draft", "clarifying"])
def test_regenerating_before_there_is_a_spec_conflicts(
    mine: Tenant, project: Callable[[str], str], state: str
) -> None:
    details = conflict(call(mine, "regenerate_spec", {"projectId": project(state)}))
    assert details["currentState"] == state


@pytest.mark.parametrize("state", ["draft", "clarifying", "spec_review"])
def test_a_run_without_an_approved_spec_conflicts(
    mine: Tenant, project: Callable[[str], str], state: str
) -> None:
    details = conflict(call(mine, "start_run", {"projectId": project(state)}))
    assert details["currentState"] == state


def test_asking_after_approval_conflicts(mine: Tenant, project: Callable[[str], str]) -> None:
    details = conflict(call(mine, "clarify_project", {"projectId": project("approved")}))
    assert details["currentState"] == "approved"


def test_of_50_who_approve_one_does(mine: Tenant, project: Callable[[str], str]) -> None:
    path = f"/projects/{project('spec_review')}/approve"
    assert raced(50, lambda: mine.http.post(path)) == {200: 1, 409: 49}


def test_of_100_who_start_a_run_one_does(mine: Tenant, project: Callable[[str], str]) -> None:
    path = f"/projects/{project('approved')}/runs"
    assert raced(100, lambda: mine.http.post(path)) == {201: 1, 409: 99}
    run = mine.call("GET", path)[0]
    mine.http.post(f"{path}/{run['id']}/cancel")


def test_of_20_who_answer_one_does(mine: Tenant, project: Callable[[str], str]) -> None:
    path = f"/projects/{project('clarifying')}/answers"
    assert raced(20, lambda: mine.http.post(path, json={"answers": []})) == {200: 1, 409: 19}


def test_of_20_who_archive_one_does(mine: Tenant, project: Callable[[str], str]) -> None:
    path = f"/projects/{project('draft')}"
    assert raced(20, lambda: mine.http.delete(path)) == {200: 1, 404: 19}


def test_of_20_who_take_a_name_one_does(mine: Tenant) -> None:
    new = {"name": "Wanted by all", "description": "A shop."}
    assert raced(20, lambda: mine.http.post("/projects", json=new)) == {201: 1, 409: 19}


def test_of_20_who_cancel_one_does(mine: Tenant, busy: Json) -> None:
    path = BY_ID["cancel_run"].path(busy)
    assert raced(20, lambda: mine.http.post(path)) == {200: 1, 409: 19}


def test_20_who_ask_get_the_same_questions(mine: Tenant, project: Callable[[str], str]) -> None:
    path = f"/projects/{project('draft')}/clarify"
    assert raced(20, lambda: mine.http.post(path)) == {200: 20}


def test_20_who_regenerate_lose_no_version(mine: Tenant, project: Callable[[str], str]) -> None:
    path = f"/projects/{project('spec_review')}"
    outcome = raced(20, lambda: mine.http.post(f"{path}/regenerate"))
    assert set(outcome) <= {200, 409}
    versions = [spec["version"] for spec in mine.call("GET", f"{path}/specs?pageSize=100")]
    assert versions == list(range(outcome[200] + 1, 0, -1))


@pytest.mark.parametrize(
    "operation", ["delete_project", "start_run", "retry_run", "regenerate_spec", "approve_spec"]
)
def test_while_a_run_is_live_it_conflicts(mine: Tenant, busy: Json, operation: str) -> None:
    details = conflict(call(mine, operation, busy))
    assert details["currentState"] in ("building", "decomposing")


def test_who_cannot_start_a_run_learns_which_is_live(mine: Tenant, busy: Json) -> None:
    assert conflict(call(mine, "start_run", busy))["id"] == busy["runId"]


def test_a_live_run_cannot_be_exported(mine: Tenant, busy: Json) -> None:
    details = conflict(call(mine, "create_export", busy))
    assert details == {"currentState": "decomposing", "allowedStates": ["succeeded"]}


def test_a_cancelled_run_cannot_be_exported(mine: Tenant, stopped: Json) -> None:
    assert conflict(call(mine, "create_export", stopped))["currentState"] == "cancelled"


@pytest.mark.parametrize("ids", ["mine", "stopped"])
def test_a_run_that_has_ended_cannot_be_cancelled(mine: Tenant, stopped: Json, ids: str) -> None:
    details = conflict(call(mine, "cancel_run", mine.ids if ids == "mine" else stopped))
    assert details["currentState"] in ("succeeded", "cancelled")


def test_an_agent_that_is_not_set_up_is_named(mine: Tenant, project: Callable[[str], str]) -> None:
    ids = {"projectId": project("approved")}
    for agent in ("openai", "command", "none", "../x", "scaffold; id"):
        assert fields(call(mine, "start_run", ids, json={"agent": agent})) == ["/agent"]


def test_the_run_of_an_archived_project_is_gone(mine: Tenant, stopped: Json) -> None:
    assert call(mine, "delete_project", stopped).status_code == 200
    for operation in ("get_project", "get_run", "list_events", "stream_events", "retry_run"):
        assert call(mine, operation, stopped).status_code == 404, operation


def test_the_name_of_an_archived_project_is_free(mine: Tenant) -> None:
    for _ in range(2):
        project_id = seed.project_in(mine, "draft", "Phoenix")
        mine.call("DELETE", f"/projects/{project_id}")


def new_export(mine: Tenant) -> Json:
    """Ids of an export that has been packed."""
    project = f"/projects/{mine.ids['projectId']}"
    new = {"runId": mine.ids["runId"], "format": "tar.gz"}
    export_id = mine.call("POST", f"{project}/export", json=new)["id"]
    seed.wait_for(mine, f"{project}/exports/{export_id}", lambda e: e["status"] == "completed")
    return mine.ids | {"exportId": export_id}


def changed_export(live: Live, mine: Tenant, change: Query) -> Json:
    """Ids of an export that a statement has changed."""
    ids = new_export(mine)

    async def run(ctx: Context) -> None:
        async with ctx.transaction() as tx:
            await tx.run(change, id=ids["exportId"])

    seed.as_tenant(live, mine, run)
    return ids


@pytest.mark.parametrize("state", ["processing", "failed"])
def test_an_export_that_was_not_packed_cannot_be_downloaded(
    live: Live, mine: Tenant, state: str
) -> None:
    ids = changed_export(live, mine, UNPACKED[state])
    assert conflict(call(mine, "download_export", ids))["currentState"] == state


def test_an_export_that_has_expired_is_gone(live: Live, mine: Tenant) -> None:
    ids = changed_export(live, mine, EXPIRED)
    assert call(mine, "download_export", ids).status_code == 410
    assert call(mine, "get_export", ids).json()["data"]["status"] == "expired"


def test_an_archive_that_is_missing_is_unavailable(live: Live, mine: Tenant) -> None:
    ids = new_export(mine)
    (live.data_dir / "exports" / f"{ids['exportId']}.tar.gz").unlink()
    assert call(mine, "download_export", ids).status_code == 503


def test_head_on_the_stream_of_a_live_run_answers_at_once(mine: Tenant, busy: Json) -> None:
    path = BY_ID["stream_events"].path(busy)
    for _ in range(3):
        assert mine.http.head(path, timeout=3).status_code == 200


def test_the_stream_of_a_live_run_ends_when_it_is_cancelled(mine: Tenant, busy: Json) -> None:
    with mine.http.stream("GET", BY_ID["stream_events"].path(busy), timeout=10) as answer:
        lines = answer.iter_lines()
        assert next(lines) == "retry: 1000"
        call(mine, "cancel_run", busy)
        assert [line for line in lines if line.startswith("event: ")][-1] == "event: RUN_COMPLETED"


def test_the_product_still_answers_and_its_log_holds_no_trace_and_no_key(
    live: Live, mine: Tenant
) -> None:
    assert mine.http.get("/ready").status_code == 200
    log = (live.data_dir / "prazium.log").read_text(errors="replace")
    assert "Traceback" not in log
    assert mine.key not in log
    assert live.key not in log
