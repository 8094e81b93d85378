"""The part of the built contract that says who is calling."""

from typing import Any

from services.adapters.agents.scaffold.model import Application, Auth

Node = dict[str, Any]


def schemes(app: Application) -> Node:
    """The security scheme of the application, none without sign-in."""
    return {
        Auth.none: {},
        Auth.password: {"session": {"type": "http", "scheme": "bearer"}},
        Auth.key: {"key": {"type": "apiKey", "in": "header", "name": "X-API-Key"}},
    }[app.auth]


def identity_paths(app: Application) -> Node:
    """The operations below /api/auth."""
    if app.auth is Auth.none:
        return {}
    me = _operation("get_me", "Who is calling", {"200": _answer("The caller", "Caller")}, "401")
    paths = {"/api/auth/me": {"get": me}}
    if app.auth is Auth.key:
        return paths
    return {
        "/api/auth/register": {"post": _open("register", "Open an account", "201", "409")},
        "/api/auth/login": {"post": _open("login", "Sign in", "200", "401")},
        "/api/auth/logout": {"post": _logout()},
        **paths,
    }


def _open(name: str, summary: str, status: str, failure: str) -> Node:
    """An operation that needs no credentials and gives a session."""
    answers = {status: _answer("A session", "SignedIn")}
    operation = _operation(name, summary, answers, "400", failure)
    schema = {"$ref": "#/components/schemas/Credentials"}
    body = {"required": True, "content": {"application/json": {"schema": schema}}}
    return {**operation, "security": [], "requestBody": body}


def _logout() -> Node:
    return _operation("logout", "Sign out", {"204": {"description": "Signed out"}}, "401")


def _operation(name: str, summary: str, answers: Node, *failures: str) -> Node:
    known = {"400": "BadRequest", "401": "Unauthorized", "409": "Conflict"}
    failed = {s: {"$ref": f"#/components/responses/{known[s]}"} for s in failures}
    return {
        "operationId": name,
        "tags": ["auth"],
        "summary": summary,
        "responses": {**answers, **failed},
    }


def _answer(description: str, schema: str) -> Node:
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
    return {"description": description, "content": content}


def identity_schemas(app: Application) -> Node:
    """The shapes of the operations above."""
    if app.auth is Auth.none:
        return {}
    if app.auth is Auth.key:
        return {"Caller": _closed({"method": {"type": "string", "enum": ["key"]}})}
    email = {"type": "string", "maxLength": 254, "example": "ada@example.com"}
    typed = {**email, "pattern": r"^[^@ ]+@[^@ ]+\.[^@ ]+$"}
    password = {"type": "string", "minLength": 8, "maxLength": 200, "example": "a long password"}
    account_id = {"type": "string", "pattern": "^[0-9a-f]{16}$", "example": "5f3a9c0d1b2e4f67"}
    expiry = {"type": "string", "format": "date-time", "example": "2026-03-31T09:30:00Z"}
    token = {"type": "string", "example": "3pV0…"}
    return {
        "Credentials": _closed({"email": typed, "password": password}),
        "SignedIn": _closed({"token": token, "email": dict(email), "expires_at": expiry}),
        "Caller": _closed({"id": account_id, "email": dict(email)}),
    }


def _closed(properties: Node) -> Node:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": list(properties),
        "properties": properties,
    }
