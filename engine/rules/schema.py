"""JSON Schema of rule files, by which editors complete and check them."""

from __future__ import annotations

from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from engine.rules.model import RuleSet


def json_schema() -> dict[str, Any]:
    """The schema, draft 2020-12; as in `check`, unknown keys are refused."""
    return {"$schema": GenerateJsonSchema.schema_dialect} | RuleSet.model_json_schema(schema_generator=_Generator)


class _Generator(GenerateJsonSchema):
    """Optional keys accept neither null nor an empty text, and no key has a title besides its name."""

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        written = super().default_schema(schema)
        return {key: value for key, value in written.items() if key != "default" or value not in (None, "")}

    def field_title_should_be_set(self, schema: object) -> bool:
        return False
