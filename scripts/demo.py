"""`scripts/demo`: the main job as a client does it, over HTTP through the generated SDK alone."""

import re
import sys
import time
from pathlib import Path
from typing import Any

from prazium import Prazium
from prazium.errors import ConflictError, PraziumError
from prazium.models import Project, Question, Run
from rich.console import Console
from rich.prompt import Prompt

from scripts.progress import follow
from scripts.stack import ProcessEnded, Stack, running
from services.settings import Settings

console = Console(highlight=False)


def demo(settings: Settings, description: str, name: str, *, ask: bool) -> None:
    """Describe, answer, approve, build, verify, download. Ctrl-C leaves nothing running."""
    began = time.monotonic()
    try:
        with running(settings, workers=2) as stack:
            client = Prazium(api_key=stack.key, base_url=stack.base_url)
            tell(client, stack, description, name, ask=ask, began=began)
    except ProcessEnded as error:
        sys.exit(str(error))
    except PraziumError as error:
        sys.exit(f"{error}")
    except KeyboardInterrupt:
        console.print("\nStopped; nothing is left running.")
        sys.exit(130)


def tell(
    client: Prazium, stack: Stack, description: str, name: str, *, ask: bool, began: float
) -> None:
    """The story, step by step."""
    step("Create the project")
    project = create(client, name or name_from(description), description)
    console.print(f"  {project.name} · {project.id}", markup=False)
    step("Clarify")
    answers = answer(client.specs.clarify(project.id).questions, ask=ask)
    step("Write the spec")
    state = client.specs.submit_answers(project.id, answers)
    for title, text in state.spec.documents.to_dict().items():
        console.print(f"  {title}  {len(text.splitlines())} lines", markup=False)
    step("Approve")
    client.specs.approve(project.id)
    step("Build")
    started = client.runs.start(project.id)
    follow(console, client, project.id, started.id)
    run = client.runs.get(project.id, started.id)
    show_evidence(run)
    if run.status != "succeeded":
        sys.exit("The build did not succeed; the events above say why.")
    step("Export")
    archive = download(client, project, run, stack.data_dir / "downloads")
    show_result(stack, project, run, archive, time.monotonic() - began)


def step(title: str) -> None:
    """A heading."""
    console.print(f"\n[bold]{title}[/bold]")


def name_from(description: str) -> str:
    """A short name from the first words of the description."""
    words = re.findall(r"[^\W\d_][\w'-]*", description)
    kept = [word for word in words if word.lower() not in {"a", "an", "the", "for", "with"}]
    return " ".join(kept[:3])[:60].title() or "Demo"


def create(client: Prazium, name: str, description: str) -> Project:
    """A project of this name; of the name with a number if there is one already."""
    for number in range(1, 1000):
        try:
            numbered = name if number == 1 else f"{name} {number}"
            return client.projects.create(name=numbered, description=description)
        except ConflictError:
            continue
    sys.exit("Every name is taken.")


def answer(questions: list[Question], *, ask: bool) -> dict[str, Any]:
    """An answer to each question: the caller's, or the first that fits."""
    answers = {}
    for question in questions:
        chosen = asked(question) if ask else suggested(question)
        if chosen is not None:
            answers[question.id] = chosen
        shown = "left to the agent" if chosen is None else spoken(chosen)
        console.print(f"  {question.question} → {shown}", markup=False)
    return answers


def suggested(question: Question) -> Any:
    """What the demo answers; a free text is left to the agent."""
    options = list(question.options or [])
    match str(question.type_):
        case "boolean":
            return True
        case "single_choice":
            return options[0]
        case "multiple_choice":
            return options[:2]
    return None


def asked(question: Question) -> Any:
    """What the caller answers."""
    options = list(question.options or [])
    match str(question.type_):
        case "boolean":
            return (
                Prompt.ask(f"  {question.question}", choices=["yes", "no"], default="yes") == "yes"
            )
        case "single_choice":
            return Prompt.ask(f"  {question.question}", choices=options, default=options[0])
        case "multiple_choice":
            text = Prompt.ask(f"  {question.question} {options}, separated by commas", default="")
            return [part.strip() for part in text.split(",") if part.strip() in options]
    return Prompt.ask(f"  {question.question}", default="") or None


def spoken(value: Any) -> str:
    """An answer as a person says it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(value) if isinstance(value, list) else str(value)


def show_evidence(run: Run) -> None:
    """What was verified, and how it went."""
    if run.error:
        console.print(f"\n  {run.error.code}: {run.error.message}", style="red", markup=False)
    if not run.verification_result:
        return
    step(f"Verification ({run.verification_result.sandbox})")
    for check in run.verification_result.checks:
        mark = "[green]✓[/green]" if check.passed else "[red]✗[/red]"
        console.print(f"  {mark} {check.name:<10}{check.duration_ms / 1000:6.1f} s", end="  ")
        console.print(" ".join(check.command)[:90], style="dim", markup=False)
        if not check.passed:
            console.print(check.output_tail[-2000:], markup=False)


def download(client: Prazium, project: Project, run: Run, folder: Path) -> Path:
    """The archive of what the run built."""
    folder.mkdir(parents=True, exist_ok=True)
    export = client.exports.create(project.id, run.id)
    export = client.exports.wait(project.id, export.id)
    return client.exports.download(project.id, export.id, folder / str(export.file_name))


def show_result(stack: Stack, project: Project, run: Run, archive: Path, seconds: float) -> None:
    """Where everything is, and what to do next."""
    folder = archive.name.removesuffix(".zip")
    text = f"""
Done in {seconds:.0f} s.

  Archive     {archive}
  Repository  {stack.data_dir / project.repo_path}  (git clone it; main and run-{run.run_number})

Start what was built:

  cd "$(mktemp -d)" && python3 -m zipfile -e {archive} . && cd {folder}
  python3 scripts/start        its address is printed; python3 scripts/test runs its tests

Look at it through the API: scripts/dev leaves everything running and prints the URL and a key.
"""
    console.print(text, markup=False, soft_wrap=True)
