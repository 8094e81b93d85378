"""From a credential to an actor: one road, one credential."""

from collections.abc import Awaitable, Callable

from handlers.gateway.request import Request
from services import keys
from services.context import Actor, App
from services.errors import Unauthorized, ValidationFailed
from services.schemas import ContractBroken, Json

Authenticate = Callable[[App, Request], Awaitable[Actor]]


async def bearer_key(app: App, request: Request) -> Actor:
    """The `bearer` scheme of the contract: an API key (RFC 6750, section 2.1).

    Raises: Unauthorized, ValidationFailed for two credentials.
    """
    if b"authorization" in request.repeated:
        raise ValidationFailed("Send one credential, not two.")
    value = request.headers.get(b"authorization", b"").decode("latin-1")
    scheme, _, token = value.partition(" ")
    if scheme.lower() != "bearer":
        raise Unauthorized()
    actor = await keys.find_actor(app, token.strip())
    if actor is None:
        raise Unauthorized()
    return actor


SCHEMES: dict[tuple[str, str], Authenticate] = {("http", "bearer"): bearer_key}


def authentication(contract: Json, raw: Json) -> Authenticate | None:
    """How an operation finds its actor; None if it is public.

    Raises: ContractBroken for a scheme that nobody checks, and for alternatives.
    """
    requirements = raw.get("security", contract.get("security", []))
    if not requirements:
        return None
    names = [name for requirement in requirements for name in requirement]
    if len(requirements) != 1 or len(names) != 1:
        raise ContractBroken(f"{raw['operationId']}: one scheme is possible, not {requirements}.")
    scheme = contract["components"]["securitySchemes"].get(names[0], {})
    found = SCHEMES.get((scheme.get("type", ""), scheme.get("scheme", "")))
    if found is None:
        raise ContractBroken(f"{raw['operationId']}: nothing checks the scheme {names[0]}.")
    return found
