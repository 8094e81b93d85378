"""The `command` agent: a coding program works in the worktree, told on its standard input."""

import os
import shutil
from collections.abc import Iterable
from pathlib import Path

from generated.models import Plan, Question, TaskDefinition
from services.adapters import sandbox
from services.adapters.agents import Agent, AgentError, Brief, Documents, instructions
from services.adapters.sandbox import Finished, Limits, Mode

_SHOWN_CHARACTERS = 2000


class CommandAgent:
    """Runs one program per task, in the sandbox; its file changes are the result.

    Questions, spec and plan are the `planner`'s. The program may use the network, for its model;
    of the environment it gets only the variables named in `env_allow`. It may see the folders of
    `read_only`, and the one that it lies in.
    """

    def __init__(
        self,
        command: list[str],
        limits: Limits,
        sandbox_mode: Mode,
        planner: Agent,
        env_allow: list[str],
        read_only: Iterable[Path] = (),
    ) -> None:
        self._command = command
        self._limits = limits
        self._mode = sandbox_mode
        self._planner = planner
        self._env_allow = env_allow
        self._read_only = list(read_only)

    async def ask(self, brief: Brief) -> list[Question]:
        return await self._planner.ask(brief)

    async def specify(self, brief: Brief) -> Documents:
        return await self._planner.specify(brief)

    async def decompose(self, brief: Brief, documents: Documents) -> Plan:
        return await self._planner.decompose(brief, documents)

    async def carry_out(
        self, task: TaskDefinition, brief: Brief, documents: Documents, worktree: Path
    ) -> None:
        """Run the program.

        Raises: AgentError if it is missing, fails or passes a limit; SandboxMissing.
        """
        program = self._find()
        folders = _folders(program)
        done = await sandbox.run(
            [str(program), *self._command[1:]],
            worktree=worktree,
            limits=self._limits,
            env={"PATH": f"{program.parent}:{sandbox.SEARCH_PATH}", **self._passed_on()},
            stdin=_prompt(task, brief, documents).encode("utf-8", "replace"),
            network=True,
            read_only=[*self._read_only, *folders],
            mode=self._mode,
        )
        if done.exit_code != 0:
            raise AgentError(self._failure(done, folders))

    def _find(self) -> Path:
        found = shutil.which(self._command[0]) if self._command else None
        if found is None:
            raise AgentError("The coding agent's program is not installed.", retryable=False)
        return Path(found).absolute()

    def _passed_on(self) -> dict[str, str]:
        return {name: os.environ[name] for name in self._env_allow if name in os.environ}

    def _failure(self, done: Finished, folders: list[Path]) -> str:
        """Say how the program ended, with the end of its output.

        The output may name neither host paths nor the values that the program was given.
        """
        how = f"was killed for {done.killed_for}" if done.killed_for else "failed"
        code = "" if done.exit_code is None else f" with exit code {done.exit_code}"
        output = done.output_tail
        for name, value in self._passed_on().items():
            output = output.replace(value, f"[{name}]") if value else output
        for folder in [*folders, *self._read_only]:
            output = output.replace(f"{folder}/", "").replace(str(folder), ".")
        return f"The coding agent {how}{code}: {output[-_SHOWN_CHARACTERS:]}"


def _folders(program: Path) -> list[Path]:
    """Name what a program needs to see: its folder, that of the file behind its link, packages."""
    real = program.resolve()
    packages = [folder for folder in real.parents if folder.name == "node_modules"]
    return [program.parent, real.parent, *packages]


def _prompt(task: TaskDefinition, brief: Brief, documents: Documents) -> str:
    """Tell the program all that it needs; it has no other source."""
    parts = [
        instructions.task_text(task),
        "# Rules",
        instructions.CARRY_OUT,
        instructions.APPLICATION_RULES,
        instructions.brief_text(brief),
        instructions.documents_text(documents),
    ]
    return "\n\n".join(parts) + "\n"
