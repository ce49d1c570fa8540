"""The country as the package has it, without a database."""

import csv
import io
from collections.abc import Callable, Iterator, Mapping

import pytest

from motcua.units import queries
from motcua.units.packaged import DATA
from motcua.units.rules.directory import Directory, build
from motcua.units.rules.package import FILES, Package, read


@pytest.fixture(scope="session")
def files() -> Mapping[str, str]:
    """The packaged files, name to text."""
    return {name: (DATA / name).read_text("utf-8") for name in FILES}


@pytest.fixture(scope="session")
def package(files: Mapping[str, str]) -> Package:
    return read(files)


@pytest.fixture(scope="session")
def country(package: Package) -> Directory:
    return build(1, package.rows)


@pytest.fixture(scope="session")
def few_files(files: Mapping[str, str]) -> Mapping[str, str]:
    """The same files cut down to Hà Nội and Đồng Nai, and to what these were made from."""
    provinces, old_provinces = {"01", "75"}, {"01", "70", "75"}
    rows = {name: list(csv.DictReader(io.StringIO(text))) for name, text in files.items()}
    communes = {r["code"] for r in rows["communes.csv"] if r["province_code"] in provinces}
    old_communes = {r["code"] for r in rows["legacy_communes.csv"] if r["province_code"] in old_provinces}
    news, olds = provinces | communes, old_provinces | old_communes
    keep: dict[str, Callable[[dict[str, str]], bool]] = {
        "communes.csv": lambda r: r["code"] in communes,
        "legacy_districts.csv": lambda r: r["province_code"] in old_provinces,
        "legacy_communes.csv": lambda r: r["code"] in old_communes,
        "legacy_provinces.csv": lambda r: r["code"] in old_provinces,
        "succession.csv": lambda r: r["old_code"] in olds and r["new_code"] in news,
        "org_codes_level1.csv": lambda r: r["legacy_province_code"] in old_provinces,
        "departments.csv": lambda r: True,
    }
    few = {}
    for name, table in rows.items():
        text = io.StringIO()
        writer = csv.DictWriter(text, list(table[0]), lineterminator="\n")
        writer.writeheader()
        kept = keep.get(name)
        writer.writerows(r for r in table if (kept(r) if kept else r["code"] in news))
        few[name] = text.getvalue()
    return few


@pytest.fixture
def publishing(db: None) -> Iterator[None]:
    """For tests that publish: memory forgets what their transaction takes back."""
    yield
    queries.forget()
