"""From a credential to an actor: one road, one credential."""

from collections.abc import Awaitable, Callable
from typing import Any

from connexion.lifecycle import ConnexionRequest
from connexion.security import AbstractSecurityHandler

from services import keys
from services.errors import Unauthorized, ValidationFailed


class BearerKey(AbstractSecurityHandler):
    """The `bearer` scheme of the contract: an API key."""

    def get_fn(
        self, security_scheme: dict[str, Any], required_scopes: list[str]
    ) -> Callable[[ConnexionRequest], Awaitable[dict[str, Any]]]:
        """The function that Connexion calls for each request of a secured operation."""
        return authenticate


async def authenticate(request: ConnexionRequest) -> dict[str, Any]:
    """Find the actor and leave it with the request.

    Raises: Unauthorized, ValidationFailed for two credentials.
    """
    scope = request.scope
    actor = await keys.find_actor(scope["state"]["app"], bearer_token(scope["headers"]))
    if actor is None:
        raise Unauthorized()
    scope["prazium"].actor = actor
    return {"sub": actor.subject}


def bearer_token(headers: list[tuple[bytes, bytes]]) -> str:
    """The token of the only Authorization header.

    Raises: Unauthorized, ValidationFailed.
    """
    given = [value for name, value in headers if name == b"authorization"]
    if len(given) > 1:
        raise ValidationFailed("Send one credential, not two.")
    scheme, _, token = (given[0] if given else b"").decode("latin-1").partition(" ")
    if scheme.lower() != "bearer":
        raise Unauthorized()
    return token.strip()
