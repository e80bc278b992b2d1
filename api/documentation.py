"""The OpenAPI schema, with the schemas of bodies and problems among its components."""

from typing import Any

from fastapi import FastAPI

from api.problems import ProblemDocument

DESCRIPTION = """
Durable sign-offs for machine-learning models: these bytes, this statement, these people, this
deadline, this door. Send an API key as `Authorization: Bearer und_<id>_<secret>`. Every error is a
problem document (RFC 9457) with a stable `type`. Times are RFC 3339 in UTC. Bodies have at most
1 MiB.
"""
_METHODS = {"get", "put", "post", "delete"}


class DescribedApi(FastAPI):
    """An application whose schema also holds what is read by our own parser."""

    def openapi(self) -> dict[str, Any]:
        """Build the schema once."""
        if self.openapi_schema is None:
            schema = super().openapi()
            _gather(schema)
            self.openapi_schema = schema
        return self.openapi_schema


def _gather(schema: dict[str, Any]) -> None:
    """Move the definitions beside each body to the components that they refer to."""
    components = schema.setdefault("components", {}).setdefault("schemas", {})
    components.update(_with_definitions(ProblemDocument.model_json_schema(
        ref_template="#/components/schemas/{model}"
    ), components))  # fmt: skip
    for path in schema["paths"].values():
        for method, operation in path.items():
            if method not in _METHODS:
                continue
            for content in operation.get("requestBody", {}).get("content", {}).values():
                body = content["schema"]
                components.update(_with_definitions(body, components))
                if name := body.get("title"):
                    content["schema"] = {"$ref": f"#/components/schemas/{name}"}
    schema["components"]["schemas"] = dict(sorted(components.items()))


def _with_definitions(schema: dict[str, Any], known: dict[str, Any]) -> dict[str, Any]:
    found = {**schema.pop("$defs", {}), **({schema["title"]: schema} if "title" in schema else {})}
    return {name: one for name, one in found.items() if name not in known}
