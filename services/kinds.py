"""Kinds of jobs: the built-in ones, and those that workers of the tenant registered."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

import msgspec

from db.pool import Transaction, jsonb, records
from db.queries import load
from generated.models import Kind, RegisterKind
from services import job_kinds
from services.compiled import Compiled, hash_of
from services.context import Context
from services.errors import Forbidden, NotFound, TooManyKinds, invalid, invalid_fields
from services.json_schemas import Budget, Checker
from services.pages import Page, page_of
from services.schemas import Json
from services.settings import Networks

sql = load("kinds")

MOST = 1000
OWN = ("build", "export")
"""What the product's own runs are made of."""
COMPILED = Compiled()
"""Schemas say the same in every tenant, so that one of each is enough for the process."""


class HashRow(msgspec.Struct, frozen=True):
    """Which schema holds for a kind."""

    name: str
    hash: str


class SchemaRow(msgspec.Struct, frozen=True):
    """A kind's schema, of its input or of its result."""

    name: str
    hash: str
    schema: dict[str, Any]


class Inputs:
    """What some kinds take, ready to hold values against."""

    def __init__(
        self,
        own: Collection[str],
        checkers: Mapping[str, Checker],
        allow: Networks | None,
    ) -> None:
        self._own = own
        self._allow = allow
        self._checkers = checkers
        self.budget = Budget()

    def has(self, kind: str) -> bool:
        """Whether there is such a kind, of those that were asked for."""
        return kind in self._own or kind in self._checkers

    def check(self, kind: str, value: Json | None, at: str = "") -> None:
        """Hold a kind and the input of a job against what there is; pointers begin at `at`.

        Without a value only the kind is looked at.
        Raises: ValidationFailed.
        """
        if not self.has(kind):
            raise invalid(f"{at}/kind", "is neither built in nor registered by a worker")
        if value is not None:
            self.check_value(kind, value, f"{at}/input")

    def check_value(self, kind: str, value: Any, at: str = "/input") -> None:
        """Hold the input of a job against its kind, if there is such a kind.

        Raises: ValidationFailed.
        """
        if not isinstance(value, dict):
            raise invalid(at, "must be of type object")
        if kind in self._own:
            job_kinds.check_input(kind, value, at, self._allow)
            return
        checker = self._checkers.get(kind)
        if checker is not None and (found := checker.errors(value, at, self.budget)):
            raise invalid_fields(found)


async def inputs_of(ctx: Context, tx: Transaction, kinds: Iterable[str]) -> Inputs:
    """What kinds take here from a caller: no URL that this installation never calls."""
    return await inputs(job_kinds.own(ctx.settings), tx, kinds, ctx.settings.egress_allow)


async def inputs(
    own: Collection[str], tx: Transaction, kinds: Iterable[str], allow: Networks | None = None
) -> Inputs:
    """What kinds take, `own` ones or as it holds now in the transaction's tenant.

    One statement for all. With the networks that `allow` opens, URLs are held against them.
    """
    names = sorted(set(kinds) - set(own))
    rows = await tx.all(sql.list_hashes, HashRow, names=names) if names else []
    known = {row.name: COMPILED.get(row.hash) for row in rows}
    if missing := [name for name, checker in known.items() if checker is None]:
        known |= compiled(await tx.all(sql.list_inputs, SchemaRow, names=missing))
    checkers = {name: found for name, found in known.items() if found is not None}
    return Inputs(own, checkers, allow)


async def results(tx: Transaction, kinds: Iterable[str]) -> dict[str, Checker]:
    """What kinds give, of those that say so, by the hashes of their schemas."""
    rows = await tx.all(sql.list_results, SchemaRow, names=sorted(set(kinds)))
    return {row.hash: COMPILED.put(row.hash, row.schema) for row in rows}


def compiled(rows: list[SchemaRow]) -> dict[str, Checker]:
    """Checkers by the names of kinds."""
    return {row.name: COMPILED.put(row.hash, row.schema) for row in rows}


async def register_kind(ctx: Context, name: str, new: RegisterKind) -> Kind:
    """Say what a kind is, or say it anew.

    Raises: Forbidden for a name that is not the tenant's, ValidationFailed for a schema that is
    none or too costly, TooManyKinds.
    """
    refuse_own(ctx, name)
    result = None if isinstance(new.result_schema, msgspec.UnsetType) else new.result_schema
    input_hash = checked(new.input_schema, "/inputSchema")
    result_hash = None if result is None else checked(result, "/resultSchema")
    async with ctx.transaction() as tx:
        kind = await tx.first(
            sql.register_kind,
            Kind,
            name=name,
            description=new.description,
            input_schema=jsonb(new.input_schema),
            input_hash=input_hash,
            result_schema=None if result is None else jsonb(result),
            result_hash=result_hash,
            most=MOST,
        )
    if kind is None:
        raise TooManyKinds()
    return kind


def checked(schema: Json, at: str) -> str:
    """The hash of a schema that can be used.

    Raises: ValidationFailed at the pointer `at`.
    """
    found = hash_of(schema)
    COMPILED.put(found, schema, at)
    return found


def refuse_own(ctx: Context, name: str) -> None:
    """Raises: Forbidden for what is done by our own workers."""
    if name in job_kinds.own(ctx.settings) or name.partition(".")[0] in OWN:
        raise Forbidden(f"The kind {name} is Prazium's own; give yours another name.")


async def list_kinds(ctx: Context, page: int, page_size: int) -> Page[Kind]:
    """A page of kinds by name."""
    own = job_kinds.own(ctx.settings)
    built = [msgspec.to_builtins(msgspec.structs.asdict(built_in(name))) for name in own]
    async with ctx.transaction() as tx:
        return await page_of(
            tx, sql.list_kinds, sql.count_kinds, Kind, page, page_size, built_in=records(built)
        )


async def get_kind(ctx: Context, name: str) -> Kind:
    """What a kind is.

    Raises: NotFound.
    """
    if name in job_kinds.own(ctx.settings):
        return built_in(name)
    async with ctx.transaction() as tx:
        kind = await tx.first(sql.get_kind, Kind, name=name)
    return there(kind)


async def delete_kind(ctx: Context, name: str) -> Kind:
    """Take a kind back; jobs that wait stay.

    Raises: Forbidden for a built-in one, NotFound.
    """
    refuse_own(ctx, name)
    async with ctx.transaction() as tx:
        kind = await tx.first(sql.delete_kind, Kind, name=name)
    return there(kind)


def there(kind: Kind | None) -> Kind:
    """Raises: NotFound."""
    if kind is None:
        raise NotFound("There is no such kind.")
    return kind


def built_in(name: str) -> Kind:
    """A built-in kind as callers see it."""
    return Kind(
        kind=name,
        description=job_kinds.description(name)[:1000],
        built_in=True,
        input_schema=job_kinds.input_schema(name),
        result_schema=job_kinds.result_schema(name),
        created_at=None,
        updated_at=None,
    )
