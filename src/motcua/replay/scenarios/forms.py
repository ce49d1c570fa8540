"""Filled-in forms: content that fits a procedure's JSON Schema, field by field, as a careful person would fill it."""

import re
from collections.abc import Mapping
from datetime import timedelta
from random import Random
from typing import Any

from motcua.replay.scenarios.people import Person, name_of, number_of

WORDS = [
    "Kính",
    "đề",
    "nghị",
    "cơ",
    "quan",
    "xem",
    "xét,",
    "giải",
    "quyết",
    "hồ",
    "sơ",
    "theo",
    "quy",
    "định",
    "của",
    "pháp",
    "luật.",
]


def content(schema: Mapping[str, Any], random: Random, person: Person, address: str) -> dict[str, Any]:
    """Content that validates: every required field, and most of the others."""
    return _object(schema, random, person, address, schema)


def _object(
    schema: Mapping[str, Any], random: Random, person: Person, address: str, root: Mapping[str, Any]
) -> dict[str, Any]:
    required = set(schema.get("required", ()))
    filled = {}
    for name, field in schema.get("properties", {}).items():
        if name in required or random.random() < 0.6:
            filled[name] = _value(name, _resolved(field, root), random, person, address, root)
    for rule in schema.get("allOf", ()):
        _conditional(rule, schema, filled, random, person, address, root)
    if "if" in schema:
        _conditional(schema, schema, filled, random, person, address, root)
    return filled


def _conditional(
    rule: Mapping[str, Any],
    schema: Mapping[str, Any],
    filled: dict[str, Any],
    random: Random,
    person: Person,
    address: str,
    root: Mapping[str, Any],
) -> None:
    """`if` some fields have these values, `then` others are required (or the other way round with `else`)."""
    branch = rule.get("then" if _holds(rule.get("if", {}), filled) else "else", {})
    fields = {**schema.get("properties", {}), **branch.get("properties", {})}
    for name in branch.get("required", ()):
        if name not in filled:
            filled[name] = _value(name, _resolved(fields[name], root), random, person, address, root)


def _holds(condition: Mapping[str, Any], filled: Mapping[str, Any]) -> bool:
    if any(name not in filled for name in condition.get("required", ())):
        return False
    for name, rule in condition.get("properties", {}).items():
        if name in filled and (
            ("const" in rule and filled[name] != rule["const"]) or ("enum" in rule and filled[name] not in rule["enum"])
        ):
            return False
    return True


def _resolved(field: Mapping[str, Any], root: Mapping[str, Any]) -> Mapping[str, Any]:
    """The field with its `$ref` into `$defs` followed."""
    if "$ref" not in field:
        return field
    found: Any = root
    for part in field["$ref"].removeprefix("#/").split("/"):
        found = found[part]
    return {**_resolved(found, root), **{key: value for key, value in field.items() if key != "$ref"}}


def _value(
    name: str, field: Mapping[str, Any], random: Random, person: Person, address: str, root: Mapping[str, Any]
) -> Any:
    if "const" in field:
        return field["const"]
    if "enum" in field:
        return random.choice(field["enum"])
    for choice in (*field.get("oneOf", ()), *field.get("anyOf", ())):
        return _value(name, _resolved(choice, root), random, person, address, root)
    kind = field.get("type", "string")
    if isinstance(kind, list):
        kind = next(k for k in kind if k != "null")
    if kind == "object":
        return _object(field, random, person, address, root)
    if kind == "array":
        count = max(field.get("minItems", 0), 1)
        return [
            _value(name, _resolved(field.get("items", {}), root), random, person, address, root) for _ in range(count)
        ]
    if kind == "boolean":
        return random.random() < 0.5
    if kind in ("integer", "number"):
        lowest = int(field.get("minimum", field.get("exclusiveMinimum", 0) + ("exclusiveMinimum" in field)))
        return random.randint(lowest, int(min(field.get("maximum", lowest + 9), lowest + 9)))
    return _string(name, field, random, person, address)


def _string(name: str, field: Mapping[str, Any], random: Random, person: Person, address: str) -> str:
    known = _known(field.get("x-prefill", ""), person, address)
    if known and _fits(known, field):
        return known
    if field.get("format") == "date":
        return (person.birth_date + timedelta(days=random.randrange(0, 365 * 18))).isoformat()
    if field.get("format") == "time":
        return f"{random.randrange(24):02d}:{random.randrange(60):02d}:00"
    if field.get("format") == "date-time":
        return "2025-06-30T08:00:00+07:00"
    if field.get("format") == "email":
        return f"nguoi.dan.{random.randrange(10**6)}@example.vn"
    if "pattern" in field:
        for made in _candidates(random, person):
            if _fits(made, field):
                return made
        raise ValueError(f"no value is known for the pattern {field['pattern']} of {name}")
    if "name" in name:
        return name_of(random, woman=random.random() < 0.5)
    if "address" in name or "place" in name:
        return address[: field.get("maxLength", 300)]
    text = " ".join(WORDS[: random.randint(4, len(WORDS))])
    return text[: field.get("maxLength", 300)]


def _known(prefill: str, person: Person, address: str) -> str:
    return {
        "party.name": person.name,
        "party.number": person.number,
        "party.phone": person.phone,
        "party.address": address,
        "party.birth_date": person.birth_date.isoformat(),
        "party.email": "nguoi.nop@example.vn",
    }.get(prefill, "")


def _candidates(random: Random, person: Person) -> tuple[str, ...]:
    """Values in the shapes that forms ask for, none of which can be a real one."""
    return (
        number_of(random.randrange(10**6), woman=random.random() < 0.5, born=person.birth_date),
        f"00{random.randrange(10**8):08d}",
        f"0000{random.randrange(10**6):06d}",
        f"{random.randrange(24):02d}:{random.randrange(60):02d}",
        f"{random.randint(1, 28):02d}/{random.randint(1, 12):02d}/{random.randint(1950, 2024)}",
        str(random.randint(1950, 2024)),
        f"{random.randint(1, 999)}/2024",
        "00001",
        str(random.randint(1, 9)),
        f"{random.randint(1, 9)}00000",
    )


def _fits(text: str, field: Mapping[str, Any]) -> bool:
    return len(text) <= field.get("maxLength", 10_000) and bool(re.search(field.get("pattern", ""), text))
