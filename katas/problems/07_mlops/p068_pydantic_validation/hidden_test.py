"""Hidden test of p068_pydantic_validation."""

import json
from typing import Any

import pydantic

from kata_runner.checking import (
    NotDone,
    assert_equal,
    assert_raises,
    assert_type,
    calling,
    edges,
    fail,
    learner,
    require,
)

work = learner("requests_checked")

ROW = [1.0, 2.0, 3.0, 4.0]
VALID: dict[str, Any] = {"size": "large", "rows": [ROW]}


def text(**changed: Any) -> str:
    return json.dumps({**VALID, **changed})


def assert_fields() -> None:
    fields = set(work.Request.model_fields)
    if not fields:
        raise NotDone("Request has no fields yet")
    require(fields == {"size", "rows", "temperature", "top_k"}, "Request has other fields than asked for", got=fields)


def read(given: str) -> Any:
    """The request; fails where it is refused."""
    assert_fields()
    with calling(f"Request.model_validate_json({short(given)})"):
        try:
            return work.Request.model_validate_json(given)
        except pydantic.ValidationError as error:
            fail(f"a valid request is refused: {error.errors()[0]['msg']} at {error.errors()[0]['loc']}")


def short(given: str) -> str:
    return repr(given) if len(given) < 200 else f"{given[:120]!r}… ({len(given)} characters)"


def refused(given: str, *places: str) -> None:
    """Fail unless the request is refused, at these places and no other."""
    assert_fields()
    with calling(f"Request.model_validate_json({short(given)})"):
        try:
            got = work.Request.model_validate_json(given)
        except pydantic.ValidationError as error:
            found = {".".join(map(str, fault["loc"])) for fault in error.errors()}
            assert_equal(sorted(found), sorted(places), what="the places of the faults")
        else:
            fail("the request is taken", got=got)


def test_valid_requests() -> None:
    """1. A valid text becomes a Request with its values; integers are numbers, and become floats."""
    request = read(text())
    with calling(f"Request.model_validate_json({text()!r})"):
        assert_equal([request.size, request.rows, request.temperature, request.top_k], ["large", [ROW], 1.0, None])
    given = text(size="small", rows=[[1, 2, 3, 4], [0, -1.5, 1e9, 0.0]], temperature=2, top_k=5)
    request = read(given)
    with calling(f"Request.model_validate_json({given!r})"):
        assert_equal([request.size, request.temperature, request.top_k], ["small", 2.0, 5])
        assert_equal(request.rows, [[1.0, 2.0, 3.0, 4.0], [0.0, -1.5, 1e9, 0.0]], what="rows")
        assert_type(request.rows[0][0], float, what="the first number of rows")
        assert_type(request.temperature, float, what="temperature")
        assert_type(request.top_k, int, what="top_k")
    assert_equal(read(text(top_k=None)).top_k, None, what="top_k for null")
    for changed in ({"temperature": 0.001}, {"top_k": 1}, {"temperature": 2.0}):
        read(text(**changed))
    for left_out in ("size", "rows"):
        refused(json.dumps({key: value for key, value in VALID.items() if key != left_out}), left_out)
    refused(text(size="medium"), "size")
    refused(text(temperature=None), "temperature")


def test_ranges() -> None:
    """2. temperature is above 0 and at most 2; top_k is at least 1."""
    for temperature in (0, 0.0, -1.0, 2.0001, 3):
        refused(text(temperature=temperature), "temperature")
    for top_k in (0, -1):
        refused(text(top_k=top_k), "top_k")


def test_shape() -> None:
    """3. There are 1 to 100 rows of exactly 4 numbers."""
    read(text(rows=[ROW] * 100))
    refused(text(rows=[]), "rows")
    refused(text(rows=[ROW] * 101), "rows")
    for row in ([1.0, 2.0, 3.0], [1.0, 2.0, 3.0, 4.0, 5.0], []):
        refused(text(rows=[ROW, row]), "rows.1")
    refused(text(rows=ROW), "rows.0", "rows.1", "rows.2", "rows.3")


def test_nothing_is_converted() -> None:
    """5. A string or a bool is no number, 2.0 and 2.5 are no integers."""
    for value in ("1", True, "x", None, [1.0]):
        refused(text(rows=[[value, 2.0, 3.0, 4.0]]), "rows.0.0")
    for value in ("1", True, [1]):
        refused(text(temperature=value), "temperature")
    for value in ("5", True, 2.0, 2.5, [1]):
        refused(text(top_k=value), "top_k")
    refused(text(size=1), "size")
    refused(text(rows="1234"), "rows")


def test_other_fields() -> None:
    """6. Fields with other names are refused."""
    for name in ("temp", "Size", "top-k", "_rows", ""):
        refused(text(**{name: 1}), name)


