"""The house keeps its promises: what each file may hold, who may know whom, what is written where."""

import ast
import importlib
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from enum import Enum
from pathlib import Path
from types import ModuleType
from typing import Any

import grimp
import pytest
import yaml

from motcua.config.commandline import MODULES
from motcua.kernel.law import Citation

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "motcua"
FILES = subprocess.run(
    ["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True
).stdout.split("\n")
TEXTS = [
    path
    for path in map(ROOT.joinpath, filter(None, FILES))
    if path.suffix
    in {".py", ".toml", ".in", ".txt", ".md", ".yml", ".cfg", ".html", ".css", ".js", ".csv", ".json", ""}
    and path.is_file()
]


def trees(pattern: str) -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(SOURCE.glob(pattern)):
        yield str(path.relative_to(SOURCE)), ast.parse(path.read_text(encoding="utf-8"))


def named(paths: Iterator[tuple[str, ast.Module]]) -> list[Any]:
    return [pytest.param(tree, id=name) for name, tree in paths]


RULES = sorted({*SOURCE.glob("*/rules.py"), *SOURCE.glob("*/rules/*.py"), *SOURCE.glob("*/*/rules.py")})
PURE_KERNEL = ("calendar", "errors", "ids", "law", "term_text", "terms", "text")


QUERIES = ("*/queries.py", "*/*/queries.py", "*/queries/*.py")


def dotted(path: Path) -> str:
    parts = path.relative_to(SOURCE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@pytest.fixture(scope="module")
def imports() -> grimp.ImportGraph:
    """Who imports whom, with the packages from outside."""
    return grimp.build_graph("motcua", include_external_packages=True, exclude_type_checking_imports=True)


OUTSIDE = ("django", "psycopg", "httpx", "urllib", "uvicorn", "asyncio", "socket", "subprocess", "random", "secrets")


@pytest.mark.parametrize("module", [*map(dotted, RULES), *(f"motcua.kernel.{name}" for name in PURE_KERNEL)])
def test_rules_know_no_django_no_database_and_no_network_even_indirectly(
    imports: grimp.ImportGraph, module: str
) -> None:
    reached = sorted(imports.find_upstream_modules(module) & set(OUTSIDE))
    chains = [" -> ".join(imports.find_shortest_chain(importer=module, imported=name) or ()) for name in reached]
    assert chains == []


CLOCKS = {"now", "today", "utcnow", "time", "monotonic", "urandom", "random", "uuid4", "uuid1"}


@pytest.mark.parametrize("path", RULES, ids=dotted)
def test_rules_ask_no_clock_and_no_chance(path: Path) -> None:
    calls = [node.func for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
    asked = {
        call.attr
        for call in calls
        if isinstance(call, ast.Attribute) and isinstance(call.value, ast.Name) and call.attr in CLOCKS
        if call.value.id in {"clock", "datetime", "date", "time", "os", "random", "secrets", "uuid"}
    }
    assert asked == set()


@pytest.mark.parametrize("tree", named(trees("**/api.py")))
def test_a_front_door_holds_imports_and_names_only(tree: ast.Module) -> None:
    for node in tree.body:
        is_text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        is_names = isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "__all__"
        assert is_text or is_names or isinstance(node, ast.ImportFrom | ast.Import), ast.unparse(node)


@pytest.mark.parametrize("module", [m for m in MODULES if (SOURCE / m / "api.py").exists()])
def test_a_front_door_names_all_that_it_opens(module: str) -> None:
    front = importlib.import_module(f"motcua.{module}.api")
    opened = {
        alias.asname or alias.name
        for node in ast.walk(ast.parse((SOURCE / module / "api.py").read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert set(front.__all__) == opened


@pytest.mark.parametrize("tree", named(trees("**/actions.py")))
def test_the_arguments_of_an_action_have_names_but_for_its_list(tree: ast.Module) -> None:
    loose = [
        f"{node.name}({', '.join(argument.arg for argument in node.args.args)})"
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
        for first, *more in [[*node.args.args, None]]
        if first and (len(more) > 1 or not ast.unparse(first.annotation or first).startswith(("Sequence", "Iterable")))
    ]
    assert loose == []


def types_in(annotation: Any) -> Iterator[Any]:
    yield getattr(annotation, "__origin__", annotation)
    for inner in getattr(annotation, "__args__", ()):
        yield from types_in(inner)


@pytest.mark.parametrize(
    "module",
    [dotted(p) for pattern in QUERIES for p in SOURCE.glob(pattern)],
)
def test_queries_give_frozen_rows_never_models(module: str) -> None:
    from django.db.models import Model, QuerySet

    queries = importlib.import_module(module)
    for name, thing in vars(queries).items():
        if getattr(thing, "__module__", "") != module or name.startswith("_"):
            continue
        if is_dataclass(thing) and isinstance(thing, type):
            assert thing.__dataclass_params__.frozen, name  # type: ignore[attr-defined]
        if callable(thing) and not isinstance(thing, type):
            given = getattr(thing, "__annotations__", {}).get("return")
            tables = [t for t in types_in(given) if isinstance(t, type) and issubclass(t, Model | QuerySet)]
            assert tables == [], f"{name} -> {given}"


@pytest.mark.parametrize("tree", named(trees("*/models.py")))
def test_tables_hold_no_logic(tree: ast.Module) -> None:
    allowed = {"__str__"}
    written = [
        f"{table.name}.{node.name}"
        for table in tree.body
        if isinstance(table, ast.ClassDef)
        for node in table.body
        if isinstance(node, ast.FunctionDef) and node.name not in allowed
    ]
    assert written == []


def test_modules_are_never_named_for_nothing() -> None:
    vague = {"utils", "util", "helpers", "helper", "manager", "managers", "base", "misc", "common", "tools", "lib"}
    assert [str(p) for p in (*SOURCE.rglob("*.py"), *ROOT.glob("tests/**/*.py")) if p.stem in vague] == []


def test_each_module_says_what_it_is() -> None:
    silent = [m for m in MODULES if m != "config" and not (SOURCE / m / "README.md").exists()]
    long = [
        m
        for m in MODULES
        if (SOURCE / m / "README.md").exists()
        and not 8 <= len((SOURCE / m / "README.md").read_text(encoding="utf-8").splitlines()) <= 40
    ]
    assert (silent, long) == ([], [])


def test_each_module_has_one_migration_until_the_first_release() -> None:
    many = [str(p.parent.parent.name) for p in SOURCE.glob("*/migrations/0002*.py")]
    assert many == []


def test_nothing_is_put_off() -> None:
    marks = re.compile(r"\b(" + "|".join(("TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK")) + r")\b")
    found = [f"{p.relative_to(ROOT)}" for p in TEXTS if p.suffix == ".py" and marks.search(p.read_text("utf-8"))]
    assert found == []


def test_no_file_holds_half_a_merge() -> None:
    marks = re.compile(r"^(<{7}|>{7}) ", re.M)
    assert [str(p.relative_to(ROOT)) for p in TEXTS if marks.search(p.read_text("utf-8", errors="replace"))] == []


def test_no_test_is_left_out_or_expected_to_fail() -> None:
    marks = re.compile(r"mark\.(skip|skipif|xfail)\b|pytest\.(skip|xfail)\(")
    tests = [p for p in TEXTS if p.suffix == ".py" and "tests" in p.parts]
    assert [str(p.relative_to(ROOT)) for p in tests if marks.search(p.read_text("utf-8"))] == []


def test_no_file_names_a_package_index_or_a_place_on_one_machine() -> None:
    indexes = ("pypi" + ".org", "files.python" + "hosted.org", "npm" + "js.org", "index-" + "url", "extra-" + "index")
    places = re.compile(r"(?<![\w.])/(" + "|".join(("wo" + "rk", "ro" + "ot", "home/" + r"\w+", "Us" + "ers")) + r")/")
    found = []
    for path in TEXTS:
        text = path.read_text(encoding="utf-8", errors="replace")
        if path.name != "Makefile" and any(index in text for index in indexes):
            found.append(f"{path.relative_to(ROOT)} names an index")
        if places.search(text):
            found.append(f"{path.relative_to(ROOT)} names a place")
    assert found == []


@pytest.mark.parametrize("name", ["run", "dev"])
def test_each_package_is_pinned_with_hashes(name: str) -> None:
    lock = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8").replace("\\\n", " ")
    packages = [line for line in lock.splitlines() if line and not line.lstrip().startswith("#")]
    assert len(packages) > 10
    for package in packages:
        assert re.match(r"[\w.-]+(\[[\w,]+\])?==\S+ .*--hash=sha256:[0-9a-f]{64}", package), package


def test_make_help_explains_each_target() -> None:
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    declared = re.search(r"^\.PHONY: (.*)$", text, re.M)
    assert declared is not None
    make = ["make", "--no-print-directory", "help"]
    shown = subprocess.run(make, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert {line.split()[0] for line in shown.splitlines()} == set(declared[1].split())
    assert all(len(line.split()) > 3 for line in shown.splitlines())


def test_each_module_of_the_house_stands_in_the_contract() -> None:
    contract = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"][0]
    rows = {name for row in contract["layers"] for name in row.replace(" ", "").split("|")}
    folders = {p.parent.name for p in SOURCE.glob("*/__init__.py")} | {"__main__"}
    assert contract["exhaustive"] is True
    assert rows == folders


def test_each_command_explains_itself() -> None:
    from motcua.config.commandline import commands

    known = list(commands())
    assert len({command.name for command in known}) == len(known)
    assert [command.name for command in known if len(command.help.split()) < 3] == []


def tables_of_law() -> Iterator[tuple[str, Citation]]:
    """Every citation that hangs in a table of any module."""
    for name, module in sorted(sys.modules.items()):
        if name.startswith("motcua.") and isinstance(module, ModuleType):
            for key, value in list(vars(module).items()):
                if key.isupper():
                    yield from cited(f"{name}.{key}", value, 0)


def cited(where: str, value: object, depth: int) -> Iterator[tuple[str, Citation]]:
    if isinstance(value, Citation):
        yield where, value
    elif depth > 4 or isinstance(value, str | bytes | Enum):
        return
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from cited(f"{where}[{key}]", inner, depth + 1)
    elif isinstance(value, tuple | list | frozenset | set):
        for n, inner in enumerate(value):
            yield from cited(f"{where}[{n}]", inner, depth + 1)
    elif is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            yield from cited(f"{where}.{field.name}", getattr(value, field.name, None), depth + 1)


def test_each_citation_in_a_table_names_its_act() -> None:
    for path in RULES:
        importlib.import_module(dotted(path))
    found = list(tables_of_law())
    assert len(found) > 20
    assert [where for where, citation in found if not citation.act.strip()] == []


def test_each_generated_page_is_fresh() -> None:
    from motcua.config.pages import stale

    assert [str(path.relative_to(ROOT)) for path, _ in stale(ROOT)] == []


def test_the_public_code_page_says_what_a_catalogue_needs() -> None:
    page = yaml.safe_load((ROOT / "publiccode.yml").read_text(encoding="utf-8"))
    assert page["publiccodeYmlVersion"] == "0.4"
    assert page["legal"]["license"] == "EUPL-1.2"
    assert page["softwareVersion"] == tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert {"name", "url", "platforms", "developmentStatus", "softwareType", "localisation", "maintenance"} <= set(page)
    for text in page["description"].values():
        assert len(text["shortDescription"]) <= 150
        assert 150 <= len(text["longDescription"]) <= 10_000
        assert all(len(feature) <= 100 for feature in text["features"])


SLOW = ("PIL", "authlib", "duckdb", "holidays", "lxml", "nats", "openpyxl", "pandas", "polars", "requests", "splink")


def test_no_process_waits_at_its_start_for_a_library_that_it_may_never_use() -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys, django; django.setup(); import motcua.config.wiring, motcua.config.urls;"
            "from motcua.config.commandline import commands; list(commands());"
            f"print(*sorted(set({SLOW!r}) & sys.modules.keys()))",
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == []
