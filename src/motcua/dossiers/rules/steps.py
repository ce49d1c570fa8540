"""The legal life of a dossier (hồ sơ) as two tables: its states and its steps.

A jurist reads STEPS row by row: who may do what, from which state, what follows, what it does to the clock, and
where the law says so. Buttons, access tests, the page in docs/law and the state diagram are made from it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from motcua.kernel.law import Citation, Confidence, cite, decree61, decree118, decree297
from motcua.kernel.terms import WaitingOn


class Actor(StrEnum):
    """Who takes a step: a role of an official, the applicant, or the worker's timers."""

    RECEPTION = "reception"
    HANDLER = "handler"
    APPROVER = "approver"
    SIGNATORY = "signatory"
    LEADER = "leader"
    APPLICANT = "applicant"
    WORKER = "worker"


class Place(StrEnum):
    """At which of the dossier's agencies the actor sits, and who holds the dossier."""

    RECEPTION = "reception"  # cơ quan tiếp nhận
    RESOLVING = "resolving"  # cơ quan giải quyết
    CONSULTED = "consulted"  # cơ quan được lấy ý kiến
    NOBODY = "nobody"  # the dossier's life is over


class State(StrEnum):
    SUBMITTED = "submitted"
    AWAITING_PAPERS = "awaiting_papers"
    REFUSED = "refused"
    ACCEPTED = "accepted"
    IN_PROCESS = "in_process"
    AWAITING_COMPLETION = "awaiting_completion"
    CONSULTING = "consulting"
    AWAITING_DUTY = "awaiting_duty"
    TO_APPROVE = "to_approve"
    TO_SIGN = "to_sign"
    SIGNED = "signed"
    FINISHED = "finished"
    RETURNED = "returned"
    WITHDRAWN = "withdrawn"
    STOPPED = "stopped"
    CLOSED = "closed"
    AWAITING_FEE = "awaiting_fee"


@dataclass(frozen=True, slots=True)
class StateRow:
    """A state: the national portal's code for it (1 to 10), its words, who holds it, who acts next, who is awaited."""

    state: State
    number: int  # in the database; never reused
    national: int
    vi: str
    en: str
    holder: Place
    next: Actor | None
    waiting_on: WaitingOn | None = None


STATES: tuple[StateRow, ...] = (
    StateRow(State.SUBMITTED, 1, 1, "Mới đăng ký", "Submitted", Place.RECEPTION, Actor.RECEPTION),
    StateRow(
        State.AWAITING_PAPERS, 2, 5, "Chờ bổ sung trước khi tiếp nhận", "Awaiting papers before acceptance",
        Place.RECEPTION, Actor.APPLICANT, WaitingOn.CITIZEN,
    ),
    StateRow(State.REFUSED, 3, 3, "Không được tiếp nhận", "Refused", Place.NOBODY, None),
    StateRow(State.ACCEPTED, 4, 2, "Được tiếp nhận", "Accepted", Place.RECEPTION, Actor.RECEPTION),
    StateRow(State.IN_PROCESS, 5, 4, "Đang xử lý", "In process", Place.RESOLVING, Actor.HANDLER),
    StateRow(
        State.AWAITING_COMPLETION, 6, 5, "Chờ bổ sung giấy tờ", "Awaiting completion",
        Place.RESOLVING, Actor.APPLICANT, WaitingOn.CITIZEN,
    ),
    StateRow(
        State.CONSULTING, 7, 4, "Đang lấy ý kiến cơ quan khác", "Consulting another agency",
        Place.CONSULTED, Actor.HANDLER, WaitingOn.OTHER_AGENCY,
    ),
    StateRow(
        State.AWAITING_DUTY, 8, 6, "Chờ thực hiện nghĩa vụ tài chính", "Awaiting a financial duty",
        Place.RESOLVING, Actor.APPLICANT, WaitingOn.DUTY,
    ),
    StateRow(State.TO_APPROVE, 9, 4, "Chờ duyệt", "To approve", Place.RESOLVING, Actor.APPROVER),
    StateRow(State.TO_SIGN, 10, 4, "Chờ ký", "To sign", Place.RESOLVING, Actor.SIGNATORY),
    StateRow(State.SIGNED, 11, 4, "Đã ký, chờ chuyển kết quả", "Signed", Place.RESOLVING, Actor.HANDLER),
    StateRow(State.FINISHED, 12, 9, "Đã xử lý xong", "Finished", Place.RECEPTION, Actor.RECEPTION),
    StateRow(State.RETURNED, 13, 10, "Đã trả kết quả", "Result returned", Place.NOBODY, None),
    StateRow(State.WITHDRAWN, 14, 7, "Công dân yêu cầu rút hồ sơ", "Withdrawn", Place.NOBODY, None),
    StateRow(State.STOPPED, 15, 8, "Dừng xử lý", "Stopped", Place.NOBODY, None),
    StateRow(State.CLOSED, 16, 8, "Đóng do không bổ sung", "Closed for want of completion", Place.NOBODY, None),
    StateRow(
        State.AWAITING_FEE, 17, 6, "Chờ nộp phí, lệ phí", "Awaiting the fee",
        Place.RECEPTION, Actor.APPLICANT, WaitingOn.DUTY,
    ),
)  # fmt: skip

