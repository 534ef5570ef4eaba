"""The ways to ask a server for a reply of a certain form, best first; what comes back is validated all the same."""

import json
from dataclasses import dataclass
from typing import Final, Literal

from pydantic import JsonValue

__all__ = ["FORMS", "ReplyForm", "WireSchema"]

ReplyForm = Literal["json_schema", "tool", "json_mode", "prompt"]
"""``json_schema``: the server holds the reply to the schema; ``tool``: the model must call a tool that takes it;
``json_mode``: the server holds it to JSON, and the prompt asks for the schema; ``prompt``: only the prompt asks."""

FORMS: Final[tuple[ReplyForm, ...]] = ("json_schema", "tool", "json_mode", "prompt")
_NAME: Final = "reply"


@dataclass(frozen=True, slots=True)
class WireSchema:
    """A JSON schema as the protocols want it."""

    text: str

    def body(self, form: ReplyForm) -> dict[str, JsonValue]:
        """Returns what a request to an OpenAI-compatible server must hold for a form.

        Args:
            form: the form.
        """
        if form == "json_mode":
            return {"response_format": {"type": "json_object"}}
        if form != "json_schema":
            return {}
        schema = self._schema()
        named: dict[str, JsonValue] = {"name": _NAME, "schema": schema, "strict": _is_strict(schema)}
        return {"response_format": {"type": "json_schema", "json_schema": named}}

    @property
    def tool(self) -> dict[str, JsonValue]:
        """A tool whose arguments are the reply."""
        parameters = self._schema()
        function: dict[str, JsonValue] = {"name": _NAME, "description": "Gives the reply.", "parameters": parameters}
        return {"type": "function", "function": function}

    @property
    def tool_name(self) -> str:
        """Which tool the model must call."""
        return _NAME

    @property
    def request(self) -> str:
        """What asks for the schema in words."""
        return f"Reply with JSON only, and nothing before or after it. It must follow this JSON schema:\n{self.text}"

    def _schema(self) -> dict[str, JsonValue]:
        schema: dict[str, JsonValue] = json.loads(self.text)
        return schema


def _is_strict(schema: JsonValue) -> bool:
    """Tells whether every object names all it holds, which OpenAI's strict mode demands."""
    if isinstance(schema, list):
        return all(map(_is_strict, schema))
    if not isinstance(schema, dict):
        return True
    if schema.get("type") == "object":
        properties, required = schema.get("properties"), schema.get("required")
        if schema.get("additionalProperties") is not False or not isinstance(properties, dict):
            return False
        if not isinstance(required, list) or set(properties) != set(map(str, required)):
            return False
    return all(map(_is_strict, schema.values()))
