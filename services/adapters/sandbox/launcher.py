"""The sandbox's supervisor: starts one program with limits and leaves no process behind.

Runs as a program of its own, with the standard library only, so that the limits are watched
outside the event loop and hold even if the product is killed. It starts before everything that is
run, and not with the low priority of that, so it imports little: json, pathlib, socket, shutil and
typing would each take more time than all the rest. It is imported, as a script is compiled each
time.

    python -I -S -c "…import launcher; launcher.main()" CONTROL_FD NAME=LIMIT,… COMMAND…

CONTROL_FD is one end of a socket pair. End of file on it means that the product is gone or has
given up; text on it is the reason to stop for. The launcher writes a line break to it when the
program has been started, and the program's exit code or what it was killed for before it exits.
"""

# The module of the public name makes enumerations of this one, which takes 6 ms.
import _signal as signal  # type: ignore[import-not-found]
import ctypes
import os
import resource
import select
import sys
import time
from collections.abc import Iterator

TICK_S = 0.05
GRACE_S = 1.0
_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_NICE = 19
_MB = 1024 * 1024
_LISTS_CHILDREN = os.path.exists("/proc/thread-self/children")

Limits = dict[str, float]


def main() -> None:
    control = int(sys.argv[1])
    os.set_inheritable(control, False)
    given = [limit.split("=") for limit in sys.argv[2].split(",")]
    limits: Limits = {name: float(value) for name, value in given}
    watch = Watch(limits)
    # Orphans of the program become children of this process instead of the machine's first.
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)
    wake = _wake_on_child_exit()
    poll = select.poll()
    poll.register(control, select.POLLIN)
    poll.register(wake, select.POLLIN)
    program = Program(_start(sys.argv[3:], limits))
    _say(control, "\n")
    reason = None
    while reason is None and not program.has_exited():
        ready = dict(poll.poll(TICK_S * 1000))
        if control in ready:
            reason = _heard(control) or "cancelled"
        elif ready:
            os.read(wake, 512)
        reason = reason or watch.exceeded()
    # Only who ran out of time may tidy up; a fork bomb would use the time to grow.
    program.stop(GRACE_S if reason in ("wall_time", "cancelled") else 0.0)
    _report(control, program.exit_code, reason)
    os._exit(0)  # to tidy up before the end would take a tenth of all


def _report(control: int, exit_code: int | None, reason: str | None) -> None:
    if reason is None and exit_code == 128 + signal.SIGXCPU:
        reason = "cpu_time"
    _say(control, reason or str(exit_code))


def _heard(control: int) -> str:
    try:
        return os.read(control, 64).decode()
    except ConnectionResetError:  # the product is gone, and has not read what it was told
        return ""


def _say(control: int, text: str) -> None:
    try:
        os.write(control, text.encode())
    except OSError:  # nobody is left to read it
        return


def _wake_on_child_exit() -> int:
    """Return a pipe that becomes readable when a child ends, so that no tick is waited for."""
    ours, theirs = os.pipe()
    os.set_blocking(ours, False)
    os.set_blocking(theirs, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(theirs, warn_on_full_buffer=False)
    return ours


def _start(command: list[str], limits: Limits) -> int:
    """Start the program in a session of its own and return its process id."""
    parent = os.getpid()
    child = os.fork()
    if child:
        return child
    try:
        os.setsid()
        _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)
        for ignored_by_python in (signal.SIGPIPE, signal.SIGXFSZ):
            signal.signal(ignored_by_python, signal.SIG_DFL)
        _limit(limits)
        _yield_to_others()
        os.execvp(command[0], command)
    except OSError as error:
        os.write(2, f"{command[0]}: {error.strerror}\n".encode())
    finally:
        os._exit(127)