STATE: Mapping[State, StateRow] = {row.state: row for row in STATES}
STATE_BY_NUMBER: Mapping[int, StateRow] = {row.number: row for row in STATES}
OPEN_STATES: frozenset[State] = frozenset(row.state for row in STATES if row.holder is not Place.NOBODY)


class Clock(StrEnum):
    """What a step does to the time that the law gives the office."""

    NONE = "none"
    STARTS = "starts"
    WAITS = "waits"  # goes on counting, but what passes is attributed to the one waited for
    STOPS = "stops"
    RESUMES = "resumes"
    RESTARTS = "restarts"  # from zero
    EXTENDS = "extends"
    ENDS = "ends"


class Guard(StrEnum):
    """A named condition on top of actor and state; `motcua.dossiers.rules.decide` holds its check."""

    ONCE = "once"  # at most once in the dossier's life
    WITHIN_3_WORKING_DAYS = "within_3_working_days"  # of acceptance
    A_DAY_BEFORE_DUE = "a_day_before_due"
    MORE_HANDLING = "more_handling"  # the internal process has another handler's step
    HANDLING_DONE = "handling_done"  # it has none left
    AFTER_CLOSING_TERM = "after_closing_term"
    NAMES_AGENCY = "names_agency"
    LATER_DUE = "later_due"  # names a new due moment after the old one
    OUTAGE_OPEN = "outage_open"
    NO_OUTAGE = "no_outage"


class Brings(StrEnum):
    """What a step may put into the dossier."""

    NOTHING = ""
    PAPERS = "paper"  # giấy tờ: components of the dossier
    RESULTS = "result"  # kết quả giải quyết


@dataclass(frozen=True, slots=True)
class Step:
    """One row of the law: `to` None leaves the state as it is."""

    name: str
    vi: str
    en: str
    from_: frozenset[State]
    to: State | None
    by: frozenset[Actor]
    at: Place
    clock: Clock
    source: Citation
    needs_reason: bool = False
    guards: tuple[Guard, ...] = ()
    waiting_on: WaitingOn | None = None
    outcome: str = ""
    brings: Brings = Brings.NOTHING


def _set(*members: State) -> frozenset[State]:
    return frozenset(members)


_S, _A = State, Actor
_RECEPTION, _RESOLVING = Place.RECEPTION, Place.RESOLVING
_PRACTICE, _ASSUMED = Confidence.PRACTICE, Confidence.ASSUMED

# Before anything is decided: here the applicant may still withdraw, and the head may stop.
UNDECIDED = _set(
    _S.ACCEPTED, _S.IN_PROCESS, _S.AWAITING_COMPLETION, _S.CONSULTING, _S.AWAITING_DUTY, _S.TO_APPROVE, _S.TO_SIGN
)  # fmt: skip
RUNNING = _set(_S.ACCEPTED, _S.IN_PROCESS, _S.CONSULTING, _S.TO_APPROVE, _S.TO_SIGN)


def _by(*actors: Actor) -> frozenset[Actor]:
    return frozenset(actors)


# How a dossier comes to be: the channel decides the first row of its log.
FILINGS: tuple[Step, ...] = (
    Step("file_counter", "Nộp trực tiếp", "Filed at the counter", _set(), _S.ACCEPTED, _by(_A.RECEPTION), _RECEPTION,
         Clock.STARTS, decree118("Điều 14")),
    Step("file_online", "Nộp trực tuyến", "Filed online", _set(), _S.SUBMITTED, _by(_A.APPLICANT, _A.RECEPTION),
         _RECEPTION, Clock.NONE, decree118("Điều 14")),
    Step("file_post", "Nộp qua bưu chính", "Filed by post", _set(), _S.SUBMITTED, _by(_A.RECEPTION), _RECEPTION,
         Clock.NONE, decree118("Điều 14")),
    Step("file_assisted", "Nộp với sự hỗ trợ của cán bộ", "Filed with an official's help", _set(), _S.SUBMITTED,
         _by(_A.RECEPTION), _RECEPTION, Clock.NONE, decree118("Điều 14", _ASSUMED)),
)  # fmt: skip

