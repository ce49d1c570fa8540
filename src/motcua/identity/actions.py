"""Changes to who is who: parties, officials, positions, tokens."""

import re
import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec
import psycopg
from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from motcua.identity import queries
from motcua.identity.demonstration import ACCOUNT_ROLES, POSTS, made_up_name
from motcua.identity.models import Account, Official, Position, Token
from motcua.identity.rules import (
    OFFICIAL_NUMBER,
    SYSTEM,
    Party,
    Post,
    Role,
    Scope,
    StaffPlan,
    party_id,
    plan_staff,
    require,
    secret_digest,
    subject_of,
)
from motcua.kernel.clock import day_of
from motcua.kernel.errors import Conflict, NotAllowed, NotFound, Permanent, Transient
from motcua.kernel.ids import uuid7
from motcua.kernel.inserts import Insert, write
from motcua.kernel.journal import api as journal
from motcua.kernel.journal.actions import plain_cursor
from motcua.units import api as units

_RECORD = """
    INSERT INTO identity_party (id, kind, number, name, birth_date, phone, email, address, recorded_at)
    SELECT id, kind, number, name, birth_date, phone, email, address, %s
    FROM json_to_recordset(%s::json) AS p (
        id uuid, kind text, number text, name text, birth_date date, phone text, email text, address text)
    ON CONFLICT (id) DO NOTHING"""


@dataclass(frozen=True, slots=True)
class Appointment:
    """An official takes up a position (bổ nhiệm, phân công) from a day on."""

    official_id: int
    agency_id: int
    role: Role
    title: str
    valid_from: date
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class DemonstrationAccount:
    """An account that `make run` prints."""

    username: str
    official: str
    role: Role
    title: str
    agency: str


def record_parties(parties: Sequence[Party], *, now: datetime) -> list[UUID]:
    """Give the id of each party, in order, and keep those that are new. What is known already is not overwritten."""
    ids, insert = party_insertion(parties, now=now)
    connection.ensure_connection()
    # A plain cursor: Django's own does not let the server prepare, and arrays of text cost five times this JSON.
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        write(cursor, [insert])
    return ids


def party_insertion(parties: Sequence[Party], *, now: datetime) -> tuple[list[UUID], Insert]:
    """The id of each party, in order, and what `record_parties` writes.

    Rows go in by id, so that two batches with the same people never wait for each other in a ring.
    """
    ids = [party_id(p.kind, p.number) if p.number else uuid7() for p in parties]
    rows = [
        {
            "id": number,
            "kind": party.kind,
            "number": party.number,
            "name": party.name,
            "birth_date": party.birth_date,
            "phone": party.phone,
            "email": party.email,
            "address": party.address,
        }
        for number, party in sorted(zip(ids, parties, strict=True), key=lambda pair: pair[0].int)
    ]
    return ids, Insert(_RECORD, (now, msgspec.json.encode(rows).decode()))


LINK = """
INSERT INTO identity_sameparty (party, survivor, since, by, position)
SELECT party, survivor, %s, %s, %s FROM unnest(%s::uuid[], %s::uuid[]) AS pair (party, survivor)
ON CONFLICT DO NOTHING RETURNING party, survivor
"""
UNLINK = """
DELETE FROM identity_sameparty WHERE (party, survivor) IN (SELECT * FROM unnest(%s::uuid[], %s::uuid[]))
RETURNING party, survivor
"""


def merge_parties(pairs: Sequence[tuple[UUID, UUID]], *, now: datetime, by: Scope) -> int:
    """Say of each pair (party, survivor) that both are one person; how many of them were not said before.

    Nothing of either is changed: dossiers stay where they are, and whoever asks for a person's dossiers gets those of
    all records. The decision stands in the journal of both. In the caller's transaction.
    """
    return _link("party.merged", LINK, [now, by.name, by.position], pairs, now, by)


def part_parties(pairs: Sequence[tuple[UUID, UUID]], *, now: datetime, by: Scope) -> int:
    """Take back what `merge_parties` said of these pairs; how many of them stood. Both are as they were before."""
    return _link("party.parted", UNLINK, [], pairs, now, by)


def _link(
    act: str, statement: str, given: list[Any], pairs: Sequence[tuple[UUID, UUID]], now: datetime, by: Scope
) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, [*given, [party for party, _ in pairs], [survivor for _, survivor in pairs]])
        changed = cursor.fetchall()
    entries = [
        journal.Entry(
            subject, act, now, by.name, {"party": str(party), "survivor": str(survivor), "position": by.position}
        )
        for party, survivor in changed
        for subject in (party, survivor)
    ]
    journal.record(entries)
    return len(changed)


