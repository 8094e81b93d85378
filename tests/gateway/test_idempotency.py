"""Idempotency-Key over HTTP; tests/contract/test_walk_idempotency.py walks every operation."""

import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from uuid import uuid4

import httpx
import psycopg
import pytest

from db import embedded
from tests.conftest import Live

Json = dict[str, str]


@pytest.fixture
def http(live: Live) -> Iterator[httpx.Client]:
    """A client with a key of the API."""
    with httpx.Client(base_url=live.url, headers={"Authorization": f"Bearer {live.key}"}) as client:
        yield client


@contextmanager
def held_up(live: Live) -> Iterator[Callable[[], None]]:
    """Hold up requests that change something; gives how to wait until one is."""
    blocked = "SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 'event'::regclass"

    with embedded.server(live.data_dir / "postgres") as url, psycopg.connect(url) as owner:

        def wait() -> None:
            deadline = time.monotonic() + 10
            while not owner.execute(blocked).fetchone():
                assert time.monotonic() < deadline

        owner.execute("LOCK TABLE event IN SHARE MODE")
        yield wait


def new_project(name: str = "") -> Json:
    return {"name": name or f"Keyed {uuid4()}", "description": "A shop."}


def keyed(key: str) -> Json:
    return {"Idempotency-Key": key}


def test_while_a_request_is_at_work_its_repetition_is_told_when_to_try_again(
    live: Live, http: httpx.Client
) -> None:
    headers, body = keyed(str(uuid4())), new_project()
    with ThreadPoolExecutor() as pool:
        with held_up(live) as until_one_is:
            first = pool.submit(http.post, "/projects", json=body, headers=headers)
            until_one_is()
            second = http.post("/projects", json=body, headers=headers)
        answer = first.result()
    assert (second.status_code, second.headers["retry-after"]) == (409, "1")
    assert second.json()["error"]["code"] == "IDEMPOTENCY_IN_FLIGHT"
    assert answer.status_code == 201
    again = http.post("/projects", json=body, headers=headers)
    assert (again.content, again.headers["idempotency-replayed"]) == (answer.content, "true")


def test_a_refused_request_leaves_its_key_free(http: httpx.Client) -> None:
    headers, taken = keyed(str(uuid4())), new_project()
    assert http.post("/projects", json=taken).status_code == 201
    refused = http.post("/projects", json=taken, headers=headers)
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "CONFLICT")
    answer = http.post("/projects", json=new_project(), headers=headers)
    assert answer.status_code == 201
    assert "idempotency-replayed" not in answer.headers


def test_a_malformed_request_leaves_its_key_free(http: httpx.Client) -> None:
    headers = keyed(str(uuid4()))
    assert http.post("/projects", json={}, headers=headers).status_code == 400
    assert http.post("/projects", json=new_project(), headers=headers).status_code == 201


def test_a_key_does_not_open_what_the_caller_may_not(live: Live, http: httpx.Client) -> None:
    headers, body = keyed(str(uuid4())), new_project()
    assert http.post("/projects", json=body, headers=headers).status_code == 201
    stranger = httpx.post(f"{live.url}/projects", json=body, headers=headers)
    assert stranger.status_code == 401


def test_the_same_body_written_otherwise_is_another_request(http: httpx.Client) -> None:
    headers, body = keyed(str(uuid4())) | {"Content-Type": "application/json"}, new_project()
    first = http.post("/projects", content=json.dumps(body), headers=headers)
    second = http.post("/projects", content=json.dumps(body, indent=1), headers=headers)
    assert (first.status_code, second.status_code) == (201, 422)


def test_the_same_request_by_another_name_of_the_api_is_the_same(
    live: Live, http: httpx.Client
) -> None:
    headers, body = keyed(str(uuid4())), new_project()
    first = http.post("/projects", json=body, headers=headers)
    alias = live.url.removesuffix("/v1") + "/api/projects"
    second = http.post(alias, json=body, headers=headers)
    assert second.headers["idempotency-replayed"] == "true"
    assert (second.status_code, second.content) == (first.status_code, first.content)


def test_the_longest_key_is_good(http: httpx.Client) -> None:
    headers = keyed("~" * 255)
    assert http.post("/projects", json=new_project(), headers=headers).status_code == 201


def test_a_read_does_not_mind_a_key(http: httpx.Client) -> None:
    for _ in range(2):
        answer = http.get("/projects", headers=keyed("a" * 300))
        assert answer.status_code == 200
        assert "idempotency-replayed" not in answer.headers
