"""Answers of several connections leave together, and none takes another with it."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from handlers.gateway.outbox import Outbox

Ends = tuple[asyncio.Transport, asyncio.StreamReader]


@pytest.fixture
async def ends() -> AsyncIterator[list[Ends]]:
    """Two connections: the transport of the one who answers, and what the other one reads."""
    arrived: asyncio.Queue[asyncio.StreamWriter] = asyncio.Queue()
    server = await asyncio.start_server(
        lambda _, writer: arrived.put_nowait(writer), "127.0.0.1", 0
    )
    address = server.sockets[0].getsockname()
    found, clients = list[Ends](), list[asyncio.StreamWriter]()
    for _ in range(2):
        reader, client = await asyncio.open_connection(*address)
        clients.append(client)
        found.append(((await arrived.get()).transport, reader))  # type: ignore[arg-type]
    yield found
    for client in clients:
        client.close()
    server.close()


async def test_an_answer_that_cannot_be_written_takes_no_other_with_it(ends: list[Ends]) -> None:
    (ended, of_ended), (living, of_living) = ends
    outbox = Outbox(asyncio.get_running_loop())
    ended.write_eof()
    outbox.put(ended, b"too late")
    outbox.put(living, b"in time")
    assert await asyncio.wait_for(of_living.readexactly(7), 2) == b"in time"
    assert await asyncio.wait_for(of_ended.read(), 2) == b""
    assert ended.is_closing()


async def test_answers_of_one_connection_leave_in_their_order(ends: list[Ends]) -> None:
    (_, _), (living, of_living) = ends
    outbox = Outbox(asyncio.get_running_loop())
    for number in range(40):
        outbox.put(living, b"%02d" % number)
    assert await asyncio.wait_for(of_living.readexactly(80), 2) == b"".join(
        b"%02d" % number for number in range(40)
    )
