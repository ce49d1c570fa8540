"""Changes to who is who: parties, officials, positions, tokens."""

import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import msgspec
import psycopg
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import connection, transaction

from motcua.identity import queries
from motcua.identity.demonstration import ACCOUNT_ROLES, POSTS, made_up_name
from motcua.identity.models import Account, Official, Position, Token
from motcua.identity.rules import SYSTEM, Party, Role, Scope, party_id, require, secret_digest, subject_of
from motcua.kernel.clock import day_of
from motcua.kernel.errors import Conflict, NotFound, Permanent, Transient
from motcua.kernel.ids import uuid7
from motcua.kernel.inserts import Insert, write
from motcua.kernel.journal import api as journal
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


def enrol(*, names: Sequence[str], demonstration: bool = False) -> list[int]:
    """Enter officials; gives their numbers in order."""
    made = Official.objects.bulk_create([Official(name=name, demonstration=demonstration) for name in names])
    return [official.pk for official in made]


def appoint(*, appointments: Sequence[Appointment], now: datetime, by: Scope = SYSTEM) -> list[int]:
    """Put officials in positions; gives the positions' numbers in order. All or none."""
    known = units.directory()
    for appointment in appointments:
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
    with transaction.atomic():
        open_ = Position.objects.filter(id__in=ids, valid_from__lte=last_day).exclude(valid_to__lt=last_day)
        if open_.update(valid_to=last_day) != len(ids):
            raise NotFound("position-unknown", f"Không phải mọi vị trí này còn hiệu lực vào ngày {last_day:%d/%m/%Y}.")
        journal.record(
            [journal.Entry(subject_of("position", number), "position.ended", now, by.name, body) for number in ids]
        )


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
        officials = enrol(names=[made_up_name(a.id, role) for a, role, _ in posts], demonstration=True)
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