STEPS: tuple[Step, ...] = (
    Step("accept", "Tiếp nhận", "Accept", _set(_S.SUBMITTED), _S.ACCEPTED, _by(_A.RECEPTION), _RECEPTION, Clock.STARTS,
         decree61("Điều 17", _PRACTICE)),
    Step("ask_for_papers", "Yêu cầu bổ sung trước khi tiếp nhận", "Ask for papers before acceptance",
         _set(_S.SUBMITTED), _S.AWAITING_PAPERS, _by(_A.RECEPTION), _RECEPTION, Clock.NONE,
         decree297("Điều 6 khoản 4 điểm a"), needs_reason=True, guards=(Guard.ONCE,)),
    Step("send_papers", "Bổ sung giấy tờ trước khi tiếp nhận", "Send papers before acceptance",
         _set(_S.AWAITING_PAPERS), _S.SUBMITTED, _by(_A.APPLICANT, _A.RECEPTION), _RECEPTION, Clock.NONE,
         decree297("Điều 6 khoản 4 điểm a"), brings=Brings.PAPERS),
    Step("ask_for_fee", "Yêu cầu nộp phí, lệ phí trước khi tiếp nhận", "Ask for the fee before acceptance",
         _set(_S.SUBMITTED), _S.AWAITING_FEE, _by(_A.RECEPTION, _A.APPLICANT), _RECEPTION, Clock.NONE,
         decree61("Điều 24", _PRACTICE), needs_reason=True, guards=(Guard.ONCE,), waiting_on=WaitingOn.DUTY),
    Step("pay_fee", "Nộp phí, lệ phí", "Pay the fee", _set(_S.AWAITING_FEE), _S.SUBMITTED, _by(_A.APPLICANT,
         _A.RECEPTION), _RECEPTION, Clock.NONE, decree61("Điều 24", _PRACTICE)),
    Step("digitise", "Số hóa giấy tờ", "Digitise papers", UNDECIDED | {_S.SUBMITTED}, None, _by(_A.RECEPTION),
         _RECEPTION, Clock.NONE, decree118("Điều 17 khoản 1 điểm c"), brings=Brings.PAPERS),
    Step("refuse", "Từ chối tiếp nhận", "Refuse to accept", _set(_S.SUBMITTED, _S.AWAITING_PAPERS, _S.AWAITING_FEE),
         _S.REFUSED, _by(_A.RECEPTION), _RECEPTION, Clock.NONE, cite("Thông tư 03/2025/TT-VPCP", "Mẫu số 03"),
         needs_reason=True),
    Step("hand_over", "Chuyển cơ quan giải quyết", "Hand over to the resolving agency", _set(_S.ACCEPTED),
         _S.IN_PROCESS, _by(_A.RECEPTION), _RECEPTION, Clock.NONE, decree61("Điều 18"), guards=(Guard.NO_OUTAGE,)),
    Step("process", "Xử lý bước tiếp theo", "Go on to the next step of work", _set(_S.IN_PROCESS), None,
         _by(_A.HANDLER), _RESOLVING, Clock.NONE, decree61("Điều 19"), guards=(Guard.MORE_HANDLING, Guard.NO_OUTAGE)),
    Step("ask_for_completion", "Yêu cầu bổ sung, hoàn thiện hồ sơ", "Ask to complete the dossier", _set(_S.IN_PROCESS),
         _S.AWAITING_COMPLETION, _by(_A.HANDLER), _RESOLVING, Clock.STOPS, decree61("Điều 19 khoản 4"),
         needs_reason=True, guards=(Guard.ONCE, Guard.WITHIN_3_WORKING_DAYS, Guard.NO_OUTAGE),
         waiting_on=WaitingOn.CITIZEN),
    Step("complete", "Hoàn thiện hồ sơ", "Complete the dossier", _set(_S.AWAITING_COMPLETION), _S.IN_PROCESS,
         _by(_A.APPLICANT, _A.RECEPTION), _RECEPTION, Clock.RESTARTS, decree61("Điều 19 khoản 4"),
         brings=Brings.PAPERS),
    Step("consult", "Lấy ý kiến cơ quan khác", "Consult another agency", _set(_S.IN_PROCESS), _S.CONSULTING,
         _by(_A.HANDLER), _RESOLVING, Clock.WAITS, decree61("Điều 19 khoản 5"), needs_reason=True,
         guards=(Guard.NAMES_AGENCY, Guard.NO_OUTAGE), waiting_on=WaitingOn.OTHER_AGENCY),
    Step("answer", "Trả lời ý kiến", "Answer the consultation", _set(_S.CONSULTING), _S.IN_PROCESS, _by(_A.HANDLER),
         Place.CONSULTED, Clock.NONE, decree61("Điều 19 khoản 5"), needs_reason=True, guards=(Guard.NO_OUTAGE,)),
    Step("go_on_without_answer", "Xử lý tiếp khi quá hạn lấy ý kiến", "Go on without the late answer",
         _set(_S.CONSULTING), _S.IN_PROCESS, _by(_A.HANDLER), _RESOLVING, Clock.NONE, decree61("Điều 19 khoản 5",
         _ASSUMED), needs_reason=True, guards=(Guard.NO_OUTAGE,)),
    Step("require_duty", "Yêu cầu thực hiện nghĩa vụ tài chính", "Require a financial duty", _set(_S.IN_PROCESS),
         _S.AWAITING_DUTY, _by(_A.HANDLER), _RESOLVING, Clock.STOPS, cite("Công văn 174/CV-BCĐ", "phụ lục (Huế)",
         _PRACTICE), needs_reason=True, guards=(Guard.NO_OUTAGE,), waiting_on=WaitingOn.DUTY),
    Step("perform_duty", "Hoàn thành nghĩa vụ tài chính", "Perform the financial duty", _set(_S.AWAITING_DUTY),
         _S.IN_PROCESS, _by(_A.APPLICANT, _A.RECEPTION, _A.HANDLER), _RESOLVING, Clock.RESUMES,
         cite("Công văn 174/CV-BCĐ", "phụ lục (Huế)", _PRACTICE), brings=Brings.PAPERS),
    Step("extend", "Xin lỗi và hẹn lại ngày trả kết quả", "Apologise and set a new date", RUNNING, None, _by(_A.LEADER),
         _RESOLVING, Clock.EXTENDS, decree61("Điều 19 khoản 9"), needs_reason=True, guards=(Guard.ONCE,
         Guard.A_DAY_BEFORE_DUE, Guard.LATER_DUE, Guard.NO_OUTAGE)),
    Step("propose", "Trình duyệt", "Submit for approval", _set(_S.IN_PROCESS), _S.TO_APPROVE, _by(_A.HANDLER),
         _RESOLVING, Clock.NONE, decree61("Điều 19"), guards=(Guard.HANDLING_DONE, Guard.NO_OUTAGE)),
    Step("approve", "Duyệt", "Approve", _set(_S.TO_APPROVE), _S.TO_SIGN, _by(_A.APPROVER), _RESOLVING, Clock.NONE,
         decree61("Điều 19"), guards=(Guard.NO_OUTAGE,)),
    Step("send_back", "Trả lại để xử lý lại", "Send back to be handled again", _set(_S.TO_APPROVE), _S.IN_PROCESS,
         _by(_A.APPROVER), _RESOLVING, Clock.NONE, decree61("Điều 19", _ASSUMED), needs_reason=True,
         guards=(Guard.NO_OUTAGE,)),
    Step("decline_to_sign", "Không ký, trả lại để xử lý lại", "Decline to sign and send back", _set(_S.TO_SIGN),
         _S.IN_PROCESS, _by(_A.SIGNATORY), _RESOLVING, Clock.NONE, decree61("Điều 19", _ASSUMED), needs_reason=True,
         guards=(Guard.NO_OUTAGE,)),
    Step("sign", "Ký kết quả", "Sign the result", _set(_S.TO_SIGN), _S.SIGNED, _by(_A.SIGNATORY), _RESOLVING,
         Clock.NONE, decree61("Điều 20"), guards=(Guard.NO_OUTAGE,), outcome="granted", brings=Brings.RESULTS),
    Step("sign_refusal", "Ký văn bản từ chối giải quyết", "Sign the refusal to resolve", _set(_S.TO_SIGN), _S.SIGNED,
         _by(_A.SIGNATORY), _RESOLVING, Clock.NONE, decree61("Điều 19 khoản 8"), needs_reason=True,
         guards=(Guard.NO_OUTAGE,), outcome="rejected", brings=Brings.RESULTS),
    Step("finish", "Chuyển kết quả về nơi tiếp nhận", "Send the result to where it was filed", _set(_S.SIGNED),
         _S.FINISHED, _by(_A.HANDLER), _RESOLVING, Clock.ENDS, decree61("Điều 20"), brings=Brings.RESULTS),
    Step("return_result", "Trả kết quả", "Return the result", _set(_S.FINISHED), _S.RETURNED, _by(_A.RECEPTION),
         _RECEPTION, Clock.NONE, decree61("Điều 20")),
    Step("withdraw", "Rút hồ sơ", "Withdraw the dossier", UNDECIDED | {_S.SUBMITTED, _S.AWAITING_PAPERS,
         _S.AWAITING_FEE}, _S.WITHDRAWN, _by(_A.APPLICANT, _A.RECEPTION), _RECEPTION, Clock.ENDS, decree118("Điều 21"),
         needs_reason=True),
    Step("stop", "Dừng giải quyết", "Stop the dossier", UNDECIDED, _S.STOPPED, _by(_A.LEADER), _RESOLVING, Clock.ENDS,
         cite("Thông tư 03/2025/TT-VPCP", "Điều 7"), needs_reason=True),
    Step("close", "Đóng hồ sơ vì không bổ sung", "Close for want of papers", _set(_S.AWAITING_PAPERS,
         _S.AWAITING_COMPLETION, _S.AWAITING_FEE), _S.CLOSED, _by(_A.WORKER), _RECEPTION, Clock.ENDS,
         decree297("Điều 6 khoản 4 điểm a"), guards=(Guard.AFTER_CLOSING_TERM,)),
    Step("warn", "Nhắc sắp đến hạn", "Warn that it is due soon", RUNNING, None, _by(_A.WORKER), _RESOLVING, Clock.NONE,
         decree61("Điều 19 khoản 9", _ASSUMED), guards=(Guard.ONCE,)),
    Step("report_outage", "Ghi nhận sự cố hệ thống", "Record an outage", RUNNING, None, _by(_A.LEADER), _RESOLVING,
         Clock.STOPS, cite("Nghị định 224/2026/NĐ-CP", "Điều 14", _ASSUMED), needs_reason=True,
         guards=(Guard.NO_OUTAGE,), waiting_on=WaitingOn.OUTAGE),
    Step("end_outage", "Kết thúc sự cố hệ thống", "End the outage", RUNNING, None, _by(_A.LEADER), _RESOLVING,
         Clock.RESUMES, cite("Nghị định 224/2026/NĐ-CP", "Điều 14", _ASSUMED), guards=(Guard.OUTAGE_OPEN,)),
)  # fmt: skip

