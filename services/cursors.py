"""Cursors of lists that are too long for page numbers: where a page ended, signed.

A cursor is `position.signature` in Base64 for addresses. The signature holds the tenant, the list
and its filters too, so that a cursor serves only the question that it was the answer to.
"""

import base64
import binascii
import hashlib
import hmac
import os
import secrets
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Generic, TypeVar

import msgspec

from generated.models import CursorPagination
from services import folders
from services.context import Context
from services.errors import ValidationFailed, invalid
from services.settings import Settings

T = TypeVar("T")

SECRET_BYTES = 32
SIGNATURE_BYTES = 16


class Section(msgspec.Struct, Generic[T], frozen=True):
    """Some items of a long list, and how to go on."""

    items: list[T]
    pagination: CursorPagination


def section(
    ctx: Context, items: list[T], limit: int, of: Mapping[str, Any], position: str | None
) -> Section[T]:
    """Items with the cursor of what comes behind `position`; None at the end of the list."""
    following = None if position is None else sealed(ctx, of, position)
    pagination = CursorPagination(
        limit=limit, next_cursor=following, has_more=following is not None
    )
    return Section(items, pagination)


def sealed(ctx: Context, of: Mapping[str, Any], position: str) -> str:
    """The cursor of a position in a list; `of` names the list and its filters."""
    return f"{written(position.encode())}.{written(signature(ctx, of, position))}"


def unsealed(
    ctx: Context, of: Mapping[str, Any], cursor: str | None, field: str = "/cursor"
) -> str | None:
    """The position of a cursor; None without one.

    Raises: ValidationFailed unless it was made for this tenant, this list and these filters.
    """
    if cursor is None:
        return None
    try:
        position, given = (read(part) for part in cursor.split("."))
        text = position.decode()
    except ValueError:
        raise unknown(field) from None
    if not hmac.compare_digest(given, signature(ctx, of, text)):
        raise unknown(field)
    return text


def unknown(field: str) -> ValidationFailed:
    """It was forged, cut, or made for another list."""
    return invalid(field, "is no cursor of this list with these filters")


def signature(ctx: Context, of: Mapping[str, Any], position: str) -> bytes:
    """HMAC-SHA-256 over all that a cursor stands for, cut to 128 bits."""
    said = msgspec.json.encode([ctx.actor.tenant_id, dict(of), position], order="sorted")
    return hmac.digest(secret(ctx.settings), said, hashlib.sha256)[:SIGNATURE_BYTES]


def written(raw: bytes) -> str:
    """Base64 for addresses, without padding (RFC 4648, section 5)."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def read(text: str) -> bytes:
    """What `written` wrote.

    Raises: ValueError, also for another spelling of the same bytes.
    """
    raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    if written(raw) != text:
        raise binascii.Error
    return raw


def secret(settings: Settings) -> bytes:
    """What cursors are signed with: the setting, or else a file in the data folder."""
    return settings.secret.encode() if settings.secret else kept(folders.secret(settings))


@cache
def kept(path: Path) -> bytes:
    """The secret in a file that only its owner can read; whoever comes first makes it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    with open(draft, "xb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        file.write(secrets.token_hex(SECRET_BYTES).encode())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return path.read_bytes()
