"""Lists in and out as spreadsheets: officials with their positions, processes, publication.

A file is taken as a whole or not at all, and the same file a second time changes nothing.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from motcua.desk.frame import show
from motcua.desk.gate import Seat
from motcua.desk.views.administration import roles
from motcua.desk.views.administration.faults import told
from motcua.desk.views.administration.ground import Ground, administers, agencies_of, changing, ground_of, grounds
from motcua.desk.views.administration.processes import decided_here
from motcua.desk.views.administration.typed import act_parts, act_text
from motcua.identity import api as identity
from motcua.kernel import clock, workbooks
from motcua.kernel.errors import NotFound, Permanent
from motcua.kernel.law import Citation
from motcua.kernel.text import fold
from motcua.kernel.workbooks import Column, Fault, Row
from motcua.procedures import api as procedures
from motcua.screens.pages import address
from motcua.units import api as units

Cells = Sequence[str | int | date | None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a file changed, or would change."""

    added: int
    changed: int
    unchanged: int


@dataclass(frozen=True, slots=True)
class List:
    """A kind of list: its columns, how it is taken in and given out, and what its guide says."""

    name: str
    about: str
    columns: tuple[Column, ...]
    take: Callable[[Seat, Ground, Sequence[Row], datetime, bool], Outcome | list[Fault]]
    give: Callable[[Seat, Ground, str], Iterator[Cells]]
    guide: tuple[tuple[str, str], ...]
    whats: tuple[str, ...] = ("mau", "hien-co")


ACT = (
    Column("act", "Số quyết định", width=26),
    Column("issued", "Ngày ký", width=13),
    Column("valid_from", "Áp dụng từ", width=13),
)
STAFF = (
    Column("number", "Số hiệu", width=16),
    Column("name", "Họ và tên", width=28),
    Column("agency", "Mã cơ quan", width=18),
    Column("role", "Vai trò", width=14),
    Column("title", "Chức danh", width=34),
    Column("valid_from", "Từ ngày", width=13),
    Column("valid_to", "Đến hết ngày", required=False, width=13),
)
PROCESS = (
    Column("code", "Mã thủ tục", width=14),
    Column("n", "Bước", width=8),
    Column("role", "Vai trò", width=14),
    Column("title", "Nội dung", width=50),
    Column("minutes", "Số phút", width=10),
    *ACT,
)
PUBLICATION = (
    Column("code", "Mã thủ tục", width=14),
    Column("name", "Tên thủ tục", required=False, width=60),
    Column("published", "Công bố", width=10),
    *ACT,
)
DAY_GUIDE = ("Ngày", "Viết như 21/08/2026.")
ROLE_GUIDE = ("Vai trò", ", ".join(roles.NAMES.values()))


