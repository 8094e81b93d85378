"""Kind `command`: run a program of the installation in the sandbox."""

import re
import shutil

from generated.models import CommandJobInput, CommandJobResult
from services.adapters import sandbox
from services.adapters.sandbox import Finished, Limits, Mode, SandboxMissing
from services.adapters.scratch import scratch
from services.context import App
from services.engine.retry import TaskFailed
from services.settings import Settings

MAX_STDOUT_KB = 1024
MAX_STDERR_KB = 16
MAX_MEMORY_MB = 1024
QUOTED = 2000
UNSTORABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
KILLED = {
    "cpu_time": "it used too much processor time",
    "memory": "it used too much memory",
    "processes": "it ran too many processes at once",
    "disk": "it wrote too much to its folder",
    "output": "it wrote too much output",
}


async def command(app: App, given: CommandJobInput, token: str) -> CommandJobResult:
    """Run the program until it ends; when the caller is cancelled, all its processes are dead.

    Raises: TaskFailed if it is not allowed, fails, is killed, or there is no sandbox.
    """
    program = allowed(app.settings, given.command[0])
    try:
        async with scratch(app.settings.data_dir / "jobs") as folder:
            done = await sandbox.run(
                wrapped(program, given),
                worktree=folder,
                limits=limits(given),
                stdin=(given.stdin or "").encode(),
                mode=mode(app.settings),
                stdout_kb=MAX_STDOUT_KB,
            )
    except SandboxMissing as error:
        raise TaskFailed("SANDBOX_MISSING", str(error), retryable=True) from error
    if done.exit_code != 0:
        raise failure(done, given)
    return result(done)


def allowed(settings: Settings, name: str) -> str:
    """The program's path. Raises: TaskFailed."""
    names = {name.strip() for name in settings.job_commands.split(",")} - {""}
    if name not in names:
        there = f"These are: {', '.join(sorted(names))}." if names else "There are none."
        message = f"{name[:100]} is none of the programs that jobs may run here. {there}"
        raise TaskFailed("COMMAND_NOT_ALLOWED", message)
    found = shutil.which(name, path=sandbox.SEARCH_PATH)
    if found is None:
        raise TaskFailed("COMMAND_MISSING", f"{name} is not installed here.", retryable=True)
    return found


def wrapped(program: str, given: CommandJobInput) -> list[str]:
    """The command line, whose variables are set inside the sandbox.

    A variable such as LD_PRELOAD must not reach what sets the sandbox up.
    """
    variables = [f"{name}={value}" for name, value in (given.env or {}).items()]
    return (
        ["env", "--", *variables, program, *given.command[1:]]
        if variables
        else [program, *given.command[1:]]
    )


def limits(given: CommandJobInput) -> Limits:
    """What the program may use."""
    seconds = given.timeout_seconds or 60
    return Limits(wall_s=seconds, cpu_s=seconds, memory_mb=MAX_MEMORY_MB, output_kb=MAX_STDERR_KB)


def mode(settings: Settings) -> Mode:
    """Tenants share this machine, so without a real sandbox nothing runs, unless that is wanted."""
    return "off" if settings.sandbox == "off" else "required"


def failure(done: Finished, given: CommandJobInput) -> TaskFailed:
    """Why the program did not do it, with the end of its standard error."""
    if done.killed_for == "wall_time":
        message = f"The program was killed after {given.timeout_seconds or 60} s"
        return TaskFailed("COMMAND_TIMED_OUT", ending(message, done), retryable=True)
    if done.killed_for == "sandbox":
        return TaskFailed("SANDBOX_FAILED", "The sandbox failed.", retryable=True)
    if done.killed_for:
        reason = KILLED.get(done.killed_for, done.killed_for)
        return TaskFailed("COMMAND_KILLED", ending(f"The program was killed: {reason}", done))
    message = f"The program ended with exit code {done.exit_code}"
    return TaskFailed("COMMAND_FAILED", ending(message, done), retryable=True)


def ending(message: str, done: Finished) -> str:
    """The message with the end of what the program wrote to its standard error."""
    written = done.output_tail.strip()[-QUOTED:]
    return f"{message}: {written}" if written else f"{message}."


def result(done: Finished) -> CommandJobResult:
    """What the program did, as the contract has it."""
    kept = done.stdout[: MAX_STDOUT_KB * 1024]
    return CommandJobResult(
        exit_code=0,
        stdout=UNSTORABLE.sub("\ufffd", kept.decode("utf-8", "replace")),
        stderr=done.output_tail[-20_000:],
        truncated=len(done.stdout) > len(kept),
        duration_ms=done.duration_ms,
    )
