"""What differs between the three sides, and the record of hand-over (biên bản bàn giao dữ liệu). Pure."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

import msgspec

from motcua.kernel.errors import Conflict, NotAllowed

KIND = "motcua-hand-over-1"
SIGNATORIES = 2
SIDES = ("source", "staging", "target")
DIMENSIONS = ("unit", "procedure", "state", "year")
MOST_DIFFERENCES = 1_000  # that a record names one by one; the count is of all

_encode = msgspec.json.Encoder(order="deterministic").encode


class What(StrEnum):
    """How a row differs, and thereby in which of the three places something was done to it."""

    NOT_STAGED = "not-staged"  # in the file, not among the checked rows
    NOT_IN_SOURCE = "not-in-source"  # checked, but no longer in the file
    SOURCE_CHANGED = "source-changed"  # the file says something else than when it was checked
    STAGING_CHANGED = "staging-changed"  # the checked row is not what was checked
    NOT_IN_TARGET = "not-in-target"  # good, and no dossier
    TARGET_CHANGED = "target-changed"  # the dossier says something else than what was loaded
    NOT_EXPECTED = "not-expected"  # a dossier of this run whose row is not among the good ones


SIDE: Mapping[What, str] = {
    What.NOT_STAGED: "source", What.NOT_IN_SOURCE: "source", What.SOURCE_CHANGED: "source",
    What.STAGING_CHANGED: "staging",
    What.NOT_IN_TARGET: "target", What.TARGET_CHANGED: "target", What.NOT_EXPECTED: "target",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Difference:
    """One row that is not the same on the three sides: its file and row, how it differs, and in which fields."""

    what: What
    file: str
    row: int
    fields: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """By what it is explained; the same as long as the same row differs in the same way."""
        text = f"{self.what}\n{self.file}\n{self.row}\n{','.join(self.fields)}"
        return hashlib.sha256(text.encode()).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class Figures:
    """One side of one group: how many rows, their fees in đồng, and the XOR of the rows' checksums."""

    rows: int = 0
    fee: int = 0
    checksum: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """The good rows of one unit, procedure, state or year on the three sides. `heirs`: whose they are today."""

    dimension: str
    key: str
    name: str
    heirs: tuple[str, ...]
    sides: tuple[Figures, Figures, Figures]

    @property
    def equal(self) -> bool:
        return self.sides[0] == self.sides[1] == self.sides[2]


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a difference stands, in an official's words."""

    key: str
    text: str
    by: str


@dataclass(frozen=True, slots=True)
class Signature:
    """One of the two officials who sign: as they were called when they did. `digest` is what they signed."""

    account: int
    name: str
    title: str
    agency: str
    at: str
    digest: str


def canonical(value: Any) -> str:
    """The one JSON text of a record: keys in order, no spaces. It holds no fractions, so that any language makes it."""
    return _encode(value).decode()


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def unexplained(differences: Sequence[Difference], explained: Collection[str]) -> list[Difference]:
    """The differences that nobody has explained."""
    return [difference for difference in differences if difference.key not in explained]


def body(
    *,
    run: Mapping[str, Any],
    groups: Sequence[Group],
    differences: Sequence[Difference],
    found: int,
    rejects: Sequence[tuple[str, int]],
    explanations: Sequence[Explanation],
) -> dict[str, Any]:
    """The content of the record, before anybody signs it."""
    return {
        "kind": KIND,
        "run": dict(run),
        "groups": [
            {
                "by": group.dimension,
                "key": group.key,
                "name": group.name,
                "heirs": list(group.heirs),
                **{side: asdict(figures) for side, figures in zip(SIDES, group.sides, strict=True)},
            }
            for group in groups
        ],
        "rejects": [{"reasons": reasons, "rows": rows} for reasons, rows in rejects],
        "differences": {
            "count": found,
            "rows": [
                {"key": one.key, "what": one.what.value, "side": SIDE[one.what], "file": one.file, "row": one.row,
                 "fields": list(one.fields)}
                for one in differences[:MOST_DIFFERENCES]
            ],
        },
        "explanations": [asdict(one) for one in explanations],
    }  # fmt: skip


def may_sign(content: Mapping[str, Any], signed: Sequence[Signature], account: int, official: str) -> None:
    """Raise unless this official may sign: nothing stands unexplained, and nobody signs twice."""
    differences = content["differences"]
    explained = {one["key"] for one in content["explanations"]}
    open_rows = [row for row in differences["rows"] if row["key"] not in explained]
    beyond = differences["count"] - len(differences["rows"])
    if open_rows or beyond:
        raise Conflict(
            "differences-unexplained",
            f"Còn {len(open_rows) + beyond} dòng lệch chưa giải trình: chưa ký được.",
            mend="Sửa rồi đối chiếu lại, hoặc giải trình từng dòng bằng “motcua convert explain”.",
        )
    if any(one.account == account for one in signed):
        raise NotAllowed("signed-already", f"{official} đã ký biên bản này.", mend="Chữ ký thứ hai là của người khác.")
    if len(signed) >= SIGNATORIES:
        raise Conflict("signed-by-two", "Biên bản này đã có đủ hai chữ ký.")


def record(content: Mapping[str, Any], signed: Sequence[Signature]) -> dict[str, Any]:
    """The whole record as it is sealed with the installation's key: the content and who signed it."""
    return {**content, "signatures": [asdict(one) for one in signed]}
