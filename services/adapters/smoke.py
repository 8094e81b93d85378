"""The driver of the smoke check: starts an application, asks it, stops it.

Runs inside the sandbox as a program of its own (`python - JSON < smoke.py`), with the standard
library only. JSON is `{"start": [...], "health": "/...", "probe": ["/...", ...]}`. The application
learns its address from HOST and PORT. Exit code 0 means that every answer was 200.
"""

import http.client
import json
import os
import socket
import subprocess
import sys
import time
from typing import Any

HOST = "127.0.0.1"
START_S = 20.0
ANSWER_S = 10.0


def main() -> int:
    manifest: dict[str, Any] = json.loads(sys.argv[1])
    port = free_port()
    environment = {**os.environ, "HOST": HOST, "PORT": str(port)}
    app = subprocess.Popen(manifest["start"], env=environment, stdin=subprocess.DEVNULL)
    try:
        if not wait_for(app, port, manifest["health"]):
            return 1
        failed = [path for path in manifest["probe"] if not probe(port, path)]
        return 1 if failed else 0
    finally:
        stop(app)


def free_port() -> int:
    with socket.create_server((HOST, 0)) as server:
        return int(server.getsockname()[1])


def wait_for(app: "subprocess.Popen[bytes]", port: int, health: str) -> bool:
    """Ask for the health path until it answers 200, the application ends or the time is over."""
    began = time.monotonic()
    last: object = "no answer"
    while time.monotonic() - began < START_S:
        if app.poll() is not None:
            return say(f"The application ended with exit code {app.returncode}.")
        try:
            last = get(port, health)
        except OSError as error:
            last = type(error).__name__
        if last == 200:
            say(f"GET {health}: 200 after {time.monotonic() - began:.1f} s")
            return True
        time.sleep(0.05)
    return say(f"GET {health} did not answer 200 within {START_S:.0f} s: {last}")


def probe(port: int, path: str) -> bool:
    try:
        status: object = get(port, path)
    except OSError as error:
        status = type(error).__name__
    say(f"GET {path}: {status}")
    return status == 200


def get(port: int, path: str) -> int:
    """Return the status of a GET. Raises: OSError, also for an answer that is not HTTP."""
    connection = http.client.HTTPConnection(HOST, port, timeout=ANSWER_S)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except http.client.HTTPException as error:
        raise OSError("not HTTP") from error
    finally:
        connection.close()


def say(line: str) -> bool:
    print(line, flush=True)
    return False


def stop(app: "subprocess.Popen[bytes]") -> None:
    """End the application; what does not obey dies with the sandbox."""
    app.terminate()
    try:
        app.wait(timeout=5)
    except subprocess.TimeoutExpired:
        app.kill()


if __name__ == "__main__":
    sys.exit(main())
