"""Server-sent events: from bytes to frames, as in the HTML standard, section 9.2.6."""

from collections.abc import Iterator

from attrs import define, field, frozen

from ._failures import MalformedAnswer

LARGEST_FRAME = 4 * 1024 * 1024


@frozen
class Frame:
    """One event of a stream as it came."""

    id: str
    event: str
    data: str


@define
class Frames:
    """The frames of one connection. What a broken connection leaves unfinished is dropped.

    Attributes:
        retry: seconds to wait before a reconnect, if the server said so.
        last_id: the id of what came last and was whole, an event or an id alone.
    """

    retry: float | None = None
    last_id: str = ""
    _id: str = ""
    _event: str = ""
    _data: list[str] = field(factory=list)
    _line: bytes = b""
    _size: int = 0
    _after_cr: bool = False

    def feed(self, chunk: bytes) -> Iterator[Frame]:
        """The frames that the chunk completes.

        Raises: MalformedAnswer if a frame exceeds 4 MiB.
        """
        for line in self._lines(chunk):
            if line:
                self._field(line.decode("utf-8", "replace").removeprefix("\ufeff"))
                continue
            self.last_id = self._id
            if self._data:
                yield self._frame()
            else:
                self._clear()

    def _lines(self, chunk: bytes) -> Iterator[bytes]:
        """Lines end with CR, LF or both; a chunk may end between the two."""
        if self._after_cr:
            chunk = chunk.removeprefix(b"\n")
        self._after_cr = chunk.endswith(b"\r") or (self._after_cr and not chunk)
        text = (self._line + chunk).replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        *lines, self._line = text.split(b"\n")
        self._limit(len(self._line))
        yield from lines

    def _field(self, line: str) -> None:
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "data":
            self._limit(len(value))
            self._data.append(value)
            self._size += len(value)
        elif name == "event":
            self._event = value
        elif name == "id" and "\0" not in value:
            self._id = value
        elif name == "retry" and value.isascii() and value.isdigit():
            self.retry = int(value) / 1000

    def _limit(self, more: int) -> None:
        if self._size + more > LARGEST_FRAME:
            raise MalformedAnswer("An event of the stream is larger than 4 MiB.")

    def _frame(self) -> Frame:
        frame = Frame(self._id, self._event or "message", "\n".join(self._data))
        self._clear()
        return frame

    def _clear(self) -> None:
        self._event, self._data, self._size = "", [], 0
