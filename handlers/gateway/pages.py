"""Published documents: static bytes with a strong ETag, and the policy of the page among them."""

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from handlers.gateway.conditional import is_known
from services.system import Document

BRIEFLY = "public, max-age=300"
FOR_EVER = "public, max-age=31536000, immutable"
PAGE_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        # Redoc fills two style sheets by script: an empty one, and that of its scroll bars.
        "style-src 'self' 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=' "
        "'sha256-QMIg+bpjm3JdElJ388KYke01izlUW0UoNOeKjpMxdgc='",
        "img-src 'self' data:",
        "connect-src 'self'",
        "worker-src blob:",  # the search
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
"""What the page may load: from this host alone (Content Security Policy Level 3)."""


class Published(Response):
    """A document as it is: 200, or 304 for who has it."""

    def __init__(self, document: Document, keep: str, policy: str | None = None) -> None:
        headers = {"etag": f'"{document.version}"', "cache-control": keep}
        if policy is not None:
            headers["content-security-policy"] = policy
        super().__init__(document.content, headers=headers, media_type=document.media_type)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer; the ETag, and how long it may be kept, go with both."""
        known = scope["prazium"].headers.get(b"if-none-match")
        if is_known(known, self.headers["etag"].encode()):
            kept = {k: v for k, v in self.headers.items() if not k.startswith("content-")}
            await Response(status_code=304, headers=kept)(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)
