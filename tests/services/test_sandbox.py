"""The sandbox against programs that try to get out, to stay, or to take too much.

Most tests run in both forms; what only bubblewrap can hold is tested with it alone.
"""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from services.adapters import sandbox
from services.adapters.sandbox import Finished, Limits, Mode, bubblewrap
from tests.needs import needs_bubblewrap

FORMS: list[Mode] = ["auto", "off"] if bubblewrap.works() else ["off"]
QUICK = Limits(wall_s=10, memory_mb=256, processes=40, file_mb=8, disk_mb=32)

both = pytest.mark.parametrize("mode", FORMS)


@pytest.fixture
def worktree(tmp_path: Path) -> Path:
    path = tmp_path / "worktree"
    path.mkdir()
    return path


async def python(code: str, worktree: Path, limits: Limits = QUICK, **options: object) -> Finished:
    return await sandbox.run(["python", "-c", code], worktree=worktree, limits=limits, **options)  # type: ignore[arg-type]


async def shell(code: str, worktree: Path, limits: Limits = QUICK, **options: object) -> Finished:
    return await sandbox.run(["sh", "-c", code], worktree=worktree, limits=limits, **options)  # type: ignore[arg-type]


def living(marker: str) -> list[int]:
    """Find processes by a word on their command line, wherever they were moved."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if marker in (folder / "cmdline").read_text():
                found.append(int(folder.name))
        except OSError:
            continue
    return found


async def until(condition: Callable[[], object], within_s: float = 5.0) -> bool:
    deadline = time.monotonic() + within_s
    while not condition() and time.monotonic() < deadline:  # noqa: ASYNC110 (no event tells)
        await asyncio.sleep(0.02)
    return bool(condition())


@both
async def test_a_program_gets_its_input_and_its_exit_code_and_output_come_back(
    worktree: Path, mode: Mode
) -> None:
    done = await shell("cat; echo to stderr >&2; exit 3", worktree, stdin=b"hello\n", mode=mode)
    assert (done.exit_code, done.output_tail) == (3, "hello\nto stderr\n")
    assert (done.timed_out, done.killed_for) == (False, None)


@both
async def test_standard_output_can_be_kept_apart_from_its_beginning(
    worktree: Path, mode: Mode
) -> None:
    script = "echo wrong >&2; printf first; head -c 5000 /dev/zero | tr '\\0' x; exit 1"
    done = await shell(script, worktree, mode=mode, stdout_kb=1)
    assert (done.output_tail, done.exit_code) == ("wrong\n", 1)
    assert done.stdout == b"first" + b"x" * (1024 + 1 - 5)


@both
async def test_the_worktree_is_the_working_folder_and_can_be_changed(
    worktree: Path, mode: Mode
) -> None:
    (worktree / "given").write_text("x")
    done = await shell("cat given && mkdir made && cp given made/", worktree, mode=mode)
    assert done.exit_code == 0
    assert (worktree / "made/given").read_text() == "x"


@both
async def test_a_program_that_does_not_exist_fails_with_its_name(
    worktree: Path, mode: Mode
) -> None:
    done = await sandbox.run(["no-such-program"], worktree=worktree, limits=QUICK, mode=mode)
    assert done.exit_code not in (0, None)
    assert "no-such-program: No such file or directory" in done.output_tail


@both
async def test_the_environment_is_clean_but_for_what_is_given(
    worktree: Path, mode: Mode, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRAZIUM_SECRET", "canary-1")
    done = await shell("env", worktree, env={"APP_PYTHON": "p"}, mode=mode)
    names = {line.split("=")[0] for line in done.output_tail.splitlines()} - {"PWD", "_", "SHLVL"}
    assert names == {"PATH", "HOME", "LANG", "PYTHONDONTWRITEBYTECODE", "APP_PYTHON"}


@both
async def test_no_open_file_of_the_product_is_inherited(worktree: Path, mode: Mode) -> None:
    reader, writer = os.pipe()
    os.set_inheritable(writer, True)
    done = await python(
        "import os; print(sorted(os.listdir('/proc/self/fd')))", worktree, mode=mode
    )
    os.close(reader)
    os.close(writer)
    assert done.output_tail == "['0', '1', '2', '3']\n"  # 3 is the listing's own


@both
async def test_output_names_no_host_path(worktree: Path, mode: Mode) -> None:
    code = f"import sys; print({str(worktree)!r} + '/a.py', sys.prefix, '\\0\\x1b[31m')"
    done = await python(code, worktree, mode=mode)
    assert done.output_tail == "./a.py python \ufffd\ufffd[31m\n"


@both
async def test_a_program_over_its_time_is_killed(worktree: Path, mode: Mode) -> None:
    limits = Limits(wall_s=0.5)
    code = "import signal, time; signal.signal(15, signal.SIG_IGN); print('a', flush=True)\n"
    done = await python(code + "while True: time.sleep(1)", worktree, limits, mode=mode)
    assert (done.timed_out, done.killed_for, done.exit_code) == (True, "wall_time", None)
    assert done.output_tail == "a\n"
    assert done.duration_ms < 2500


@both
async def test_a_program_over_its_time_may_tidy_up_first(worktree: Path, mode: Mode) -> None:
    code = "import signal, sys, time\n"
    code += "signal.signal(15, lambda *_: (print('tidy', flush=True), sys.exit()))\n"
    done = await python(code + "time.sleep(60)", worktree, Limits(wall_s=0.5), mode=mode)
    assert (done.output_tail, done.killed_for) == ("tidy\n", "wall_time")


@both
async def test_a_program_over_its_processor_time_is_killed(worktree: Path, mode: Mode) -> None:
    done = await python("while True: pass", worktree, Limits(wall_s=20, cpu_s=1), mode=mode)
    assert (done.killed_for, done.timed_out) == ("cpu_time", False)


@both
async def test_one_process_cannot_take_more_memory(worktree: Path, mode: Mode) -> None:
    done = await python("x = bytearray(1 << 30); print('got it')", worktree, mode=mode)
    assert "MemoryError" in done.output_tail


@both
async def test_many_processes_cannot_take_more_memory_together(worktree: Path, mode: Mode) -> None:
    code = "import os, time\nfor _ in range(8):\n  if os.fork() == 0:\n"
    code += "    x = bytearray(os.urandom(1 << 20) * 100); time.sleep(60)\ntime.sleep(60)"
    done = await python(code, worktree, mode=mode)
    assert done.killed_for == "memory"


@both
async def test_a_fork_bomb_is_stopped_whole(worktree: Path, mode: Mode) -> None:
    bomb = worktree / "bomb-marker"
    bomb.write_text("#!/bin/sh\n./bomb-marker & ./bomb-marker & wait\n")
    bomb.chmod(0o755)
    done = await sandbox.run(["./bomb-marker"], worktree=worktree, limits=QUICK, mode=mode)
    assert done.killed_for == "processes"
    assert await until(lambda: not living("bomb-marker"))


@both
async def test_a_program_yields_to_those_who_serve_others(worktree: Path, mode: Mode) -> None:
    done = await python("import os; print(os.nice(0))", worktree, mode=mode)
    assert int(done.output_tail) == 19


@both
async def test_a_flood_of_output_is_cut_and_costs_no_memory(worktree: Path, mode: Mode) -> None:
    code = "import os\nwhile True: os.write(1, b'x' * 65536)"
    done = await python(code, worktree, Limits(wall_s=20, output_kb=4), mode=mode)
    assert done.killed_for == "output"
    assert len(done.output_tail) <= 4 * 1024 + 8


@both
async def test_the_end_of_long_output_is_kept(worktree: Path, mode: Mode) -> None:
    code = "print('x' * 500_000); print('the end')"
    done = await python(code, worktree, Limits(output_kb=1), mode=mode)
    assert done.exit_code == 0
    assert done.output_tail.startswith("[...]\n")
    assert done.output_tail.endswith("x\nthe end\n")
    assert len(done.output_tail) == 1024 + 6


@both
async def test_a_home_filled_with_endless_folders_is_removed(worktree: Path, mode: Mode) -> None:
    code = "import os; os.chdir(os.environ['HOME']); print(os.getcwd())\n"
    code += "for _ in range(1500): os.mkdir('deep'); os.chdir('deep')\nos.chmod('.', 0)"
    done = await python(code, worktree, mode=mode)
    assert (done.exit_code, done.output_tail) == (0, "~\n")
    left = Path(tempfile.gettempdir()).glob("tmp*/deep")
    assert not list(left)


@both
async def test_a_product_with_many_open_files_can_run_programs(worktree: Path, mode: Mode) -> None:
    opened = [os.open("/dev/null", os.O_RDONLY) for _ in range(1100)]
    done = await shell("exit 4", worktree, mode=mode)
    for handle in opened:
        os.close(handle)
    assert done.exit_code == 4


@both
async def test_one_file_cannot_fill_the_disk(worktree: Path, mode: Mode) -> None:
    await python("f = open('big', 'wb')\nwhile True: f.write(b'x' * 65536)", worktree, mode=mode)
    assert (worktree / "big").stat().st_size <= 8 << 20


@both
async def test_many_files_cannot_fill_the_disk(worktree: Path, mode: Mode) -> None:
    code = "import os, itertools\nfor n in itertools.count():\n"
    code += "  f = open(str(n), 'wb'); f.write(os.urandom(4 << 20)); os.fsync(f.fileno())"
    done = await python(code, worktree, mode=mode)
    assert done.killed_for == "disk"
    assert sum(file.stat().st_size for file in worktree.iterdir()) < 400 << 20


DAEMON = """
import os, sys, time
if os.fork(): os._exit(0)
os.setsid()
if os.fork(): os._exit(0)
for fd in (0, 1, 2): os.close(fd)
os.execvp("python", ["python", "-c", "import time; time.sleep(60)", "daemon-marker"])
"""


@both
async def test_a_daemon_does_not_outlive_its_program(worktree: Path, mode: Mode) -> None:
    done = await shell(f"python -c '{DAEMON}'; sleep 0.2", worktree, mode=mode)
    assert done.exit_code == 0
    assert not living("daemon-marker")


@both
async def test_a_cancelled_caller_goes_on_when_every_process_is_dead(
    worktree: Path, mode: Mode
) -> None:
    code = f"python -c '{DAEMON}'; python -c 'import time; time.sleep(60)' cancel-marker"
    task = asyncio.create_task(shell(code, worktree, mode=mode))
    assert await until(lambda: living("cancel-marker") and living("daemon-marker"))
    began = time.monotonic()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not living("cancel-marker") and not living("daemon-marker")
    assert time.monotonic() - began < 2


@both
async def test_a_cancelled_caller_does_not_wait_for_a_program_that_floods(
    worktree: Path, mode: Mode
) -> None:
    code = "import os, signal; signal.signal(15, signal.SIG_IGN)\nopen('up', 'w').close()\n"
    code += "while True: os.write(1, b'x' * 100)"
    task = asyncio.create_task(python(code, worktree, mode=mode))
    assert await until((worktree / "up").exists)
    began = time.monotonic()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert time.monotonic() - began < 2


@both
async def test_kill_9_of_the_product_kills_the_program(worktree: Path, mode: Mode) -> None:
    code = (
        "import asyncio, sys; from pathlib import Path; from services.adapters import sandbox\n"
        "program = f'import time; time.sleep(60)'\n"
        "command = ['sh', '-c', f'python -c \"{program}\" kill-marker & wait']\n"
        "limits = sandbox.Limits()\n"
        "asyncio.run(sandbox.run(command, worktree=Path(sys.argv[1]), limits=limits, "
        "mode=sys.argv[2]))"
    )
    command = [sys.executable, "-c", code, str(worktree), mode]
    product = await asyncio.create_subprocess_exec(*command)
    assert await until(lambda: len(living("sleep(60)\x00kill-marker")) >= 1)
    product.send_signal(signal.SIGKILL)
    await product.wait()
    assert await until(lambda: not living("kill-marker"), within_s=2)


@needs_bubblewrap
async def test_the_network_cannot_be_reached(worktree: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        code = f"import socket; socket.create_connection(('127.0.0.1', {port}), 2)"
        done = await python(code, worktree)
    assert "ConnectionRefusedError" in done.output_tail


@needs_bubblewrap
async def test_a_program_can_talk_to_itself_over_loopback(worktree: Path) -> None:
    code = "import socket; s = socket.create_server(('127.0.0.1', 0))\n"
    code += "socket.create_connection(s.getsockname()); print('ok')"
    assert (await python(code, worktree)).output_tail == "ok\n"


@needs_bubblewrap
async def test_the_network_can_be_reached_when_it_is_allowed(worktree: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        code = f"import socket; socket.create_connection(('127.0.0.1', {port}), 2); print('ok')"
        done = await python(code, worktree, network=True)
    assert done.output_tail == "ok\n"


ESCAPES = {
    "write beside the worktree": "echo x > {outside}/new",
    "change a file outside": "echo x > {outside}/secret",
    "read a file outside": "cat {outside}/secret",
    "read it over a link": "ln -s {outside}/secret l; cat l",
    "write over a link": "ln -s {outside} l; echo x > l/new",
    "write to the system": "echo x > /usr/bin/new",
    "write to the root": "echo x > /new",
    "write to the interpreter": "echo x > {prefix}/new",
    "read the host's secrets": "cat /etc/shadow",
    "read other environments": "cat /proc/*/environ | tr '\\0' '\\n' | grep canary-2",
    "see the host's processes": "kill -0 {pid}",
    "kill the product": "kill -9 {pid}",
    "mount": "mount -t tmpfs none /usr",
    "become root": "su root -c id",
    "make a device": "mknod disk b 8 0",
    "change the clock": "date -s 2001-01-01",
    "change the host name": "hostname x",
    "read kernel memory": "cat /dev/mem /dev/kmem /proc/kcore",
    "set kernel parameters": "cat /proc/sys/vm/swappiness > /proc/sys/vm/swappiness",
    "ask the kernel to act": "echo h > /proc/sysrq-trigger",
    "make a namespace": "unshare --user --map-root-user id",
    "read the kernel's log": "dmesg; cat /proc/kmsg",
    "trace the product": "python -c 'from ctypes import CDLL; "
    "exit(CDLL(None).ptrace(16, {pid}, 0, 0) != 0)'",
    "set a file's owner": "touch a; chown 0 a",
    "raise its priority": "nice -n -5 true 2>&1 | grep -v denied",
    "ask for more": "ulimit -f unlimited -d unlimited",
    "change root": "chroot / id",
    "read the repository's link": "grep gitdir .git",
}


@needs_bubblewrap
@pytest.mark.parametrize("name", ESCAPES)
async def test_an_attempt_to_escape_fails(
    worktree: Path, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRAZIUM_SECRET", "canary-2")
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret").write_text("canary-2")
    (worktree / ".git").write_text("gitdir: /host/path\n")
    code = ESCAPES[name].format(outside=outside, pid=os.getpid(), prefix=sys.prefix)
    done = await shell(code, worktree)
    assert done.exit_code != 0, done.output_tail
    assert "canary-2" not in done.output_tail
    assert [file.name for file in outside.iterdir()] == ["secret"]
    assert (outside / "secret").read_text() == "canary-2"
    assert not list(Path(sys.prefix).glob("new"))


@needs_bubblewrap
@pytest.mark.parametrize("folder", ["/tmp", "/dev/shm", "$HOME"])
async def test_memory_cannot_be_filled_through_files(worktree: Path, folder: str) -> None:
    code = f"for n in 1 2 3 4; do head -c 7000000 /dev/zero > {folder}/$n || exit 9; done"
    assert (await shell(code, worktree)).exit_code == 9


@needs_bubblewrap
async def test_a_further_folder_can_be_seen_and_not_changed(worktree: Path, tmp_path: Path) -> None:
    (tmp_path / "tools").mkdir()
    (tmp_path / "tools/a").write_text("a")
    code = f"cat {tmp_path}/tools/a; echo x > {tmp_path}/tools/a"
    done = await shell(code, worktree, read_only=[tmp_path / "tools"])
    assert done.output_tail.startswith("a")
    assert (tmp_path / "tools/a").read_text() == "a"


def test_the_form_without_bubblewrap_is_told() -> None:
    assert sandbox.kind("off") == "rlimits"


def test_a_required_sandbox_that_is_missing_is_refused(tmp_path: Path) -> None:
    code = (
        "import asyncio, pathlib; from services.adapters import sandbox\n"
        "run = sandbox.run(['true'], worktree=pathlib.Path('.'), limits=sandbox.Limits(), "
        "mode='required')\n"
        "try: asyncio.run(run)\n"
        "except sandbox.SandboxMissing as error: print(sandbox.kind('auto'), error)"
    )
    env = {**os.environ, "PATH": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True)
    assert done.stdout.startswith("rlimits The sandbox is required"), done.stderr
