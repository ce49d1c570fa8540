"""How the desk says steps, states, deadlines and whom a dossier waits for."""

from datetime import date, datetime, timedelta
from functools import lru_cache

from django.utils.translation import get_language, gettext_noop
from django.utils.translation import gettext as _

from motcua.dossiers import api as dossiers
from motcua.identity.api import Role
from motcua.kernel import clock
from motcua.kernel.errors import Failure
from motcua.screens import rules, words

# The names of the steps as the table has them, so that they can be said in English too.
STEP_NAMES = {
    "accept": gettext_noop("Tiếp nhận"),
    "ask_for_papers": gettext_noop("Yêu cầu bổ sung trước khi tiếp nhận"),
    "send_papers": gettext_noop("Bổ sung giấy tờ trước khi tiếp nhận"),
    "ask_for_fee": gettext_noop("Yêu cầu nộp phí, lệ phí trước khi tiếp nhận"),
    "pay_fee": gettext_noop("Nộp phí, lệ phí"),
    "digitise": gettext_noop("Số hóa giấy tờ"),
    "refuse": gettext_noop("Từ chối tiếp nhận"),
    "hand_over": gettext_noop("Chuyển cơ quan giải quyết"),
    "convert": gettext_noop("Chuyển đổi từ hệ thống cũ"),
    "transfer_in": gettext_noop("Nhận hồ sơ chuyển từ nút khác"),
    "correct": gettext_noop("Sửa theo dữ liệu hệ thống cũ"),
    "inherit": gettext_noop("Chuyển giao do sắp xếp đơn vị hành chính"),
    "give_back": gettext_noop("Trả về nơi cũ do hoàn tác sắp xếp"),
    "process": gettext_noop("Xử lý bước tiếp theo"),
    "ask_for_completion": gettext_noop("Yêu cầu bổ sung, hoàn thiện hồ sơ"),
    "complete": gettext_noop("Hoàn thiện hồ sơ"),
    "consult": gettext_noop("Lấy ý kiến cơ quan khác"),
    "answer": gettext_noop("Trả lời ý kiến"),
    "go_on_without_answer": gettext_noop("Xử lý tiếp khi quá hạn lấy ý kiến"),
    "require_duty": gettext_noop("Yêu cầu thực hiện nghĩa vụ tài chính"),
    "perform_duty": gettext_noop("Hoàn thành nghĩa vụ tài chính"),
    "extend": gettext_noop("Xin lỗi và hẹn lại ngày trả kết quả"),
    "propose": gettext_noop("Trình duyệt"),
    "approve": gettext_noop("Duyệt"),
    "send_back": gettext_noop("Trả lại để xử lý lại"),
    "decline_to_sign": gettext_noop("Không ký, trả lại để xử lý lại"),
    "sign": gettext_noop("Ký kết quả"),
    "sign_refusal": gettext_noop("Ký văn bản từ chối giải quyết"),
    "finish": gettext_noop("Chuyển kết quả về nơi tiếp nhận"),
    "return_result": gettext_noop("Trả kết quả"),
    "withdraw": gettext_noop("Rút hồ sơ"),
    "stop": gettext_noop("Dừng giải quyết"),
    "close": gettext_noop("Đóng hồ sơ vì không bổ sung"),
    "warn": gettext_noop("Nhắc sắp đến hạn"),
    "report_outage": gettext_noop("Ghi nhận sự cố hệ thống"),
    "end_outage": gettext_noop("Kết thúc sự cố hệ thống"),
    "file_counter": gettext_noop("Nộp trực tiếp"),
    "file_online": gettext_noop("Nộp trực tuyến"),
    "file_post": gettext_noop("Nộp qua bưu chính"),
    "file_assisted": gettext_noop("Nộp với sự hỗ trợ của cán bộ"),
}
ROLE_NAMES = {
    Role.RECEPTION: gettext_noop("người tiếp nhận"),
    Role.HANDLER: gettext_noop("người thụ lý"),
    Role.APPROVER: gettext_noop("người duyệt"),
    Role.SIGNATORY: gettext_noop("người ký"),
    Role.LEADER: gettext_noop("lãnh đạo cơ quan"),
    Role.ADMINISTRATOR: gettext_noop("quản trị hệ thống"),
}
WAITED_FOR = {
    "citizen": gettext_noop("người nộp"),
    "office": gettext_noop("cơ quan này"),
    "other_agency": gettext_noop("cơ quan khác"),
    "duty": gettext_noop("nghĩa vụ tài chính"),
    "outage": gettext_noop("hệ thống"),
}
LOOK_WITHIN = timedelta(hours=float(dossiers.LIMITS["look_at_filing"].term.value))
ANSWER_WITHIN = timedelta(hours=float(dossiers.LIMITS["answer_filing"].term.value))


