"""The API describes itself: valid OpenAPI, every route in it, nothing named by chance."""

import re
from typing import Any

from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema

from tests.architecture.routes import all_routes
from tests.cast import Cast


def _described() -> dict[str, dict[str, dict[str, Any]]]:
    schema = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    validate_schema(schema)  # type: ignore[no-untyped-call]
    paths: dict[str, dict[str, dict[str, Any]]] = schema["paths"]
    return paths


def test_every_route_of_the_api_is_described() -> None:
    described = {re.sub(r"{(\w+)}", r"<\1>", path) for path in _described()}
    routes = {
        "/" + re.sub(r"<\w+:(\w+)>", r"<\1>", route.path)
        for route in all_routes()
        if route.path.startswith("api/v1/")
    }
    assert routes == described


def test_every_operation_has_a_name_and_says_what_it_does() -> None:
    for path, operations in _described().items():
        for method, operation in operations.items():
            assert operation.get("description"), f"{method.upper()} {path} says nothing"
            assert operation["operationId"], f"{method.upper()} {path} has no name"
            assert "default" in operation["responses"], f"{method.upper()} {path}: no problems"


def test_people_can_read_it_in_the_console(cast: Cast) -> None:
    client = cast.client("bob")
    assert client.get("/api/docs/").status_code == 200
    answer = client.get("/api/schema/")
    assert answer.status_code == 200
    assert b"Bailiwick API" in answer.content
