"""API keys: made once, shown once, kept as hashes."""

import hashlib
import re
import secrets
import zlib
from collections.abc import Iterable
from datetime import UTC, datetime

import msgspec

from db.pool import Transaction
from db.queries import load
from services.context import Actor, App, new_id, system_transaction
from services.errors import Forbidden, NotFound, Overloaded, Unauthorized, invalid

sql = load("keys")

DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
SHAPE = re.compile(r"pzm_([0-9A-Za-z]{24})([0-9A-Za-z]{6})")
MOST_ASKED = 64
"""So many keys at a time are looked up that are not known yet."""
QUEUE = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}", re.ASCII)
ALL_SCOPES = (
    "projects:read",
    "projects:write",
    "specs:read",
    "specs:write",
    "specs:approve",
    "runs:read",
    "runs:write",
    "exports:read",
    "exports:write",
    "files:read",
    "events:read",
    "jobs:read",
    "jobs:write",
    "worker:run",
)


ADMIN = "admin"
"""Figures of the whole installation; in no key unless it is asked for."""


class KeyId(msgspec.Struct, frozen=True):
    """A key by its id."""

    id: str


class KeyRow(msgspec.Struct, frozen=True):
    """A key as it may be shown."""

    id: str
    name: str
    last_four: str
    scopes: list[str]
    queues: list[str] | None
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None


class ActorRow(msgspec.Struct, frozen=True):
    """Who holds a key."""

    tenant_id: str
    key_id: str
    scopes: list[str]
    queues: list[str] | None
    tier: str


def new_secret() -> str:
    """`pzm_`, 24 random characters (142 bits) and a checksum that exposes guesses and typos."""
    random = "".join(secrets.choice(DIGITS) for _ in range(24))
    return f"pzm_{random}{checksum(random)}"


def checksum(text: str) -> str:
    """CRC-32 in six base-62 digits."""
    number = zlib.crc32(text.encode())
    return "".join(DIGITS[number // 62**place % 62] for place in range(5, -1, -1))


def well_formed(secret: str) -> bool:
    """Whether this can be a key at all; guesses fail here, without the database."""
    match = SHAPE.fullmatch(secret)
    return match is not None and secrets.compare_digest(checksum(match[1]), match[2])


async def create_key(
    app: App,
    tenant: str,
    name: str,
    scopes: list[str] | None = None,
    expires_at: datetime | None = None,
    tier: str = "free",
    queues: list[str] | None = None,
) -> str:
    """Make a key for a tenant (by id or name; made if it is missing) and return its secret.

    With `queues` it may change and take only what is in these.

    Raises: ValidationFailed for a scope that there is not, or for what cannot be a queue.
    """
    check_names(scopes or [], queues or [])
    secret = new_secret()
    async with system_transaction(app) as tx:
        await tx.run(sql.create_tenant, id=new_id("ten"), name=tenant, tier=tier)
        tenant_id = await tx.value(sql.find_tenant, name=tenant)
        await tx.run(
            sql.create_key,
            tenant_id=tenant_id,
            id=new_id("key"),
            name=name,
            key_hash=digest(secret),
            last_four=secret[-4:],
            scopes=list(scopes or ALL_SCOPES),
            queues=queues or None,
            expires_at=expires_at,
        )
    return secret


async def good_keys(tx: Transaction, ids: Iterable[str]) -> set[str]:
    """Those of these keys of the transaction's tenant that open something."""
    wanted = sorted(set(ids))
    found = await tx.all(sql.find_good_keys, KeyId, ids=wanted) if wanted else []
    return {key.id for key in found}


def check_names(scopes: list[str], queues: list[str]) -> None:
    """Raises: ValidationFailed."""
    if unknown := sorted(set(scopes) - {*ALL_SCOPES, ADMIN}):
        raise invalid("/scope", f"{unknown[0]} is none of {', '.join((*ALL_SCOPES, ADMIN))}")
    if wrong := [name for name in queues if not QUEUE.fullmatch(name)]:
        raise invalid("/queue", f"{wrong[0][:64]} cannot be the name of a queue")


def allow_queues(actor: Actor, queues: Iterable[str]) -> None:
    """Hold queues against those that a key is restricted to.

    Raises: Forbidden, naming the first that is none of them.
    """
    if actor.queues is None:
        return
    for name in queues:
        if name not in actor.queues:
            raise Forbidden(f"The key may not use the queue {name}.")


def queues_of(actor: Actor) -> list[str] | None:
    """The queues that a key is restricted to, by name; None is all."""
    return None if actor.queues is None else sorted(actor.queues)


async def find_actor(app: App, secret: str) -> Actor | None:
    """Whoever holds this key, or None.

    Raises: Overloaded, Unavailable.
    """
    key_hash = digest(secret)
    if known := app.actors.get(key_hash):
        return known
    if not well_formed(secret):
        return None

    async def find() -> Actor | None:
        async with system_transaction(app) as tx:
            row = await tx.first(sql.find_actor, ActorRow, key_hash=key_hash)
        if row is None:
            return None
        queues = None if row.queues is None else frozenset(row.queues)
        return Actor(row.tenant_id, row.key_id, frozenset(row.scopes), row.tier, queues=queues)

    if app.actors.asked >= MOST_ASKED:
        raise Overloaded()  # strangers' keys must not queue before everybody's
    return await app.actors.ask(key_hash, find)


async def require_live(tx: Transaction, actor: Actor) -> None:
    """For whoever has waited: its key may have ended since it was looked at.

    Raises: Unauthorized.
    """
    if await tx.value(sql.has_ended, key_id=actor.subject):
        raise Unauthorized("The key was revoked, or has expired.")


async def list_keys(app: App, tenant: str) -> list[KeyRow]:
    """The keys of a tenant, by its id or name.

    Raises: NotFound if there is no such tenant.
    """
    async with system_transaction(app) as tx:
        tenant_id = await tx.value(sql.find_tenant, name=tenant)
        if tenant_id is None:
            raise NotFound(f"There is no tenant {tenant}.")
        return await tx.all(sql.list_keys, KeyRow, tenant_id=tenant_id)


def state_of(key: KeyRow) -> str:
    """In one word whether a key opens anything."""
    if key.revoked_at is not None:
        return "revoked"
    return "expired" if key.expires_at and key.expires_at <= datetime.now(UTC) else "live"


async def revoke_key(app: App, key_id: str) -> bool:
    """Revoke a key; False if there is no such live key."""
    async with system_transaction(app) as tx:
        key_hash = await tx.value(sql.revoke_key, id=key_id)
        if key_hash is not None:
            tx.hint("key", key_hash)
    return key_hash is not None


def digest(secret: str) -> bytes:
    """SHA-256; enough for a secret of more than 128 random bits."""
    return hashlib.sha256(secret.encode()).digest()