def _limit(limits: Limits) -> None:
    """Set what the kernel enforces for each process.

    Memory is limited as data, not as address space: programs like node reserve far more addresses
    than they use.
    """
    for kind, value in (
        (resource.RLIMIT_CPU, limits["cpu_s"]),
        (resource.RLIMIT_DATA, limits["memory_mb"] * _MB),
        (resource.RLIMIT_FSIZE, limits["file_mb"] * _MB),
        (resource.RLIMIT_NOFILE, 1024),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(kind)
        value = int(value if hard == resource.RLIM_INFINITY else min(value, hard))
        resource.setrlimit(kind, (value, value + (kind == resource.RLIMIT_CPU)))


def _yield_to_others() -> None:
    """Let those who serve others go first; where a processor is idle the program loses nothing.

    There can be dozens of programs: at a priority of 10, twenty would have two thirds of what the
    product needs.
    Where Linux groups processes by session (sched(7), autogroup), the group has to yield, too.
    """
    os.nice(_NICE)
    try:
        with open("/proc/self/autogroup", "w") as group:
            group.write(str(_NICE))
    except OSError:  # it has no such groups
        return


def _prctl(option: int, value: int) -> None:
    """Set a process attribute; only Linux has it."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0)


class Watch:
    """What the kernel does not limit for a group of processes: time, memory, number, disk."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.deadline = time.monotonic() + limits["wall_s"]
        self.folder = os.getcwd()
        self.free_at_start = free_space(self.folder)
        self.used_at_start = folder_size(self.folder)

    def exceeded(self) -> str | None:
        """Name the limit that the program has passed, if any."""
        processes = descendants(int(self.limits["processes"]) + 1)
        if time.monotonic() > self.deadline:
            return "wall_time"
        if len(processes) > self.limits["processes"]:
            return "processes"
        if sum(map(private_memory, processes)) > self.limits["memory_mb"] * _MB:
            return "memory"
        return "disk" if self._disk_exceeded() else None

    def _disk_exceeded(self) -> bool:
        """Measure the folder only when the whole disk has lost as much as the program may use."""
        allowed = self.limits["disk_mb"] * _MB
        if self.free_at_start - free_space(self.folder) < allowed:
            return False
        return folder_size(self.folder) - self.used_at_start > allowed


class Program:
    """The started program with all its descendants."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.exit_code: int | None = None

    def has_exited(self) -> bool:
        """Collect ended children, orphans among them; tell whether the program is one of them."""
        try:
            while True:
                pid, status = os.waitpid(-1, os.WNOHANG)
                if pid == 0:
                    break
                if pid == self.pid:
                    code = os.waitstatus_to_exitcode(status)
                    self.exit_code = code if code >= 0 else 128 - code
        except ChildProcessError:
            self.exit_code = 1 if self.exit_code is None else self.exit_code
        return self.exit_code is not None

    def stop(self, grace_s: float) -> None:
        """Ask all processes to end, then kill every one; return when none is left."""
        if grace_s:
            # bubblewrap itself would take the whole sandbox down at once.
            for pid in [pid for pid in descendants() if pid != self.pid] or [self.pid]:
                _signal(pid, signal.SIGTERM)
            self._wait(grace_s)
        _signal(-self.pid, signal.SIGKILL)  # its group: all there is to go by without /proc
        while self._freeze():
            for pid in descendants():
                _signal(pid, signal.SIGKILL)
            self._wait(TICK_S)
        self.has_exited()

    def _wait(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while not (self.has_exited() and not descendants()) and time.monotonic() < deadline:
            time.sleep(0.005)

    def _freeze(self) -> bool:
        """Stop all descendants before they are killed, or a fork bomb would outrun the killing.

        Each is stopped before its children are listed, so that the list is final. One that ends
        before it is stopped leaves its children to this process, so ended ones count as well:
        none is left only when there is none to list.
        """
        frozen = False
        for pid in _walk(os.getpid()):
            _signal(pid, signal.SIGSTOP)
            frozen = True
        return frozen


def _signal(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except (ProcessLookupError, PermissionError):
        return


def descendants(at_most: int | None = None) -> list[int]:
    """List the living processes below this one; zombies do not count."""
    living: list[int] = []
    for pid in _walk(os.getpid()):
        if len(living) == at_most:
            break
        if not _is_zombie(pid):
            living.append(pid)
    return living


def _walk(top: int) -> Iterator[int]:
    """Yield the processes below `top`; the children of each are listed after it was yielded."""
    table = {} if _LISTS_CHILDREN else _children_by_parent()
    pending = [top]
    while pending:
        pid = pending.pop()
        if pid != top:
            yield pid
        pending += _children(pid) if _LISTS_CHILDREN else table.get(pid, ())


def _children(pid: int) -> list[int]:
    children: list[int] = []
    try:
        for task in os.listdir(f"/proc/{pid}/task"):
            children += map(int, _text(f"/proc/{pid}/task/{task}/children").split())
    except OSError:  # it has ended, or this is no Linux
        return children
    return children


def _children_by_parent() -> dict[int, list[int]]:
    """Read the parent of every process, for kernels that do not list a process's children."""
    table: dict[int, list[int]] = {}
    for name in filter(str.isdigit, os.listdir("/proc") if os.path.isdir("/proc") else ()):
        if facts := _facts(int(name)):
            table.setdefault(int(facts[1]), []).append(int(name))
    return table


def _is_zombie(pid: int) -> bool:
    facts = _facts(pid)
    return not facts or facts[0] in ("Z", "X")


def _facts(pid: int) -> list[str]:
    """Return the fields of /proc/PID/stat from the state on; nothing if the process is gone."""
    try:
        return _text(f"/proc/{pid}/stat").rpartition(")")[2].split()
    except OSError:
        return []


def private_memory(pid: int) -> int:
    """Return the bytes of memory that a process does not share with files or others."""
    try:
        _, resident, shared, *_ = map(int, _text(f"/proc/{pid}/statm").split())
    except (OSError, ValueError):
        return 0
    return (resident - shared) * resource.getpagesize()


def _text(path: str) -> str:
    with open(path, errors="replace") as file:  # a process may call itself anything
        return file.read()


def free_space(folder: str) -> int:
    """The bytes that may still be written to a folder's disk."""
    disk = os.statvfs(folder)
    return disk.f_bavail * disk.f_frsize


def folder_size(folder: str) -> int:
    """Add up the disk space below a folder, in bytes; links are not followed."""
    total, pending = 0, [folder]
    while pending:
        try:
            with os.scandir(pending.pop()) as entries:
                for entry in entries:
                    total += entry.stat(follow_symlinks=False).st_blocks * 512
                    if entry.is_dir(follow_symlinks=False):
                        pending.append(entry.path)
        except OSError:  # it was deleted meanwhile, or may not be read
            continue
    return total
