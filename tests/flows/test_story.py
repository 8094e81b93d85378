"""The main job as a client does it: over HTTP, through the SDK, on the running product."""

import subprocess
import sys
import zipfile
from pathlib import Path

import httpx
import pygit2
import pytest
from prazium import Event, Prazium
from prazium.errors import ConflictError, NotFoundError
from prazium.models import Export, Project, Run

from tests.conftest import Live

DESCRIPTION = "A warehouse: products are stored in bins; orders have lines and a due date."


class Story:
    """What one build left behind, for the tests of this module to look at."""

    def __init__(self, live: Live) -> None:
        self.client = Prazium(api_key=live.key, base_url=live.url)
        self.project: Project = self.client.projects.create(name="Depot", description=DESCRIPTION)
        self.questions = self.client.specs.clarify(self.project.id).questions
        self.review = self.client.specs.submit_answers(self.project.id, {})
        self.approval = self.client.specs.approve(self.project.id)
        started = self.client.runs.start(self.project.id)
        stream = self.client.runs.stream_events(self.project.id, started.id)
        self.streamed: list[Event] = list(stream)
        self.run: Run = self.client.runs.get(self.project.id, started.id)


@pytest.fixture(scope="module")
def story(live: Live) -> Story:
    """One build, from the description to its end."""
    return Story(live)


@pytest.fixture(scope="module")
def export(story: Story) -> Export:
    """An export of the build."""
    made = story.client.exports.create(story.project.id, story.run.id)
    return story.client.exports.wait(story.project.id, made.id)


def test_the_build_succeeds_with_evidence(story: Story) -> None:
    assert story.run.status == "succeeded", story.run.error
    evidence = story.run.verification_result
    assert evidence is not None
    assert evidence.passed
    assert [check.name for check in evidence.checks] == ["contract", "tests", "smoke"]
    assert all(check.exit_code == 0 and check.duration_ms > 0 for check in evidence.checks)
    tests = evidence.checks[1]
    assert " passed" in tests.output_tail


def test_the_questions_and_the_spec_speak_of_the_description(story: Story) -> None:
    assert len(story.questions) >= 3
    documents = story.review.spec.documents.to_dict()
    assert set(documents) == {"SPEC.md", "ACCEPTANCE.md", "ROUTES.md", "DATA.md"}
    for noun in ("product", "bin", "order"):
        assert noun in documents["DATA.md"].lower()


def test_the_stream_is_the_log_without_gap_or_duplicate(story: Story) -> None:
    listed = list(story.client.events.list(story.project.id, story.run.id))
    assert [event.seq for event in listed] == list(range(1, len(listed) + 1))
    assert [event.seq for event in story.streamed] == [event.seq for event in listed]
    assert listed[-1].event_type == "RUN_COMPLETED"


def test_a_stream_resumes_after_the_event_that_was_seen_last(story: Story) -> None:
    last = story.streamed[-1].seq
    again = story.client.runs.stream_events(story.project.id, story.run.id, last_event_id=last - 3)
    assert [event.seq for event in again] == [last - 2, last - 1, last]


def test_a_stream_of_an_ended_run_that_was_read_to_its_end_is_204(story: Story, live: Live) -> None:
    answer = httpx.get(
        f"{live.url}/projects/{story.project.id}/runs/{story.run.id}/events/stream",
        headers={
            "Authorization": f"Bearer {live.key}",
            "Last-Event-ID": str(story.streamed[-1].seq),
        },
    )
    assert answer.status_code == 204


def test_every_task_has_its_branch_and_leaves_no_worktree(story: Story, live: Live) -> None:
    tasks = story.client.tasks.list(story.project.id, story.run.id)
    assert [task.sequence for task in tasks] == list(range(len(tasks)))
    assert {str(task.status) for task in tasks} == {"succeeded"}
    repository = pygit2.Repository(str(live.data_dir / story.project.repo_path))
    for task in tasks:
        if task.kind == "build.code":
            branch = repository.branches[str(task.branch_name)]
            assert task.result is not None
            assert str(branch.target) == task.result.commit_sha
            assert not (live.data_dir / str(task.worktree_path)).exists()


