"""What happens to one dossier after it was filed: a plausible list of steps with their moments, drawn in advance.

The shares below are made up to show every step, except where `facts` publishes a figure. Nothing here decides what is
allowed: the server does, by its own table of steps, and the report counts what it refused.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from motcua.kernel.calendar import WorkingCalendar
from motcua.kernel.clock import local
from motcua.kernel.terms import add_working, due, working_time
from motcua.replay.scenarios.facts import LATE_SHARE
from motcua.replay.scenarios.ground import Offered

REFUSED = 0.015
PAPERS_ASKED = 0.05
PAPERS_SENT = 0.75
COMPLETION_ASKED = 0.05
COMPLETED = 0.7
CONSULTED = 0.05  # of what departments settle
CONSULTED_BY_COMMUNES = 0.01
ANSWERED = 0.85
DUTY = 0.05
DUTY_DONE = 0.85
EXTENDED = 0.03
SENT_BACK = 0.03
DECLINED = 0.005
REJECTED = 0.02
WITHDRAWN = 0.012
STOPPED = 0.003
LEFT = 0.012  # nobody goes on with it
LATE = max(LATE_SHARE, 0.004)
FETCHED = 0.93

# Steps that one person takes with a whole folder, at the next full or half hour (minutes).
FOLDERS = {"hand_over": 30, "approve": 30, "sign": 60, "finish": 30}
HAND_OVER_UNTIL = (15, 0)

REASONS = {
    "refuse": "Hồ sơ không thuộc thẩm quyền giải quyết.",
    "ask_for_papers": "Bản chụp giấy tờ không đọc được, đề nghị chụp lại.",
    "ask_for_completion": "Thiếu giấy tờ chứng minh nơi cư trú.",
    "consult": "Đề nghị cho ý kiến về nội dung chuyên ngành.",
    "answer": "Thống nhất với đề xuất của cơ quan giải quyết.",
    "go_on_without_answer": "Quá thời hạn lấy ý kiến, tiếp tục giải quyết theo quy định.",
    "require_duty": "Thực hiện nghĩa vụ tài chính theo thông báo.",
    "extend": "Cần xác minh thêm; cơ quan xin lỗi và hẹn lại.",
    "send_back": "Bổ sung căn cứ pháp lý trong tờ trình.",
    "decline_to_sign": "Dự thảo kết quả chưa đúng mẫu.",
    "sign_refusal": "Không đủ điều kiện theo quy định.",
    "withdraw": "Người nộp không còn nhu cầu.",
    "stop": "Người nộp đề nghị dừng giải quyết.",
}


@dataclass(frozen=True, slots=True)
class Act:
    """One step to take at a moment. `extend_by`: working hours to add to the due moment that the server gave."""

    at: datetime
    step: str
    reason: str = ""
    agency: str = ""
    extend_by: float = 0.0


class _Story:
    """The acts so far and the moment that the story has reached."""

    def __init__(self, begun: datetime, calendar: WorkingCalendar) -> None:
        self.acts: list[Act] = []
        self.at = begun
        self.calendar = calendar

    def act(self, step: str, at: datetime, agency: str = "", extend_by: float = 0.0) -> None:
        """The step at that moment or, for a folder, when its folder is taken; never before the one before."""
        at = max(at, self.at)
        if step in FOLDERS:
            at = _folder(at, FOLDERS[step], self.calendar)
        self.acts.append(Act(at, step, REASONS.get(step, ""), agency, extend_by))
        self.at = at

    def after(self, hours: float) -> datetime:
        """So many working hours from now, to the second."""
        return add_working(self.at, hours, self.calendar).replace(microsecond=0)


def live(
    random: Random,
    filed: datetime,
    channel: str,
    offered: Offered,
    consulted: tuple[str, ...],
    calendar: WorkingCalendar,
) -> tuple[Act, ...]:
    """The life of a dossier that was filed at that moment, as far as it is anybody's decision but the timers'."""
    story = _Story(filed, calendar)
    if channel != "counter" and not _accept(story, random):
        return tuple(story.acts)
    accepted = story.at
    _hand_over(story)
    spare = random.random()
    if spare < WITHDRAWN:
        story.act("withdraw", story.after(random.uniform(0.5, 6)))
        return tuple(story.acts)
    if spare < WITHDRAWN + STOPPED:
        story.act("stop", story.after(random.uniform(1, 8)))
        return tuple(story.acts)
    if spare < WITHDRAWN + STOPPED + LEFT:
        return tuple(story.acts)
    term = _hours(accepted, offered, calendar)
    if term >= 8 and random.random() < COMPLETION_ASKED:
        story.act("ask_for_completion", story.after(random.uniform(0.5, min(12.0, term / 3))))
        if random.random() > COMPLETED:
            return tuple(story.acts)
        story.act("complete", story.after(random.uniform(2, 60)))
        accepted = story.at
    pace = random.uniform(1.1, 1.8) if random.random() < LATE else random.uniform(0.25, 0.93)
    if term >= 24 and random.random() < EXTENDED:
        story.act("extend", story.after(term / 4), extend_by=term / 2)
    end = add_working(accepted, max(term * pace, 0.5), calendar)
    left = max(working_time(story.at, end, calendar) / timedelta(hours=1), 0.4)
    if not _settle(story, random, offered, consulted, left, term):
        return tuple(story.acts)
    if random.random() < FETCHED:
        story.act("return_result", story.after(random.expovariate(1 / 3)))
    return tuple(story.acts)


def _accept(story: _Story, random: Random) -> bool:
    """An online dossier is looked at within eight working hours; False when it ends there."""
    story.at = story.after(0)
    spare = random.random()
    if spare < REFUSED:
        story.act("refuse", story.after(random.uniform(0.3, 6)))
        return False
    if spare < REFUSED + PAPERS_ASKED:
        story.act("ask_for_papers", story.after(random.uniform(0.3, 6)))
        if random.random() > PAPERS_SENT:
            return False
        story.act("send_papers", story.after(random.uniform(1, 40)))
    story.act("accept", story.after(min(random.expovariate(1 / 1.5), 7.5)))
    return True


def _hand_over(story: _Story) -> None:
    """On the same day, or at the start of the next working day for what came after 15:00."""
    here = local(story.at)
    if not story.calendar.is_working(here.date()) or (here.hour, here.minute) > HAND_OVER_UNTIL:
        opened = story.calendar.next_working_day(here.date())
        hour, minute = story.calendar.sessions[0][0].hour, story.calendar.sessions[0][0].minute
        story.act("hand_over", here.replace(year=opened.year, month=opened.month, day=opened.day, hour=hour,
                                            minute=minute, second=0).astimezone(story.at.tzinfo))  # fmt: skip
    else:
        story.act("hand_over", story.after(0.1))


def _hours(accepted: datetime, offered: Offered, calendar: WorkingCalendar) -> float:
    end = due(accepted, offered.term, calendar)
    assert end is not None
    return max(working_time(accepted, end, calendar) / timedelta(hours=1), 0.5)


def _settle(
    story: _Story, random: Random, offered: Offered, consulted: tuple[str, ...], left: float, term: float
) -> bool:
    """The internal process from the handler's desk to the result; False when it stays somewhere."""
    if term >= 40 and consulted and random.random() < (CONSULTED if term >= 80 else CONSULTED_BY_COMMUNES):
        story.act("consult", story.after(left * 0.05), agency=random.choice(consulted))
        answered = random.random() < ANSWERED
        story.act(
            "answer" if answered else "go_on_without_answer", story.after(random.uniform(4, 20) if answered else 26)
        )
    if term >= 40 and random.random() < DUTY:
        story.act("require_duty", story.after(left * 0.05))
        if random.random() > DUTY_DONE:
            return False
        story.act("perform_duty", story.after(random.uniform(2, 60)))
    _handle(story, offered, left * 0.55)
    if random.random() < SENT_BACK:
        story.act("send_back", story.after(left * 0.05))
        _handle(story, offered, left * 0.1)
    story.act("approve", story.after(left * 0.1))
    if random.random() < DECLINED:
        story.act("decline_to_sign", story.after(left * 0.05))
        _handle(story, offered, left * 0.05)
        story.act("approve", story.after(left * 0.05))
    story.act("sign_refusal" if random.random() < REJECTED else "sign", story.after(left * 0.1))
    story.act("finish", story.after(0.1))
    return True


def _handle(story: _Story, offered: Offered, hours: float) -> None:
    """A handler's steps of the internal process, then the proposal."""
    rounds = max(offered.handlers, 1)
    for _ in range(rounds - 1):
        story.act("process", story.after(hours / rounds))
    story.act("propose", story.after(hours / rounds))


def _folder(at: datetime, minutes: int, calendar: WorkingCalendar) -> datetime:
    """The next full (or half) hour at which folders are taken, within the day's sessions."""
    at = add_working(at, 0, calendar)
    late = timedelta(minutes=local(at).minute % minutes, seconds=at.second, microseconds=at.microsecond)
    return add_working(at + (timedelta(minutes=minutes) - late if late else timedelta()), 0, calendar)
