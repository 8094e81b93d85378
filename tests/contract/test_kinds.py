"""Kinds that users' workers register: schemas are checked, bounded, and hold for inputs."""

from typing import Any

import pytest

from services import kinds
from services.compiled import Compiled, hash_of
from services.context import Context
from services.errors import TooManyKinds
from tests.conftest import Live
from tests.contract import seed
from tests.contract.seed import Tenant
from tests.contract.workers import Hand, code, hand

Json = dict[str, Any]


@pytest.fixture(scope="module")
def tenant(live: Live) -> Tenant:
    """A tenant of this module's own."""
    return seed.new_tenant(live, "kinds")


@pytest.fixture
def mine(tenant: Tenant) -> Hand:
    """A worker whose kind is not registered."""
    return Hand(tenant.http)


def nested(depth: int) -> Json:
    """A schema so many levels deep."""
    schema: Json = {"type": "string"}
    for _ in range(depth):
        schema = {"properties": {"a": schema}}
    return schema


def doubling(times: int) -> Json:
    """A schema whose references double so many times."""
    named = {f"d{n}": {"allOf": [{"$ref": f"#/$defs/d{n + 1}"}] * 2} for n in range(times)}
    return {"$defs": named | {f"d{times}": {"type": "string"}}, "$ref": "#/$defs/d0"}


HOSTILE: dict[str, Json] = {
    "unknown_type": {"type": "strange"},
    "type_of_another_type": {"type": 7},
    "properties_of_another_type": {"properties": []},
    "required_twice": {"required": ["a", "a"]},
    "negative_length": {"minLength": -1},
    "of_an_older_draft": {"$schema": "http://json-schema.org/draft-04/schema#"},
    "remote": {"$ref": "https://example.com/schema.json"},
    "file": {"$ref": "file:///etc/passwd"},
    "missing_part": {"$ref": "#/$defs/none"},
    "own_address": {"$id": "https://example.com/x", "type": "object"},
    "dynamic": {"$dynamicRef": "#a"},
    "no_pattern": {"pattern": "("},
    "pattern_that_looks_around": {"pattern": "(?=a)b"},
    "pattern_that_refers_back": {"pattern": r"(a)\1"},
    "pattern_of_a_giant": {"pattern": "((a{1,100}){1,100}){1,100}"},
    "too_large": {"enum": ["a" * 70_000]},
    "doubling": doubling(30),
}


@pytest.mark.parametrize("field", ["inputSchema", "resultSchema"])
@pytest.mark.parametrize("name", HOSTILE)
def test_a_schema_that_is_none_or_a_trap_is_refused(mine: Hand, name: str, field: str) -> None:
    answer = mine.register(**{field: HOSTILE[name]})
    assert code(answer) == (400, "VALIDATION_ERROR")
    assert answer.json()["error"]["details"][0]["field"].startswith(f"/{field}")
    assert "passwd" not in answer.text
    assert mine.http.get(f"/worker/kinds/{mine.kind}").status_code == 404


def test_a_schema_that_is_too_deep_is_refused(mine: Hand) -> None:
    assert code(mine.register(inputSchema=nested(200))) == (400, "VALIDATION_ERROR")


def test_inputs_are_held_against_the_schema_with_pointers(mine: Hand) -> None:
    size = {"type": "object", "properties": {"width": {"type": "integer", "minimum": 1}}}
    mine.register(inputSchema={"type": "object", "required": ["url"], "properties": {"size": size}})
    new = {"kind": mine.kind, "input": {"size": {"width": 0}}}
    answer = mine.http.post("/orchestrator/jobs", json=new)
    fields = [entry["field"] for entry in answer.json()["error"]["details"]]
    assert sorted(fields) == ["/input/size/width", "/input/url"]
    mine.create(input={"url": "x", "size": {"width": 1}})


def test_a_pattern_that_would_take_for_ever_elsewhere_takes_no_time(mine: Hand) -> None:
    mine.register(inputSchema={"properties": {"a": {"pattern": "^(a+)+$"}}})
    new = {"kind": mine.kind, "input": {"a": "a" * 100_000 + "b"}}
    assert code(mine.http.post("/orchestrator/jobs", json=new, timeout=2))[0] == 400


