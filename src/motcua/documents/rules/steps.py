"""The life of an official document as tables: its states, and who may take which step from where.

Văn thư (the clerk) is whoever holds the role of reception in the agency itself; where nobody does, its leader. The
buttons of the desk and what the other office is told are made from these rows.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from motcua.documents.rules.statuses import Kind
from motcua.identity.rules import Role
from motcua.kernel.law import Citation, Confidence, cite


class Direction(StrEnum):
    IN = "in"  # văn bản đến
    OUT = "out"  # văn bản đi


class State(StrEnum):
    ARRIVED = "arrived"
    RECEIVED = "received"
    ASSIGNED = "assigned"
    IN_PROCESS = "in_process"
    FINISHED = "finished"
    REFUSED = "refused"
    DRAFT = "draft"
    IN_OPINION = "in_opinion"
    TO_APPROVE = "to_approve"
    TO_SIGN = "to_sign"
    SIGNED = "signed"
    NUMBERED = "numbered"
    ISSUED = "issued"
    SENT = "sent"
    RECALLED = "recalled"
    REPLACED = "replaced"
    ARCHIVED = "archived"


STATES: Mapping[State, tuple[str, str]] = {
    State.ARRIVED: ("Đã đến, chờ tiếp nhận", "Arrived"),
    State.RECEIVED: ("Đã tiếp nhận, chờ phân công", "Received"),
    State.ASSIGNED: ("Đã phân công", "Assigned"),
    State.IN_PROCESS: ("Đang xử lý", "In process"),
    State.FINISHED: ("Hoàn thành", "Finished"),
    State.REFUSED: ("Từ chối tiếp nhận", "Refused"),
    State.DRAFT: ("Dự thảo", "Draft"),
    State.IN_OPINION: ("Đang lấy ý kiến", "Out for opinion"),
    State.TO_APPROVE: ("Chờ duyệt", "To approve"),
    State.TO_SIGN: ("Chờ ký", "To sign"),
    State.SIGNED: ("Đã ký, chờ cấp số", "Signed"),
    State.NUMBERED: ("Đã cấp số, chờ ban hành", "Numbered"),
    State.ISSUED: ("Đã ban hành", "Issued"),
    State.SENT: ("Đã gửi", "Sent"),
    State.RECALLED: ("Đã thu hồi", "Recalled"),
    State.REPLACED: ("Đã được thay thế", "Replaced"),
    State.ARCHIVED: ("Đã lưu", "Archived"),
}

CLERK = frozenset({Role.RECEPTION, Role.LEADER})
HEAD = frozenset({Role.LEADER, Role.SIGNATORY})
ANYBODY = frozenset(Role) - {Role.ADMINISTRATOR}
INCOMING = cite("Nghị định 30/2020/NĐ-CP", "Điều 20 đến 24")
OUTGOING = cite("Nghị định 30/2020/NĐ-CP", "Điều 10 đến 19")
RECALL = cite("Quyết định 28/2018/QĐ-TTg", confidence=Confidence.PRACTICE)


@dataclass(frozen=True, slots=True)
class Step:
    """One row: who may take it, from which states, to which (None: it stays), and what goes with it.

    `says`: the status that the other office is told. `numbers`: a number is given. `sends`: a message goes out.
    `open_request`: an office asked for the document back and waits for the answer (True), or nobody did (False).
    """

    name: str
    vi: str
    en: str
    direction: Direction
    by: frozenset[Role]
    before: frozenset[State]
    to: State | None
    source: Citation
    says: str = ""
    numbers: bool = False
    sends: Kind | None = None
    needs_reason: bool = False
    names_position: bool = False
    to_drafter: bool = False  # whoever drafted it has it again
    open_request: bool | None = None


def _from(*states: State) -> frozenset[State]:
    return frozenset(states)


IN, OUT = Direction.IN, Direction.OUT
LIVING = _from(State.RECEIVED, State.ASSIGNED, State.IN_PROCESS, State.FINISHED)
STEPS: tuple[Step, ...] = (
    Step("receive", "Tiếp nhận, vào sổ đến", "Receive", IN, CLERK, _from(State.ARRIVED), State.RECEIVED, INCOMING,
         says="03", numbers=True, open_request=False),
    Step("refuse", "Từ chối tiếp nhận", "Refuse", IN, CLERK, _from(State.ARRIVED), State.REFUSED, INCOMING,
         says="02", needs_reason=True, open_request=False),
    Step("assign", "Phân công xử lý", "Assign", IN, HEAD | {Role.APPROVER},
         _from(State.RECEIVED, State.ASSIGNED, State.IN_PROCESS), State.ASSIGNED, INCOMING, says="04",
         names_position=True, open_request=False),
    Step("process", "Bắt đầu xử lý", "Process", IN, ANYBODY, _from(State.ASSIGNED), State.IN_PROCESS, INCOMING,
         says="05", open_request=False),
    Step("finish", "Hoàn thành", "Finish", IN, ANYBODY, _from(State.RECEIVED, State.ASSIGNED, State.IN_PROCESS),
         State.FINISHED, INCOMING, says="06", open_request=False),
    Step("agree", "Đồng ý thu hồi, cập nhật", "Agree", IN, HEAD, LIVING | {State.ARRIVED, State.ARCHIVED}, None,
         RECALL, says="15", open_request=True),
    Step("decline", "Từ chối thu hồi, cập nhật", "Decline", IN, HEAD, LIVING | {State.ARRIVED, State.ARCHIVED}, None,
         RECALL, says="16", needs_reason=True, open_request=True),
    Step("archive", "Lưu hồ sơ", "Archive", IN, CLERK, _from(State.FINISHED), State.ARCHIVED, INCOMING,
         open_request=False),
    Step("ask_opinion", "Lấy ý kiến", "Ask for opinion", OUT, ANYBODY, _from(State.DRAFT), State.IN_OPINION, OUTGOING,
         names_position=True),
    Step("give_opinion", "Cho ý kiến", "Give an opinion", OUT, ANYBODY, _from(State.IN_OPINION), State.DRAFT,
         OUTGOING, needs_reason=True, to_drafter=True),
    Step("submit", "Trình duyệt", "Submit", OUT, ANYBODY, _from(State.DRAFT), State.TO_APPROVE, OUTGOING),
    Step("approve", "Duyệt nội dung", "Approve", OUT, frozenset({Role.APPROVER, Role.LEADER}),
         _from(State.TO_APPROVE), State.TO_SIGN, OUTGOING),
    Step("send_back", "Trả lại dự thảo", "Send back", OUT, HEAD | {Role.APPROVER},
         _from(State.TO_APPROVE, State.TO_SIGN), State.DRAFT, OUTGOING, needs_reason=True, to_drafter=True),
    Step("sign", "Ký ban hành", "Sign", OUT, HEAD, _from(State.TO_SIGN), State.SIGNED, OUTGOING),
    Step("number", "Cấp số, vào sổ đi", "Number", OUT, CLERK, _from(State.SIGNED), State.NUMBERED, OUTGOING,
         numbers=True),
    Step("issue", "Ban hành", "Issue", OUT, CLERK, _from(State.NUMBERED), State.ISSUED, OUTGOING),
    Step("send", "Gửi liên thông", "Send", OUT, CLERK, _from(State.ISSUED), State.SENT, OUTGOING, sends=Kind.NEW),
    Step("recall", "Yêu cầu thu hồi", "Ask back", OUT, HEAD, _from(State.SENT), None, RECALL, sends=Kind.RECALL,
         needs_reason=True, says="13"),
    Step("update", "Gửi bản cập nhật", "Send an update", OUT, HEAD, _from(State.SENT), None, RECALL,
         sends=Kind.UPDATE, needs_reason=True, says="13"),
    Step("file", "Lưu văn bản", "Archive", OUT, CLERK, _from(State.ISSUED, State.SENT), State.ARCHIVED, OUTGOING),
)  # fmt: skip
STEP: Mapping[str, Step] = {step.name: step for step in STEPS}

# Written by the worker, never by a person: what came over the line.
MARKS: Mapping[str, str] = {
    "arrive": "Văn bản đến",
    "draft": "Soạn dự thảo",
    "asked_back": "Bên gửi yêu cầu thu hồi, cập nhật hoặc thay thế",
    "told": "Bên nhận báo trạng thái",
    "recalled": "Mọi bên nhận đã đồng ý thu hồi",
}


WAITS_FOR: Mapping[State, str] = {
    State.ARRIVED: "receive",
    State.RECEIVED: "assign",
    State.TO_APPROVE: "approve",
    State.TO_SIGN: "sign",
    State.SIGNED: "number",
    State.NUMBERED: "issue",
    State.ISSUED: "send",
}
"""The step that a document waits for, whoever of its roles takes it."""
WITH_SOMEBODY = frozenset({State.ASSIGNED, State.IN_PROCESS, State.DRAFT, State.IN_OPINION})
"""The states in which a document waits for the one person who has it."""
ASKED_BACK = "agree"
"""The step that a document waits for while its sender asks for it back."""


def waiting(roles: Iterable[Role]) -> tuple[frozenset[State], bool]:
    """The states in which a document waits for one of these roles, and whether the answer to a sender is theirs."""
    held = frozenset(roles)
    states = frozenset(state for state, step in WAITS_FOR.items() if held & STEP[step].by)
    return states, bool(held & STEP[ASKED_BACK].by)


def allowed(direction: str, state: str, roles: Iterable[Role], *, asked_back: bool) -> tuple[Step, ...]:
    """The steps that these roles may take now, in the order of the table."""
    held = frozenset(roles)
    return tuple(
        step
        for step in STEPS
        if step.direction == direction
        and state in step.before
        and not held.isdisjoint(step.by)
        and (step.open_request is None or step.open_request == asked_back)
    )
