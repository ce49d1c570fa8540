"""Makes slips: gives each its number once, and puts them on pages."""

from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, replace
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from motcua.dossiers import api as dossiers
from motcua.identity import api as identity
from motcua.kernel import workbooks
from motcua.kernel.clock import day_of
from motcua.kernel.errors import Conflict, NotFound, Permanent
from motcua.slips import printing, queries, rules
from motcua.slips.queries import Numbered
from motcua.slips.rules import FORM, Due, forms_of

MOST = 200  # slips in one file
BOOK_COLUMNS = tuple(
    workbooks.Column(heading, heading, width=width)
    for heading, width in (
        ("STT", 6),
        ("Mã hồ sơ", 26),
        ("Tên thủ tục hành chính", 50),
        ("Tên tổ chức, cá nhân", 30),
        ("Địa chỉ", 40),
        ("Số điện thoại", 16),
        ("Cơ quan chủ trì giải quyết", 36),
        ("Nhận hồ sơ", 17),
        ("Hẹn trả kết quả", 17),
        ("Trả kết quả", 17),
        ("Phương thức nhận kết quả", 18),
        ("Ký nhận", 12),
    )
)
MOST_LINES = {"pdf": 1_000, "xlsx": 10_000}  # of a book in one file


@dataclass(frozen=True, slots=True)
class SlipRequest:
    """Somebody wants a form of a dossier on paper. `n` is the row of the log that it is about; None for the latest."""

    code: str
    form: str
    scope: identity.Scope
    paper: str = "A4"
    n: int | None = None


def make(requests: Sequence[SlipRequest], *, now: datetime) -> bytes:
    """One PDF with the slips in order, each on pages of its own.

    NotFound for a dossier that does not concern the caller, Conflict for a form that its log does not call for. A slip
    that is asked for again has the same number.
    """
    if not 0 < len(requests) <= MOST:
        raise Permanent("slips-count", f"Mỗi lần in được từ 1 đến {MOST} phiếu.", mend="Chọn ít hồ sơ hơn.")
    opened = {
        scope: dossiers.records([r.code for r in requests if r.scope == scope], scope=scope)
        for scope in dict.fromkeys(request.scope for request in requests)
    }
    wanted = []
    for request in requests:
        record = opened[request.scope][request.code]
        wanted.append((record, _due(record, request), request.paper))
    numbers = give_numbers(
        [
            Numbered(record.code, due.form, due.n, queries.issuer_of(record, due), day_of(due.at).year)
            for record, due, _ in wanted
            if not due.provisional
        ],
        now=now,
    )
    slips = queries.contents(wanted, numbers)
    title = slips[0]["title"] if len(slips) == 1 else f"{len(slips)} phiếu"
    return printing.pdf(slips, title=title, author=slips[0]["issuer"], now=now)


def make_book(*, question: dossiers.BookQuestion, field: str, kind: str, now: datetime) -> bytes:
    """Form 07 of an agency and period as "pdf" or "xlsx". The book of one sector and year has a number of its own."""
    most = MOST_LINES[kind]
    lines, more = queries.book(replace(question, after="", limit=most))
    if more:
        raise Permanent(
            "book-too-long",
            f"Sổ này có hơn {most} hồ sơ, không vừa một tệp.",
            mend="Chọn khoảng ngày ngắn hơn hoặc một lĩnh vực.",
        )
    if kind == "xlsx":
        return workbooks.write(rules.BOOK.title, BOOK_COLUMNS, queries.book_rows(lines))
    number = None
    if field and question.first.year == question.last.year:
        year = question.last.year
        shelf = Numbered(f"{question.agency}/{field}", rules.BOOK.number, year, question.agency, year)
        number = give_numbers([shelf], now=now)[shelf.key]
    content = queries.book_content(question, lines, field=field, number=number, on=day_of(now))
    return printing.pdf([content], title=content["title"], author=content["issuer"], now=now)


def typeset(*, form: str, content: Mapping[str, Any], title: str, now: datetime) -> bytes:
    """One PDF of a form that another module fills in; `templates/FORM.typ` says what it has to hold."""
    return printing.pdf([{**content, "form": form}], title=title, author="motcua", now=now)


def _due(record: dossiers.Record, request: SlipRequest) -> Due:
    if request.form not in FORM:
        raise NotFound("form-unknown", f"Không có mẫu số {request.form}.", mend="Các mẫu là 01 đến 06.")
    if request.paper not in printing.PAPERS:
        raise Permanent("paper-unknown", "Khổ giấy là A4 hoặc A5.", mend="Chọn A4 hoặc A5.")
    found = [
        due for due in forms_of(record.log, own=record.own) if due.form == request.form and request.n in (None, due.n)
    ]
    if not found:
        raise Conflict(
            "form-not-called-for",
            f"Hồ sơ {record.code} không có {FORM[request.form].title.lower()}.",
            mend="Chọn một phiếu có trong danh sách của hồ sơ.",
            status=404 if record.own else 409,
        )
    return found[-1]


# Whoever wants new numbers holds their counters until they stand, so that none is left out and none given twice.
HOLD = """
INSERT INTO slips_counter (agency, form, year, last)
SELECT agency, form, year, 0 FROM unnest(%s::bigint[], %s::text[], %s::smallint[]) AS asked (agency, form, year)
GROUP BY agency, form, year ORDER BY agency, form, year
ON CONFLICT (agency, form, year) DO UPDATE SET last = slips_counter.last
"""
GIVE = """
WITH fresh AS (
    SELECT dossier, form, n, agency, year, row_number() OVER (PARTITION BY agency, form, year ORDER BY min(i)) AS place
    FROM unnest(%s::text[], %s::text[], %s::int[], %s::bigint[], %s::smallint[]) WITH ORDINALITY
        AS asked (dossier, form, n, agency, year, i)
    WHERE NOT EXISTS (SELECT FROM slips_slip AS slip
        WHERE slip.dossier = asked.dossier AND slip.form = asked.form AND slip.n = asked.n)
    GROUP BY dossier, form, n, agency, year
), counted AS (
    UPDATE slips_counter AS counter SET last = counter.last + given.many
    FROM (SELECT agency, form, year, count(*)::int AS many FROM fresh GROUP BY agency, form, year) AS given
    WHERE counter.agency = given.agency AND counter.form = given.form AND counter.year = given.year
    RETURNING counter.agency, counter.form, counter.year, counter.last - given.many AS before
)
INSERT INTO slips_slip (dossier, form, n, agency, year, number, at)
SELECT dossier, form, n, agency, year, before + place, %s FROM fresh JOIN counted USING (agency, form, year)
"""


def give_numbers(wanted: Sequence[Numbered], *, now: datetime) -> dict[tuple[str, str, int], int]:
    """The numbers of these slips, given now where they had none; without gaps for each agency, form and year."""
    if not wanted:
        return {}
    found = queries.numbers(wanted)
    if len(found) < len({slip.key for slip in wanted}):
        dossiers_, forms, ns, agencies, years = (list(c) for c in zip(*map(astuple, wanted), strict=True))
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(HOLD, [agencies, forms, years])
            cursor.execute(GIVE, [dossiers_, forms, ns, agencies, years, now])
        found = queries.numbers(wanted)
    return found