def test_what_is_said_anew_counts_at_once_and_elsewhere(live: Live, mine: Hand) -> None:
    mine.register(inputSchema={"required": ["a"]})
    first = mine.http.get(f"/worker/kinds/{mine.kind}").json()["data"]
    mine.register(inputSchema={"required": ["b"]}, description="Anew.")
    second = mine.http.get(f"/worker/kinds/{mine.kind}").json()["data"]
    assert (second["description"], second["createdAt"]) == ("Anew.", first["createdAt"])
    assert second["updatedAt"] > first["updatedAt"]
    mine.create(input={"b": 1})
    assert mine.http.post("/orchestrator/jobs", json={"kind": mine.kind}).status_code == 400


def test_a_kind_that_nobody_registered_is_refused(mine: Hand) -> None:
    answer = mine.http.post("/orchestrator/jobs", json={"kind": mine.kind})
    assert answer.json()["error"]["details"][0]["field"] == "/kind"


def test_a_kind_that_is_deleted_takes_no_new_jobs_but_those_that_wait_stay(mine: Hand) -> None:
    mine.register()
    mine.create()
    assert mine.http.delete(f"/worker/kinds/{mine.kind}").json()["data"]["kind"] == mine.kind
    assert mine.http.delete(f"/worker/kinds/{mine.kind}").status_code == 404
    assert mine.http.post("/orchestrator/jobs", json={"kind": mine.kind}).status_code == 400
    [job] = mine.claim()
    assert mine.say(job, "complete").status_code == 200


@pytest.mark.parametrize("kind", ["http", "agent", "command", "build.code", "export"])
@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_a_kind_of_our_own_cannot_be_changed(mine: Hand, kind: str, method: str) -> None:
    body = {"description": "Mine.", "inputSchema": {}}
    more = {"json": body} if method == "PUT" else {}
    answer = mine.http.request(method, f"/worker/kinds/{kind}", **more)
    assert code(answer) == (403, "FORBIDDEN")


@pytest.mark.parametrize("kind", ["A", "a%20b", "9", "a" * 101, "%00", "a%2Fb"])
def test_a_name_that_is_none_is_refused(mine: Hand, kind: str) -> None:
    assert mine.http.get(f"/worker/kinds/{kind}").status_code == 400


def test_the_list_has_built_in_kinds_and_mine_by_name_and_none_of_others(
    live: Live, mine: Hand
) -> None:
    mine.register()
    other = hand(seed.new_tenant(live, "other kinds").http)
    listed = mine.http.get("/worker/kinds", params={"pageSize": 100}).json()["data"]
    names = [kind["kind"] for kind in listed]
    assert names == sorted(names)
    assert {"agent", "command", "http", mine.kind} <= set(names)
    assert [kind["kind"] for kind in listed if kind["builtIn"]] == ["agent", "command", "http"]
    assert other.kind not in names
    assert other.http.get(f"/worker/kinds/{mine.kind}").status_code == 404
    pages = [
        mine.http.get("/worker/kinds", params={"page": n, "pageSize": 2}).json()["data"]
        for n in range(1, len(names) // 2 + 2)
    ]
    assert [kind["kind"] for page in pages for kind in page] == names


async def test_there_can_be_so_many_kinds_and_no_more(
    ctx: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kinds, "MOST", 2)
    new = kinds.RegisterKind(description="", input_schema={})
    for name in ("one", "two", "one"):
        await kinds.register_kind(ctx, name, new)
    with pytest.raises(TooManyKinds):
        await kinds.register_kind(ctx, "three", new)


def test_a_schema_is_compiled_once_and_the_oldest_is_forgotten() -> None:
    kept = Compiled()
    first = {"maxLength": 0}
    validator = kept.put(hash_of(first), first)
    assert kept.put(hash_of(first), first) is validator
    for length in range(1, 300):
        kept.put(hash_of({"maxLength": length}), {"maxLength": length})
    assert kept.get(hash_of(first)) is None
    assert kept.get(hash_of({"maxLength": 299})) is not None
