"""What a step makes of a dossier: one pure function from the dossier as it is to the dossier as it will be."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from motcua.dossiers.rules.limits import HAND_OVER_SAME_DAY_UNTIL, LIMITS
from motcua.dossiers.rules.steps import STATE, STEP, Actor, Clock, Guard, Place, State, Step
from motcua.kernel.calendar import WorkingCalendar
from motcua.kernel.clock import VIETNAM, local
from motcua.kernel.errors import Conflict, Failure, NotAllowed, Permanent
from motcua.kernel.terms import Pause, Term, WaitingOn, add_working, due, subtract_working, working_time


@dataclass(frozen=True, slots=True)
class Running:
    """The clock of one dossier: from when which term counts, when it stood still and for whom, what was promised anew.

    `extended` is the new due moment of the one extension; `ended` the moment when the office was done.
    """

    term: Term
    start: datetime | None = None
    pauses: tuple[Pause, ...] = ()
    extended: datetime | None = None
    ended: datetime | None = None

    @property
    def stopped(self) -> Pause | None:
        """The pause that is still open."""
        return self.pauses[-1] if self.pauses and self.pauses[-1].end is None else None

    def due(self, calendar: WorkingCalendar) -> datetime | None:
        """When the result is due; None before acceptance and while the clock stands still."""
        if self.start is None or self.stopped:
            return None
        if self.extended is None:
            return due(self.start, self.term, calendar, self.pauses)
        since = [p for p in self.pauses if p.end is not None and p.start >= self.start and p.why == "after extension"]
        lost = sum((working_time(p.start, p.end, calendar) for p in since if p.end), timedelta())
        return add_working(self.extended, lost / timedelta(hours=1), calendar) if lost else self.extended


@dataclass(frozen=True, slots=True)
class Handling:
    """One step of the internal process (quy trình nội bộ): who, and how many working minutes."""

    actor: Actor
    minutes: int


@dataclass(frozen=True, slots=True)
class Life:
    """What steps change of a dossier. `n` counts its log's rows; `handling` is its place in the internal process."""

    state: State
    n: int
    since: datetime
    clock: Running
    due_at: datetime | None = None
    act_by: datetime | None = None
    accepted_at: datetime | None = None
    finished_at: datetime | None = None
    waiting_on: WaitingOn | None = None
    consulted: int | None = None
    handling: int = 0
    taken: frozenset[str] = frozenset()  # the steps of which there is only one
    outcome: str = ""


@dataclass(frozen=True, slots=True)
class Given:
    """What the actor says with a step."""

    now: datetime
    reason: str = ""
    new_due: datetime | None = None
    agency: int | None = None
    answer_by: datetime | None = None


def begin(filing: Step, term: Term, *, now: datetime, process: tuple[Handling, ...], calendar: WorkingCalendar) -> Life:
    """A new dossier, after the first row of its log."""
    unborn = Life(state=filing.to or State.SUBMITTED, n=0, since=now, clock=Running(term))
    return _settle(unborn, filing, Given(now), process, calendar)


def follow(life: Life, step: Step, given: Given, *, process: tuple[Handling, ...], calendar: WorkingCalendar) -> Life:
    """The dossier after the step; Conflict or Permanent says why the step can't be taken. Who may, is asked before."""
    if life.state not in step.from_:
        raise Conflict(
            "step-not-allowed",
            f"Bước “{step.vi}” không thực hiện được khi hồ sơ ở trạng thái “{STATE[life.state].vi}”.",
            mend="Các bước được phép nằm trong “allowed”.",
            state=life.state.value,
            allowed=[s.name for s in STEP.values() if life.state in s.from_ and Actor.WORKER not in s.by],
        )
    if step.needs_reason and not given.reason.strip():
        raise Permanent("reason-missing", f"Bước “{step.vi}” phải nêu lý do.", mend="Ghi lý do vào “reason”.")
    for guard in step.guards:
        GUARDS[guard](life, step, given, process, calendar)
    return _settle(life, step, given, process, calendar)


ASKED_FOR = frozenset({"agency-missing", "new-due-missing"})
"""What a guard refuses only because the actor has not said it yet."""


def may_follow(
    life: Life, step: Step, given: Given, *, process: tuple[Handling, ...], calendar: WorkingCalendar
) -> str:
    """Why the step can't be taken now, in a sentence; "" if it can, once its reason, agency or new date is given."""
    for guard in step.guards:
        try:
            GUARDS[guard](life, step, given, process, calendar)
        except Failure as failure:
            if failure.problem not in ASKED_FOR:
                return failure.detail
    return ""


# --- what follows from a step -------------------------------------------------------------------------------------


