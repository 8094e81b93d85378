"""Starting, stopping and sharing: the commands as processes."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil
import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from scripts.stack import free_port

START_S = 60
"""A busy machine of two cores may need the half of it."""


def ignore_interrupts() -> None:
    """What a shell without job control does to its background jobs."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


@contextmanager
def command(*arguments: str, **settings: str) -> Iterator[subprocess.Popen[str]]:
    """A command of ours with these settings; killed at the end if it still runs.

    It begins as a shell's background job does: SIGINT is ignored until it says otherwise.
    """
    env = os.environ | {f"PRAZIUM_{name.upper()}": value for name, value in settings.items()}
    process = subprocess.Popen(
        [sys.executable, "-m", "scripts.cli", *arguments],
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        preexec_fn=ignore_interrupts,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def greeting(process: subprocess.Popen[str]) -> tuple[str, str]:
    """The address and the key that scripts/dev prints."""
    text = ""
    assert process.stdout is not None
    for line in process.stdout:
        text += line
        if "Ctrl-C" in line:
            break
    address = re.search(r"API +(\S+)", text)
    key = re.search(r"Key +(\S+)", text)
    assert address and key, text
    return address[1], key[1]


def processes_on(folder: Path) -> list[str]:
    """What still runs with this folder on its command line or in its environment."""
    found = []
    for process in psutil.process_iter():
        try:
            words = " ".join(process.cmdline()) + " ".join(process.environ().values())
        except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
            continue
        if str(folder) in words and process.pid != os.getpid():
            found.append(" ".join(process.cmdline()))
    return found


def wait_until_gone(folder: Path) -> list[str]:
    """What still runs after a few seconds."""
    deadline = time.monotonic() + 15
    while (left := processes_on(folder)) and time.monotonic() < deadline:
        time.sleep(0.1)
    return left


def test_ctrl_c_leaves_nothing_running_and_a_second_start_finds_the_data(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    port = str(free_port("127.0.0.1"))
    with command("dev", data_dir=str(folder), port=port) as process:
        url, key = greeting(process)
        headers = {"Authorization": f"Bearer {key}"}
        body = {"name": "Kept", "description": "Pets and owners."}
        assert httpx.post(f"{url}/projects", json=body, headers=headers).status_code == 201
        process.send_signal(signal.SIGINT)
        assert process.wait(START_S) == 0
    assert wait_until_gone(folder) == []
    with command("dev", data_dir=str(folder), port=port) as process:
        assert greeting(process) == (url, key)
        listed = httpx.get(f"{url}/projects", headers=headers).json()["data"]
        assert [project["name"] for project in listed] == ["Kept"]
        process.send_signal(signal.SIGTERM)
        process.wait(START_S)
    assert wait_until_gone(folder) == []


def test_the_last_to_leave_stops_the_database_though_another_was_killed(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    users = folder / "postgres" / ".handle_pids.json"
    with command("dev", data_dir=str(folder), port=str(free_port("127.0.0.1"))) as process:
        greeting(process)
        with command("worker", data_dir=str(folder)) as killed:
            deadline = time.monotonic() + START_S
            while str(killed.pid) not in users.read_text():
                assert time.monotonic() < deadline
                time.sleep(0.1)
            killed.kill()
            killed.wait()
        process.send_signal(signal.SIGINT)
        process.wait(START_S)
    assert wait_until_gone(folder) == []


def test_a_killed_supervisor_takes_api_and_workers_with_it(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    with command("dev", data_dir=str(folder), port=str(free_port("127.0.0.1"))) as process:
        greeting(process)
        process.kill()
        process.wait()
    deadline = time.monotonic() + 15
    while any("scripts.cli" in line for line in processes_on(folder)):
        assert time.monotonic() < deadline, processes_on(folder)
        time.sleep(0.1)
    # The database outlives a killed owner; the next start finds it, and stops it in order.
    with command("dev", data_dir=str(folder), port=str(free_port("127.0.0.1"))) as process:
        greeting(process)
        process.send_signal(signal.SIGINT)
        process.wait(START_S)
    assert wait_until_gone(folder) == []


@pytest.fixture
def external(cluster: str) -> Iterator[str]:
    """An empty database whose owner is no superuser, as a hosted PostgreSQL gives it."""
    name = f"external_{os.getpid()}"
    with psycopg.connect(cluster, autocommit=True) as connection:
        connection.execute(f'CREATE ROLE "{name}" LOGIN CREATEROLE NOSUPERUSER')
        connection.execute(f'CREATE DATABASE "{name}" OWNER "{name}"')
        # On a cluster where the roles exist already, their owner has to admit newcomers.
        for role in ("prazium_app", "prazium_system"):
            if exists(connection, role):
                connection.execute(f'GRANT {role} TO "{name}"')
        yield make_conninfo(cluster, dbname=name, user=name)
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def exists(connection: psycopg.Connection, role: str) -> bool:
    """Whether there is such a role."""
    row = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (role,)).fetchone()
    return row is not None


def test_two_api_processes_may_start_at_once_on_an_external_database(
    external: str, tmp_path: Path
) -> None:
    ports = [free_port("127.0.0.1"), free_port("127.0.0.1")]
    shared = {"database_url": external, "data_dir": str(tmp_path / "data")}
    with (
        command("serve", port=str(ports[0]), **shared),
        command("serve", port=str(ports[1]), **shared),
        ThreadPoolExecutor() as threads,
    ):
        assert list(threads.map(first_health, ports)) == ["healthy", "healthy"]


def first_health(port: int) -> str:
    """The state of the database as the first answer of the API tells it."""
    deadline = time.monotonic() + START_S
    while True:
        try:
            answer = httpx.get(f"http://127.0.0.1:{port}/v1/health").json()
            return str(answer["components"]["database"])
        except httpx.TransportError:
            assert time.monotonic() < deadline
            time.sleep(0.1)


def test_a_wrong_setting_is_named_before_anything_starts(tmp_path: Path) -> None:
    with command("serve", data_dir=str(tmp_path), port="many") as process:
        output, _ = process.communicate(timeout=START_S)
    assert process.returncode == 1
    assert "PRAZIUM_PORT" in output
    assert "Traceback" not in output


def test_an_api_that_is_asked_to_end_says_goodbye_to_its_streams(tmp_path: Path) -> None:
    port = free_port("127.0.0.1")
    settings = {"data_dir": str(tmp_path / "data"), "port": str(port)}
    with command("keys", "create", "--tenant", "first", **settings) as process:
        key = process.communicate(timeout=START_S)[0].split()[-1]
    with command("serve", **settings) as process:
        assert first_health(port) == "healthy"
        url = f"http://127.0.0.1:{port}/v1"
        with httpx.Client(base_url=url, headers={"Authorization": f"Bearer {key}"}) as client:
            run = waiting_run(client)
            with client.stream("GET", f"{run}/events/stream") as stream:
                lines = stream.iter_lines()
                assert any(line == "event: RUN_CREATED" for line in lines)
                process.send_signal(signal.SIGTERM)
                assert list(lines)[-1] == ""  # it ends between two frames, not within one
        assert process.wait(10) == 0


def waiting_run(client: httpx.Client) -> str:
    """The path of a run that no worker takes."""
    new = {"name": "Waiting", "description": "Pets and owners."}
    project = f"projects/{client.post('projects', json=new).json()['data']['id']}"
    client.post(f"{project}/clarify")
    client.post(f"{project}/answers", json={"answers": []})
    client.post(f"{project}/approve")
    return f"{project}/runs/{client.post(f'{project}/runs').json()['data']['id']}"
