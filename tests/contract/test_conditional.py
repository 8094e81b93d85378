"""Tags of reads, answers that are kept, and changes that ask for a tag."""

from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.contract import seed
from tests.contract.seed import Tenant
from tests.contract.walk import OPERATIONS, UNKNOWN, Json, Operation, ask, check, each

KEPT = [operation for operation in OPERATIONS if operation.raw.get("x-kept")]
TAGGED = [operation for operation in OPERATIONS if "304" in operation.raw["responses"]]
ROUNDS = 100


def project_of(tenant: Tenant, name: str) -> str:
    """The path of a new project."""
    made = tenant.call("POST", "/projects", json={"name": name, "description": "Kept"})
    return f"/projects/{made['id']}"


def test_every_kept_operation_is_a_read_with_a_tag() -> None:
    assert len(KEPT) >= 11
    assert all(operation.method == "GET" and operation in TAGGED for operation in KEPT)


@each(KEPT)
def test_what_the_caller_has_is_not_sent_again(mine: Tenant, operation: Operation) -> None:
    first = ask(mine.http, operation, mine.ids)
    again = ask(mine.http, operation, mine.ids, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    assert again.headers["cache-control"] == first.headers["cache-control"]


@each([operation for operation in TAGGED if operation not in KEPT and operation.scope])
def test_what_is_read_anew_is_not_sent_again_either(mine: Tenant, operation: Operation) -> None:
    seed.register(mine, "tagged.kind")
    ids = mine.ids | {"kind": "tagged.kind"}
    first = ask(mine.http, operation, ids)
    again = ask(mine.http, operation, ids, headers={"If-None-Match": first.headers["etag"]})
    assert (first.status_code, again.status_code, again.content) == (200, 304, b"")


def test_tags_in_several_lines_are_one_list(mine: Tenant) -> None:
    path = f"/projects/{mine.ids['projectId']}"
    tag = mine.http.get(path).headers["etag"]
    lines = [("If-None-Match", tag), ("If-None-Match", '"other"')]
    assert mine.http.get(path, headers=lines).status_code == 304
    lines = [("If-Match", '"other"'), ("If-Match", tag)]
    assert mine.http.patch(path, json={"name": "Lines"}, headers=lines).status_code == 200


@pytest.mark.parametrize("given", ["*", '"old"'])
def test_a_queue_that_is_not_there_has_no_state_to_match(mine: Tenant, given: str) -> None:
    path, change = "/orchestrator/queues/not-there", {"concurrency": 5}
    assert mine.http.patch(path, json=change, headers={"If-Match": given}).status_code == 412
    assert mine.http.get(path).status_code == 404


UNHEEDED = [
    operation
    for operation in OPERATIONS
    if operation.method != "GET"
    and "If-Match" not in {parameter["name"] for parameter in operation.parameters("header")}
]


@each(UNHEEDED)
def test_nothing_is_done_under_a_condition_that_is_not_held(
    mine: Tenant, operation: Operation
) -> None:
    answer = ask(mine.http, operation, UNKNOWN, headers={"If-Match": '"old"'})
    assert answer.status_code == 400
    assert answer.json()["error"]["details"] == [
        {"field": "/If-Match", "message": "is not taken here"}
    ]


@pytest.mark.parametrize("form", ["*", "W/{}", '"other", {}', '{} , "other"'])
def test_the_tag_is_known_in_every_form(mine: Tenant, form: str) -> None:
    path = f"/projects/{mine.ids['projectId']}"
    tag = mine.http.get(path).headers["etag"]
    assert mine.http.get(path, headers={"If-None-Match": form.format(tag)}).status_code == 304


def test_another_tag_gets_the_whole_answer(mine: Tenant) -> None:
    path = f"/projects/{mine.ids['projectId']}"
    assert mine.http.get(path, headers={"If-None-Match": '"other"'}).status_code == 200


@each(KEPT)
def test_tags_that_are_too_long_are_refused(mine: Tenant, operation: Operation) -> None:
    for _ in range(2):  # the second time, an answer is kept
        ask(mine.http, operation, mine.ids)
        answer = ask(mine.http, operation, mine.ids, headers={"If-None-Match": "x" * 4097})
        assert answer.status_code == 400
        assert answer.json()["error"]["details"][0]["field"] == "/If-None-Match"


@each(KEPT)
def test_head_has_the_tag_and_no_body(mine: Tenant, operation: Operation) -> None:
    read = ask(mine.http, operation, mine.ids)
    head = mine.http.head(str(read.request.url))
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["etag"] == read.headers["etag"]
    assert head.headers["content-length"] == str(len(read.content))


def test_a_change_is_seen_by_the_next_read(mine: Tenant) -> None:
    path = project_of(mine, "Seen at once")
    for number in range(ROUNDS):
        mine.call("PATCH", path, json={"name": f"Seen {number}"})
        assert mine.call("GET", path)["name"] == f"Seen {number}"


def test_a_key_that_lost_a_scope_gets_nothing_that_is_kept(live: seed.Live, mine: Tenant) -> None:
    path = f"/projects/{mine.ids['projectId']}"
    mine.http.get(path)
    without = seed.client(live, seed.make_key(live, mine.name, ["runs:read"]))
    assert without.get(path).status_code == 403


@each(KEPT)
def test_what_is_kept_for_one_tenant_is_not_for_another(
    mine: Tenant, theirs: Tenant, operation: Operation
) -> None:
    own = ask(mine.http, operation, mine.ids)
    foreign = ask(theirs.http, operation, mine.ids)
    if "{" in operation.template:
        assert foreign.status_code == 404
    else:
        assert not set(ids_in(own)) & set(ids_in(foreign))


def ids_in(answer: httpx.Response) -> list[str]:
    """The ids of a list."""
    return [item["id"] for item in answer.json()["data"]]


def test_a_change_with_the_present_tag_is_made_and_gives_the_next(mine: Tenant) -> None:
    path = project_of(mine, "Tagged")
    tag = mine.http.get(path).headers["etag"]
    changed = mine.http.patch(path, json={"name": "Tagged 2"}, headers={"If-Match": tag})
    check(changed)
    assert changed.status_code == 200
    assert changed.headers["etag"] == mine.http.get(path).headers["etag"] != tag


def test_a_change_with_an_old_tag_is_refused_and_changes_nothing(mine: Tenant) -> None:
    path = project_of(mine, "Old tag")
    tag = mine.http.get(path).headers["etag"]
    mine.call("PATCH", path, json={"name": "Newer"})
    refused = mine.http.patch(path, json={"name": "Lost"}, headers={"If-Match": tag})
    check(refused)
    assert refused.status_code == 412
    assert refused.json()["error"]["code"] == "PRECONDITION_FAILED"
    assert mine.call("GET", path)["name"] == "Newer"


CHANGED = [
    ("/orchestrator/queues/tagged", {"concurrency": 3}, {"concurrency": 4}),
    ("/orchestrator/schedules/{scheduleId}", {"name": "Tagged"}, {"name": "Tagged again"}),
]


@pytest.mark.parametrize(("path", "first", "second"), CHANGED)
def test_queues_and_schedules_are_changed_under_a_condition_too(
    mine: Tenant, path: str, first: Json, second: Json
) -> None:
    path = path.format(**mine.ids)
    old = mine.http.patch(path, json=first)
    tag = mine.http.get(path).headers["etag"]
    assert old.headers["etag"] == tag
    made = mine.http.patch(path, json=second, headers={"If-Match": tag})
    lost = mine.http.patch(path, json=first, headers={"If-Match": tag})
    assert (made.status_code, lost.status_code) == (200, 412)
    assert mine.call("GET", path).items() >= second.items()


def test_a_change_with_a_star_is_made(mine: Tenant) -> None:
    path = project_of(mine, "Star")
    assert mine.http.patch(path, json={"name": "S"}, headers={"If-Match": "*"}).status_code == 200


def test_of_many_changes_with_one_tag_one_is_made(mine: Tenant) -> None:
    path = project_of(mine, "Raced")
    headers = {"If-Match": mine.http.get(path).headers["etag"]}

    def change(number: int) -> int:
        return mine.http.patch(path, json={"name": f"R {number}"}, headers=headers).status_code

    with ThreadPoolExecutor(8) as pool:
        answers = sorted(pool.map(change, range(16)))
    assert answers == [200] + [412] * 15