def test_every_fault() -> None:
    """8. faults returns {} for a valid text, otherwise every fault: its path and pydantic's message."""
    for given in (text(), text().encode()):
        with calling(f"faults({given!r})"):
            assert_equal(work.faults(given), {})
    given = json.dumps({"size": "tiny", "rows": [ROW, ROW, ["a", 2.0, True, 4.0], [1.0]], "top_k": 0, "temp": 1})
    expected = {
        "size": "Input should be 'small' or 'large'",
        "rows.2.0": "Input should be a valid number",
        "rows.2.2": "Input should be a valid number",
        "rows.3": "List should have at least 4 items after validation, not 1",
        "top_k": "Input should be greater than or equal to 1",
        "temp": "Extra inputs are not permitted",
    }
    for sent in (given, given.encode()):
        with calling(f"faults({given!r})"):
            got = work.faults(sent)
            require(isinstance(got, dict), "faults has to return a dict", got=got)
            assert_equal(sorted(got), sorted(expected), what="the places")
            assert_equal(got, expected)
    for n in (3, 100):
        places = [f"rows.{i}.{j}" for i in range(n) for j in range(4)]
        given = text(rows=[["a", "b", "c", "d"]] * n)
        with calling(f"faults({short(given)})"):
            got = work.faults(given)
            require(isinstance(got, dict), "faults has to return a dict", got=got)
            assert_equal(sorted(got), sorted(places), what="the places")


edges()


def test_not_finite() -> None:
    """4. NaN and the infinities are refused."""
    for value in ("NaN", "Infinity", "-Infinity", "1e999"):
        refused(text(rows=[[0.5, 2.0, 3.0, 4.0]]).replace("0.5", value), "rows.0.0")
        refused(text(temperature=0.5).replace("0.5", value), "temperature")


def test_small_takes_ten_rows() -> None:
    """7. "small" takes at most 10 rows."""
    request = read(text(size="small", rows=[ROW] * 10))
    require(isinstance(request, pydantic.BaseModel), "a valid request does not become a Request", got=request)
    refused(text(size="small", rows=[ROW] * 11), "")
    read(text(rows=[ROW] * 11))
    refused(text(size="small", rows=[ROW] * 101), "rows")


def test_faults_of_the_whole() -> None:
    """8. The place of what concerns the whole is "": too many rows for "small", or text that is no JSON."""
    with calling('faults(…) with size "small" and 11 rows'):
        got = work.faults(text(size="small", rows=[ROW] * 11))
        require(isinstance(got, dict), "faults has to return a dict", got=got)
        assert_equal(list(got), [""], what="the places")
        require("10" in str(got[""]), "the message does not say how many rows are allowed", got=got)
    for given in ("", "{", "nothing", '{"size": "large",}', b"\xff"):
        with calling(f"faults({given!r})"):
            got = work.faults(given)
            require(isinstance(got, dict), "faults has to return a dict", got=got)
            assert_equal(list(got), [""], what="the places")
    for given in ("[]", "3", "null"):
        with calling(f"faults({given!r})"):
            assert_equal(list(work.faults(given)), [""], what="the places")
    assert_raises(pydantic.ValidationError, work.Request.model_validate_json, "{")


def test_schema() -> None:
    """9. The JSON schema says which fields are required, all ranges and lengths, and that there are no others."""
    assert_fields()
    with calling("Request.model_json_schema()"):
        schema = work.Request.model_json_schema()
        fields = schema.get("properties", {})
        assert_equal(sorted(fields), ["rows", "size", "temperature", "top_k"], what="the properties")
        assert_equal(sorted(schema.get("required", [])), ["rows", "size"], what="required")
        assert_equal(schema.get("additionalProperties"), False, what="additionalProperties")
        rows = {key: fields["rows"].get(key) for key in ("type", "minItems", "maxItems")}
        assert_equal(rows, {"type": "array", "minItems": 1, "maxItems": 100}, what="rows")
        row = {key: fields["rows"].get("items", {}).get(key) for key in ("type", "minItems", "maxItems")}
        assert_equal(row, {"type": "array", "minItems": 4, "maxItems": 4}, what="the items of rows")
        assert_equal(sorted(fields["size"].get("enum", [])), ["large", "small"], what="the values of size")
        kept = {key: fields["temperature"].get(key) for key in ("exclusiveMinimum", "maximum", "default")}
        assert_equal(kept, {"exclusiveMinimum": 0, "maximum": 2, "default": 1.0}, what="temperature")
        kinds = fields["top_k"].get("anyOf", [])
        assert_equal([kind.get("minimum") for kind in kinds if kind.get("type") == "integer"], [1], what="top_k")