_COPIED = "id, kind, number, name, birth_date, phone, email, address"


def record_copied(blocks: Iterable[bytes]) -> None:
    """Record very many parties, who come as CSV with their ids; whoever is known stays as known.

    The columns are those of `_COPIED`, `recorded_at` after them, \\N for what is not there.
    """
    cursor = plain_cursor()
    cursor.execute("CREATE TEMP TABLE IF NOT EXISTS identity_copied (LIKE identity_party) ON COMMIT DROP")
    cursor.execute("TRUNCATE identity_copied")
    with cursor.copy(f"COPY identity_copied ({_COPIED}, recorded_at) FROM STDIN WITH (FORMAT csv, NULL '\\N')") as copy:
        for block in blocks:
            copy.write(block)
    # By id, so that two batches with the same people never wait for each other in a ring.
    cursor.execute(
        f"INSERT INTO identity_party ({_COPIED}, recorded_at) SELECT {_COPIED}, recorded_at FROM identity_copied "  # noqa: S608 - only the constant above
        "ORDER BY id ON CONFLICT (id) DO NOTHING"
    )


def look_up_party(*, kind: str, number: str, agency_id: int, by: Scope, now: datetime) -> Party | None:
    """What is known of the person or organisation with this number, for whoever receives dossiers in the agency.

    Each look, answered or not, stays in the journal under the party: who looked, from where.
    """
    require(by, agency_id, Role.RECEPTION)
    party = party_id(kind, number)
    found = queries.parties([party]).get(party)
    body = {"agency": agency_id, "position": by.position, "known": found is not None}
    for attempt in (1, 2, 3):
        try:
            with transaction.atomic():
                journal.record([journal.Entry(party, "party.looked_up", now, by.name, body)])
            break
        except Transient:  # somebody looks at the same person in the same moment
            if attempt == 3:
                raise
    return found


def issue_token(
    *,
    name: str,
    agencies: Sequence[int] | None,
    roles: Collection[Role],
    expires_at: datetime,
    now: datetime,
    by: Scope = SYSTEM,
) -> str:
    """Make a token for a system and give its secret, which is not kept and can't be shown again.

    `agencies` None reaches all agencies; an empty list is refused.
    """
    if not name.strip():
        raise Permanent("token-nameless", "Thẻ truy cập phải mang tên hệ thống dùng nó.")
    if not roles:
        raise Permanent("token-powerless", "Thẻ truy cập cần ít nhất một vai trò.", mend=f"Vai trò: {', '.join(Role)}.")
    if agencies is not None and not agencies:
        raise Permanent("token-powerless", "Thẻ truy cập cần ít nhất một cơ quan.")
    if expires_at <= now:
        raise Permanent("token-expired", "Thẻ truy cập không thể hết hạn trước khi được cấp.")
    for agency_id in agencies or ():
        units.directory().agency(agency_id)
    secret = "mc_" + secrets.token_urlsafe(32)
    with transaction.atomic():
        token = Token.objects.create(
            name=name.strip(),
            secret_sha256=secret_digest(secret),
            agencies=None if agencies is None else sorted(set(agencies)),
            roles=sorted(set(roles)),
            issued_at=now,
            expires_at=expires_at,
        )
        body = {"name": token.name, "agencies": token.agencies, "roles": token.roles, "expires": expires_at.isoformat()}
        journal.record([journal.Entry(subject_of("token", token.pk), "token.issued", now, by.name, body)], fresh=True)
    return secret


def revoke_token(*, token_id: int, now: datetime, by: Scope = SYSTEM) -> None:
    """Refuse a token from now on (at the latest 60 s later in other processes)."""
    with transaction.atomic():
        if not Token.objects.filter(id=token_id, revoked_at=None).update(revoked_at=now):
            raise NotFound("token-unknown", f"Không có thẻ truy cập số {token_id} còn hiệu lực.")
        journal.record([journal.Entry(subject_of("token", token_id), "token.revoked", now, by.name, {})])
    queries.refresh_tokens()


def enrol(*, names: Sequence[str], numbers: Sequence[str] = (), demonstration: bool = False) -> list[int]:
    """Enter officials, with the numbers that lists know them by where there are any; gives our ids in order."""
    known_by = numbers or [""] * len(names)
    made = Official.objects.bulk_create(
        [
            Official(name=name, number=number, demonstration=demonstration)
            for name, number in zip(names, known_by, strict=True)
        ]
    )
    return [official.pk for official in made]


@dataclass(frozen=True, slots=True)
class Staffed:
    """What a list changed."""

    added: int
    ended: int
    unchanged: int


