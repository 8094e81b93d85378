"""Files of a repository, as text and as bytes."""

import builtins
from base64 import b64decode

from . import models


class FileContent(models.FileContent):
    """A file at a ref; `text` and `bytes` spare the caller the encoding."""

    @property
    def bytes(self) -> builtins.bytes:
        """The content as it is in the repository."""
        if self.encoding == "base64":
            return b64decode(self.content)
        return self.content.encode()

    @property
    def text(self) -> str:
        """The content as UTF-8 text.

        Raises: UnicodeDecodeError if it is none.
        """
        return self.bytes.decode()

    @classmethod
    def of(cls, content: models.FileContent) -> "FileContent":
        """The same content with the helpers."""
        return cls.from_dict(content.to_dict())
