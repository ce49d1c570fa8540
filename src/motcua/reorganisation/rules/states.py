"""The life of a plan of reorganisation, and what of it waits for a person."""

from enum import StrEnum


class PlanState(StrEnum):
    """Trạng thái của kế hoạch."""

    REGISTERED = "registered"  # checked and kept
    APPROVED = "approved"  # two named officials signed its digest
    APPLYING = "applying"  # the generation is published; hand-overs go on
    APPLIED = "applied"
    UNDOING = "undoing"
    UNDONE = "undone"


class Subject(StrEnum):
    """What changes hands."""

    DOSSIER = "dossier"  # hồ sơ chưa giải quyết xong
    POSITION = "position"  # vị trí công tác, and with it what an account may do
    TOKEN = "token"  # noqa: S105 - mã truy cập of a system
    DECISION = "decision"  # quyết định riêng của tỉnh về thủ tục


class Stage(StrEnum):
    """Where an application of a plan stands, in this order; each can be broken off and taken up again."""

    POSITIONS = "positions"
    TOKENS = "tokens"
    DECISIONS = "decisions"
    DOSSIERS = "dossiers"
    SWEEP = "sweep"  # what came to an old office while it was being emptied
    DONE = "done"


SIGNATURES = 2  # named officials who must sign the digest
