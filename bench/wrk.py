"""Load with wrk: a closed loop over connections that stay open."""

import http.client
import resource
import shutil
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from bench.figures import Void
from bench.machine import LOAD_CORE

HINT = (
    "wrk is missing; install it (Debian and Ubuntu: apt-get install wrk; macOS: brew install wrk)"
)
DONE = """
done = function(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format("figures %d %d %d %d\\n", summary.requests, summary.duration,
    errors.status, errors.connect + errors.read + errors.write + errors.timeout))
end
"""


@dataclass(frozen=True)
class Request:
    """One request, and the only right answer to it."""

    method: str
    path: str
    status: int
    answer: bytes
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)

    def script(self) -> str:
        """The request in wrk's Lua."""
        lines = [f'wrk.method = "{self.method}"']
        lines += [f"wrk.headers[ {quoted(k)} ] = {quoted(v)}" for k, v in self.headers.items()]
        if self.body:
            lines.append(f"wrk.body = {quoted(self.body.decode())}")
        return "\n".join(lines) + DONE


@dataclass(frozen=True)
class Load:
    """What came of it."""

    requests: int
    seconds: float
    client_cpu: float


def quoted(text: str) -> str:
    """A Lua string."""
    return f"[==[{text}]==]"


def check(request: Request, port: int) -> None:
    """Make sure that the server gives the right answer.

    Raises: Void.
    """
    status, body = answer(request, port)
    if (status, body) != (request.status, request.answer):
        raise Void(f"{request.method} {request.path} gives {status} {body[:300]!r}")


def answer(request: Request, port: int) -> tuple[int, bytes]:
    """Status and body of one request."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request(request.method, request.path, request.body or None, request.headers)
    with connection.getresponse() as got:
        found = got.status, got.read()
    connection.close()
    return found


def load(request: Request, port: int, seconds: float, connections: int = 32) -> Load:
    """Load a server; every answer must be a success.

    Where the machine is so busy that not one answer came in time, the time is made longer.

    Raises: Void for any error.
    """
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(request.script())
        script.flush()
        words = ["setpriv", "--pdeathsig=KILL", "taskset", "-c", str(LOAD_CORE)]
        words += [program(), "-t1", f"-c{connections}", "-d1h"]
        words += ["-s", script.name, f"http://127.0.0.1:{port}{request.path}"]
        for longer in (1, 4, 16):
            found = run(words, longer * seconds)
            if found.requests:
                return found
    raise Void(f"{request.method} {request.path} was not answered in {16 * seconds:.1f} s")


def run(words: list[str], seconds: float) -> Load:
    """Run wrk.

    It takes whole seconds only; a shorter run ends by SIGINT, after which it reports as usual.

    Raises: Void.
    """
    before = children_cpu()
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        wait_for_thread(process.pid)
        time.sleep(seconds)
        process.send_signal(signal.SIGINT)
        said = process.communicate(timeout=10)[0].decode()
    return read(said, children_cpu() - before)


def wait_for_thread(pid: int) -> None:
    """Wait until wrk has the thread that sends; a busy machine takes its time."""
    end = time.monotonic() + 5
    tasks = Path(f"/proc/{pid}/task")
    while tasks.exists() and len(list(tasks.iterdir())) < 2 and time.monotonic() < end:
        time.sleep(0.002)


def read(said: str, client_cpu: float) -> Load:
    """The figures that the script has printed.

    Raises: Void.
    """
    _, mark, line = said.rpartition("figures ")
    if not mark:
        raise Void(f"wrk said: {said.strip()}")
    requests, micros, failed, broken = (int(word) for word in line.split())
    if failed or broken:
        raise Void(f"of {requests} answers {failed} were errors; {broken} connections broke")
    return Load(requests, micros / 1e6, client_cpu)


def children_cpu() -> float:
    """What children that have ended used."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def program() -> str:
    """Where wrk is; as root on Debian it is installed if missing.

    Raises: Void.
    """
    if found := shutil.which("wrk"):
        return found
    if Path("/usr/bin/apt-get").exists():
        for words in (["update"], ["install", "-y", "--no-install-recommends", "wrk"]):
            subprocess.run(["apt-get", "-qq", *words], capture_output=True, check=False)
    found = shutil.which("wrk")
    if found is None:
        raise Void(HINT)
    return found
