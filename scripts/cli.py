"""`prazium`: every command; the scripts beside this file run them in the right environment."""

import asyncio
import contextlib
import gc
import signal
import subprocess
import sys
import warnings
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import typer

from services.garbage import YOUNG
from services.settings import Settings, SettingsInvalid, load

# Connexion imports Starlette's test client, which warns whoever has no use for it.
warnings.filterwarnings("ignore", message="Using `httpx` with `starlette.testclient`")

# What a process loads at its start stays: to look for garbage in it took a seventh of the time.
gc.set_threshold(YOUNG)

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
keys_app = typer.Typer(no_args_is_help=True, help="API keys of a tenant.")
app.add_typer(keys_app, name="keys")

ROOT = Path(__file__).resolve().parent.parent
Tier = Literal["free", "pro", "enterprise"]
FORWARD = {"ignore_unknown_options": True, "allow_extra_args": True}


@app.command()
def serve() -> None:
    """Serve the API."""
    from scripts import processes
    from services.schemas import ContractBroken

    settings = prepared()
    try:
        with processes.database(settings, patience_s=processes.START_S) as url:
            processes.serve(settings, url)
    except ContractBroken as error:
        sys.exit(f"Code and contract disagree. {error}")


@app.command()
def worker(
    queue: Annotated[
        list[str] | None, typer.Option(help="Take jobs of this queue alone; may stand again.")
    ] = None,
    own: Annotated[
        bool, typer.Option("--own", help="Take builds and exports; without --queue nothing else.")
    ] = False,
    concurrency: Annotated[
        int | None, typer.Option(min=1, max=1000, help="Tasks at a time; else as set.")
    ] = None,
) -> None:
    """Run a worker; without --queue and --own it takes everything."""
    from scripts import processes
    from services.engine.lanes import OWN_QUEUE
    from services.keys import QUEUE

    for name in queue or []:
        if not QUEUE.fullmatch(name):
            raise typer.BadParameter(f"{name!r} is no name of a queue.", param_hint="--queue")
    queues = sorted(set(queue or []) | ({OWN_QUEUE} if own else set())) or None
    settings = prepared()
    if concurrency is not None:
        settings = msgspec.structs.replace(settings, worker_concurrency=concurrency)
    with processes.database(settings, patience_s=processes.START_S) as url:
        processes.work(settings, url, queues)


@app.command()
def top(
    tenant: Annotated[str | None, typer.Option(help="A tenant alone, by id or name.")] = None,
    queue: Annotated[str | None, typer.Option(help="Queues of this name alone.")] = None,
    once: Annotated[bool, typer.Option("--once", help="Print one frame, and end.")] = False,
) -> None:
    """Show queues, workers and failures, live; Ctrl-C ends it."""
    from scripts import top as view
    from services.overview import Wanted

    with contextlib.suppress(KeyboardInterrupt):
        with_app(lambda opened: view.show(opened, Wanted(tenant, queue), once=once), quiet=True)


@app.command()
def migrate() -> None:
    """Bring the database up to date."""
    from db.migrate import migrate as apply
    from scripts import processes

    settings = prepared()
    if settings.database_url:
        applied = apply(settings.database_url)
        typer.echo(f"Applied: {', '.join(applied) or 'nothing, it is up to date'}.")
        return
    with processes.database(settings):
        typer.echo("The embedded database is up to date.")


@app.command()
def dev(workers: Annotated[int, typer.Option(help="How many workers.")] = 2) -> None:
    """API and workers on one machine, until Ctrl-C."""
    from scripts import dev as story

    story.dev(prepared(), workers)


@app.command()
def demo(
    description: Annotated[str, typer.Argument(help="What you want built.")] = (
        "A project management tool with team collaboration features, task boards, "
        "and time tracking."
    ),
    name: Annotated[str, typer.Option(help="The project's name.")] = "",
    ask: Annotated[bool, typer.Option("--ask", help="Answer the questions yourself.")] = False,
) -> None:
    """The main job, end to end, as a client of the API."""
    from scripts import demo as story

    story.demo(prepared(), description, name, ask=ask)


@app.command(context_settings=FORWARD)
def test(context: typer.Context) -> None:
    """Run the tests; arguments go to pytest."""
    sys.exit(subprocess.run([sys.executable, "-m", "pytest", *context.args], cwd=ROOT).returncode)


@app.command(context_settings=FORWARD, add_help_option=False)
def bench(context: typer.Context) -> None:
    """Measure beside peers: NAME [--quick] [--json FILE] [--markdown]."""
    sys.exit(subprocess.run([sys.executable, "-m", "bench", *context.args], cwd=ROOT).returncode)


@app.command()
def fuzz(
    minutes: Annotated[float, typer.Option(help="Seed after seed for so long.")] = 0,
    seed: Annotated[
        int | None, typer.Option(min=1, help="The first seed, or the only one.")
    ] = None,
) -> None:
    """Fuzz the running product; without options with the seeds that CI takes in turn."""
    from scripts import fuzzing

    sys.exit(0 if fuzzing.fuzz(fuzzing.chosen(minutes, seed), typer.echo) else 1)


@app.command()
def faults(
    name: Annotated[str, typer.Argument(help="Which: wire, overload, … All if none.")] = "",
    seed: Annotated[int | None, typer.Option(help="Repeat what this seed made.")] = None,
) -> None:
    """Kill, cut, flood and starve the product for long; CI runs the short forms."""
    from scripts import faults as long

    try:
        sys.exit(long.run(name, seed))
    except long.NoSuchFault as error:
        sys.exit(str(error))


