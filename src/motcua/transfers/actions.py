"""Tell the other node what happens to a dossier that both hold, and take in what it tells."""

import logging
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import msgspec
from django.db import transaction

from motcua.dossiers import api as dossiers
from motcua.exchange import api as exchange
from motcua.identity import api as identity
from motcua.kernel import storage
from motcua.kernel.calendar import national
from motcua.kernel.clock import day_of
from motcua.kernel.errors import Failure, NotAllowed, Permanent
from motcua.kernel.journal import api as journal
from motcua.procedures import api as procedures
from motcua.transfers import consulting, models, queries
from motcua.transfers.reading import agency_named, read, require_office, signer_for
from motcua.transfers.rules import (
    ASK_AFTER,
    CONSULTED,
    OPINION,
    OVER,
    QUIET,
    SIDES,
    STEPPED,
    TRANSFERRED,
    Lived,
    Said,
    Sheet,
    Stepped,
    Transferred,
    may_say,
    silent,
)
from motcua.units import api as units

log = logging.getLogger(__name__)
ENTRIES = 200  # of the journal, in one transaction
MARK = "nodes"
HELLO = "motcua.transfers.hello"  # the subject under which a quiet node is greeted


# --- what we tell -------------------------------------------------------------------------------------------------


def follow_log(*, now: datetime, limit: int = ENTRIES) -> int:
    """Tell other nodes of the next acts on dossiers, in the order in which they stood; how many entries were read.

    The mark moves in the same transaction as the envelopes are written: nothing is left out or told twice. Filing and
    steps pay nothing for it, because the sealed journal is followed afterwards.
    """
    with transaction.atomic():
        mark = _mark(now)
        if mark is None:
            return 0
        entries = journal.sealed_after(mark.seal, mark.place, limit=limit)
        if not entries:
            return 0
        touched = [(code, entry.act) for entry in entries if (code := _code_of(entry))]
        shared = models.Transfer.objects.filter(code__in={code for code, _ in touched})
        _tell({*shared.values_list("code", flat=True), *(c for c, act in touched if act == "hand_over")}, now=now)
        consulting.ask([code for code, act in touched if act == "consult"], after={c for c, _ in touched}, now=now)
        mark.seal, mark.place, mark.at = entries[-1].seal, entries[-1].place, now
        mark.save(update_fields=["seal", "place", "at"])
        return len(entries)


def tell_again(*, now: datetime, limit: int = 100) -> int:
    """Try again what could not be told, because a key or a seat was missing; how many were told now."""
    with transaction.atomic():
        if _mark(now) is None:
            return 0
        held = models.Transfer.objects.exclude(problem="").values_list("code", flat=True)[:limit]
        return _tell(set(held), now=now) + consulting.ask_again(now=now, limit=limit)


def follow_seats(*, now: datetime, limit: int = 500) -> int:
    """Go after agencies that sit at another node since: their open dossiers are handed over there; how many moved.

    The node that took in does it, because what the old node did is in its log. The old node is told nothing more.
    """
    moved, after = 0, ""
    with transaction.atomic():
        map_, here, on = exchange.read_map(), queries.here(), day_of(now)
        if _mark(now) is None:
            return 0
        while codes := list(
            models.Transfer.objects.filter(is_open=True, code__gt=after).order_by("code")[:limit].values_list(
                "code", flat=True
            )
        ):  # fmt: skip
            after = codes[-1]
            copies = dossiers.copies(codes, scope=identity.SYSTEM)
            seats = {code: map_.seat(copy.resolving, on) for code, copy in copies.items()}
            rows = models.Transfer.objects.filter(code__in=codes)
            gone = [row.code for row in rows if not row.out and _sits(seats.get(row.code)) not in ("", here)]
            models.Transfer.objects.filter(code__in=gone).update(is_open=False)
            elsewhere = {row.code for row in rows if row.out and _sits(seats.get(row.code)) not in ("", here, row.node)}
            moved += _tell(elsewhere, now=now)
    return moved


def _sits(node: exchange.Node | None) -> str:
    return node.name if node else ""


