"""Processes that are asked to end under load: no request fails, streams go on elsewhere."""

import asyncio
import contextlib
import json
import signal
import socket
import time
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import httpx
import psutil
import pytest

from tests.conftest import Form
from tests.faults.load import Load, figures
from tests.faults.served import Served, served, until

EXIT_S = 10.0


class Streams:
    """Clients that follow one run, and come back when their stream ends."""

    def __init__(self, api: Served, path: str) -> None:
        self._url = f"{api.url}{path}/events/stream"
        self._headers = {"Authorization": f"Bearer {api.key}"}
        self.open = 0
        self.refused = 0
        self.failures: list[str] = []
        self.ends: list[str] = []
        """The last frames of streams that have ended."""

    @contextlib.asynccontextmanager
    async def following(self, count: int) -> AsyncIterator[None]:
        """So many clients, until the block ends."""
        connector = aiohttp.TCPConnector(limit=0)
        async with aiohttp.ClientSession(headers=self._headers, connector=connector) as session:
            tasks = [asyncio.create_task(self._follow(session)) for _ in range(count)]
            await until(lambda: self.open >= count)
            try:
                yield
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)

    async def _follow(self, session: aiohttp.ClientSession) -> None:
        while True:
            try:
                async with session.get(self._url) as answer:
                    if answer.status == 200:
                        await asyncio.sleep(await self._read(answer))
                    elif answer.status == 503:
                        self.refused += 1
                        await asyncio.sleep(float(answer.headers["retry-after"]))
                    else:
                        self.failures.append(str(answer.status))
            except aiohttp.ClientConnectorError:
                await asyncio.sleep(0.05)  # nobody listens any more
            except aiohttp.ClientError as error:
                self.failures.append(repr(error))

    async def _read(self, answer: aiohttp.ClientResponse) -> float:
        """Read a stream to its end; in so many seconds the client shall come back."""
        self.open += 1
        try:
            last = (await answer.read()).decode().rstrip().split("\n\n")[-1]
        finally:
            self.open -= 1
        self.ends.append(last)
        return int(last.partition("retry: ")[2] or 0) / 1000


async def replaced(api: Served, old: list[psutil.Process], count: int) -> float:
    """Seconds until the old processes have ended and as many new ones are there as shall be."""
    return await until(
        lambda: not any(p.is_running() for p in old) and len(api.children()) >= count, EXIT_S
    )


@pytest.mark.long
async def test_processes_are_replaced_under_load_and_nothing_fails(
    database: str, tmp_path: Path, form: Form
) -> None:
    rounds, count = form.pick(3, 50), form.pick(50, 200)
    limits = {"api_processes": 2, "max_streams_per_key": 2 * count, "log_level": "warning"}
    async with served(database, tmp_path, **limits) as api:
        streams = Streams(api, api.start_run())
        load = Load(api.url, api.key)
        slowest = 0.0
        async with streams.following(count):
            async with load.closed(8, pause_s=0.02):
                for number in range(rounds):
                    old = api.children()
                    if number % 3 == 1:
                        api.process.send_signal(signal.SIGHUP)  # gunicorn replaces all of them
                    else:  # the newest may still have gunicorn's handlers, which forget signals
                        old = [min(old, key=psutil.Process.create_time)]
                        old[0].send_signal(signal.SIGTERM)
                    slowest = max(slowest, await replaced(api, old, 2))
                before = len(load.answers)
                await until(lambda: streams.open >= count and len(load.answers) > before + 50)
                ended, failed = len(streams.ends), list(streams.failures)
                api.process.send_signal(signal.SIGTERM)
                began = time.monotonic()
                unready: list[int] = []  # what a balancer sees, which then sends nothing more
                await until(lambda: unready.append(ready(api)) or unready[-1] != 200)
            await asyncio.to_thread(api.process.wait, EXIT_S)
            last = time.monotonic() - began
        form.say(
            rounds=rounds,
            streams=ended,
            refused=streams.refused,
            slowest_s=slowest,
            end_s=last,
            **figures(load),
        )
        log = api.log.read_text()
    assert not load.failures
    assert load.repeated <= len(load.answers) / 100
    assert not failed
    assert set(load.statuses) == {200}
    assert ended >= rounds * count / 4
    assert all(end.startswith(":") and "retry: " in end for end in streams.ends), streams.ends[:3]
    assert unready[-1] == 503
    assert last < EXIT_S
    assert "Traceback" not in log, log[-3000:]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_to_the_parent_alone_lets_streams_say_farewell(
    database: str, tmp_path: Path, number: signal.Signals
) -> None:
    async with served(database, tmp_path, log_level="warning") as api:
        streams = Streams(api, api.start_run())
        async with streams.following(1):
            api.process.send_signal(number)
            await until(lambda: bool(streams.ends), EXIT_S)
        assert await asyncio.to_thread(api.process.wait, EXIT_S) == 0
        assert streams.ends[0].startswith(": the process ends")
        assert "SIGKILL" not in api.log.read_text()


