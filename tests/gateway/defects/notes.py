"""Handlers of the small contract and its types; each shows what reached it.

The gateway gives the caller first; stock Connexion leaves it out.
"""

from typing import Any

import msgspec

from handlers.gateway.respond import Reply, plain

Caller = Any


class Remark(msgspec.Struct, omit_defaults=True):
    """A text."""

    text: str | None = None


class Note(msgspec.Struct, omit_defaults=True):
    """A note with an optional remark."""

    id: str | None = None
    weight: float | None = None
    text: str | None = None
    remark: Remark | None = None


def bearer_info(token: str) -> dict[str, Any] | None:
    """Stock Connexion's way to check a key: there is none."""
    return None


async def list_notes(caller: Caller = None) -> Reply:
    """GET /notes"""
    return plain({"branches": [{"branches": []}]})


async def create_note(caller: Caller = None, body: Any = None) -> Reply:
    """POST /notes"""
    return plain({"body": body})


async def delete_notes(caller: Caller = None) -> Reply:
    """DELETE /notes"""
    return plain({})


async def get_note(caller: Caller = None, note_id: str = "") -> Reply:
    """GET /notes/{noteId}"""
    return plain({"got": note_id})


async def run_note(caller: Caller = None, note_id: str = "") -> Reply:
    """POST /notes/{noteId}:run"""
    return plain({"ran": note_id})


async def create_remark(caller: Caller = None, body: Any = None) -> Reply:
    """POST /remarks"""
    return plain({"body": body})


async def create_file(caller: Caller = None, body: Any = None) -> Reply:
    """POST /files"""
    return plain({"body": body})


async def get_count(caller: Caller = None, x_count: int = 0) -> Reply:
    """GET /counts"""
    return plain({"count": x_count})


async def get_page(caller: Caller = None, limit: int | None = None) -> Reply:
    """GET /pages"""
    return plain({"limit": limit})


async def get_number(
    caller: Caller = None,
    number: int = 0,
    factor: int | None = None,
    ratio: float | None = None,
) -> Reply:
    """GET /numbers/{number}"""
    return plain({"number": number, "factor": factor, "ratio": ratio})


async def get_form(caller: Caller = None, form: str = "") -> Reply:
    """GET /forms"""
    return plain({"form": form})


async def get_surprise(caller: Caller = None) -> Reply:
    """GET /surprises, with a status that the contract does not know."""
    return plain({})


async def get_place(caller: Caller = None) -> Reply:
    """GET /places, with a header that the contract forbids."""
    return Reply(200, {}, {"x-count": "many"})


async def get_secret(caller: Caller = None) -> Reply:
    """GET /secrets"""
    return plain({"secret": True})