def _mark(now: datetime) -> models.Mark | None:
    """Our place in the journal, locked; None while another worker has it."""
    models.Mark.objects.bulk_create([models.Mark(name=MARK, seal=0, place=0, at=now)], ignore_conflicts=True)
    return models.Mark.objects.select_for_update(skip_locked=True).filter(name=MARK).first()


def _code_of(entry: journal.Sealed) -> str:
    if entry.act not in dossiers.STEP or entry.act in QUIET:
        return ""
    return str(msgspec.json.decode(entry.body).get("code") or "")


def _tell(codes: Collection[str], *, now: datetime) -> int:
    """Envelopes about what is new of these dossiers, as far as another node shares them; how many were written."""
    copies = dossiers.copies(codes, scope=identity.SYSTEM) if codes else {}
    known = {row.code: row for row in models.Transfer.objects.select_for_update().filter(code__in=list(copies))}
    map_, here, on = exchange.read_map(), queries.here(), day_of(now)
    messages: list[tuple[models.Transfer, exchange.Message]] = []
    for code in sorted(copies):
        copy = copies[code]
        shared = known.get(code) or _begun(copy, map_, here, on, now)
        if shared is None:
            continue
        if code not in known:
            shared.save(force_insert=True)
        elif (
            shared.out
            and shared.is_open
            and _sits(seat := map_.seat(copy.resolving, on)) not in ("", here, shared.node)
        ):
            shared.node, shared.told = _sits(seat), 0  # who resolves it sits at another node since, which knows nothing
            shared.save(update_fields=["node", "told"])
        if code in known and shared.out and shared.told == 0 and not queries.is_open(copy.life.state):
            shared.problem, shared.is_open = "", False  # it ended here before the other node ever heard of it
            shared.save(update_fields=["problem", "is_open"])
            continue
        if shared.out and shared.told == 0:
            said = [step for step in copy.steps if step.name not in QUIET]
        else:
            said = [s for s in copy.steps if s.n > shared.told and not s.foreign and s.name in dossiers.STEP]
            said = [step for step in said if step.name not in QUIET]
        if said:
            messages.append((shared, _message(shared, copy, said, map_, here, now)))
    return _post(messages, copies, now)


def _begun(copy: dossiers.Copy, map_: exchange.Map, here: str, on: date, now: datetime) -> models.Transfer | None:
    """A dossier that was handed over to an agency at another node begins to be shared with it."""
    handed = any(step.name == "hand_over" and not step.foreign for step in copy.steps)
    if not handed or not queries.is_open(copy.life.state):
        return None
    node = map_.seat(copy.resolving, on)
    if node is None or node.name == here:
        return None
    return models.Transfer(code=copy.code, out=True, node=node.name, told=0, is_open=True, at=now, problem="")


def _message(
    shared: models.Transfer,
    copy: dossiers.Copy,
    said: Sequence[dossiers.CopyStep],
    map_: exchange.Map,
    here: str,
    now: datetime,
) -> exchange.Message:
    """What is told, from our office to the other one. An office without a key of its own is signed for by its node."""
    on = day_of(now)
    first = shared.out and shared.told == 0
    mine, other = (copy.reception, copy.resolving) if shared.out else (copy.resolving, copy.reception)
    sender = signer_for(mine, map_.nodes[here].agency, now)
    numbers = {step.n for step in said}
    papers = [one for one in copy.papers if first or one.step in numbers]
    files = storage.files()
    body: Transferred | Stepped
    lived, rows, sheets = _lived(copy.life, on), [_said(copy, step) for step in said], [_sheet(one) for one in papers]
    if first:
        directory, version = units.directory(), procedures.catalogue().by_id(copy.version)
        filed = day_of(copy.filed_at)
        body = Transferred(
            id=copy.id,
            code=copy.code,
            procedure=copy.procedure,
            version_from=version.valid_from,
            case=copy.case,
            area=directory.unit(copy.area).code,
            reception=directory.agency(copy.reception).org(filed),
            resolving=directory.agency(copy.resolving).org(on),
            channel=copy.channel,
            applicant=copy.applicant,
            content=copy.content,
            filed_at=copy.filed_at,
            life=lived,
            steps=rows,
            papers=sheets,
        )
    else:
        body = Stepped(copy.code, rows, lived, sheets)
    return exchange.Message(
        sender,
        other,
        copy.code,
        TRANSFERRED if first else STEPPED,
        msgspec.json.encode(body),
        tuple((sha256, files.size(sha256)) for sha256 in dict.fromkeys(f for p in papers for f in p.paper.files)),
    )


