"""What stands for a field or a parameter that is not sent at all."""

from typing import Literal


class Unset:
    def __bool__(self) -> Literal[False]:
        return False


UNSET = Unset()
