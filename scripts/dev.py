"""`scripts/dev`: everything running on one machine, and what to try first."""

import signal
import sys
import time

from rich.console import Console

from scripts.stack import ProcessEnded, Stack, running
from services.settings import Settings

console = Console()


def dev(settings: Settings, workers: int) -> None:
    """Run API and workers until Ctrl-C or SIGTERM."""
    for number in (signal.SIGTERM, signal.SIGINT):  # a shell's background job ignores SIGINT
        signal.signal(number, interrupt)
    try:
        with running(settings, workers=workers) as stack:
            console.print(greeting(stack), soft_wrap=True, highlight=False, markup=False)
            while True:
                stack.check()
                time.sleep(0.5)
    except ProcessEnded as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        console.print("Stopped; the data stays.")


def interrupt(number: int, frame: object) -> None:
    """Treat a signal as Ctrl-C."""
    raise KeyboardInterrupt


def greeting(stack: Stack) -> str:
    """Where it is, the key, and three lines to try."""
    authorization = f"-H 'Authorization: Bearer {stack.key}'"
    body = """{"name": "Library", "description": "A library with books, members and loans."}"""
    return f"""
Prazium is running.

  API   {stack.base_url}
  Docs  {stack.base_url}/docs
  Key   {stack.key}
  Data  {stack.data_dir}

Try it:

  curl {stack.base_url}/health
  curl {stack.base_url}/projects {authorization} --json '{body}'
  curl {stack.base_url}/projects {authorization}

Or as a client: pip install ./generated/python

  export PRAZIUM_API_KEY={stack.key} PRAZIUM_BASE_URL={stack.base_url}

Ctrl-C stops everything; the data stays.
"""