def _post(
    messages: Sequence[tuple[models.Transfer, exchange.Message]], copies: Mapping[str, dossiers.Copy], now: datetime
) -> int:
    """Write envelopes; one that can't be written costs its neighbours nothing, and is kept with its reason for later.

    All at once; only where that fails, each by itself.
    """
    if not messages:
        return 0
    try:
        with transaction.atomic():
            exchange.post([message for _, message in messages], now=now)
    except Failure as failure:
        if len(messages) > 1:
            return sum(_post([one], copies, now) for one in messages)
        [(shared, _)] = messages
        log.warning("transfers: %s can't be told to %s: %s", shared.code, shared.node, failure.problem)
        shared.problem = f"{failure.detail} {failure.mend}".strip()
        shared.save(update_fields=["problem"])
        return 0
    told = [shared for shared, _ in messages]
    for shared in told:
        life = copies[shared.code].life
        shared.told, shared.problem, shared.is_open = life.n, "", queries.is_open(life.state)
    models.Transfer.objects.bulk_update(told, ["told", "problem", "is_open"])
    return len(told)


def _lived(life: dossiers.Life, on: date) -> Lived:
    consulted = units.directory().agency(life.consulted).org(on) if life.consulted else ""
    clock = msgspec.json.decode(msgspec.json.encode(dossiers.clock_row(life.clock)))
    return Lived(
        *(life.state.value, life.since, clock, life.due_at, life.act_by, life.accepted_at, life.finished_at),
        *(life.waiting_on, consulted, life.handling, sorted(life.taken), life.outcome),
    )


def _said(copy: dossiers.Copy, step: dossiers.CopyStep) -> Said:
    directory, on = units.directory(), day_of(step.at)
    place = dossiers.STATE[step.state].holder.value
    held = {"reception": copy.reception, "resolving": copy.resolving, "consulted": copy.life.consulted}.get(place)
    return Said(
        *(step.n, step.name, step.at, directory.agency(step.agency).org(on) if step.agency else "", step.state.value),
        *(directory.agency(held).name_at(on) if held else "", step.due_at, step.act_by, step.waiting_on, step.reason),
    )


def _sheet(one: dossiers.CopyPaper) -> Sheet:
    paper = one.paper
    return Sheet(one.kind, one.step, paper.component, paper.name, paper.form, paper.quantity, list(paper.files))


def greet_quiet(*, now: datetime) -> int:
    """Greet each node that shares open dossiers and was quiet for a while: its signed receipt is a sign of life."""
    map_, here, on = exchange.read_map(), queries.here(), day_of(now)
    if here not in map_.nodes:
        return 0
    nodes = set(models.Transfer.objects.filter(is_open=True).values_list("node", flat=True))
    heard = queries.heard(nodes, map_)
    quiet = [
        name
        for name in sorted(nodes & set(map_.nodes))
        if silent(heard.get(name), on=on, now=now, calendar=national(), part=ASK_AFTER)
        and not exchange.open_subjects(queries.line_to(name, map_), [HELLO])
    ]
    with transaction.atomic():
        exchange.post(
            [
                exchange.Message(map_.nodes[here].agency, map_.nodes[name].agency, HELLO, exchange.GREETING, b'""')
                for name in quiet
            ],
            now=now,
        )
    return len(quiet)


# --- what we are told ---------------------------------------------------------------------------------------------


