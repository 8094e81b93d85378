"""What the README shows can be typed: every block that can run, runs here."""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import msgspec
import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from db import embedded
from db.migrate import migrate
from services.context import opened
from services.settings import OF_CLIENTS, PREFIX, Settings, SettingsInvalid, load
from tests.conftest import Live
from tests.docs.markdown import ROOT, blocks, codes, read, rows, section
from tests.sdk.workplace import until

TEXT = read("README.md")
COMMANDS = {"scripts", ".venv", "pip", "curl", "export"}


@pytest.fixture(scope="module")
def reader(live: Live) -> Live:
    """A tenant with a key of its own, made by the line that makes one."""
    [line] = [line for line in lines() if " keys create " in line]
    env = os.environ | {"PRAZIUM_DATA_DIR": str(live.data_dir)}
    command = [sys.executable, "-m", "scripts.cli", *line.split()[1:]]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return Live(live.url, done.stdout.strip(), live.data_dir)


def run(live: Live, folder: Path, *command: str) -> str:
    """Run a program as a reader with the two variables of a client would; its output."""
    env = os.environ | {"PRAZIUM_BASE_URL": live.url, "PRAZIUM_API_KEY": live.key}
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=90)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_lines_with_curl_build_and_download_an_application(
    reader: Live, tmp_path: Path
) -> None:
    [story] = blocks(TEXT, "sh")
    output = run(reader, tmp_path, "bash", "-euo", "pipefail", "-c", story)
    assert "event: RUN_COMPLETED" in output
    assert '"verificationResult":{"passed":true' in output
    [archive] = tmp_path.glob("*.zip")
    assert f"{archive.stem}/app.json" in zipfile.ZipFile(archive).namelist()


def test_the_lines_in_python_build_and_download_an_application(
    reader: Live, tmp_path: Path
) -> None:
    story, _ = blocks(TEXT, "python")
    output = run(reader, tmp_path, sys.executable, "-c", story)
    assert "started verify" in output
    [archive] = tmp_path.glob("*.zip")
    assert output.splitlines()[-1] == archive.name
    assert zipfile.ZipFile(archive).testzip() is None


def test_the_lines_of_a_worker_do_the_job_that_is_sent(reader: Live, tmp_path: Path) -> None:
    _, story = blocks(TEXT, "python")
    [sent] = [line for line in lines() if '"greet"' in line]
    env = os.environ | {"PRAZIUM_BASE_URL": reader.url, "PRAZIUM_API_KEY": reader.key}
    with subprocess.Popen([sys.executable, "-c", story], cwd=tmp_path, env=env) as worker:
        job = until(lambda: json.loads(run(reader, tmp_path, "bash", "-c", sent)).get("data"))
        shown = f"{sent.partition('--json')[0].replace('/jobs', '/jobs/' + job['id'])}"
        ask = ("bash", "-c", shown)
        until(lambda: '"result":"Hello Ada"' in run(reader, tmp_path, *ask))
        worker.terminate()
        assert worker.wait(20) == 0


def lines() -> Iterator[str]:
    """The lines that are for a person's terminal."""
    for block in blocks(TEXT, "console"):
        yield from block.splitlines()


def test_the_commands_exist() -> None:
    for line in lines():
        program, _, rest = line.partition(" ")
        assert program.partition("/")[0] in COMMANDS, line
        if program.startswith("scripts/"):
            assert os.access(ROOT / program, os.X_OK), line
        if program == "pip":
            assert (ROOT / rest.rpartition(" ")[2] / "pyproject.toml").is_file(), line


def test_each_setting_that_is_exported_is_one() -> None:
    exported = {
        part.partition("=")[0].removeprefix(PREFIX).lower()
        for line in lines()
        for part in line.split()
        if line.startswith("export ") and part.startswith(PREFIX)
    }
    assert exported <= {f.name for f in msgspec.structs.fields(Settings)} | OF_CLIENTS


def test_the_table_has_every_setting_with_its_default() -> None:
    table = {codes(row[0])[0]: row[1].strip("`") for row in rows(section(TEXT, "## Settings"))}
    defaults = {
        f"{PREFIX}{field.name.upper()}": str(field.default) or "*(empty)*"
        for field in msgspec.structs.fields(Settings)
    }
    assert {name: plain(value) for name, value in table.items()} == {
        name: plain(value) for name, value in defaults.items()
    }


def plain(value: str) -> str:
    """A number without its decimals."""
    return value.removesuffix(".0")


def test_a_setting_that_is_none_stops_the_process_with_its_name() -> None:
    with pytest.raises(SettingsInvalid, match="PRAZIUM_DATABSE_URL"):
        load({"PRAZIUM_DATABSE_URL": "x"})


def test_a_database_that_is_prepared_as_written_works() -> None:
    prepare = blocks(section(TEXT, "## External PostgreSQL"), "sql")[0]
    with tempfile.TemporaryDirectory() as folder, embedded.server(Path(folder) / "data") as server:
        administer(server, *prepare.split(";\n"))
        url = make_conninfo(server, dbname="prazium", user="prazium")
        assert migrate(url)
        administer(server, "ALTER ROLE prazium NOCREATEROLE")
        assert migrate(url) == []
        asyncio.run(connect(url))


def administer(server: str, *statements: str) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        for statement in filter(str.strip, statements):
            connection.execute(statement.encode())


async def connect(url: str) -> None:
    """Open the product's resources, which refuses roles that are not as they should be."""
    async with opened(Settings(database_url=url), url):
        pass
