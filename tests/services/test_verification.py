"""Verification of small real applications, good and bad, in the real sandbox."""

import json
import sys
from pathlib import Path

import pytest

from services.adapters.sandbox import Limits
from services.adapters.verification import Check, Verification, verify

CONTRACT = """
openapi: 3.0.3
info: {title: Shop, version: "1"}
paths:
  /health: {get: {responses: {"200": {description: fine}}}}
"""
SERVER = """
import http.server, os
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path in ("/health", "/") else 404)
        self.end_headers()
http.server.HTTPServer((os.environ["HOST"], int(os.environ["PORT"])), Handler).serve_forever()
"""


@pytest.fixture
def app(tmp_path: Path) -> Path:
    folder = tmp_path / "app"
    write(folder, "openapi.yaml", CONTRACT)
    write(folder, "server.py", SERVER)
    write(folder, "scripts/test", "#!/bin/sh\nexec $APP_PYTHON -c 'print(\"3 passed\")'\n")
    write(folder, "scripts/start", "#!/bin/sh\nexec $APP_PYTHON server.py\n")
    return folder


def write(folder: Path, path: str, content: str) -> None:
    target = folder / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(content)
    target.chmod(0o755 if path.startswith("scripts/") else 0o644)


async def run(app: Path, limits: Limits | None = None) -> Verification:
    return await verify(app, sys.executable, limits or Limits(wall_s=30), "auto")


def check(verification: Verification, name: str) -> Check:
    return next(check for check in verification.checks if check.name == name)


async def test_an_application_that_works_passes_with_its_evidence(app: Path) -> None:
    write(app, "app.json", json.dumps({"name": "shop", "probe": ["/"]}))
    result = await run(app)
    assert result.passed, result
    assert [c.name for c in result.checks] == ["contract", "tests", "smoke"]
    assert check(result, "tests").command == ["scripts/test"]
    assert check(result, "tests").output_tail == "3 passed\n"
    smoke = check(result, "smoke")
    assert (smoke.command, smoke.exit_code) == (["scripts/start"], 0)
    assert "GET /health: 200 after" in smoke.output_tail
    assert "GET /: 200" in smoke.output_tail
    assert all(c.duration_ms > 0 for c in result.checks)


async def test_without_a_manifest_the_usual_places_are_checked(app: Path) -> None:
    assert (await run(app)).passed


async def test_a_contract_that_is_not_valid_fails(app: Path) -> None:
    write(app, "openapi.yaml", "openapi: 3.0.3\ninfo: {}\npaths: {}\n")
    result = await run(app)
    assert not result.passed
    assert not check(result, "contract").passed
    assert "title" in check(result, "contract").output_tail
    assert check(result, "tests").passed


async def test_tests_that_fail_are_shown(app: Path) -> None:
    write(app, "scripts/test", "#!/bin/sh\necho 1 failed >&2; exit 5\n")
    failed = check(await run(app), "tests")
    assert (failed.passed, failed.exit_code, failed.output_tail) == (False, 5, "1 failed\n")


async def test_an_application_that_ends_at_once_fails(app: Path) -> None:
    write(app, "scripts/start", "#!/bin/sh\necho no database; exit 4\n")
    failed = check(await run(app), "smoke")
    assert failed.exit_code == 1
    assert "no database" in failed.output_tail
    assert "The application ended with exit code 4." in failed.output_tail


async def test_a_page_that_is_missing_fails(app: Path) -> None:
    write(app, "app.json", json.dumps({"probe": ["/", "/missing"]}))
    failed = check(await run(app), "smoke")
    assert not failed.passed
    assert "GET /missing: 404" in failed.output_tail


async def test_what_is_missing_fails_with_its_name(tmp_path: Path) -> None:
    result = await run(tmp_path)
    reasons = [
        "There is no openapi.yaml.",
        "There is no scripts/test.",
        "There is no scripts/start.",
    ]
    assert [c.output_tail for c in result.checks] == reasons
    assert [c.exit_code for c in result.checks] == [None] * 3
    assert not result.passed


async def test_a_script_that_is_not_executable_says_so(app: Path) -> None:
    (app / "scripts/test").chmod(0o644)
    assert check(await run(app), "tests").output_tail == "scripts/test is not an executable file."


async def test_a_check_over_its_time_says_so(app: Path) -> None:
    write(app, "scripts/test", "#!/bin/sh\nsleep 60\n")
    failed = check(await run(app, Limits(wall_s=2)), "tests")
    assert failed.exit_code is None
    assert "Killed: it took longer than 2 s." in failed.output_tail


@pytest.mark.parametrize(
    "manifest",
    [
        "{",
        "[]",
        '{"test": "scripts/test"}',
        '{"test": []}',
        '{"health": "//evil.example/x y"}',
        '{"probe": [1]}',
        '{"name": "' + "x" * 70_000 + '"}',
        "\ud800",
    ],
)
async def test_a_manifest_that_is_not_valid_fails_without_running_anything(
    app: Path, manifest: str
) -> None:
    (app / "app.json").write_bytes(manifest.encode("utf-8", "surrogatepass"))
    result = await run(app)
    assert [c.name for c in result.checks] == ["manifest"]
    assert result.checks[0].output_tail.startswith("app.json")


async def test_a_manifest_is_not_read_through_a_link(app: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.json").write_text('{"name": "canary"}')
    (app / "app.json").symlink_to(tmp_path / "secret.json")
    result = await run(app)
    assert result.checks[0].output_tail == "app.json is not a plain file."


@pytest.mark.parametrize("path", ["../openapi.yaml", "/etc/passwd", ".git/config"])
async def test_a_contract_outside_the_application_is_refused(app: Path, path: str) -> None:
    write(app, "app.json", json.dumps({"contract": path}))
    failed = check(await run(app), "contract")
    assert failed.output_tail.startswith("app.json names a file that cannot be")


async def test_a_module_of_the_application_does_not_replace_the_validator(app: Path) -> None:
    write(app, "openapi_spec_validator.py", "print('fine'); raise SystemExit(0)")
    write(app, "openapi.yaml", "nonsense")
    assert not check(await run(app), "contract").passed