def take_transferred(arrived: Sequence[exchange.Arrived]) -> None:
    """Make dossiers of those that other nodes handed over to agencies of ours: each once, with where it came from."""
    now, map_ = arrived[0].at, exchange.read_map()
    given = []
    for one in arrived:
        body = read(one, Transferred)
        copy = _copy(one, body, map_)
        given.append((copy, one, body))
    fresh = dossiers.bring_in(
        [(copy, one.node, f"envelope:{one.id}", dossiers.digest_of(one.content)) for copy, one, _ in given], now=now
    )
    models.Transfer.objects.bulk_create(
        [
            models.Transfer(
                code=copy.code, out=False, node=one.node, told=1, is_open=queries.is_open(copy.life.state), at=now,
                problem="",
            )
            for (copy, one, _), new in zip(given, fresh, strict=True)
            if new
        ]
    )  # fmt: skip
    for _, one, body in given:
        _keep_words(one, body.code, body.steps, counted=True)


def take_steps(arrived: Sequence[exchange.Arrived]) -> None:
    """Write what other nodes did with dossiers that we share with them, and keep their words as they were signed."""
    now, map_ = arrived[0].at, exchange.read_map()
    given = [(one, read(one, Stepped)) for one in arrived]
    codes = {body.code for _, body in given}
    shared = {row.code: row for row in models.Transfer.objects.select_for_update().filter(code__in=codes)}
    copies = dossiers.copies(codes, scope=identity.SYSTEM)
    news = []
    for one, body in given:
        transfer, copy = shared.get(body.code), copies.get(body.code)
        if transfer is None or copy is None or one.subject != body.code:
            raise Permanent(
                "not-shared", f"Hồ sơ {body.code} không được chuyển giữa hai nút.", mend="Chuyển hồ sơ trước."
            )
        resolves = transfer.out  # what we took in, they resolve
        if one.node != transfer.node:
            raise NotAllowed("node-moved", f"Hồ sơ {body.code} nay thuộc nút {transfer.node}.", mend="Báo nút đó.")
        require_office(one, copy.resolving if resolves else copy.reception, map_)
        foreign = [said.step for said in body.steps if not may_say(said.step, resolves=resolves)]
        if foreign:
            raise NotAllowed("step-of-another", f"Nơi {SIDES[resolves]} không được báo bước “{foreign[0]}”.")
        life = _life(one, body.life, copy.resolving)
        news.append(
            dossiers.News(
                code=body.code,
                key=f"envelope:{one.id}",
                digest=dossiers.digest_of(one.content),
                node=one.node,
                steps=tuple(_step(said, one) for said in body.steps),
                life=life,
                papers=_papers(one, body.papers),
            )
        )
    counted = dossiers.take_news(news, now=now)
    for (one, body), counts in zip(given, counted, strict=True):
        _keep_words(one, body.code, body.steps, counted=counts)
        if counts and not queries.is_open(dossiers.State(body.life.state)):
            models.Transfer.objects.filter(code=body.code).update(is_open=False)


HANDLERS: exchange.Handlers = {
    TRANSFERRED: take_transferred,
    STEPPED: take_steps,
    CONSULTED: consulting.take_question,
    OPINION: consulting.take_opinion,
    OVER: consulting.take_over,
}
"""What is done with the envelopes of this module."""


def _copy(one: exchange.Arrived, body: Transferred, map_: exchange.Map) -> dossiers.Copy:
    filed = day_of(body.filed_at)
    directory = units.directory()
    reception = agency_named(body.reception, filed)
    require_office(one, reception, map_)
    if one.subject != body.code:
        raise Permanent("subject-differs", "Phong bì nói về hồ sơ khác với hồ sơ ghi ở bìa.")
    if one.recipient != agency_named(body.resolving, day_of(one.written_at)) and body.resolving:
        heirs = directory.heirs(agency_named(body.resolving, day_of(one.written_at)), day_of(one.at))
        if one.recipient not in {heir.id for heir in heirs}:
            raise NotAllowed("not-for-this-office", "Cơ quan nhận phong bì không phải cơ quan giải quyết ghi ở hồ sơ.")
    version = procedures.catalogue().law_of(body.procedure, filed)
    if version is None or version.valid_from != body.version_from:
        since = f"{body.version_from:%d/%m/%Y}" if body.version_from else "không rõ"
        raise Permanent(
            "version-unknown",
            f"Nơi giải quyết không có thủ tục {body.procedure} phiên bản từ ngày {since}.",
            mend="Đồng bộ danh mục thủ tục ở hai nút, rồi gửi lại.",
        )
    area = directory.find_unit(body.area, filed)
    if area is None:
        raise Permanent("area-unknown", f"Không có đơn vị hành chính mang mã {body.area}.")
    if not queries.is_open(_state(body.life.state)):
        raise Permanent("dossier-over", f"Hồ sơ {body.code} đã kết thúc.")
    if body.channel not in dossiers.CATALOGUE_CHANNEL:
        raise Permanent("channel-unknown", f"Không có kênh nộp “{body.channel}”.")
    try:
        applicant = msgspec.to_builtins(msgspec.convert(body.applicant, dossiers.Applicant))
    except msgspec.ValidationError as error:
        raise Permanent("content-unreadable", f"Người nộp không đúng dạng: {error}") from None
    return dossiers.Copy(
        id=body.id,
        code=body.code,
        procedure=body.procedure,
        version=version.id,
        case=body.case,
        area=area.id,
        support=None,
        reception=reception,
        resolving=one.recipient,
        channel=body.channel,
        applicant=applicant,
        content=body.content,
        filed_at=body.filed_at,
        life=_life(one, body.life, one.recipient),
        steps=tuple(_step(said, one) for said in body.steps),
        papers=_papers(one, body.papers),
    )


