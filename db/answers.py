"""Connections that give up a server that does not answer.

A server whose processes are stopped, or wait for their disk, keeps its connections: the network has
nothing to report, and its own limits of time do not run.
"""

import os
import socket
import traceback
from typing import Any, Self, TypeVar

import psycopg
from psycopg.abc import PQGen
from psycopg.errors import _WaitTimeout
from psycopg.pq import TransactionStatus
from psycopg.pq.abc import PGconn
from psycopg.waiting import Ready

RV = TypeVar("RV")
STATEMENT_S = 30
"""So long may a statement take; the server ends it then, if it can."""
ANSWER_S = STATEMENT_S + 3.0
"""So long is an answer waited for."""
LOOK_S = 0.1
"""How often psycopg looks at the clock while it waits anyway: a limit costs no timer."""
WAIT = psycopg.AsyncConnection.wait
"""By name it is called sooner than by super(), eleven times in a transaction of one statement."""


class Connection(psycopg.AsyncConnection[Any]):
    """A connection of the event loop."""

    @classmethod
    async def connect(cls, conninfo: str = "", **kwargs: Any) -> Self:
        """A new one.

        Raises: OperationalError.
        """
        try:
            return await super().connect(conninfo, **kwargs)
        except psycopg.Error as error:
            let_go(error)
            raise

    async def wait(
        self,
        gen: PQGen[RV],
        interval: float = LOOK_S,
        timeout: float | None = None,  # noqa: ASYNC109 psycopg's name
    ) -> RV:
        """Do what psycopg wants done; for notifications it waits as long as it takes.

        Raises: OperationalError if the server does not answer in time; the connection is closed.
        """
        if timeout is not None:
            return await super().wait(gen, interval, timeout)
        while True:
            try:
                return await WAIT(self, gen, interval, ANSWER_S)
            except _WaitTimeout:
                if self.pgconn.transaction_status == TransactionStatus.ACTIVE:
                    return cut(self.pgconn, gen)


class ThreadConnection(psycopg.Connection[Any]):
    """A connection of a thread."""

    @classmethod
    def connect(cls, conninfo: str = "", **kwargs: Any) -> Self:
        """See `Connection`."""
        try:
            return super().connect(conninfo, **kwargs)
        except psycopg.Error as error:
            let_go(error)
            raise

    def wait(self, gen: PQGen[RV], interval: float = LOOK_S, timeout: float | None = None) -> RV:
        """See `Connection`; for notifications it waits no longer either."""
        if timeout is not None:
            return super().wait(gen, interval, timeout)
        try:
            return super().wait(gen, interval, ANSWER_S)
        except _WaitTimeout:
            return cut(self.pgconn, gen)


def let_go(error: psycopg.Error) -> None:
    """Close the socket of an attempt to connect that has failed.

    psycopg leaves it in a cycle, which Python's collector finds late (`services/garbage.py`); a
    server that goes on would give each of them a process.
    """
    traceback.clear_frames(error.__traceback__)


def cut(connection: PGconn, gen: PQGen[RV]) -> RV:
    """End the connection under what waits on it, which then sees what it sees of a lost server.

    To close it would not do: what waits still holds it.
    """
    with socket.socket(fileno=os.dup(connection.socket)) as line:
        line.shutdown(socket.SHUT_RDWR)
    try:
        while True:
            gen.send(Ready.RW)
    except StopIteration as ended:  # the answer has come in this moment
        value: RV = ended.value
        return value
