"""Reads the record of hand-over: as it stands, as JSON with its signature, and what its PDF says."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import msgspec

from motcua.conversion.models import HandOver, HandOverSignature
from motcua.conversion.persons.queries import reach
from motcua.conversion.reconciliation.rules import SIDES, Signature
from motcua.identity import api as identity
from motcua.kernel import clock
from motcua.kernel.errors import NotFound
from motcua.units import api as units


@dataclass(frozen=True, slots=True)
class HandOverRow:
    """A record of hand-over: what it found, who signed it, and whether it is sealed."""

    run: str
    title: str
    made_at: datetime
    digest: str
    read: int
    rejected: int
    held: int
    figures: tuple[tuple[str, int, int, str], ...]  # side, rows, fee, checksum
    differences: int
    unexplained: int
    rows: tuple[dict[str, Any], ...]  # the differences that are named one by one
    rejects: tuple[tuple[str, int], ...]
    signatures: tuple[Signature, ...]
    sealed: bool
    explained: frozenset[str]  # keys of the differences that somebody explained


def _row(run: str) -> HandOver:
    found = HandOver.objects.filter(run=run).first()
    if found is None:
        raise NotFound(
            "hand-over-unknown", f"Đợt {run} chưa đối chiếu.", mend=f"Chạy “motcua convert reconcile {run}”."
        )
    return found


def content(run: str) -> dict[str, Any]:
    """What the reconciliation found, as it stands."""
    found: dict[str, Any] = msgspec.json.decode(_row(run).content)
    return found


def signatures(run: str, digest: str) -> list[Signature]:
    """Who signed the record in this state, in order; who signed an earlier state has to sign again."""
    return [
        Signature(row.official, row.name, row.title, row.agency, row.at.isoformat(), row.digest)
        for row in HandOverSignature.objects.filter(run=run, digest=digest).order_by("at", "official")
    ]


def hand_over(run: str, *, scope: identity.Scope | None = None, on: date | None = None) -> HandOverRow:
    """The record of a run; NotFound for a caller whose area the data is not of."""
    row = _row(run)
    found: dict[str, Any] = msgspec.json.decode(row.content)
    if scope is not None and not concerns(found, scope, on or clock.today()):
        raise NotFound("hand-over-unknown", f"Đợt {run} không thuộc phạm vi của ông/bà.")
    whole = next((group for group in found["groups"] if group["by"] == "all"), None)
    explained = {one["key"] for one in found["explanations"]}
    named = found["differences"]["rows"]
    beyond = found["differences"]["count"] - len(named)
    return HandOverRow(
        run=run,
        title=found["run"]["title"],
        made_at=row.made_at,
        digest=row.digest,
        read=found["run"]["read"],
        rejected=found["run"]["rejected"],
        held=found["run"]["held"],
        figures=tuple(
            (side, whole[side]["rows"], whole[side]["fee"], whole[side]["checksum"]) if whole else (side, 0, 0, "")
            for side in SIDES
        ),
        differences=found["differences"]["count"],
        unexplained=sum(one["key"] not in explained for one in named) + beyond,
        rows=tuple(named),
        rejects=tuple((one["reasons"], one["rows"]) for one in found["rejects"]),
        signatures=tuple(signatures(run, row.digest)),
        sealed=bool(row.signed),
        explained=frozenset(explained),
    )


def hand_overs(*, scope: identity.Scope, on: date) -> tuple[HandOverRow, ...]:
    """The records of the caller's area, newest first."""
    rows = HandOver.objects.order_by("-made_at", "run")[:100]
    return tuple(hand_over(row.run) for row in rows if concerns(msgspec.json.decode(row.content), scope, on))