def _state(name: str) -> dossiers.State:
    try:
        return dossiers.State(name)
    except ValueError:
        raise Permanent("state-unknown", f"Không có trạng thái “{name}”.") from None


def _life(one: exchange.Arrived, said: Lived, resolving: int) -> dossiers.Life:
    consulted = units.directory().find_agency(said.consulted, day_of(one.at)) if said.consulted else None
    try:
        clock = dossiers.read_clock(msgspec.json.encode(said.clock).decode())
        life: dict[str, Any] = msgspec.structs.asdict(said) | {
            "n": 1,
            "clock": clock,
            "state": _state(said.state),
            "waiting_on": dossiers.WaitingOn(said.waiting_on) if said.waiting_on else None,
            "taken": frozenset(said.taken),
            # one that nobody here knows is asked at the other node: for us it lies with who resolves
            "consulted": consulted.id if consulted else resolving if said.consulted else None,
        }
    except (msgspec.ValidationError, ValueError) as error:
        raise Permanent("content-unreadable", f"Đồng hồ của hồ sơ không đúng dạng: {error}") from None
    return dossiers.Life(**life)


def _step(said: Said, one: exchange.Arrived) -> dossiers.CopyStep:
    found = units.directory().find_agency(said.org, day_of(said.at)) if said.org else None
    agency = found.id if found else None
    return dossiers.CopyStep(
        *(said.n, said.step, said.at, agency, _state(said.state), said.due_at, said.act_by, said.waiting_on),
        *(said.reason, True),
    )


def _papers(one: exchange.Arrived, sheets: Sequence[Sheet]) -> tuple[dossiers.CopyPaper, ...]:
    came = {sha256 for sha256, _ in one.files}
    if any(set(sheet.files) - came for sheet in sheets):
        raise Permanent("attachments-unnamed", "Phong bì không nêu đủ tệp của giấy tờ.", mend="Gửi lại đủ tệp.")
    try:
        return tuple(
            dossiers.CopyPaper(
                sheet.kind,
                sheet.step,
                msgspec.convert(
                    {"component": sheet.key, "name": sheet.name, "form": sheet.form, "quantity": sheet.quantity,
                     "files": sheet.files},
                    dossiers.Paper,
                ),
            )
            for sheet in sheets
        )  # fmt: skip
    except msgspec.ValidationError as error:
        raise Permanent("content-unreadable", f"Giấy tờ không đúng dạng: {error}") from None


def _keep_words(one: exchange.Arrived, code: str, steps: Sequence[Said], *, counted: bool) -> None:
    models.Word.objects.bulk_create(
        [
            models.Word(
                code=code, node=one.node, n=said.n, step=said.step, state=said.state, holder=said.holder, at=said.at,
                due_at=said.due_at, signed_by=one.sender, envelope=one.id, received_at=one.at, counted=counted,
            )
            for said in steps
        ],
        ignore_conflicts=True,
    )  # fmt: skip
