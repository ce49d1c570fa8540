"""Finds pairs of parties that may be one person: Splink on DuckDB, over what the old systems wrote of people.

Nothing is decided here. The same records give the same suggestions: sampling has a fixed seed.
"""

import logging
import os
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from motcua.conversion.persons.rules import (
    APART,
    BLOCKS,
    COLUMNS,
    COMPARISONS,
    COUNTED_FROM,
    LEAST,
    RECALL,
    Comparison,
    Likeness,
    survivor_of,
)

if TYPE_CHECKING:
    import duckdb


MEMORY = "1GB"
SAMPLED = 1_000_000  # pairs of strangers that are drawn to count what a step says of them

# What is compared is made from what was written; an empty text is none.
_PREPARED = """
CREATE TABLE people AS
WITH folded AS (
    SELECT system || '/' || party AS unique_id, party, nullif(number, '') AS number,
        nullif(old_number, '') AS old_number,
        lower(strip_accents(translate(trim(name), 'đĐ', 'dD'))) AS folded, birth_date, nullif(phone, '') AS phone, area
    FROM written WHERE name <> ''
)
SELECT *, split_part(folded, ' ', 1) AS family, split_part(folded, ' ', -1) AS given,
    len(string_split(folded, ' ')) AS words, year(birth_date) AS birth_year
FROM folded
"""


def likenesses(people: Path, *, least: float = LEAST) -> list[Likeness]:
    """All pairs of parties in a CSV file (COLUMNS) that are one person with at least this probability."""
    import duckdb  # only whoever looks for one person in several systems waits for it

    with duckdb.connect() as compared:
        compared.execute(f"SET memory_limit = '{MEMORY}'; SET threads = {min(2, os.cpu_count() or 1)}")
        spelt = "{" + ", ".join(f"'{c.split()[0]}': '{c.split()[1]}'" for c in COLUMNS.split(", ")) + "}"
        compared.execute(
            f"CREATE TABLE written AS SELECT * FROM read_csv(?, header = true, columns = {spelt})",
            [str(people)],
        )
        compared.execute(_PREPARED)
        [(many,)] = compared.execute("SELECT count(*) FROM people").fetchall()
        if many < 2:
            return []
        rows = _predicted(compared, least, many)
        numbers = {
            UUID(party): number
            for party, number in compared.execute("SELECT party, max(number) FROM people GROUP BY party").fetchall()
        }
    return [_likeness(row, numbers) for row in rows]


def _predicted(compared: "duckdb.DuckDBPyConnection", least: float, many: int) -> list[tuple[Any, ...]]:
    """Of each pair of parties the best pair of records: probability, and step and weight of each comparison."""
    from splink import DuckDBAPI, Linker, SettingsCreator
    from splink.blocking_rule_library import CustomRule

    logging.getLogger("splink").setLevel(logging.ERROR)  # it advises on screen about sizes that we chose
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        settings = SettingsCreator(
            link_type="dedupe_only",
            probability_two_random_records_match=_prior(compared, many),
            comparisons=[_comparison(comparison) for comparison in COMPARISONS],
            blocking_rules_to_generate_predictions=[
                CustomRule(
                    " AND ".join(f"l.{c} = r.{c}" for c in columns) + f" AND l.party <> r.party AND NOT ({APART})"
                )
                for columns in BLOCKS
            ],
            retain_intermediate_calculation_columns=True,
            additional_columns_to_retain=["party"],
        )
        api = DuckDBAPI(connection=compared)
        linker = Linker(api.register("people"), settings, log_level=None)
        if many >= COUNTED_FROM:
            linker.training.estimate_u_using_random_sampling(max_pairs=SAMPLED, seed=1)
        found = linker.inference.predict(threshold_match_probability=least)
    steps = ", ".join(f"gamma_{c.field}, {_weight(c)}" for c in COMPARISONS)
    return compared.execute(
        f"SELECT party_l, party_r, match_probability, {steps} FROM {found.physical_name}"
        " QUALIFY row_number() OVER (PARTITION BY least(party_l, party_r), greatest(party_l, party_r)"
        " ORDER BY match_probability DESC, unique_id_l, unique_id_r) = 1"
        " ORDER BY match_probability DESC, party_l, party_r"
    ).fetchall()


def _prior(compared: "duckdb.DuckDBPyConnection", many: int) -> float:
    """How likely two records taken by chance are one person: from those that share name and birth date."""
    [(alike,)] = compared.execute(
        "SELECT coalesce(sum(n * (n - 1) / 2), 0) FROM"
        " (SELECT count(*) AS n FROM people WHERE birth_date IS NOT NULL GROUP BY folded, birth_date)"
    ).fetchall()
    return float(min(0.1, max(1.0, alike) / RECALL / (many * (many - 1) / 2)))


def _weight(comparison: Comparison) -> str:
    frequent = f" + coalesce(mw_tf_adj_{comparison.field}, 0)" if comparison.frequent else ""
    return f"mw_{comparison.field}{frequent}"


def _comparison(comparison: Comparison) -> Any:
    import splink.comparison_level_library as steps
    import splink.comparison_library as comparisons

    made: list[Any] = [steps.CustomLevel(comparison.missing, "missing").configure(is_null_level=True)]
    for n, level in enumerate(comparison.levels):
        configured: dict[str, Any] = {
            "m_probability": level.m,
            "u_probability": level.u,
            "fix_u_probability": comparison.rare,
        }
        if n == 0 and comparison.frequent:
            configured |= {"tf_adjustment_column": comparison.frequent}
        made.append(steps.CustomLevel(level.sql, level.name).configure(**configured))
    m, u = (1 - sum(each) for each in zip(*((level.m, level.u) for level in comparison.levels), strict=True))
    rest = steps.ElseLevel().configure(m_probability=max(0.001, m), u_probability=u, fix_u_probability=comparison.rare)
    made.append(rest)
    return comparisons.CustomComparison(made, output_column_name=comparison.field)


def _likeness(row: Sequence[Any], numbers: dict[UUID, str]) -> Likeness:
    first, second, probability, *steps = row
    party, survivor = survivor_of(numbers, (UUID(first), UUID(second)))
    reasons = []
    for comparison, gamma, weight in zip(COMPARISONS, steps[::2], steps[1::2], strict=True):
        if gamma < 0:
            continue  # a side is missing: it says nothing
        place = len(comparison.levels) - gamma
        level = comparison.levels[place].name if place < len(comparison.levels) else "else"
        reasons.append((comparison.field, level, round(float(weight), 2)))
    return Likeness(party, survivor, float(probability), tuple(reasons))
