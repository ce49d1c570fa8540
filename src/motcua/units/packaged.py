"""The national package as rows, without a database: what motcua itself knows of the country."""

from functools import lru_cache
from pathlib import Path

from motcua.units.rules.directory import Rows
from motcua.units.rules.package import FILES, read

DATA = Path(__file__).parent / "data"


@lru_cache(maxsize=1)
def packaged_rows() -> Rows:
    """All that the package knows, of all times; `known_on` gives what was known on a day."""
    return read({name: (DATA / name).read_text("utf-8") for name in FILES}).rows