@app.command()
def generate() -> None:
    """Write everything in generated/, and docs/API.md, from the contract."""
    from scripts import generation

    try:
        generation.generate()
    except generation.GenerationFailed as error:
        sys.exit(str(error))


@app.command()
def verify() -> None:
    """Run every check that needs no server."""
    from scripts import verification

    problems = verification.verify(typer.echo)
    for problem in problems:
        typer.echo(str(problem), err=True)
    sys.exit(1 if problems else 0)


@app.command()
def breaking(
    old: Annotated[Path | None, typer.Argument(exists=True, help="The last release's.")] = None,
    new: Annotated[Path | None, typer.Argument(exists=True, help="That in generated/.")] = None,
) -> None:
    """Report what breaks clients between two bundled contracts."""
    from scripts.breaking.findings import breaks
    from scripts.checks import breaking as check

    findings, lines = check.compared(old, new)
    typer.echo("\n".join(lines))
    sys.exit(1 if breaks(findings) else 0)


@app.command("release-contract")
def release_contract(
    accept: Annotated[bool, typer.Option("--accept-breaks", help="Whatever it breaks.")] = False,
) -> None:
    """Make the contract in generated/ the baseline that later ones must not break."""
    from scripts.breaking.findings import breaks
    from scripts.checks import breaking as check

    findings, lines = check.compared()
    typer.echo("\n".join(lines))
    if breaks(findings) and not accept:
        sys.exit("Not released: give each break a reason (x-breaking-ok), or --accept-breaks.")
    check.release()


@keys_app.command("create")
def create_key(
    tenant: Annotated[str, typer.Option(help="The tenant, by id or name; made if missing.")],
    name: Annotated[str, typer.Option(help="What the key is for.")] = "key",
    scope: Annotated[list[str] | None, typer.Option(help="A scope; all of them if none.")] = None,
    queue: Annotated[list[str] | None, typer.Option(help="A queue; all of them if none.")] = None,
    tier: Annotated[Tier, typer.Option(help="Of a new tenant.")] = "free",
    days: Annotated[int | None, typer.Option(min=1, max=36500, help="Days until it ends.")] = None,
) -> None:
    """Make a key; it is shown once."""
    from services import keys

    until = datetime.now(UTC) + timedelta(days=days) if days else None
    secret = with_app(
        lambda opened: keys.create_key(opened, tenant, name, scope, until, tier, queue), new=True
    )
    typer.echo(secret)


@keys_app.command("list")
def list_keys(tenant: Annotated[str, typer.Option(help="The tenant, by id or name.")]) -> None:
    """List a tenant's keys, without their secrets."""
    from services import keys

    for key in with_app(lambda opened: keys.list_keys(opened, tenant)):
        typer.echo(
            f"{key.id}  …{key.last_four}  {keys.state_of(key)}  {key.name}  {','.join(key.scopes)}"
            f"{'  queues: ' + ','.join(key.queues) if key.queues else ''}"
        )


@keys_app.command("revoke")
def revoke_key(key_id: Annotated[str, typer.Argument(help="The key's id.")]) -> None:
    """Revoke a key."""
    from services import keys

    if not with_app(lambda opened: keys.revoke_key(opened, key_id)):
        sys.exit("There is no such live key.")
    typer.echo("Revoked.")


def with_app(action: Callable[[Any], Any], *, new: bool = False, quiet: bool = False) -> Any:
    """Run an action with the database open; only what may be the first makes a new one."""
    from db import embedded
    from scripts import processes
    from services.context import opened

    async def run(url: str) -> Any:
        async with opened(settings, url) as resources:
            return await action(resources)

    for number in (signal.SIGTERM, signal.SIGHUP):  # or the embedded database would be left behind
        signal.signal(number, signal.default_int_handler)
    settings = prepared(quiet=quiet)
    if not (new or settings.database_url or embedded.exists(settings.data_dir / "postgres")):
        sys.exit(
            f"There is no database in {settings.data_dir.resolve()}: run this in the folder of the "
            "installation, or set PRAZIUM_DATA_DIR or PRAZIUM_DATABASE_URL."
        )
    with processes.database(settings) as url:
        return asyncio.run(run(url))


def prepared(*, quiet: bool = False) -> Settings:
    """The settings, with logs configured; quiet if a screen is drawn, which logs would blot."""
    from scripts import logs
    from services import spans
    from services.adapters import redis_cache

    try:
        settings = load()
        spans.check(settings)
        redis_cache.check(settings)
    except SettingsInvalid as error:
        sys.exit(str(error))
    logs.configure("error" if quiet else settings.log_level, settings.log_format)
    return settings


def main() -> None:
    """Run a command; what an operator can mend is one line, not a trace."""
    from db.errors import DatabaseUnavailable
    from db.migrate import MigrationChanged, MigrationFailed, RoleNotGranted
    from services.errors import PraziumError

    try:
        app()
    except (MigrationFailed, RoleNotGranted, PraziumError) as error:
        sys.exit(str(error))
    except MigrationChanged as error:
        sys.exit(f"The migration {error} was changed after it was applied here.")
    except DatabaseUnavailable as error:
        sys.exit(f"The database cannot be reached ({error}); see PRAZIUM_DATABASE_URL.")


if __name__ == "__main__":
    main()
