"""docs/API.md: complete, stable, every link leads somewhere, every curl line works."""

import json
import os
import re
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote

import pytest
from jsonschema_rs import Draft4Validator

from scripts import generation, reference
from scripts.contract import is_public, operations, parameters, resolve
from scripts.examples import written

CONTRACT = json.loads(generation.BUNDLE.read_text(encoding="utf-8"))
PAGE = reference.markdown(CONTRACT)
SHELL = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
OPERATIONS = [found for tag in CONTRACT["tags"] for found in operations(CONTRACT, tag["name"])]


class Request(NamedTuple):
    """What the server got from curl."""

    method: str
    path: str
    key: str | None
    body: bytes


class Server(ThreadingHTTPServer):
    """Answers everything with 200 and keeps what it was asked."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.requests: list[Request] = []


class Handler(BaseHTTPRequestHandler):
    server: Server

    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        key = self.headers.get("Authorization")
        self.server.requests.append(Request(self.command, unquote(self.path), key, body))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture(scope="module")
def requests(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Request]]:
    """What reaches a server when all curl lines run, in their order."""
    server = Server()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    variables, *lines = SHELL
    own = f"export PRAZIUM_BASE_URL=http://127.0.0.1:{server.server_port}/v1"
    script = "\n".join([variables, own, *lines])
    folder: Path = tmp_path_factory.mktemp("shell")
    env = {"PATH": os.environ["PATH"], "NO_PROXY": "*"}
    subprocess.run(["sh", "-eu", "-c", script], cwd=folder, env=env, check=True, timeout=60)
    server.shutdown()
    server.server_close()
    yield server.requests


@pytest.mark.parametrize(
    ("index", "path", "method", "operation"),
    [(index, *found) for index, found in enumerate(OPERATIONS)],
    ids=[operation["operationId"] for _, _, operation in OPERATIONS],
)
def test_the_curl_line_reaches_its_operation(
    index: int, path: str, method: str, operation: dict[str, Any], requests: list[Request]
) -> None:
    request = requests[index]
    assert request.method == method.upper()
    assert re.fullmatch("/v1" + re.sub(r"\{\w+\}", "[^$]+", path), request.path)
    assert (request.key is None) == is_public(operation)
    assert (request.body != b"") == ("requestBody" in operation)


def test_the_bodies_that_curl_sends_are_valid(requests: list[Request]) -> None:
    for (_, _, operation), request in zip(OPERATIONS, requests, strict=True):
        if "requestBody" in operation:
            schema = operation["requestBody"]["content"]["application/json"]["schema"]
            whole = {"allOf": [schema], "components": CONTRACT["components"]}
            Draft4Validator(whole).validate(json.loads(request.body))


def test_every_operation_shows_its_parameters_and_statuses() -> None:
    for path, method, operation in OPERATIONS:
        section = PAGE.split(f'<a id="{operation["operationId"]}"></a>')[1].split("<a id=")[0]
        assert f"`{method.upper()} {path}`" in section
        assert all(f"| `{p['name']}` |" in section for p in parameters(CONTRACT, operation))
        assert all(status in section for status in operation["responses"])


def test_every_event_type_and_error_code_is_listed() -> None:
    schemas = CONTRACT["components"]["schemas"]
    assert all(f"### `{name}`" in PAGE for name in schemas["EventType"]["enum"])
    assert all(f"`{code}`" in PAGE for code in schemas["ErrorCode"]["enum"])


def test_every_link_leads_to_a_place_on_the_page() -> None:
    titles = {
        title.lower().replace(" ", "-") for title in re.findall(r"^#+ (.+)$", PAGE, re.MULTILINE)
    }
    places = titles | set(re.findall(r'<a id="(\w+)">', PAGE))
    assert set(re.findall(r"\]\(#([^)]+)\)", PAGE)) <= places


def test_an_example_of_success_shows_no_failure() -> None:
    export = PAGE.split('<a id="get_export"></a>')[1].split("<a id=")[0]
    assert '"status": "completed"' in export
    assert '"error"' not in export


def test_the_same_contract_gives_the_same_bytes() -> None:
    again = json.loads(generation.BUNDLE.read_text(encoding="utf-8"))
    assert reference.markdown(again) == PAGE


def test_no_example_that_is_written_in_the_contract_is_overlooked() -> None:
    text = generation.BUNDLE.read_text(encoding="utf-8")
    places = [place for place, _, _ in written(CONTRACT) if place.endswith("/example")]
    assert len(places) == len(re.findall(r'"example":', text))


def test_resolve_follows_a_reference_to_a_reference() -> None:
    contract = {"a": {"$ref": "#/b"}, "b": {"$ref": "#/c"}, "c": {"type": "string"}}
    assert resolve(contract, {"$ref": "#/a"}) == {"type": "string"}
