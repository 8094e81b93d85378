"""Kind `http`: call a public address once, and keep the answer."""

import base64
import time
from email.utils import parsedate_to_datetime
from importlib.metadata import version

import msgspec
from msgspec import UNSET

from generated.models import HttpJobInput, HttpJobResult, HttpMethod, TextEncoding
from services.adapters.egress import Answer, Egress, Refused, TooSlow, Unreachable
from services.context import App
from services.engine.retry import TaskFailed
from services.redaction import HIDDEN, without_named_secrets

MAX_BODY = 256 * 1024
MAX_HEADERS = 100
MAX_HEADER = 8000
QUOTED = 500
PASSING = {408, 425, 429}
LONGEST_WAIT_S = 86400.0
COOKIES = ("set-cookie", "set-cookie2")
USER_AGENT = f"Prazium/{version('prazium-server')}"


async def http(app: App, given: HttpJobInput, token: str) -> HttpJobResult:
    """Call the address; `token` is the same at every attempt, and sent as Idempotency-Key.

    Raises: TaskFailed for a refused address, no answer, or one that is not 2xx.
    """
    egress = app.opened.get(Egress, lambda: Egress(app.settings.egress_allow))
    body, headers = outgoing(given)
    began = time.monotonic()
    try:
        answer = await egress.request(
            given.method or HttpMethod.get,
            given.url,
            headers={**headers, "Idempotency-Key": token},
            body=body,
            timeout_s=given.timeout_seconds or 30,
            max_bytes=MAX_BODY,
        )
    except Refused as error:
        raise TaskFailed("HTTP_REFUSED", str(error)) from error
    except TooSlow as error:
        raise TaskFailed("HTTP_TIMEOUT", str(error), retryable=True) from error
    except Unreachable as error:
        raise TaskFailed("HTTP_UNREACHABLE", str(error), retryable=True) from error
    if not 200 <= answer.status < 300:
        raise not_done(answer)
    return result(answer, time.monotonic() - began)


def outgoing(given: HttpJobInput) -> tuple[bytes | None, dict[str, str]]:
    """The body to send, and the headers with what belongs to it."""
    headers = dict(given.headers or {})
    named = {name.lower() for name in headers}
    body, media_type = None, None
    if given.json is not UNSET:
        body, media_type = msgspec.json.encode(given.json), "application/json"
    elif given.body is not UNSET:
        body, media_type = given.body.encode(), "text/plain; charset=utf-8"
    if media_type and "content-type" not in named:
        headers["Content-Type"] = media_type
    if "user-agent" not in named:
        headers["User-Agent"] = USER_AGENT
    return body, headers


def not_done(answer: Answer) -> TaskFailed:
    """What follows an answer that is not 2xx: another attempt if it may pass."""
    retryable = answer.status in PASSING or answer.status >= 500
    if 300 <= answer.status < 400:
        message = f"The server redirects ({answer.status}); the job needs the final URL."
    else:
        message = f"The server answered {answer.status}{quoted(answer.body)}."
    wait_s = retry_after(dict(answer.headers).get("retry-after"), time.time())
    return TaskFailed("HTTP_STATUS", message, retryable=retryable, retry_after_s=wait_s)


def quoted(body: bytes) -> str:
    """The beginning of a body that is text, on one line."""
    text = " ".join(body[: QUOTED * 4].decode("utf-8", "ignore").split())
    if not text.isprintable() or not text:
        return ""
    return f": {without_named_secrets(text[:QUOTED])}"


def retry_after(value: str | None, now_s: float) -> float | None:
    """Read seconds or a date; None for nothing or nonsense. Source: RFC 9110, section 10.2.3."""
    if value is None:
        return None
    try:
        wait_s = (
            float(value) if value.isdecimal() else parsedate_to_datetime(value).timestamp() - now_s
        )
    except (ValueError, OverflowError):
        return None
    return min(max(wait_s, 0.0), LONGEST_WAIT_S)


def result(answer: Answer, seconds: float) -> HttpJobResult:
    """The answer as the contract has it."""
    body, encoding = written(answer.body, cut=answer.truncated)
    return HttpJobResult(
        status=answer.status,
        headers=joined(answer.headers),
        body=body,
        body_encoding=encoding,
        truncated=answer.truncated,
        duration_ms=round(seconds * 1000),
    )


def joined(headers: list[tuple[str, str]]) -> dict[str, str]:
    """Headers by name, those of one name joined by commas; what a cookie holds is hidden."""
    found: dict[str, str] = {}
    for name, value in headers:
        shown = HIDDEN if name in COOKIES else value.encode("utf-8", "replace").decode()
        found[name] = f"{found[name]}, {shown}" if name in found else shown
    return {name: value[:MAX_HEADER] for name, value in list(found.items())[:MAX_HEADERS]}


def written(body: bytes, *, cut: bool) -> tuple[str, TextEncoding]:
    """A body as text if it is UTF-8 and the database can hold it; a cut character is left out."""
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        if not (cut and error.end == len(body) and error.start > len(body) - 4):
            return base64.b64encode(body).decode(), TextEncoding.base64
        text = body[: error.start].decode()
    if "\0" in text:
        return base64.b64encode(body).decode(), TextEncoding.base64
    return text, TextEncoding.utf_8
