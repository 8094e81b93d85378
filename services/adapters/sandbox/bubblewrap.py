"""The command line of bubblewrap: a machine with a read-only system and one writable folder.

Flags: https://github.com/containers/bubblewrap/blob/main/bwrap.xml
"""

import functools
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

APP = "/app"
HOME = "/home/app"

_SYSTEM = ("/bin", "/sbin", "/lib", "/lib32", "/lib64")
_SETTINGS = (
    "/etc/alternatives",
    "/etc/ca-certificates",
    "/etc/group",
    "/etc/ld.so.cache",
    "/etc/localtime",
    "/etc/mime.types",
    "/etc/nsswitch.conf",
    "/etc/passwd",
    "/etc/pki/tls/certs",
    "/etc/ssl/certs",
    "/etc/ssl/openssl.cnf",
)
# As in runc: where the product is root on the host, the program owns these files, and without the
# guard could set kernel parameters (`core_pattern` is a way out) or read kernel memory.
_PROC_READ_ONLY = ("bus", "fs", "irq", "sys", "sysrq-trigger")
_PROC_HIDDEN = (
    *("acpi", "asound", "interrupts", "kcore", "keys", "kmsg", "latency_stats"),
    *("sched_debug", "scsi", "timer_list", "timer_stats", "tty"),
)
_NETWORK_SETTINGS = ("/etc/hosts", "/etc/resolv.conf")


def wrap(
    command: list[str],
    *,
    worktree: Path,
    network: bool,
    read_only: Iterable[Path],
    memory_mb: int,
) -> list[str]:
    """Return the command that runs `command` in the sandbox, with `worktree` as its `/app`.

    `memory_mb` bounds each of the folders that live in memory (`/tmp`, the home, `/dev/shm`).
    """
    flags = _hardening() or ()
    return _command(
        flags, command, worktree, network=network, read_only=read_only, size_mb=memory_mb
    )


def _command(
    flags: tuple[str, ...],
    command: list[str],
    worktree: Path,
    *,
    network: bool,
    read_only: Iterable[Path],
    size_mb: int,
) -> list[str]:
    return [
        "bwrap",
        *("--unshare-all", "--unshare-user", "--die-with-parent", "--new-session", *flags),
        *("--share-net",) * network,
        *("--uid", "1000", "--gid", "1000", "--hostname", "sandbox", "--cap-drop", "ALL"),
        *_system(),
        *_bind(_SETTINGS + _NETWORK_SETTINGS * network),
        *("--proc", "/proc", *_guard_proc(), "--dev", "/dev"),
        *_in_memory(size_mb, "/tmp", HOME, "/dev/shm"),
        *_bind(str(path) for path in [*_python(), *read_only]),
        *("--bind", str(worktree.resolve()), APP),
        *_hide_git(worktree),
        *("--remount-ro", "/", "--chdir", APP, "--"),
        *command,
    ]


def _system() -> list[str]:
    """Show `/usr`, and the old top-level folders as links or folders, as they are here."""
    arguments = ["--ro-bind", "/usr", "/usr"]
    for folder in map(Path, _SYSTEM):
        if folder.is_symlink():
            arguments += ["--symlink", str(folder.readlink()), str(folder)]
        elif folder.exists():
            arguments += _bind([str(folder)])
    return arguments


def _bind(paths: Iterable[str]) -> list[str]:
    """Show files and folders read-only, under the same names, as far as they exist."""
    return [part for path in paths for part in ("--ro-bind-try", path, path)]


def _guard_proc() -> list[str]:
    """Make read-only or cover what /proc shows of the machine instead of the processes."""
    arguments = _bind(f"/proc/{name}" for name in _PROC_READ_ONLY)
    for path in (Path("/proc", name) for name in _PROC_HIDDEN):
        if path.is_dir():
            arguments += ["--tmpfs", str(path), "--remount-ro", str(path)]
        elif path.exists():
            arguments += ["--ro-bind", "/dev/null", str(path)]
    return arguments


def _in_memory(size_mb: int, *folders: str) -> list[str]:
    size = str(size_mb * 1024 * 1024)
    return [part for path in folders for part in ("--size", size, "--tmpfs", path)]


def _python() -> list[Path]:
    """Name the folders of the product's interpreter and its virtual environment."""
    return [Path(prefix) for prefix in dict.fromkeys((sys.base_prefix, sys.prefix))]


def _hide_git(worktree: Path) -> list[str]:
    """Cover the link to the repository: it holds a host path and is not the program's to change."""
    return ["--ro-bind", "/dev/null", f"{APP}/.git"] if (worktree / ".git").is_file() else []


def works() -> bool:
    """Tell whether bubblewrap is installed and may make namespaces here; tried once a process."""
    return _hardening() is not None


@functools.cache
def _hardening() -> tuple[str, ...] | None:
    """Return the flags that only newer versions know, as far as they work; None if none work.

    `--disable-userns` (0.8) keeps the program from making namespaces in which it is root again.
    """
    if sys.platform != "linux" or not shutil.which("bwrap"):
        return None
    return next(filter(_runs, (("--disable-userns",), ())), None)


def _runs(flags: tuple[str, ...]) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        command = _command(flags, ["true"], Path(folder), network=False, read_only=[], size_mb=16)
        try:
            done = subprocess.run(command, capture_output=True, timeout=10, check=False)
        except (OSError, subprocess.TimeoutExpired):
            return False
        return done.returncode == 0