def compare_staff(*, posts: Sequence[Post], by: Scope) -> StaffPlan:
    """What a list would change, and what is wrong with it. Changes nothing."""
    numbers = {post.number for post in posts}
    names = {number: name for number, (_, name) in queries.officials_numbered(numbers).items()}
    found = plan_staff(posts, names, queries.held_by(numbers))
    known = units.directory()
    faults = list(found.faults)
    for row, post in enumerate(posts):
        if not by.reaches(post.agency_id):
            faults.append((row, "agency", "agency-foreign", ""))
        elif not known.agency(post.agency_id).in_force(post.valid_from):
            faults.append((row, "valid_from", "agency-closed", ""))
    return replace(found, faults=tuple(sorted(faults)))


def take_on(*, posts: Sequence[Post], now: datetime, by: Scope = SYSTEM) -> Staffed:
    """Make the positions of a list so: new people are entered and appointed, open positions with a last day end.

    All or nothing; the same list again changes nothing. Raises Permanent("staff-rows") with the `faults` of
    `compare_staff`, NotAllowed for an agency that the caller doesn't administer.
    """
    for agency_id in {post.agency_id for post in posts}:
        require(by, agency_id, Role.ADMINISTRATOR)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_STAFFING])
        plan = compare_staff(posts=posts, by=by)
        if plan.faults:
            raise Permanent("staff-rows", "Danh sách cán bộ có chỗ chưa đúng.", faults=plan.faults)
        enrol(names=list(plan.enrol.values()), numbers=list(plan.enrol))
        ids = queries.officials_numbered({post.number for post in plan.appoint})
        appoint(
            appointments=[
                Appointment(ids[p.number][0], p.agency_id, p.role, p.title, p.valid_from, p.valid_to)
                for p in plan.appoint
            ],
            now=now,
            by=by,
        )
        for last_day in sorted({day for _, day in plan.end}):
            ending = [number for number, day in plan.end if day == last_day]
            end_positions(position_ids=ending, last_day=last_day, now=now, by=by)
    return Staffed(len(plan.appoint), len(plan.end), plan.unchanged)


_STAFFING = 0x7374616666  # one list at a time, so that no person is entered twice


def appoint(*, appointments: Sequence[Appointment], now: datetime, by: Scope = SYSTEM) -> list[int]:
    """Put officials in positions; gives the positions' numbers in order. All or none."""
    known = units.directory()
    for appointment in appointments:
        require(by, appointment.agency_id, Role.ADMINISTRATOR)
        agency = known.agency(appointment.agency_id)
        if not agency.in_force(appointment.valid_from):
            raise Conflict(
                "agency-closed", f"{agency.name} không hoạt động vào ngày {appointment.valid_from:%d/%m/%Y}."
            )
        if appointment.valid_to is not None and appointment.valid_to < appointment.valid_from:
            raise Permanent("period-reversed", "Vị trí không thể kết thúc trước khi bắt đầu.")
    wanted = {a.official_id for a in appointments}
    missing = wanted - set(Official.objects.filter(id__in=wanted).values_list("id", flat=True))
    if missing:
        raise NotFound("official-unknown", f"Không có cán bộ số {sorted(missing)[:20]}.")
    with transaction.atomic():
        made = Position.objects.bulk_create(
            [
                Position(
                    official_id=a.official_id,
                    agency_id=a.agency_id,
                    role=a.role,
                    title=a.title,
                    valid_from=a.valid_from,
                    valid_to=a.valid_to,
                )
                for a in appointments
            ]
        )
        journal.record(
            [
                journal.Entry(
                    subject_of("position", position.pk),
                    "position.given",
                    now,
                    by.name,
                    {
                        "official": a.official_id,
                        "agency": a.agency_id,
                        "role": a.role,
                        "from": a.valid_from.isoformat(),
                        "to": a.valid_to.isoformat() if a.valid_to else None,
                    },
                )
                for position, a in zip(made, appointments, strict=True)
            ],
            fresh=True,
        )
    return [position.pk for position in made]


def end_positions(*, position_ids: Sequence[int], last_day: date, now: datetime, by: Scope = SYSTEM) -> None:
    """Positions end with that day; raises NotFound if one of them is not in force then, and changes nothing."""
    ids = sorted(set(position_ids))
    body = {"to": last_day.isoformat()}
    if by.position in ids:
        raise NotAllowed("own-position", "Không thể tự kết thúc vị trí đang ngồi.", mend="Nhờ quản trị khác kết thúc.")
    with transaction.atomic():
        for agency_id in Position.objects.filter(id__in=ids).values_list("agency_id", flat=True).distinct():
            require(by, agency_id, Role.ADMINISTRATOR)
        open_ = Position.objects.filter(id__in=ids, valid_from__lte=last_day).exclude(valid_to__lt=last_day)
        if open_.update(valid_to=last_day) != len(ids):
            raise NotFound("position-unknown", f"Không phải mọi vị trí này còn hiệu lực vào ngày {last_day:%d/%m/%Y}.")
        journal.record(
            [journal.Entry(subject_of("position", number), "position.ended", now, by.name, body) for number in ids]
        )


