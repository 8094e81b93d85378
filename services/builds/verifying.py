"""The last step: evidence that the application works; then `main` takes it over."""

import sys

from db.pool import Transaction
from generated.models import CheckCompleted, SandboxKind, VerificationCheck, VerificationResult
from services.adapters import git
from services.adapters.sandbox import Limits
from services.adapters.verification import Verification
from services.adapters.verification import verify as check
from services.builds.build import Build, done_tasks, failures, read, set_ref, sql, worktree
from services.engine import events
from services.engine.claim import TaskContext, TaskRow
from services.engine.complete import advance_run
from services.engine.kind import Completion
from services.engine.retry import Record, TaskFailed
from services.threads import in_thread


async def verify(ctx: TaskContext, task: TaskRow) -> Completion:
    """Check the merged application in the sandbox and let `main` follow a success.

    Raises: TaskFailed with the evidence recorded, or if there has to be a sandbox and is none.
    """
    async with ctx.transaction() as tx:
        await advance_run(tx, task.run_id, "merging", "verifying")
    build = await read(ctx)
    commit = (await done_tasks(ctx))["merge"].commit_sha
    with failures():
        async with worktree(ctx, build, task, commit) as folder:
            limits = Limits(wall_s=ctx.settings.verify_timeout)
            found = await check(folder, sys.executable, limits, ctx.settings.sandbox)
    result = result_of(found, commit)
    record = evidence(build, task, result)
    if not result.passed:
        failed = ", ".join(c.name for c in result.checks if not c.passed)
        message = f"The application did not pass: {failed}."
        raise TaskFailed("VERIFICATION_FAILED", message, record=record)
    with failures():
        adopted = await in_thread(adopt, ctx, build, commit)

    async def record_success(tx: Transaction) -> None:
        await record(tx)
        await move_main(ctx, build, adopted)

    return Completion(record=record_success)


def evidence(build: Build, task: TaskRow, result: VerificationResult) -> Record:
    """Writes the result to the run, with an event for each check."""
    completed = [
        CheckCompleted(name=c.name, passed=c.passed, duration_ms=c.duration_ms)
        for c in result.checks
    ]

    async def record(tx: Transaction) -> None:
        await tx.run(sql.set_output, run_id=build.id, output=result)
        await events.record(tx, build.id, *completed, task_id=task.id)

    return record


def adopt(ctx: TaskContext, build: Build, commit: str) -> tuple[str, str]:
    """The commit that `main` is at, and the one that takes over the build."""
    repository = build.repository(ctx.settings)
    main = git.resolve(repository, "refs/heads/main") or git.root(repository)
    return main, git.adopt(repository, main, commit, f"Take over run {build.number}")


async def move_main(ctx: TaskContext, build: Build, adopted: tuple[str, str]) -> None:
    """Point `main` and the run's tag at the verified build."""
    before, after = adopted
    await set_ref(ctx, build, "refs/heads/main", after, expected=before)
    await set_ref(ctx, build, f"refs/tags/run-{build.number}", after)


def result_of(found: Verification, commit: str) -> VerificationResult:
    """The verification in the contract's words."""
    return VerificationResult(
        passed=found.passed,
        sandbox=SandboxKind(found.sandbox),
        commit=commit,
        checks=[
            VerificationCheck(
                name=check.name,
                command=check.command,
                exit_code=check.exit_code,
                duration_ms=check.duration_ms,
                output_tail=check.output_tail[-20_000:],
                passed=check.passed,
            )
            for check in found.checks
        ],
    )
