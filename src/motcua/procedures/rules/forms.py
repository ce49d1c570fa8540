"""Forms as JSON Schema 2020-12, compiled once, and what is wrong with a filled-in one, in Vietnamese.

Beyond the standard a field carries `title`, `x-order` (place on the page), `x-group` (heading), and `x-prefill`
(where a known person's value comes from, such as "party.name").
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import jsonschema_rs

from motcua.procedures.rules.files import DATA


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one field: its path in the form ("child_name", "items/0/name") and a sentence."""

    path: str
    message_vi: str


def key_of(schema: Mapping[str, Any]) -> str:
    """The digest under which a schema is compiled and found again."""
    return hashlib.sha256(json.dumps(schema, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:16]


GENERAL: Mapping[str, Any] = json.loads((DATA / "forms" / "general.json").read_text(encoding="utf-8"))
GENERAL_KEY = key_of(GENERAL)

_compiled: dict[str, jsonschema_rs.Draft202012Validator] = {}


def compiled(key: str, schema: Mapping[str, Any]) -> jsonschema_rs.Draft202012Validator:
    """The validator of the schema with this key; ValueError when it isn't valid 2020-12."""
    found = _compiled.get(key)
    if found is None:
        found = _compiled[key] = jsonschema_rs.Draft202012Validator(dict(schema), validate_formats=True)
    return found


def errors(key: str, schema: Mapping[str, Any], content: Any) -> tuple[FieldError, ...]:
    """What is wrong with the content, in the order of the form; () when nothing is."""
    validator = compiled(key, schema)
    if validator.is_valid(content):
        return ()
    found = {error.path: error for fault in validator.iter_errors(content) for error in _explained(schema, fault)}
    order = {name: field.get("x-order", 0) for name, field in schema.get("properties", {}).items()}
    return tuple(sorted(found.values(), key=lambda error: (order.get(error.path.split("/")[0], 1_000), error.path)))


_FORMATS = {"date": "một ngày có thật, viết năm-tháng-ngày (2026-01-31)", "email": "một địa chỉ thư điện tử"}
_TYPES = {"string": "chữ", "integer": "số nguyên", "number": "số", "boolean": "có hoặc không", "array": "danh sách"}


def _explained(schema: Mapping[str, Any], fault: jsonschema_rs.ValidationError) -> Iterator[FieldError]:
    path = [str(part) for part in fault.instance_path]
    kind: Any = fault.kind
    if kind.name == "required":
        path.append(kind.property)
        yield FieldError("/".join(path), f"Cần điền “{_title(schema, path)}”.")
        return
    if kind.name in ("additionalProperties", "unevaluatedProperties"):
        for name in kind.unexpected:
            yield FieldError("/".join([*path, name]), f"Biểu mẫu không có mục “{name}”.")
        return
    yield FieldError("/".join(path), f"“{_title(schema, path)}” {_wrong(schema, path, kind)}.")


def _wrong(schema: Mapping[str, Any], path: list[str], kind: Any) -> str:
    field = _field(schema, path)
    if kind.name == "pattern":
        return f"phải là {field.get('x-pattern', 'đúng mẫu quy định')}"
    if kind.name == "format":
        return f"phải là {_FORMATS.get(kind.format, kind.format)}"
    if kind.name == "type":
        return f"phải là {_TYPES.get(str(field.get('type')), 'đúng kiểu dữ liệu')}"
    if kind.name in ("enum", "const", "constant"):
        allowed = field.get("enum", [field.get("const")])
        titles = field.get("x-enum", {})
        return "phải là một trong: " + ", ".join(str(titles.get(str(value), value)) for value in allowed)
    if kind.name == "minLength":
        return "không được để trống"
    if kind.name == "maxLength":
        return f"không được dài quá {field.get('maxLength')} ký tự"
    if kind.name in ("minItems", "maxItems"):
        return f"phải có từ {field.get('minItems', 0)} đến {field.get('maxItems', 'nhiều')} mục"
    if kind.name in ("minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum"):
        return f"phải từ {field.get('minimum', '…')} đến {field.get('maximum', '…')}"
    return "không đúng quy định"


def _field(schema: Mapping[str, Any], path: list[str]) -> Mapping[str, Any]:
    field: Any = schema
    for part in path:
        if re.fullmatch(r"\d+", part) and "items" in field:
            field = field["items"]
        else:
            field = field.get("properties", {}).get(part, {})
    return field if isinstance(field, Mapping) else {}


def _title(schema: Mapping[str, Any], path: list[str]) -> str:
    if not path:
        return "Biểu mẫu"
    return str(_field(schema, path).get("title", path[-1]))