@dataclass(frozen=True, slots=True)
class OpenedAccount:
    """An account with its one-time password, which is not kept and can't be shown again."""

    username: str
    password: str


_SIGNS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is read for another
USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{2,49}")


def _one_time_password() -> str:
    """Sixteen signs in fours: 79 random bits."""
    return "-".join("".join(secrets.choice(_SIGNS) for _ in range(4)) for _ in range(4))


def number_official(*, official_id: int, number: str, now: datetime, by: Scope) -> None:
    """Give the number (số hiệu) to an official who has none; it stays."""
    official = _ours(official_id, now, by)
    if official.number:
        raise Conflict("official-numbered", f"Cán bộ này đã mang số hiệu {official.number}.")
    if not OFFICIAL_NUMBER.fullmatch(number):
        raise Permanent("official-number", "Số hiệu chưa đúng.", mend="Dùng chữ số, chữ cái, dấu chấm, gạch.")
    try:
        with transaction.atomic():
            Official.objects.filter(id=official_id, number="").update(number=number)
            subject = subject_of("official", official_id)
            journal.record([journal.Entry(subject, "official.numbered", now, by.name, {})])
    except IntegrityError as taken:
        raise Conflict("number-taken", f"Số hiệu {number} đang là của người khác.", mend="Kiểm tra lại.") from taken


def open_account(*, official_id: int, username: str, now: datetime, by: Scope) -> OpenedAccount:
    """Give an official an account (cấp tài khoản) and a password that is changed at the first sign-in."""
    official = _ours(official_id, now, by)
    if official.account is not None:
        raise Conflict("account-there", f"Cán bộ này đã có tài khoản {official.account.username}.")
    if not USERNAME.fullmatch(username):
        raise Permanent(
            "username-invalid",
            "Tên đăng nhập gồm 3 đến 50 chữ thường không dấu, chữ số, dấu chấm, gạch ngang hoặc gạch dưới.",
            mend="Ví dụ: binh.tt",
        )
    password = _one_time_password()
    try:
        with transaction.atomic():
            account = Account.objects.create(
                username=username, password=make_password(password), official_id=official_id, one_time=True
            )
            _note(account.pk, "account.opened", now, by, {"official": official_id})
    except IntegrityError as taken:
        raise Conflict(
            "username-taken", f"Tên đăng nhập {username} đã có người dùng.", mend="Chọn tên khác."
        ) from taken
    return OpenedAccount(username, password)


def reset_password(*, official_id: int, now: datetime, by: Scope) -> OpenedAccount:
    """Replace a forgotten password by a one-time one; whoever is signed in with the old one is out."""
    account = _their_account(official_id, now, by)
    password = _one_time_password()
    with transaction.atomic():
        Account.objects.filter(id=account.id).update(password=make_password(password), one_time=True)
        _note(account.id, "account.password-reset", now, by, {"official": official_id})
    return OpenedAccount(account.username, password)


def set_account_active(*, official_id: int, active: bool, now: datetime, by: Scope) -> None:
    """Lock (khóa) or unlock an account; a locked one is out at its next page."""
    account = _their_account(official_id, now, by)
    if account.id == by.caller and not active:
        raise NotAllowed("own-account", "Không thể tự khóa tài khoản đang dùng.", mend="Nhờ quản trị khác khóa.")
    if account.active == active:
        return
    with transaction.atomic():
        Account.objects.filter(id=account.id).update(is_active=active)
        _note(account.id, "account.unlocked" if active else "account.locked", now, by, {"official": official_id})


def change_password(*, account_id: int, old: str, new: str, now: datetime) -> None:
    """An official's own change; the one-time password ends with it. Raises Permanent for a wrong or weak one."""
    account = Account.objects.get(id=account_id)
    if not check_password(old, account.password):
        raise Permanent("password-wrong", "Mật khẩu hiện tại không đúng.", mend="Gõ lại mật khẩu đang dùng.")
    if old == new:
        raise Permanent("password-same", "Mật khẩu mới trùng mật khẩu cũ.", mend="Chọn mật khẩu khác.")
    try:
        validate_password(new, account)
    except ValidationError as weak:
        raise Permanent("password-weak", " ".join(weak.messages), mend="Chọn mật khẩu dài hơn.") from weak
    with transaction.atomic():
        Account.objects.filter(id=account_id).update(password=make_password(new), one_time=False)
        journal.record(
            [
                journal.Entry(
                    subject_of("account", account_id), "account.password-changed", now, f"account:{account_id}", {}
                )
            ]
        )