# How a dossier comes from another system, one that is switched off or another node's: a row of the log that nobody
# takes at a desk.
ARRIVALS: tuple[Step, ...] = (
    Step("convert", "Chuyển đổi từ hệ thống cũ", "Brought in from an old system", _set(), None, _by(_A.WORKER),
         _RECEPTION, Clock.NONE, cite("Nghị quyết 190/2025/QH15", "Điều 10", _ASSUMED)),
    Step("correct", "Sửa theo dữ liệu hệ thống cũ", "Corrected from an old system", _set(), None, _by(_A.WORKER),
         _RECEPTION, Clock.NONE, cite("Nghị quyết 190/2025/QH15", "Điều 10", _ASSUMED)),
    Step("transfer_in", "Nhận hồ sơ chuyển từ nút khác", "Came from another node to be resolved here", _set(), None,
         _by(_A.WORKER), _RESOLVING, Clock.NONE, decree61("Điều 18", _PRACTICE)),
)  # fmt: skip

STEP: Mapping[str, Step] = {step.name: step for step in STEPS}
# What a plan of reorganisation does with an open dossier: nobody takes these one by one, and nothing but the offices
# changes. Not a step, paper or day is asked again (Nghị quyết 190/2025/QH15).
MOVES: tuple[Step, ...] = (
    Step("inherit", "Chuyển giao do sắp xếp đơn vị hành chính", "Passed on because units were reorganised",
         OPEN_STATES, None, _by(_A.WORKER), _RESOLVING, Clock.NONE,
         cite("Nghị quyết 190/2025/QH15", confidence=_PRACTICE), needs_reason=True),
    Step("give_back", "Trả về nơi cũ do hoàn tác sắp xếp", "Given back because a reorganisation was undone",
         OPEN_STATES, None, _by(_A.WORKER), _RESOLVING, Clock.NONE,
         cite("Nghị quyết 190/2025/QH15", confidence=_ASSUMED), needs_reason=True),
)  # fmt: skip

FILING: Mapping[str, Step] = {step.name.removeprefix("file_"): step for step in FILINGS}
NEXT: Mapping[State, Step | None] = {
    row.state: next((s for s in STEPS if row.state in s.from_ and s.to is not None and row.next in s.by), None)
    for row in STATES
}
"""What comes next in the ordinary course, by whoever acts next."""
