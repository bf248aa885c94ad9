"""What a request to the model may be, described once."""

from pydantic import BaseModel


class Request(BaseModel):
    """A request: size, rows (n, 4), temperature and top_k. Add its fields, and what they may be."""


def faults(text: str | bytes) -> dict[str, str]:
    """Every fault of a request as JSON: its path, joined by dots, and pydantic's message; {} where it is valid."""
    raise NotImplementedError
