"""The inside of `child.call`: runs one function and writes what it came to.

    python -I main.py PACKAGE.MODULE:NAME OUTCOME ROOT…

The attempt is JSON on standard input. OUTCOME is written last, and whole or not at all.
"""

import asyncio
import importlib
import os
import sys
from pathlib import Path
from typing import Any


def main() -> None:
    path, outcome, *roots = sys.argv[1:]
    sys.path[:0] = roots
    portable = importlib.import_module("services.portable")
    msgspec = importlib.import_module("msgspec")
    attempt = msgspec.json.decode(sys.stdin.buffer.read(), type=portable.Attempt)
    module, _, name = path.partition(":")
    function = getattr(importlib.import_module(module), name)
    try:
        found: dict[str, Any] = {"result": asyncio.run(function(attempt))}
    except portable.CannotDo as error:
        found = {"failure": failure(error)}
    write(outcome, msgspec.json.encode(found))
    # Threads that the function has left behind must not keep the process.
    sys.stdout.flush()
    os._exit(0)


def failure(error: Any) -> dict[str, Any]:
    """What the function said that it cannot do."""
    return {
        "code": error.code,
        "message": str(error),
        "retryable": error.retryable,
        "retry_after_s": error.retry_after_s,
    }


def write(name: str, content: bytes) -> None:
    fresh = Path(f"{name}.new")
    fresh.write_bytes(content)
    fresh.replace(name)


if __name__ == "__main__":
    main()
