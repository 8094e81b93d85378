"""Work in threads under cancellation."""

import asyncio
import threading
import time

import pytest

from services.threads import in_thread


async def test_a_cancelled_caller_waits_for_its_thread_however_often_it_is_cancelled() -> None:
    begun, ended = threading.Event(), threading.Event()

    def work() -> None:
        begun.set()
        time.sleep(0.3)
        ended.set()

    task = asyncio.create_task(in_thread(work))
    await asyncio.to_thread(begun.wait)
    for _ in range(3):
        task.cancel()
        await asyncio.sleep(0.02)
    assert not task.done()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended.is_set()


async def test_an_error_in_the_thread_is_the_callers() -> None:
    with pytest.raises(ZeroDivisionError):
        await in_thread(divmod, 1, 0)
