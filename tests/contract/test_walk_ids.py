"""Every operation and every id: of another tenant, unknown, malformed, of another project."""

import pytest

from tests.contract.seed import Tenant
from tests.contract.walk import (
    BY_ID,
    OPERATIONS,
    UNKNOWN,
    Operation,
    ask,
    fields,
)

IN_PATH = [
    (operation, parameter["name"])
    for operation in OPERATIONS
    for parameter in operation.parameters("path")
    if parameter["name"] in UNKNOWN
]
IN_BODY = [
    (operation, name)
    for operation in OPERATIONS
    for name in (operation.body_schema or {}).get("properties", {})
    if name in UNKNOWN
]
IN_PROJECT = [
    (operation, name)
    for operation, name in IN_PATH
    if name != "projectId" and "{projectId}" in operation.template
]
MALFORMED = {
    "no_id": "wrong",
    "upper_case": "PROJ_01KB0R5V8WF5QTX1C9HT2KQ6MZ",
    "too_short": "proj_01kb0r5v8wf5qtx1c9ht2kq6m",
    "other_noun": "ten_01kb0r5v8wf5qtx1c9ht2kq6mz",
    "over_128_bits": "proj_81kb0r5v8wf5qtx1c9ht2kq6mz",
    "full_width": "proj_%EF%BC%9011kb0r5v8wf5qtx1c9ht2kq6m",
    "nul": "proj_01kb0r5v8wf5qtx1c9ht2kq6m%00",
    "line_break": "proj_01kb0r5v8wf5qtx1c9ht2kq6mz%0A",
    "sql": "'%20OR%201=1%20--",
    "long": "proj_" + "0" * 4096,
}


def each(pairs: list[tuple[Operation, str]]) -> pytest.MarkDecorator:
    """Run a test for each operation and each of its ids."""
    names = [f"{operation.id}-{name}" for operation, name in pairs]
    return pytest.mark.parametrize(("operation", "name"), pairs, ids=names)


@each(IN_PATH + IN_BODY)
def test_what_belongs_to_another_tenant_is_not_there(
    mine: Tenant, theirs: Tenant, operation: Operation, name: str
) -> None:
    answer = ask(mine.http, operation, mine.ids | {name: theirs.ids[name]})
    assert answer.status_code == 404


@each(IN_PATH)
def test_nothing_of_another_tenant_is_there_by_its_whole_path(
    mine: Tenant, theirs: Tenant, operation: Operation, name: str
) -> None:
    assert ask(mine.http, operation, theirs.ids).status_code == 404


@each(IN_PATH + IN_BODY)
def test_what_is_unknown_is_not_there(mine: Tenant, operation: Operation, name: str) -> None:
    answer = ask(mine.http, operation, mine.ids | {name: UNKNOWN[name]})
    assert answer.status_code == 404


@each(IN_PROJECT)
def test_what_belongs_to_another_project_of_mine_is_not_there(
    mine: Tenant, operation: Operation, name: str
) -> None:
    ids = mine.ids | {"projectId": mine.projects["approved"]}
    assert ask(mine.http, operation, ids).status_code == 404


def test_the_run_of_another_project_of_mine_cannot_be_exported(mine: Tenant) -> None:
    ids = mine.ids | {"projectId": mine.projects["approved"]}
    assert ask(mine.http, BY_ID["create_export"], ids).status_code == 404


@each(IN_PATH)
@pytest.mark.parametrize("kind", MALFORMED)
def test_a_malformed_id_is_named(mine: Tenant, operation: Operation, name: str, kind: str) -> None:
    answer = ask(mine.http, operation, mine.ids | {name: MALFORMED[kind]})
    assert fields(answer) == [f"/{name}"]


@each(IN_BODY)
def test_a_malformed_id_in_a_body_is_named(mine: Tenant, operation: Operation, name: str) -> None:
    assert fields(ask(mine.http, operation, mine.ids | {name: "wrong"})) == [f"/{name}"]


def test_every_malformed_id_of_a_request_is_named(mine: Tenant) -> None:
    answer = ask(mine.http, BY_ID["get_task"], dict.fromkeys(UNKNOWN, "wrong"))
    assert fields(answer) == ["/projectId", "/runId", "/taskId"]


def test_a_filter_by_the_task_of_another_tenant_finds_what_an_unknown_one_finds(
    mine: Tenant, theirs: Tenant
) -> None:
    events = BY_ID["list_events"]
    foreign = ask(mine.http, events, mine.ids, params={"taskId": theirs.ids["taskId"]})
    unknown = ask(mine.http, events, mine.ids, params={"taskId": UNKNOWN["taskId"]})
    assert foreign.json() == unknown.json() == {"success": True, "data": []}


def test_lists_hold_nothing_of_another_tenant(mine: Tenant, theirs: Tenant) -> None:
    listed = mine.call("GET", "/projects", params={"pageSize": 100})
    assert not {project["id"] for project in listed} & set(theirs.projects.values())


def test_a_name_that_another_tenant_has_is_free(mine: Tenant, theirs: Tenant) -> None:
    for tenant in (mine, theirs):
        new = {"name": "Of both", "description": "A shop."}
        assert tenant.http.post("/projects", json=new).status_code == 201
