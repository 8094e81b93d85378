"""A function in a process of its own, in the sandbox: it sees its code and its input, no more."""

import importlib.util
import shutil
from pathlib import Path
from sys import executable

import msgspec

from services.adapters import sandbox
from services.adapters.sandbox import Limits, Mode
from services.adapters.scratch import scratch
from services.threads import in_thread

OUTCOME = "outcome.json"
_MAIN = Path(__file__).with_name("child_main.py")
_OURS = ("services", "generated", "db")


class Ended(msgspec.Struct, frozen=True, kw_only=True):
    """How the process ended: `outcome` is what the function came to, None if it wrote nothing.

    It is a JSON object with `result` or `failure`, cut one byte behind the limit.
    """

    outcome: bytes | None
    exit_code: int | None
    killed_for: str | None
    output_tail: str


class Child(msgspec.Struct, frozen=True, kw_only=True):
    """How functions are called: what they may use, and where their folders are made."""

    folders: Path
    limits: Limits
    mode: Mode
    max_outcome: int

    async def call(self, path: str, argument: bytes) -> Ended:
        """Call the function `package.module:name` with the JSON of an attempt, until it has ended.

        When the caller is cancelled, every process is dead before the cancellation goes on.
        Raises: SandboxMissing, LookupError if there is no such module.
        """
        packages = visible(path.partition(":")[0].partition(".")[0])
        roots = dict.fromkeys(str(package.parent) for package in packages)
        async with scratch(self.folders) as folder:
            shutil.copyfile(_MAIN, folder / "main.py")
            done = await sandbox.run(
                [executable, "-I", "main.py", path, OUTCOME, *roots],
                worktree=folder,
                limits=self.limits,
                stdin=argument,
                read_only=packages,
                mode=self.mode,
            )
            outcome = await in_thread(read_outcome, folder / OUTCOME, self.max_outcome)
        return Ended(
            outcome=outcome,
            exit_code=done.exit_code,
            killed_for=done.killed_for,
            output_tail=done.output_tail,
        )


def visible(package: str) -> list[Path]:
    """The folders of a function's top package and of ours, or the file if it is a lone module.

    Raises: LookupError.
    """
    return [place(name) for name in dict.fromkeys((package, *_OURS))]


def place(package: str) -> Path:
    """Where a package is. Raises: LookupError."""
    spec = importlib.util.find_spec(package)
    if spec is None or not (spec.submodule_search_locations or spec.origin):
        raise LookupError(f"There is no module {package}.")
    if spec.submodule_search_locations:
        return Path(next(iter(spec.submodule_search_locations)))
    return Path(str(spec.origin))


def read_outcome(path: Path, limit: int) -> bytes | None:
    """What the function came to, never through a link."""
    if path.is_symlink() or not path.is_file():
        return None
    with path.open("rb") as file:
        return file.read(limit + 1)