def test_main_holds_what_was_verified(story: Story, live: Live) -> None:
    repository = pygit2.Repository(str(live.data_dir / story.project.repo_path))
    assert story.run.verification_result is not None
    verified = repository[story.run.verification_result.commit]
    assert repository.branches["main"].peel().tree.id == verified.tree.id
    assert repository.references["refs/tags/run-1"].peel().tree.id == verified.tree.id


def test_the_files_can_be_read_by_branch_tag_and_commit(story: Story) -> None:
    assert story.run.verification_result is not None
    for ref in ("main", "run-1", story.run.verification_result.commit):
        listing = story.client.files.list(story.project.id, ref=ref)
        assert "openapi.yaml" in [entry.name for entry in listing.entries]
        content = story.client.files.read(story.project.id, "openapi.yaml", ref=ref)
        assert content.text.startswith("openapi: 3.0")
    assert story.client.files.refs(story.project.id)[0].name == "main"


def test_the_archive_is_an_application_whose_own_tests_pass(
    story: Story, export: Export, tmp_path: Path
) -> None:
    path = story.client.exports.download(story.project.id, export.id, tmp_path / "app.zip")
    with zipfile.ZipFile(path) as archive:
        archive.extractall(tmp_path)
    folder = tmp_path / str(export.file_name).removesuffix(".zip")
    done = subprocess.run(
        [sys.executable, "scripts/test"],
        cwd=folder,
        env={"APP_PYTHON": sys.executable, "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_an_export_says_its_name_size_and_checksum(story: Story, export: Export) -> None:
    assert export.status == "completed"
    assert export.file_name == "depot-run-1.zip"
    assert export.size_bytes and export.sha256 and export.download_url


def test_a_tarball_is_made_too(story: Story, tmp_path: Path) -> None:
    made = story.client.exports.create(story.project.id, story.run.id, format="tar.gz")
    done = story.client.exports.wait(story.project.id, made.id)
    path = story.client.exports.download(story.project.id, done.id, tmp_path / "app.tar.gz")
    assert path.read_bytes()[:2] == b"\x1f\x8b"


def test_an_export_of_another_projects_run_is_not_found(story: Story) -> None:
    other = story.client.projects.create(name="Other depot", description=DESCRIPTION)
    with pytest.raises(NotFoundError):
        story.client.exports.create(other.id, story.run.id)


def test_the_project_shows_its_latest_run_and_state(story: Story) -> None:
    assert story.client.projects.get(story.project.id).status == "completed"
    found = [p for p in story.client.projects.list(search="DEPOT") if p.id == story.project.id]
    assert found[0].latest_run is not None
    assert found[0].latest_run.run_number == 1


def test_a_second_retry_waits_for_the_first_and_a_cancelled_run_can_be_retried(
    story: Story,
) -> None:
    again = story.client.runs.retry(story.project.id, story.run.id)
    assert (again.run_number, again.trigger, again.retry_of) == (2, "retry", story.run.id)
    with pytest.raises(ConflictError) as live_run:
        story.client.runs.retry(story.project.id, story.run.id)
    assert live_run.value.current_state == "building"
    assert story.client.runs.cancel(story.project.id, again.id).status == "cancelled"
    assert story.client.projects.get(story.project.id).status == "approved"
    third = story.client.runs.retry(story.project.id, again.id)
    assert story.client.runs.wait(story.project.id, third.id, timeout=60).status == "succeeded"


def test_the_installation_counts_what_happened(story: Story) -> None:
    stats = story.client.system.stats()
    assert stats.runs.succeeded >= 1
    assert stats.workers.active >= 1
    assert story.client.system.health().status in ("healthy", "degraded")