async def test_the_server_itself_logs_in_the_form_of_all_lines(
    database: str, tmp_path: Path
) -> None:
    async with served(database, tmp_path, api_processes=2) as api:
        [killed, _] = api.children()
        killed.kill()
        await until(lambda: "SIGKILL" in api.log.read_text(), EXIT_S)
        entries = [json.loads(line) for line in api.log.read_text().splitlines()]
    assert {"serve.ready"} <= {entry["event"] for entry in entries}
    [killed_one] = [entry for entry in entries if "SIGKILL" in entry["event"]]
    assert killed_one["logger"] == "gunicorn.error"


async def test_garbage_behind_the_last_request_of_a_draining_process_gets_no_answer(
    database: str, tmp_path: Path
) -> None:
    async with served(database, tmp_path, log_level="warning") as api:
        streams, port = Streams(api, api.start_run()), int(api.url.rsplit(":", 1)[1][:-3])
        with socket.create_connection(("127.0.0.1", port), EXIT_S) as connection:
            async with streams.following(1):
                api.process.send_signal(signal.SIGTERM)
                await until(lambda: bool(streams.ends), EXIT_S)
            connection.sendall(b"GET /v1/health HTTP/1.1\r\nHost: a\r\n\r\n\x00\r\n\r\n")
            answer = await asyncio.to_thread(read, connection)
        assert await asyncio.to_thread(api.process.wait, EXIT_S) == 0
        assert answer.count(b"HTTP/1.1 ") == 1
        assert "Traceback" not in api.log.read_text()


async def test_a_stream_that_ends_with_its_process_ends_its_connection_at_once(
    database: str, tmp_path: Path
) -> None:
    async with served(database, tmp_path, log_level="warning") as api:
        path, port = api.start_run(), int(api.url.rsplit(":", 1)[1][:-3])
        head = f"GET /v1{path}/events/stream HTTP/1.1\r\nHost: a\r\n"
        with socket.create_connection(("127.0.0.1", port), EXIT_S) as connection:
            connection.sendall(f"{head}Authorization: Bearer {api.key}\r\n\r\n".encode())
            await until(lambda: b"retry: " in connection.recv(65536), EXIT_S)
            api.process.send_signal(signal.SIGTERM)
            answer = b""
            while not answer.endswith(b"0\r\n\r\n"):
                answer += await asyncio.to_thread(connection.recv, 65536)
            connection.settimeout(0.3)  # one that waits for another request has half a second
            assert connection.recv(1) == b""


async def test_who_leaves_a_stream_and_what_is_asked_behind_it_frees_the_place(
    database: str, tmp_path: Path
) -> None:
    async with served(database, tmp_path, max_streams_per_key=1, api_processes=1) as api:
        port = int(api.url.rsplit(":", 1)[1][:-3])
        lines = f"Host: a\r\nAuthorization: Bearer {api.key}\r\n\r\n"
        stream = f"GET /v1{api.start_run()}/events/stream HTTP/1.1\r\n{lines}".encode()

        def follows(behind: bytes = b"") -> bool:
            with socket.create_connection(("127.0.0.1", port), EXIT_S) as connection:
                connection.sendall(stream + behind)
                return b" 200 OK" in connection.recv(65536)

        assert follows(f"GET /v1/projects HTTP/1.1\r\n{lines}".encode())
        await until(follows, 5.0)


def read(connection: socket.socket) -> bytes:
    """All that comes until its end."""
    return b"".join(iter(lambda: connection.recv(65536), b""))


def ready(api: Served) -> int:
    """What a balancer sees."""
    return httpx.get(f"{api.url}/ready").status_code
