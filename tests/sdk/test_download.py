"""Downloads: whole and checked under their name, or not there at all."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from prazium import errors

from tests.sdk.examples import example
from tests.sdk.harness import CONTRACT, Face, Handler, Server

ARCHIVE = bytes(range(256)) * 4096
EXPORT = example({"$ref": "#/components/schemas/Export"}, CONTRACT) | {
    "sha256": hashlib.sha256(ARCHIVE).hexdigest(),
    "fileName": "../app-run-1.zip",
}
DOWNLOAD = ("exports.download", "proj_1", "exp_1")
Start = Callable[..., Server]


@pytest.fixture
def archive(serve: Callable[[Handler], Server]) -> Start:
    """Start a server with one export and these bytes; `cut` drops the connection after them."""

    def start(body: bytes = ARCHIVE, cut: bool = False, **export: Any) -> Server:
        async def handler(request: web.Request) -> web.StreamResponse:
            if not request.path.endswith("/download"):
                return web.json_response({"success": True, "data": EXPORT | export})
            response = web.StreamResponse(headers={"Content-Type": "application/zip"})
            response.content_length = len(ARCHIVE)
            await response.prepare(request)
            await response.write(body)
            if cut and request.transport is not None:
                request.transport.abort()
            return response

        return serve(handler)

    return start


def test_a_download_is_the_archive(client: Face, archive: Start, tmp_path: Path) -> None:
    target = tmp_path / "app.zip"
    target.write_text("older")
    assert client.call(archive(), *DOWNLOAD, target) == target
    assert target.read_bytes() == ARCHIVE
    assert list(tmp_path.iterdir()) == [target]


def test_into_a_folder_it_keeps_its_own_name(client: Face, archive: Start, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    assert client.call(archive(), *DOWNLOAD, str(folder)) == folder / "app-run-1.zip"


@pytest.mark.parametrize("sha256", ["0" * 64, None])
def test_another_checksum_leaves_nothing(
    sha256: str | None, client: Face, archive: Start, tmp_path: Path
) -> None:
    with pytest.raises(errors.ChecksumMismatch):
        client.call(archive(sha256=sha256), *DOWNLOAD, tmp_path / "app.zip")
    assert list(tmp_path.iterdir()) == []


def test_a_broken_download_keeps_the_older_file(
    client: Face, archive: Start, tmp_path: Path
) -> None:
    target = tmp_path / "app.zip"
    target.write_text("older")
    with pytest.raises(errors.ConnectionFailed):
        client.call(archive(ARCHIVE[:1000], cut=True), *DOWNLOAD, target)
    assert target.read_text() == "older"
    assert list(tmp_path.iterdir()) == [target]


def test_a_missing_folder_is_an_os_error(client: Face, archive: Start, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        client.call(archive(), *DOWNLOAD, tmp_path / "no" / "app.zip")