def concerns(content: dict[str, Any], scope: identity.Scope, on: date) -> bool:
    """Does the caller's reach hold every unit that the data is of? Of a whole province only the province has it."""
    areas = reach(scope, on)
    if areas is None:
        return True
    directory = units.directory()
    agencies = [int(group["key"]) for group in content["groups"] if group["by"] == "unit"]
    return bool(agencies) and {directory.agency(a).unit_id for a in agencies if a} <= set(areas)


def as_json(run: str) -> str:
    """The record with its seal, for `docs/verify_hand_over.py`; before it is sealed, its content alone."""
    row = _row(run)
    if not row.signed:
        return msgspec.json.format(row.content, indent=1) + "\n"
    sealed = {"key": row.key, "signature": row.signature, "record": msgspec.json.decode(row.signed)}
    return msgspec.json.format(msgspec.json.encode(sealed), indent=1).decode() + "\n"


NAMES = {"unit": "Đơn vị", "procedure": "Thủ tục", "state": "Trạng thái", "year": "Năm nộp"}
WHATS = {
    "not-staged": "có trong tệp, không có trong dữ liệu đã kiểm",
    "not-in-source": "đã kiểm, không còn trong tệp",
    "source-changed": "tệp nguồn khác lúc kiểm",
    "staging-changed": "dữ liệu đã kiểm bị thay đổi",
    "not-in-target": "không có hồ sơ ở hệ thống mới",
    "target-changed": "hồ sơ ở hệ thống mới khác lúc nạp",
    "not-expected": "hồ sơ ở hệ thống mới không có dòng nguồn",
}
MOST_PRINTED = 200  # differences on paper; the JSON has them all


def printed(run: str) -> dict[str, Any]:
    """What stands on the paper: words and figures, each as it is to be read."""
    row = _row(run)
    found: dict[str, Any] = msgspec.json.decode(row.content)
    told = found["run"]
    signed = signatures(run, row.digest)
    explained = {one["key"]: one for one in found["explanations"]}
    groups = found["groups"]
    return {
        "form": "hand_over",
        "paper": "a4",
        "title": "Biên bản bàn giao dữ liệu",
        "run": run,
        "system": f"{told['title']} ({told['system']})",
        "reconciled": _moment(told["reconciled_at"]),
        "files": [f"{one['name']} ({_number(one['bytes'])} byte, SHA-256 {one['sha256']})" for one in told["files"]],
        "counts": [_number(told[name]) for name in ("read", "rejected", "held", "superseded")],
        "tables": [
            {"name": NAMES.get(by, "Toàn bộ"), "rows": [_line(group) for group in groups if group["by"] == by]}
            for by in ("all", *NAMES)
        ],
        "rejects": [[one["reasons"], _number(one["rows"])] for one in found["rejects"]],
        "differences": _number(found["differences"]["count"]),
        "rows": [
            [one["file"], str(one["row"]), WHATS[one["what"]], ", ".join(one["fields"]),
             explained[one["key"]]["text"] if one["key"] in explained else ""]
            for one in found["differences"]["rows"][:MOST_PRINTED]
        ],
        "signatures": [[one.name, one.title, one.agency, _moment(one.at)] for one in signed],
        "digest": row.digest,
        "key": row.key,
        "sealed": bool(row.signed),
        "foot": f"{run} · nội dung SHA-256 {row.digest[:16]}…",
    }  # fmt: skip


def _line(group: dict[str, Any]) -> dict[str, Any]:
    sides = [group[side] for side in SIDES]
    return {
        "name": group["name"] or "Mọi dòng hợp lệ",
        "heirs": "; ".join(group["heirs"]),
        "rows": [_number(side["rows"]) for side in sides],
        "fees": [_number(side["fee"]) for side in sides],
        "equal": sides[0] == sides[1] == sides[2],
        "checksum": sides[2]["checksum"],
    }


def _number(value: int) -> str:
    return f"{value:,}".replace(",", ".")


def _moment(text: str) -> str:
    return f"{clock.local(datetime.fromisoformat(text)):%H:%M %d/%m/%Y}"
