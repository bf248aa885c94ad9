"""What a request to the model may be, described once."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

Row = Annotated[list[float], Field(min_length=4, max_length=4)]


class Request(BaseModel):
    """A request: size, rows (n, 4), temperature and top_k. Add its fields, and what they may be."""

    # Strict: nothing is converted. The limits stand in Field and not in functions, so that the schema knows them.
    model_config = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)

    size: Literal["small", "large"]
    rows: Annotated[list[Row], Field(min_length=1, max_length=100)]
    temperature: Annotated[float, Field(gt=0, le=2)] = 1.0
    top_k: Annotated[int, Field(ge=1)] | None = None

    @model_validator(mode="after")
    def _small_takes_few_rows(self) -> Self:
        if self.size == "small" and len(self.rows) > 10:
            raise ValueError("the small model takes at most 10 rows")
        return self  # what is returned is the request


def faults(text: str | bytes) -> dict[str, str]:
    """Every fault of a request as JSON: its path, joined by dots, and pydantic's message; {} where it is valid."""
    try:
        Request.model_validate_json(text)
    except ValidationError as error:
        return {".".join(map(str, fault["loc"])): fault["msg"] for fault in error.errors()}
    return {}


# FastAPI calls this validation for each request, and answers 422 with error.errors() where it fails.