def _settle(life: Life, step: Step, given: Given, process: tuple[Handling, ...], calendar: WorkingCalendar) -> Life:
    state = step.to or life.state
    clock = CLOCKS[step.clock](life.clock, step, given)
    moved = step.to is not None
    entered = moved or step.name == "process"
    done = STATE[state].holder is Place.NOBODY or state is State.FINISHED
    due_at = life.due_at if done else clock.due(calendar)
    handling = _handling(life, step, process)
    act_by = life.act_by
    if entered or step.clock in (Clock.RESUMES, Clock.EXTENDS):
        act_by = _act_by(state, due_at, handling, given, process, calendar)
    stopped = clock.stopped
    return Life(  # each field by name: this runs for every filing, and `replace` costs twenty times as much
        state=state,
        n=life.n + 1,
        since=given.now if entered else life.since,
        clock=clock,
        due_at=due_at,
        act_by=act_by,
        accepted_at=given.now if step.clock is Clock.STARTS else life.accepted_at,
        finished_at=given.now if step.clock is Clock.ENDS else life.finished_at,
        waiting_on=stopped.waiting_on if stopped else STATE[state].waiting_on,
        consulted=given.agency if step.name == "consult" else (life.consulted if not moved else None),
        handling=handling,
        taken=life.taken | {step.name} if Guard.ONCE in step.guards else life.taken,
        outcome=step.outcome or life.outcome,
    )


def _starts(clock: Running, step: Step, given: Given) -> Running:
    return Running(clock.term, given.now)


def _stops(clock: Running, step: Step, given: Given) -> Running:
    assert step.waiting_on is not None
    why = "after extension" if clock.extended else ""
    return replace(clock, pauses=(*clock.pauses, Pause(given.now, None, step.waiting_on, why)))


def _resumes(clock: Running, step: Step, given: Given) -> Running:
    return replace(clock, pauses=(*clock.pauses[:-1], replace(clock.pauses[-1], end=given.now)))


def _ends(clock: Running, step: Step, given: Given) -> Running:
    return replace(_resumes(clock, step, given) if clock.stopped else clock, ended=given.now)


CLOCKS: Mapping[Clock, Callable[[Running, Step, Given], Running]] = {
    Clock.NONE: lambda clock, step, given: clock,
    Clock.WAITS: lambda clock, step, given: clock,
    Clock.STARTS: _starts,
    Clock.STOPS: _stops,
    Clock.RESUMES: _resumes,
    Clock.RESTARTS: _starts,  # from zero
    Clock.EXTENDS: lambda clock, step, given: replace(clock, extended=given.new_due),
    Clock.ENDS: _ends,
}

# The part of the internal process in which a state is at home.
AT_HOME: Mapping[State, Actor] = {
    State.IN_PROCESS: Actor.HANDLER,
    State.TO_APPROVE: Actor.APPROVER,
    State.TO_SIGN: Actor.SIGNATORY,
}


# The steps that enter that part; coming back from waiting stays where it was.
ENTERING = frozenset({"hand_over", "complete", "propose", "approve", "send_back", "decline_to_sign"})


def _handling(life: Life, step: Step, process: tuple[Handling, ...]) -> int:
    """The place in the internal process: one on for `process`, else the first place of the new state's actor."""
    if step.name == "process":
        return life.handling + 1
    if step.name not in ENTERING:
        return life.handling
    home = AT_HOME[step.to or life.state]
    return next((i for i, h in enumerate(process) if h.actor is home), life.handling)


def _more_handling(life: Life, process: tuple[Handling, ...]) -> bool:
    following = process[life.handling + 1 : life.handling + 2]
    return bool(following) and following[0].actor is Actor.HANDLER


def _act_by(
    state: State,
    due_at: datetime | None,
    handling: int,
    given: Given,
    process: tuple[Handling, ...],
    calendar: WorkingCalendar,
) -> datetime | None:
    """By when the next actor must act: the law's limit for the state, the internal process, never later than due."""
    match state:
        case State.SUBMITTED:
            return due(given.now, LIMITS["answer_filing"].term, calendar)
        case State.AWAITING_PAPERS | State.AWAITING_COMPLETION:
            return due(given.now, LIMITS["complete"].term, calendar)
        case State.AWAITING_FEE:
            return due(given.now, LIMITS["pay_fee"].term, calendar)
        case State.AWAITING_DUTY:
            return due(given.now, LIMITS["look_at_duty"].term, calendar)
        case State.CONSULTING:
            limit = given.answer_by or due(given.now, LIMITS["answer_consultation"].term, calendar)
        case State.ACCEPTED:
            limit = _hand_over_by(given.now, calendar)
        case State.IN_PROCESS | State.TO_APPROVE | State.TO_SIGN:
            minutes = process[handling].minutes if handling < len(process) else 0
            limit = add_working(given.now, minutes / 60, calendar)
        case State.SIGNED | State.FINISHED:
            limit = due_at or given.now
        case _:
            return None
    return min(limit, due_at) if limit and due_at else limit


