"""The main job through the client, against the live service."""

from pathlib import Path
from zipfile import is_zipfile

import pytest
from prazium import Prazium
from prazium.errors import NotFoundError


@pytest.fixture
def service(request: pytest.FixtureRequest) -> Prazium:
    """A client of the live service."""
    try:
        live = request.getfixturevalue("live")
    except pytest.FixtureLookupError:
        pytest.skip("there is no live service")
    return Prazium(live.key, f"{live.url.removesuffix('/v1')}/v1")


def test_a_description_becomes_an_archive(service: Prazium, tmp_path: Path) -> None:
    project = service.projects.create(name="Clinic", description="A clinic with pets and owners.")
    assert service.specs.clarify(project.id).questions
    assert service.specs.submit_answers(project.id, {}).spec.version == 1
    assert service.specs.approve(project.id).status == "approved"
    run = service.runs.start(project.id)
    events = list(service.runs.stream_events(project.id, run.id))
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    assert service.runs.wait(project.id, run.id, timeout=60).status == "succeeded"
    export = service.exports.wait(project.id, service.exports.create(project.id, run.id).id)
    assert is_zipfile(service.exports.download(project.id, export.id, tmp_path))
    assert "#" in service.files.read(project.id, "README.md").text


def test_a_project_that_is_archived_is_not_found(service: Prazium) -> None:
    project = service.projects.create(name="Short", description="A list of books.")
    service.projects.delete(project.id)
    with pytest.raises(NotFoundError):
        service.projects.get(project.id)
