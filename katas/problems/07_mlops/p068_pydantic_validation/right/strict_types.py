"""Strict types in the fields instead of a setting, and conlist for the shape."""

from typing import Annotated, Any, Literal

import pydantic
from pydantic import Field, StrictFloat, StrictInt

Number = Annotated[StrictFloat, Field(allow_inf_nan=False)]


class Request(pydantic.BaseModel, extra="forbid"):
    """A request."""

    size: Literal["small", "large"]
    rows: list[Annotated[list[Number], Field(min_length=4, max_length=4)]] = Field(min_length=1, max_length=100)
    temperature: Number = Field(1.0, gt=0, le=2)
    top_k: StrictInt | None = Field(None, ge=1)

    def model_post_init(self, context: Any) -> None:
        """The rule of two fields."""
        limit = 10 if self.size == "small" else 100
        if len(self.rows) > limit:
            raise ValueError(f"at most {limit} rows")


def faults(text: str | bytes) -> dict[str, str]:
    """Every fault of a request."""
    found: dict[str, str] = {}
    try:
        Request.model_validate_json(text)
    except pydantic.ValidationError as error:
        for fault in error.errors(include_url=False):
            found[".".join(str(step) for step in fault["loc"])] = fault["msg"]
    return found