def step_words(name: str) -> str:
    return _(STEP_NAMES.get(name, name))


def state_words(state: str) -> str:
    row = dossiers.STATE[dossiers.State(state)]
    return row.en if get_language() == "en" else row.vi


def chip(
    state: dossiers.State, left: timedelta | None, act_left: timedelta | None, due_at: datetime | None, now: datetime
) -> tuple[str, str, str]:
    """The deadline of a dossier as colour, words and a second line."""
    today = due_at is not None and clock.day_of(due_at) <= clock.day_of(now)
    return _chip(get_language() or "", state, _minutes(left), _minutes(act_left), today)


def _minutes(span: timedelta | None) -> timedelta | None:
    """To the minute, as it is said; a second late is late."""
    return None if span is None else timedelta(minutes=span // timedelta(minutes=1))


@lru_cache(maxsize=20_000)  # a list of fifty rows says few different things, and says them again on the next page
def _chip(
    language: str, state: dossiers.State, left: timedelta | None, act_left: timedelta | None, today: bool
) -> tuple[str, str, str]:
    row = dossiers.STATE[state]
    if state is dossiers.State.SUBMITTED and act_left is not None:
        return _of_filing(act_left)
    kind = rules.chip(row.national, left, date.min if today else None, date.min)
    if kind is rules.Chip.DONE:
        return kind.value, _("Có kết quả") if state is dossiers.State.FINISHED else state_words(state.value), ""
    if kind is rules.Chip.WAITING or left is None:
        return rules.Chip.WAITING.value, _("Tạm dừng"), ""
    span = words.working_time(left)
    if kind is rules.Chip.LATE:
        return kind.value, _("Quá %(span)s") % {"span": span}, ""
    step = ""
    if act_left is not None and act_left < timedelta() and row.waiting_on is None:
        step = _("bước này quá %(span)s") % {"span": words.working_time(act_left)}
    return kind.value, _("Còn %(span)s") % {"span": span}, step


def _of_filing(act_left: timedelta) -> tuple[str, str, str]:
    """A new online dossier: looked at within 2 working hours, answered within 8."""
    span = words.counted(abs(act_left))
    if act_left < timedelta():
        return rules.Chip.LATE.value, _("Quá %(span)s") % {"span": span}, _("chưa trả lời trong 8 giờ")
    look_left = act_left - (ANSWER_WITHIN - LOOK_WITHIN)
    if look_left >= timedelta():
        look = _("xem trong %(span)s") % {"span": words.counted(look_left)}
        return rules.Chip.IN_TIME.value, _("Còn %(span)s") % {"span": span}, look
    return rules.Chip.SOON.value, _("Còn %(span)s") % {"span": span}, _("đã quá 2 giờ chưa xem")


def waiting(row: dossiers.DeskRow, here: int, name_of: str) -> str:
    """Whom a dossier waits for, and since when if not for this office."""
    if row.waiting_on is None:
        return _("nơi này") if row.holder == here else name_of
    who = name_of if row.waiting_on == "other_agency" and row.holder != here else _(WAITED_FOR[row.waiting_on])
    return _("%(who)s, từ %(day)s") % {"who": who, "day": f"{clock.local(row.since):%d/%m}"}


CLOCK_WORDS = {
    "starts": gettext_noop("Thời hạn bắt đầu tính."),
    "waits": gettext_noop("Thời hạn vẫn tính; thời gian chờ ghi cho cơ quan được hỏi."),
    "stops": gettext_noop("Thời hạn tạm dừng."),
    "resumes": gettext_noop("Thời hạn tính tiếp."),
    "restarts": gettext_noop("Thời hạn tính lại từ đầu."),
    "extends": gettext_noop("Đổi thời điểm hẹn trả, chỉ một lần."),
    "ends": gettext_noop("Thời hạn kết thúc."),
}
STAYS = {
    "digitise": gettext_noop("Thêm bản số hóa vào hồ sơ; trạng thái giữ nguyên."),
    "process": gettext_noop("Ghi xong bước này của quy trình nội bộ và sang bước tiếp theo."),
    "extend": gettext_noop("Xin lỗi người nộp bằng văn bản và hẹn lại; trạng thái giữ nguyên."),
    "report_outage": gettext_noop("Ghi nhận sự cố; trạng thái giữ nguyên."),
    "end_outage": gettext_noop("Ghi nhận hệ thống đã hoạt động lại; trạng thái giữ nguyên."),
}
REASON = gettext_noop("Lý do")
REASON_LABELS = {
    "ask_for_papers": gettext_noop("Cần bổ sung những gì, vì sao"),
    "ask_for_completion": gettext_noop("Cần bổ sung, hoàn thiện những gì, vì sao"),
    "ask_for_fee": gettext_noop("Khoản phải nộp, căn cứ"),
    "require_duty": gettext_noop("Nghĩa vụ phải thực hiện, căn cứ"),
    "consult": gettext_noop("Nội dung cần lấy ý kiến"),
    "answer": gettext_noop("Ý kiến trả lời"),
}
TOLD_THE_APPLICANT = frozenset(
    {"ask_for_papers", "ask_for_completion", "ask_for_fee", "refuse", "require_duty", "extend", "sign_refusal", "stop"}
)
PAPER_FORMS = {
    "original": gettext_noop("bản chính"),
    "copy": gettext_noop("bản sao"),
    "electronic": gettext_noop("bản điện tử"),
}
CHANNELS = {
    "counter": gettext_noop("nộp trực tiếp"),
    "online": gettext_noop("nộp trực tuyến"),
    "post": gettext_noop("nộp qua bưu chính"),
    "assisted": gettext_noop("nộp với sự hỗ trợ của cán bộ"),
}


def effect(step: dossiers.Step, holder: str) -> str:
    """What a step will do, in a sentence or two; `holder` is who holds the dossier afterwards, "" for nobody."""
    if step.to is None:
        said = _(STAYS.get(step.name, ""))
    elif holder:
        said = _("Hồ sơ sang “%(state)s”, ở %(holder)s.") % {"state": state_words(step.to.value), "holder": holder}
    else:
        said = _("Hồ sơ kết thúc ở “%(state)s”.") % {"state": state_words(step.to.value)}
    clocked = CLOCK_WORDS.get(step.clock.value)
    return f"{said} {_(clocked)}" if clocked else said


# Refusals whose own words are meant for systems, said for somebody at a form.
REFUSALS = {
    "reason-missing": gettext_noop("Ghi lý do của bước này."),
    "agency-missing": gettext_noop("Chọn cơ quan được lấy ý kiến."),
    "new-due-missing": gettext_noop("Ghi thời điểm hẹn lại, sau thời điểm đã hẹn."),
    "paper-nameless": gettext_noop("Ghi tên giấy tờ."),
    "file-too-large": gettext_noop("Tệp lớn quá mức nhận. Ông/bà quét ở 300 dpi hoặc tách làm nhiều tệp."),
    "file-empty": gettext_noop("Tệp không có nội dung. Ông/bà chọn lại tệp."),
    "key-reused": gettext_noop("Biểu mẫu này đã được gửi một lần với nội dung khác. Ông/bà mở lại hồ sơ rồi làm lại."),
    "actor-not-allowed": gettext_noop("Bước này thuộc vị trí khác."),
    "foreign-agency": gettext_noop("Bước này thuộc cơ quan khác."),
    "position-not-entitled": gettext_noop("Vị trí của ông/bà không làm được bước này với hồ sơ này."),
}
MENDED_BY_READER = frozenset(
    {"agency-unknown", "date-unreadable", "answer-by-unreadable", "file-kind-refused", "files-too-many", "step-unknown"}
)


def refusal(failure: Failure) -> str:
    """Why something was not done, and what to do; what the law says of it stands in its own words."""
    if failure.problem in REFUSALS:
        return _(REFUSALS[failure.problem])
    return f"{failure.detail} {failure.mend if failure.problem in MENDED_BY_READER else ''}".strip()