def _hand_over_by(moment: datetime, calendar: WorkingCalendar) -> datetime:
    at = local(moment)
    sessions = calendar.sessions
    day = at.date()
    if calendar.is_working(day) and at.time() <= HAND_OVER_SAME_DAY_UNTIL:
        return _at(day, sessions[-1][1])
    return _at(calendar.next_working_day(day), sessions[0][0])


def _at(day: date, hour: time) -> datetime:
    return datetime.combine(day, hour, VIETNAM).astimezone(UTC)


# --- guards -------------------------------------------------------------------------------------------------------


def _once(life: Life, step: Step, given: Given, process: object, calendar: WorkingCalendar) -> None:
    if step.name in life.taken:
        raise Conflict("already-done-once", f"Bước “{step.vi}” chỉ được thực hiện một lần ({step.source}).")


def _within_3_working_days(life: Life, step: Step, given: Given, process: object, calendar: WorkingCalendar) -> None:
    until = life.accepted_at and due(life.accepted_at, LIMITS["ask_for_completion"].term, calendar)
    if until and given.now > until:
        raise Conflict(
            "too-late-to-ask",
            f"Chỉ được yêu cầu bổ sung trong 03 ngày làm việc kể từ ngày tiếp nhận ({step.source}).",
            until=until.isoformat(),
        )


def _a_day_before_due(life: Life, step: Step, given: Given, process: object, calendar: WorkingCalendar) -> None:
    if life.due_at and given.now > subtract_working(life.due_at, 8, calendar):
        raise Conflict(
            "too-late-to-extend",
            f"Phải xin lỗi và hẹn lại chậm nhất 01 ngày trước hạn trả kết quả ({step.source}).",
            due_at=life.due_at.isoformat(),
        )


def _more(life: Life, step: Step, given: Given, process: tuple[Handling, ...], calendar: WorkingCalendar) -> None:
    if not _more_handling(life, process):
        raise Conflict("no-further-handling", "Quy trình nội bộ không còn bước xử lý nào.", mend="Dùng bước “propose”.")


def _done(life: Life, step: Step, given: Given, process: tuple[Handling, ...], calendar: WorkingCalendar) -> None:
    if _more_handling(life, process):
        raise Conflict("handling-left", "Quy trình nội bộ còn bước xử lý chưa làm.", mend="Dùng bước “process”.")


def _after_closing(life: Life, step: Step, given: Given, process: object, calendar: WorkingCalendar) -> None:
    if life.act_by is None or given.now < life.act_by:
        raise Conflict("not-yet-closable", f"Người nộp còn thời gian bổ sung ({step.source}).")


def _names_agency(life: Life, step: Step, given: Given, process: object, calendar: WorkingCalendar) -> None:
    if given.agency is None:
        raise Permanent("agency-missing", "Chưa nêu cơ quan được lấy ý kiến.", mend="Ghi mã định danh vào “agency”.")


def _later_due(life: Life, step: Step, given: Given, process: object, calendar: WorkingCalendar) -> None:
    if given.new_due is None or (life.due_at and given.new_due <= life.due_at):
        raise Permanent(
            "new-due-missing", "Phải nêu thời điểm hẹn lại sau hạn cũ.", mend="Ghi thời điểm vào “new_due”."
        )


def _outage(life: Life, step: Step, given: Given, process: object, calendar: WorkingCalendar) -> None:
    if life.waiting_on is not WaitingOn.OUTAGE:
        raise Conflict("no-outage", "Hồ sơ không ở trong thời gian sự cố.")


def _no_outage(life: Life, step: Step, given: Given, process: object, calendar: WorkingCalendar) -> None:
    if life.waiting_on is WaitingOn.OUTAGE:
        raise Conflict("outage-open", "Hồ sơ đang tạm dừng vì sự cố hệ thống.", mend="Kết thúc sự cố trước.")


GUARDS: Mapping[Guard, Callable[[Life, Step, Given, tuple[Handling, ...], WorkingCalendar], None]] = {
    Guard.ONCE: _once,
    Guard.WITHIN_3_WORKING_DAYS: _within_3_working_days,
    Guard.A_DAY_BEFORE_DUE: _a_day_before_due,
    Guard.MORE_HANDLING: _more,
    Guard.HANDLING_DONE: _done,
    Guard.AFTER_CLOSING_TERM: _after_closing,
    Guard.NAMES_AGENCY: _names_agency,
    Guard.LATER_DUE: _later_due,
    Guard.OUTAGE_OPEN: _outage,
    Guard.NO_OUTAGE: _no_outage,
}


def refuse_actor(step: Step, place: Place) -> NotAllowed:
    """The error for somebody whom the table does not name."""
    who = ", ".join(sorted(actor.value for actor in step.by))
    return NotAllowed(
        "actor-not-allowed",
        f"Bước “{step.vi}” thuộc về: {who} ({step.source}).",
        mend=f"Dùng một vị trí có vai trò đó tại cơ quan ({place.value}) của hồ sơ.",
    )
