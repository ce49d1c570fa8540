"""Kinds of messages, priorities and processing statuses of QCVN 102:2016, and which status may follow which."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from motcua.kernel.law import Citation, Confidence, cite

PRACTICE = cite("QCVN 102:2016/BTTTT", confidence=Confidence.PRACTICE)
ORDER = cite("QCVN 102:2016/BTTTT", "thứ tự trạng thái", Confidence.ASSUMED)


class Kind(StrEnum):
    """What a message does."""

    NEW = "new"  # văn bản mới
    RECALL = "recall"  # thu hồi
    UPDATE = "update"  # cập nhật
    REPLACE = "replace"  # thay thế
    STATUS = "status"  # trạng thái xử lý


KINDS: Mapping[str, Kind] = {"0": Kind.NEW, "1": Kind.RECALL, "2": Kind.UPDATE, "3": Kind.REPLACE}
"""BussinessDocType."""
KIND_NUMBERS: Mapping[Kind, str] = {kind: number for number, kind in KINDS.items()}
KIND_WORDS: Mapping[Kind, str] = {
    Kind.NEW: "văn bản mới",
    Kind.RECALL: "thu hồi",
    Kind.UPDATE: "cập nhật",
    Kind.REPLACE: "thay thế",
    Kind.STATUS: "trạng thái",
}
PRIORITIES: Mapping[int, str] = {0: "Thường", 1: "Khẩn", 2: "Thượng khẩn", 3: "Hỏa tốc", 4: "Hỏa tốc hẹn giờ"}
STEERINGS: Mapping[int, str] = {1: "Không chỉ đạo", 2: "Chỉ đạo", 3: "Báo cáo"}


class Side(StrEnum):
    """Who says a status: the office that sent the document, or the one that got it."""

    SENDER = "sender"
    RECEIVER = "receiver"


@dataclass(frozen=True, slots=True)
class StatusRow:
    """A status: its code, its words, who says it, and after which others ("" is after none)."""

    code: str
    vi: str
    en: str
    by: Side
    after: frozenset[str]
    source: Citation = PRACTICE


def _after(*codes: str) -> frozenset[str]:
    return frozenset(codes)


# Offices leave statuses out: 06 may follow 03 at once. None goes back, but for 13, which can be asked at any time.
STATUSES: tuple[StatusRow, ...] = (
    StatusRow("01", "Đã đến", "Arrived", Side.RECEIVER, _after("")),
    StatusRow("02", "Từ chối tiếp nhận", "Refused", Side.RECEIVER, _after("", "01")),
    StatusRow("03", "Đã tiếp nhận", "Received", Side.RECEIVER, _after("", "01")),
    StatusRow("04", "Phân công xử lý", "Assigned", Side.RECEIVER, _after("03", "04", "05"), ORDER),
    StatusRow("05", "Đang xử lý", "In process", Side.RECEIVER, _after("03", "04"), ORDER),
    StatusRow("06", "Hoàn thành", "Finished", Side.RECEIVER, _after("03", "04", "05"), ORDER),
    StatusRow("13", "Yêu cầu lấy lại", "Asked back", Side.SENDER, _after("", "01", "03", "04", "05", "06", "16")),
    StatusRow("15", "Đồng ý cập nhật, lấy lại", "Agreed", Side.RECEIVER, _after("13")),
    StatusRow("16", "Từ chối cập nhật, lấy lại", "Declined", Side.RECEIVER, _after("13")),
)
STATUS: Mapping[str, StatusRow] = {row.code: row for row in STATUSES}


def standing(log: Sequence[str]) -> str:
    """Where the receiver stands with a document: the last status that counts; a declined recall changes nothing."""
    return next((code for code in reversed(log) if code not in ("13", "16")), "")


def may_follow(log: Sequence[str], code: str) -> bool:
    """Whether this status may come now, after those that came."""
    row = STATUS.get(code)
    if row is None:
        return False
    last = log[-1] if log else ""
    if code in ("15", "16"):
        return last == "13"
    if last == "13":
        return False  # first the answer to the recall
    return (last if code == "13" else standing(log)) in row.after
