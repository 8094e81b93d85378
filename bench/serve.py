"""`python -m bench.serve MODULE PORT ARGUMENTS` serves `MODULE.create(**ARGUMENTS)` (JSON).

All contestants stand behind the same server. This imports nothing that one of them does not need,
as their memory is compared.
"""

import importlib
import json
import sys
from typing import Any

import uvicorn

UVICORN: dict[str, Any] = {
    "loop": "uvloop",
    "http": "httptools",
    "ws": "none",
    "access_log": False,
    "server_header": False,
    "proxy_headers": False,
}


def main() -> None:
    """Serve one contestant until SIGTERM."""
    module, port, given = sys.argv[1:]
    contestant = importlib.import_module(module)
    options = UVICORN | getattr(contestant, "UVICORN", {})
    application = contestant.create(**json.loads(given))
    uvicorn.run(application, port=int(port), log_level="warning", **options)


if __name__ == "__main__":
    main()
