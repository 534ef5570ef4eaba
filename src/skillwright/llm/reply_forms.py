"""The ways to ask a server for a reply of a certain form, best first; what comes back is validated all the same."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Final, Literal

from pydantic import Field, JsonValue

__all__ = ["FORMS", "CodeField", "PythonCode", "ReplyForm", "WireSchema"]

ReplyForm = Literal["json_schema", "tool", "json_mode", "prompt"]
"""``json_schema``: the server holds the reply to the schema; ``tool``: the model must call a tool that takes it;
``json_mode``: the server holds it to JSON, and the prompt asks for the schema; ``prompt``: only the prompt asks."""

FORMS: Final[tuple[ReplyForm, ...]] = ("json_schema", "tool", "json_mode", "prompt")
TOOL: Final = "reply"
"""Name of the tool that a model must call."""
_MEDIA_TYPE: Final = "contentMediaType"

PythonCode = Annotated[str, Field(json_schema_extra={_MEDIA_TYPE: "text/x-python"})]
"""The type of a field that holds a program.

A class of replies with one such field is asked for in words: the program in a fenced block; before it the other fields
as JSON, or in plain words if there is just one, of text. Models write better programs there than inside a JSON string,
small ones above all. A reply that is all JSON is taken too.
"""


@dataclass(frozen=True, slots=True)
class CodeField:
    """The field of a reply that may come in a fenced block."""

    name: str
    language: str
    """As it stands after the fence."""


@dataclass(frozen=True, slots=True)
class WireSchema:
    """A JSON schema as the protocols want it."""

    text: str

    @property
    def forms(self) -> tuple[ReplyForm, ...]:
        """The ways to ask for it, best first."""
        return ("prompt",) if self.code_field else FORMS

    @property
    def fields(self) -> frozenset[str]:
        """Names of all that an object may hold."""
        return frozenset(self._properties())

    @property
    def code_field(self) -> CodeField | None:
        """The one field that holds a program, if there is just one."""
        kinds = {name: str(field.get(_MEDIA_TYPE, "")) for name, field in self._properties().items()}
        coded = [CodeField(name, kind.rpartition("/")[2].removeprefix("x-")) for name, kind in kinds.items() if kind]
        return coded[0] if len(coded) == 1 else None

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
        named: dict[str, JsonValue] = {"name": TOOL, "schema": schema, "strict": _is_strict(schema)}
        return {"response_format": {"type": "json_schema", "json_schema": named}}

    @property
    def tool(self) -> dict[str, JsonValue]:
        """A tool whose arguments are the reply."""
        parameters = self._schema()
        function: dict[str, JsonValue] = {"name": TOOL, "description": "Gives the reply.", "parameters": parameters}
        return {"type": "function", "function": function}

    @property
    def prose_field(self) -> str | None:
        """The field that may come as plain words: the only one beside a program, if it is text."""
        code, properties = self.code_field, self._properties()
        others = [name for name in properties if code and name != code.name]
        return others[0] if len(others) == 1 and properties[others[0]].get("type") == "string" else None

    @property
    def request(self) -> str:
        """What asks for the schema in words."""
        code = self.code_field
        if code is None:
            return (
                f"Reply with JSON only, and nothing before or after it. It must follow this JSON schema:\n{self.text}"
            )
        program = f"the whole program, in one fenced block that begins with ```{code.language} and ends with ```"
        if self.prose_field:
            return (
                f"Reply first with the {self.prose_field}, in plain words and without any program. Then give {program}."
            )
        if len(self._properties()) == 1:
            return f"Reply with {program}. Put no other program into the reply."
        rest = json.dumps(_without(self._schema(), code.name), separators=(",", ":"), ensure_ascii=False)
        return f"Reply first with a block that begins with ```json, of this JSON schema:\n{rest}\nThen give {program}."

    def longest(self, name: str) -> int | None:
        """Says how many characters a field may have; none: any number.

        Args:
            name: of the field.
        """
        longest = self._properties()[name].get("maxLength")
        return longest if isinstance(longest, int) else None

    def _schema(self) -> dict[str, JsonValue]:
        schema: dict[str, JsonValue] = json.loads(self.text)
        return schema

    def _properties(self) -> Mapping[str, Mapping[str, JsonValue]]:
        properties: Mapping[str, Mapping[str, JsonValue]] = json.loads(self.text).get("properties", {})
        return properties


def _without(schema: dict[str, JsonValue], name: str) -> dict[str, JsonValue]:
    properties, required = schema["properties"], schema.get("required")
    assert isinstance(properties, dict)
    rest: dict[str, JsonValue] = {**schema, "properties": {key: one for key, one in properties.items() if key != name}}
    if isinstance(required, list):
        rest["required"] = [key for key in required if key != name]
    return rest


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