def _note(account_id: int, act: str, now: datetime, by: Scope, body: Mapping[str, object]) -> None:
    journal.record([journal.Entry(subject_of("account", account_id), act, now, by.name, dict(body))])


def _ours(official_id: int, now: datetime, by: Scope) -> queries.OfficialRow:
    """An official whom the caller administers: all positions of today and later lie in its agencies.

    One that also serves elsewhere is not: a new password would open the other agency's desk too.
    """
    found = queries.official(official_id, scope=by)
    held = queries.official(official_id, scope=SYSTEM).positions
    on = day_of(now)
    for holding in held:
        if holding.valid_to is not None and holding.valid_to < on:
            continue
        if not by.reaches(holding.agency_id):
            raise NotAllowed(
                "official-elsewhere",
                "Cán bộ này còn giữ vị trí ở cơ quan ngoài phạm vi của ông/bà.",
                mend="Nhờ quản trị cấp trên chung của các cơ quan đó.",
            )
    require(by, found.positions[0].agency_id, Role.ADMINISTRATOR)
    return found


def _their_account(official_id: int, now: datetime, by: Scope) -> queries.AccountRow:
    account = _ours(official_id, now, by).account
    if account is None:
        raise NotFound("account-unknown", "Cán bộ này chưa có tài khoản.", mend="Cấp tài khoản trước.")
    if account.operator:
        raise NotAllowed("account-operator", "Tài khoản vận hành chỉ do người vận hành hệ thống thay đổi.")
    return account


def appoint_demonstration(
    *, provinces: Sequence[int], passwords: Mapping[Role, str], now: datetime
) -> tuple[DemonstrationAccount, ...]:
    """Fill every agency of these provinces (unit numbers) with made-up officials for each role.

    The first ward of the first province gets accounts, one for each role in `passwords`. Agencies and accounts that
    were filled before are left alone. Gives the accounts.
    """
    known = units.directory()
    on = day_of(now)
    agencies = [
        agency
        for province in provinces
        for unit in (known.unit(province), *known.communes_of(province, on))
        for agency in known.agencies_of(unit.id, on)
        if agency.kind in POSTS
    ]
    with transaction.atomic():
        filled = set(
            Position.objects.filter(official__demonstration=True, agency_id__in=[a.id for a in agencies])
            .values_list("agency_id", flat=True)
            .distinct()
        )
        posts = [(a, role, title) for a in agencies if a.id not in filled for role, title in POSTS[a.kind].items()]
        officials = enrol(
            names=[made_up_name(a.id, role) for a, role, _ in posts],
            numbers=[f"TD{a.id}.{list(Role).index(role) + 1}" for a, role, _ in posts],  # trình diễn
            demonstration=True,
        )
        appoint(
            appointments=[
                Appointment(official, agency.id, role, title, units.REFORM_DAY)
                for official, (agency, role, title) in zip(officials, posts, strict=True)
            ],
            now=now,
        )
        return _open_accounts(provinces[0], passwords, on) if provinces and passwords else ()


def _open_accounts(province: int, passwords: Mapping[Role, str], on: date) -> tuple[DemonstrationAccount, ...]:
    known = units.directory()
    wards = [u for u in known.communes_of(province, on) if u.at(on).type == "phường"]
    ward = (wards or list(known.communes_of(province, on)))[0]
    opened = []
    for role, password in passwords.items():
        username, kind = ACCOUNT_ROLES[role]
        agency = known.agency_of(ward.id, kind, on)
        if agency is None:
            raise Conflict("agency-missing", f"{ward.at(on).full_name} không có {kind}.")
        post = next(h for h in queries.positions_in(agency.id, on) if h.role == role)
        opened.append(DemonstrationAccount(username, post.official, role, post.title, agency.name_at(on)))
        if Account.objects.filter(username=username).exists():
            continue
        try:
            validate_password(password)
        except ValidationError as weak:
            raise Permanent("password-weak", " ".join(weak.messages), mend="Chọn mật khẩu dài hơn.") from weak
        administrator = role == Role.ADMINISTRATOR
        Account.objects.create(
            username=username,
            password=make_password(password),
            official_id=post.official_id,
            is_staff=administrator,
            is_superuser=administrator,
        )
    return tuple(opened)
