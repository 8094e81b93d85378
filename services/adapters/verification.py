"""Verification: evidence that a built application works, gathered in the sandbox."""

import asyncio
import os
import stat
from pathlib import Path
from typing import Annotated

import msgspec

from services.adapters import sandbox
from services.adapters.git import path_problem
from services.adapters.sandbox import Finished, Limits, Mode

MANIFEST = "app.json"
_MAX_MANIFEST_BYTES = 64 * 1024
_SMOKE = Path(__file__).with_name("smoke.py")
_KILLED = {
    "wall_time": "it took longer than {limits.wall_s:.0f} s",
    "cpu_time": "it used more than {limits.cpu_s} s of processor time",
    "memory": "it used more than {limits.memory_mb} MB of memory",
    "processes": "it ran more than {limits.processes} processes at once",
    "disk": "it wrote more than {limits.disk_mb} MB",
    "output": "it wrote too much output",
    "sandbox": "the sandbox failed",
}

Command = Annotated[
    list[
        Annotated[str, msgspec.Meta(min_length=1, max_length=500, pattern=r"^[^\x00-\x1f\x7f]+$")]
    ],
    msgspec.Meta(min_length=1, max_length=20),
]
UrlPath = Annotated[str, msgspec.Meta(pattern=r"^/[!-~]*$", max_length=500)]


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """`app.json` at the application's root: how it is checked and started.

    `contract` is its OpenAPI document. `start` serves on HOST and PORT; `health` and each path of
    `probe` must answer 200. Both commands are programs of the application's own, so that what is
    verified is what it ships, and find their Python in APP_PYTHON.
    """

    name: str = ""
    contract: str = "openapi.yaml"
    test: Command = msgspec.field(default_factory=lambda: ["scripts/test"])
    start: Command = msgspec.field(default_factory=lambda: ["scripts/start"])
    health: UrlPath = "/health"
    probe: Annotated[list[UrlPath], msgspec.Meta(max_length=100)] = []


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """One check. `exit_code` is None if the command could not be run or was killed."""

    name: str
    command: list[str]
    exit_code: int | None
    duration_ms: int
    output_tail: str
    passed: bool


class Verification(msgspec.Struct, frozen=True, kw_only=True):
    """The result of all checks, and the form of sandbox that they ran in."""

    passed: bool
    sandbox: sandbox.Kind
    checks: list[Check]


class _Unmet(Exception):
    """What a check needs is not there."""


async def verify(worktree: Path, python: str, limits: Limits, mode: Mode) -> Verification:
    """Check the application in `worktree`: `contract` is valid, `tests` pass, `smoke` answers.

    `python` is the interpreter that has the application's dependencies. Checks that cannot run
    fail and say why.

    Raises: SandboxMissing.
    """
    form = await asyncio.to_thread(sandbox.kind, mode)
    checker = _Checker(worktree, python, limits, mode)
    try:
        manifest = _read_manifest(worktree)
    except _Unmet as error:
        checks = [_failed("manifest", [MANIFEST], str(error))]
    else:
        checks = list(await asyncio.gather(checker.contract(manifest), checker.tests(manifest)))
        # Not beside the tests: both may write the application's data.
        checks.append(await checker.smoke(manifest))
    return Verification(passed=all(c.passed for c in checks), sandbox=form, checks=checks)


class _Checker(msgspec.Struct, frozen=True):
    """Runs the checks of one worktree."""

    worktree: Path
    python: str
    limits: Limits
    mode: Mode

    async def contract(self, manifest: Manifest) -> Check:
        """Validate the OpenAPI document; the validator reads it inside the sandbox too."""
        arguments = ["-m", "openapi_spec_validator", f"./{manifest.contract}"]
        shown = ["python", *arguments]
        try:
            if not stat.S_ISREG(_need_file(self.worktree, manifest.contract).st_mode):
                raise _Unmet(f"{manifest.contract} is not a plain file.")
        except _Unmet as error:
            return _failed("contract", shown, str(error))
        # -P: modules are not looked up in the application's folder.
        return await self._run("contract", shown, [self.python, "-P", *arguments])

    async def tests(self, manifest: Manifest) -> Check:
        try:
            _need_program(self.worktree, manifest.test[0])
        except _Unmet as error:
            return _failed("tests", manifest.test, str(error))
        return await self._run("tests", manifest.test, manifest.test)

    async def smoke(self, manifest: Manifest) -> Check:
        try:
            _need_program(self.worktree, manifest.start[0])
        except _Unmet as error:
            return _failed("smoke", manifest.start, str(error))
        command = [self.python, "-I", "-", msgspec.json.encode(manifest).decode()]
        return await self._run("smoke", manifest.start, command, _SMOKE.read_bytes())

    async def _run(
        self, name: str, shown: list[str], command: list[str], stdin: bytes = b""
    ) -> Check:
        done = await sandbox.run(
            command,
            worktree=self.worktree,
            limits=self.limits,
            env={"APP_PYTHON": self.python},
            stdin=stdin,
            read_only=_prefixes(self.python),
            mode=self.mode,
        )
        return Check(
            name=name,
            command=shown,
            exit_code=done.exit_code,
            duration_ms=done.duration_ms,
            output_tail=done.output_tail + _why_killed(done, self.limits),
            passed=done.exit_code == 0,
        )


def _prefixes(python: str) -> set[Path]:
    """Name the folders that an interpreter needs: those of its link's and its real installation."""
    return {Path(python).parent.parent, Path(python).resolve().parent.parent} - {Path("/")}


def _failed(name: str, command: list[str], reason: str) -> Check:
    return Check(
        name=name, command=command, exit_code=None, duration_ms=0, output_tail=reason, passed=False
    )


def _why_killed(done: Finished, limits: Limits) -> str:
    if done.killed_for is None:
        return ""
    return f"\nKilled: {_KILLED[done.killed_for].format(limits=limits)}.\n"


def _read_manifest(worktree: Path) -> Manifest:
    """Read `app.json`, never through a link; without one the defaults hold."""
    try:
        handle = os.open(worktree / MANIFEST, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        return Manifest()
    except OSError as error:
        raise _Unmet(f"{MANIFEST} is not a plain file.") from error
    with os.fdopen(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise _Unmet(f"{MANIFEST} is not a plain file.")
        content = file.read(_MAX_MANIFEST_BYTES + 1)
    if len(content) > _MAX_MANIFEST_BYTES:
        raise _Unmet(f"{MANIFEST} has more than {_MAX_MANIFEST_BYTES} bytes.")
    try:
        return msgspec.json.decode(content, type=Manifest)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise _Unmet(f"{MANIFEST} is not valid: {error}.") from error


def _need_file(worktree: Path, path: str) -> os.stat_result:
    """Raises: _Unmet if the application has no such file."""
    if problem := path_problem(path):
        raise _Unmet(f"{MANIFEST} names a file that cannot be: {problem}")
    try:
        return (worktree / path).lstat()
    except OSError as error:
        raise _Unmet(f"There is no {path}.") from error


def _need_program(worktree: Path, program: str) -> None:
    """Raises: _Unmet if the program is not the application's own, missing or not executable."""
    if "/" not in program:
        raise _Unmet(f"{program} is not a file of the application, such as scripts/test.")
    mode = _need_file(worktree, program).st_mode
    if not (stat.S_ISREG(mode) and mode & stat.S_IXUSR):
        raise _Unmet(f"{program} is not an executable file.")