class _Reader:
    """Reads the cells of one row after the other and gathers what is wrong."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []

    def day(self, row: Row, column: str) -> date | None:
        found = workbooks.day_from(row.values[column])
        if found is None and row.values[column]:
            self.faults.append(Fault(row.number, column, "day-invalid", row.values[column][:40]))
        return found

    def whole(self, row: Row, column: str) -> int | None:
        typed = row.values[column]
        if typed.isascii() and typed.isdecimal() and len(typed) < 8:
            return int(typed)
        self.faults.append(Fault(row.number, column, "number-invalid", typed[:40]))
        return None

    def role(self, row: Row) -> identity.Role | None:
        found = roles.role_from(row.values["role"])
        if found is None:
            self.faults.append(Fault(row.number, "role", "role-unknown", row.values["role"][:40]))
        return found

    def act(self, row: Row, province_id: int) -> procedures.ProvinceAct | None:
        issued, since = self.day(row, "issued"), self.day(row, "valid_from")
        if issued is None or since is None:
            return None
        if since < issued:
            self.faults.append(Fault(row.number, "valid_from", "act-unsigned"))
            return None
        return procedures.ProvinceAct(province_id, Citation(act_text(row.values["act"][:150], issued)), since)


def _take_staff(seat: Seat, ground: Ground, rows: Sequence[Row], now: datetime, trial: bool) -> Outcome | list[Fault]:
    read, posts, places = _Reader(), [], []
    codes = {a.org(ground.on): a.id for a in agencies_of(seat, ground.on)}
    for row in rows:
        typed = row.values
        role, since, until = read.role(row), read.day(row, "valid_from"), read.day(row, "valid_to")
        agency = codes.get(typed["agency"])
        if agency is None:
            read.faults.append(Fault(row.number, "agency", "agency-unknown", typed["agency"][:40]))
        if role is not None and since is not None and agency is not None:
            posts.append(identity.Post(typed["number"], typed["name"], agency, role, typed["title"], since, until))
            places.append(row.number)
    plan = identity.compare_staff(posts=posts, by=seat.scope)
    faults = read.faults + [Fault(places[at], field, kind, given) for at, field, kind, given in plan.faults]
    if faults:
        return faults
    if trial:
        return Outcome(len(plan.appoint), len(plan.end), plan.unchanged)
    done = identity.take_on(posts=posts, now=now, by=seat.scope)
    return Outcome(done.added, done.ended, done.unchanged)


def _give_staff(seat: Seat, ground: Ground, what: str) -> Iterator[Cells]:
    directory = units.directory()
    for held in identity.all_staff(scope=seat.scope):
        agency = directory.agency(held.agency_id)
        yield (
            held.number,
            held.official,
            agency.org(ground.on),
            roles.NAMES[held.role],
            held.title,
            held.valid_from,
            held.valid_to,
        )


def _take_process(seat: Seat, ground: Ground, rows: Sequence[Row], now: datetime, trial: bool) -> Outcome | list[Fault]:
    read = _Reader()
    steps: dict[str, list[tuple[int, Row, identity.Role | None, int | None]]] = {}
    acts: dict[str, procedures.ProvinceAct | None] = {}
    for row in rows:
        code, n = row.values["code"], read.whole(row, "n")
        act = read.act(row, ground.province_id)
        role, minutes = read.role(row), read.whole(row, "minutes")
        if acts.setdefault(code, act) != act:
            read.faults.append(Fault(row.number, "act", "decision-mixed"))
        steps.setdefault(code, []).append((n or 0, row, role, minutes))
    decisions, lines = [], []
    for code, many in steps.items():
        many.sort(key=_by_step)
        if [n for n, *_rest in many] != list(range(1, len(many) + 1)):
            read.faults.append(Fault(many[0][1].number, "n", "step-number"))
        act = acts[code]
        if act is None or any(role is None or minutes is None for _n, _row, role, minutes in many):
            continue
        value = [
            {"role": str(role), "title": row.values["title"], "minutes": minutes} for _n, row, role, minutes in many
        ]
        decisions.append(
            procedures.NewDecision(procedures.DecisionKind.process, code, {"steps": value}, act, ground.unit_id)
        )
        lines.append([row.number for _n, row, _role, _minutes in many])
    return _decide(decisions, lines, read.faults, seat, now, trial)


def _by_step(step: tuple[int, Row, identity.Role | None, int | None]) -> tuple[int, int]:
    return step[0], step[1].number


def _decide(
    decisions: list[procedures.NewDecision],
    lines: list[list[int]],
    faults: list[Fault],
    seat: Seat,
    now: datetime,
    trial: bool,
) -> Outcome | list[Fault]:
    """Compare and take decisions; `lines` gives the rows of the file in which each stands."""
    there, wrong = procedures.compare_decisions(decisions, now=now)
    faults += [Fault(lines[w.index][max(w.n - 1, 0)], w.field, w.kind, w.given) for w in wrong]
    if faults:
        return faults
    if trial:
        return Outcome(there.count(False), 0, there.count(True))
    done = procedures.decide_here(decisions, now=now, by=seat.scope)
    return Outcome(done.added, 0, done.unchanged)


def _give_process(seat: Seat, ground: Ground, what: str) -> Iterator[Cells]:
    """The processes that are decided here, with their acts; for "nhap" those of every procedure, to be gone over."""
    catalogue, decided = procedures.catalogue(), decided_here(ground)
    for version in procedures.given_at(ground.unit.id, ground.on):
        own = decided.get(version.code)
        if what == "nhap":
            offer = catalogue.offered(version, ground.province_id, ground.unit_id, ground.on)
            for step in offer.steps:
                yield version.code, step.n, roles.NAMES[step.role], step.title, step.minutes, "", None, None
        elif own is not None:
            number, issued = act_parts(own.source.act)
            for n, step in enumerate(own.value["steps"], 1):
                name = roles.NAMES[identity.Role(step["role"])]
                day = workbooks.day_from(issued)
                yield version.code, n, name, step["title"], step["minutes"], number, day, own.valid_from


def _take_publication(
    seat: Seat, ground: Ground, rows: Sequence[Row], now: datetime, trial: bool
) -> Outcome | list[Fault]:
    read, decisions, lines = _Reader(), [], []
    for row in rows:
        act, word = read.act(row, ground.province_id), fold(row.values["published"])
        if word not in ("co", "khong"):
            read.faults.append(Fault(row.number, "published", "yes-no", row.values["published"][:40]))
        elif act is not None:
            value = {"published": word == "co"}
            decisions.append(
                procedures.NewDecision(procedures.DecisionKind.publish, row.values["code"], value, act, ground.unit_id)
            )
            lines.append([row.number])
    return _decide(decisions, lines, read.faults, seat, now, trial)


def _give_publication(seat: Seat, ground: Ground, what: str) -> Iterator[Cells]:
    """Every procedure of this level; with the act where this unit decided on it."""
    catalogue = procedures.catalogue()
    for version in procedures.given_at(ground.unit.id, ground.on):
        own = catalogue.decided(procedures.DecisionKind.publish, ground.province_id, ground.unit_id, version.code)
        latest = max(own, key=_since, default=None)
        if what == "hien-co" and latest is not None:
            number, issued = act_parts(latest.source.act)
            word = "có" if latest.value["published"] else "không"
            yield version.code, version.name, word, number, workbooks.day_from(issued), latest.valid_from
        elif what == "nhap":
            offer = catalogue.offered(version, ground.province_id, ground.unit_id, ground.on)
            yield version.code, version.name, "có" if offer.published else "không", "", None, None


def _since(decision: procedures.Decision) -> date:
    return decision.valid_from


LISTS: dict[str, List] = {
    "can-bo": List(
        gettext_noop("Cán bộ và vị trí"),
        gettext_noop("Mỗi dòng một vị trí: ai, ở cơ quan nào, vai trò gì, từ ngày nào. Người mới được ghi thêm."),
        STAFF,
        _take_staff,
        _give_staff,
        (
            ("Số hiệu", "Số hiệu cán bộ, công chức: một người một số, không đổi khi chuyển cơ quan."),
            ("Mã cơ quan", "Mã định danh điện tử, như ở trang Cơ quan."),
            ROLE_GUIDE,
            DAY_GUIDE,
            ("Đến hết ngày", "Để trống khi còn giữ vị trí. Ghi ngày để kết thúc; không dòng nào bị xóa."),
        ),
    ),
    "quy-trinh": List(
        gettext_noop("Quy trình nội bộ"),
        gettext_noop("Mỗi dòng một bước. Các bước của một thủ tục cộng lại phải đúng thời hạn, một ngày 480 phút."),
        PROCESS,
        _take_process,
        _give_process,
        (
            ROLE_GUIDE,
            ("Số phút", "Phút làm việc: 480 là một ngày. Bước trả kết quả ghi 0."),
            DAY_GUIDE,
            ("Áp dụng từ", "Từ ngày mai trở đi; hồ sơ đã nhận giữ quy trình lúc nhận."),
        ),
        ("mau", "hien-co", "nhap"),
    ),
    "cong-bo": List(
        gettext_noop("Công bố thủ tục"),
        gettext_noop("Mỗi dòng một thủ tục: có hoặc không công bố tại đơn vị, theo quyết định nào, từ ngày nào."),
        PUBLICATION,
        _take_publication,
        _give_publication,
        (("Công bố", "có, hoặc không"), DAY_GUIDE, ("Áp dụng từ", "Từ hôm nay trở đi.")),
        ("mau", "hien-co", "nhap"),
    ),
}
WHATS = {
    "mau": gettext_noop("Tệp mẫu, chỉ có tiêu đề"),
    "hien-co": gettext_noop("Danh sách đang có"),
    "nhap": gettext_noop("Bảng nháp đủ mọi thủ tục"),
}


def overview(request: HttpRequest, seat: Seat) -> HttpResponse:
    """The kinds of lists that go in and out."""
    ground = ground_of(request, seat)
    return show(
        request,
        seat,
        "desk/administration/files.html",
        {
            "ground": ground,
            "grounds": list(grounds(seat, ground.on)),
            "lists": [(kind, _(one.name), _(one.about)) for kind, one in LISTS.items()],
            "noi": request.GET.get("noi", ""),
        },
        here="administration",
    )


def _list(kind: str) -> List:
    if kind not in LISTS:
        raise NotFound("list-unknown", f"Không có danh sách {kind!r}.")
    return LISTS[kind]


def give_out(request: HttpRequest, seat: Seat, kind: str, what: str) -> HttpResponse:
    """A spreadsheet: the headings alone, what stands there now, or a draft of everything."""
    ground, wanted = ground_of(request, seat), _list(kind)
    if what not in wanted.whats:
        raise NotFound("list-unknown", f"Không có tệp {what!r}.")
    rows: Iterable[Cells] = () if what == "mau" else wanted.give(seat, ground, what)
    content = workbooks.write(wanted.name, wanted.columns, rows, ("Hướng dẫn", wanted.guide))
    response = HttpResponse(content, content_type=workbooks.KIND)
    response["Content-Disposition"] = f'attachment; filename="{kind}-{what}-{ground.unit.code}.xlsx"'
    return response


def take_in(request: HttpRequest, seat: Seat, kind: str) -> HttpResponse:
    """Take a filled-in list, or say row by row why not; a trial says what it would change."""
    ground, wanted = ground_of(request, seat), _list(kind)
    faults: list[Fault] = []
    outcome: Outcome | None = None
    trial = "thu" in request.POST
    if request.method == "POST":
        changing(seat)
        given = request.FILES.get("tep")
        if given is None:
            faults = [Fault(0, "", "file-missing")]
        elif (given.size or 0) > workbooks.LARGEST_FILE:
            faults = [Fault(0, "", "file-too-large", str(workbooks.LARGEST_FILE // 1024 // 1024))]
        else:
            sheet = workbooks.read(given.read(), wanted.columns)
            faults = list(sheet.faults)
            if not faults:
                done = _taken(wanted, seat, ground, sheet.rows, trial)
                if isinstance(done, Outcome):
                    outcome = done
                else:
                    faults = done
        if outcome is not None and not trial:
            link = address(
                "administration-file",
                kind,
                noi=request.GET.get("noi", ""),
                moi=str(outcome.added),
                doi=str(outcome.changed),
                nguyen=str(outcome.unchanged),
            )
            return redirect(link)
    elif all(request.GET.get(name, "").isdecimal() for name in ("moi", "doi", "nguyen")):
        outcome = Outcome(*(int(request.GET[name][:6]) for name in ("moi", "doi", "nguyen")))
    return show(
        request,
        seat,
        "desk/administration/file.html",
        {
            "ground": ground,
            "kind": kind,
            "name": _(wanted.name),
            "about": _(wanted.about),
            "whats": [(what, _(WHATS[what])) for what in wanted.whats],
            "columns": wanted.columns,
            "guide": wanted.guide,
            "faults": told(faults[: workbooks.MOST_FAULTS], wanted.columns),
            "more": max(0, len(faults) - workbooks.MOST_FAULTS),
            "outcome": outcome,
            "trial": trial,
            "changes": administers(seat) and (kind == "can-bo" or ground.decides),
            "noi": request.GET.get("noi", ""),
            "most_rows": workbooks.MOST_ROWS,
        },
        here="administration",
        status=422 if faults else 200,
    )


def _taken(wanted: List, seat: Seat, ground: Ground, rows: Sequence[Row], trial: bool) -> Outcome | list[Fault]:
    try:
        return wanted.take(seat, ground, rows, clock.now(), trial)
    except Permanent as failure:
        if failure.problem not in ("staff-rows", "decision-rows", "decision-overlaps"):
            raise
        return [Fault(0, "", "file-overtaken")]  # somebody else changed the same rows between look and act
