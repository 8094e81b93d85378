"""Python client of the Prazium API.

client = Prazium(api_key="pzm_…")
project = client.projects.create(name="Clinic", description="A veterinary clinic …")
"""

from . import errors as errors
from . import models as models
from ._async.client import AsyncPrazium
from ._contract import VERSION as __version__
from ._events import Event, TenantEvent
from ._files import FileContent
from ._idempotency import IdempotencyKey
from ._listing import Page
from ._settings import Reconnect
from ._sync.client import Prazium
from .worker import Fail, Job, RetryLater, Worker

__all__ = (
    "AsyncPrazium",
    "Event",
    "Fail",
    "FileContent",
    "IdempotencyKey",
    "Job",
    "Page",
    "Prazium",
    "Reconnect",
    "RetryLater",
    "TenantEvent",
    "Worker",
    "__version__",
    "errors",
    "models",
)
