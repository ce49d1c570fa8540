"""Who may do what: roles, scopes, parties. Pure.

A scope says nothing is allowed until a position, a token or the law says so.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from motcua.kernel.errors import NotAllowed, Permanent
from motcua.kernel.text import fold


class Role(StrEnum):
    """What a position lets its holder do in its agency."""

    RECEPTION = "reception"  # công chức tiếp nhận và trả kết quả
    HANDLER = "handler"  # công chức thụ lý
    APPROVER = "approver"  # lãnh đạo phòng chuyên môn, người thẩm định
    SIGNATORY = "signatory"  # người có thẩm quyền ký
    LEADER = "leader"  # lãnh đạo cơ quan: sees its own agency and all below it
    ADMINISTRATOR = "administrator"  # quản trị hệ thống


REACH_BELOW = frozenset({Role.LEADER, Role.ADMINISTRATOR})


@dataclass(frozen=True, slots=True)
class Scope:
    """What a caller reaches. Every query and action takes one.

    `caller`: an account's number, a token's number below zero, 0 for the public and for the worker.
    `agencies`: the agencies it reaches; None for all of them. `party`: the person or organisation that it is, and
    `merged` other parties that a clerk found to be the same one. `name`: how the journal calls it.
    """

    caller: int = 0
    agencies: frozenset[int] | None = frozenset()
    roles: frozenset[Role] = frozenset()
    position: int | None = None
    party: UUID | None = None
    name: str = "public"
    merged: frozenset[UUID] = frozenset()

    def reaches(self, agency_id: int) -> bool:
        return self.agencies is None or agency_id in self.agencies

    def holds(self, role: Role) -> bool:
        return role in self.roles

    def is_party(self, party: UUID) -> bool:
        """Is the caller this person or organisation, under any of the records kept of it?"""
        return self.party is not None and (party == self.party or party in self.merged)

    @property
    def parties(self) -> tuple[UUID, ...]:
        """All records of the person or organisation that the caller is."""
        return () if self.party is None else (self.party, *sorted(self.merged))


PUBLIC = Scope()
SYSTEM = Scope(agencies=None, roles=frozenset(Role), name="worker")


def require(scope: Scope, agency_id: int, *roles: Role) -> None:
    """Raise NotAllowed unless the scope reaches the agency and holds one of the roles (any role if none is named)."""
    if not scope.reaches(agency_id):
        raise NotAllowed("foreign-agency", "Việc này thuộc một cơ quan khác.")
    if roles and scope.roles.isdisjoint(roles):
        raise NotAllowed("role-missing", f"Việc này cần vai trò {' hoặc '.join(roles)}.")


@dataclass(frozen=True, slots=True)
class Holding:
    """A position (vị trí công tác) as held by an official from day to day."""

    id: int
    official_id: int
    official: str
    agency_id: int
    role: Role
    title: str
    valid_from: date
    valid_to: date | None
    number: str = ""  # số hiệu cán bộ, công chức


@dataclass(frozen=True, slots=True)
class Post:
    """One row of an office's list: this person holds this role in this agency, from day to day."""

    number: str
    name: str
    agency_id: int
    role: Role
    title: str
    valid_from: date
    valid_to: date | None = None

    def meets(self, first: date, last: date | None) -> bool:
        """Do the two periods share a day?"""
        return (last is None or self.valid_from <= last) and (self.valid_to is None or first <= self.valid_to)


@dataclass(frozen=True, slots=True)
class StaffPlan:
    """What a list asks for beyond what is known. `faults`: row (from 0), field, kind of fault, what it is about."""

    enrol: Mapping[str, str]  # number: name
    appoint: tuple[Post, ...]
    end: tuple[tuple[int, date], ...]  # position, last day
    unchanged: int
    faults: tuple[tuple[int, str, str, str], ...]


OFFICIAL_NUMBER = re.compile(r"[0-9A-Za-zĐđ][0-9A-Za-zĐđ./-]{0,19}")


def plan_staff(posts: Sequence[Post], names: Mapping[str, str], held: Iterable[Holding]) -> StaffPlan:
    """Compare a list with who is known (`names` by number) and what they hold: what is new, and what can't be.

    A position that stands there already is left alone; one that is open there and has a last day in the list ends.
    """
    theirs: dict[str, list[Holding]] = {}
    for holding in held:
        theirs.setdefault(holding.number, []).append(holding)
    enrol: dict[str, str] = {}
    new: list[Post] = []
    by_place: dict[tuple[str, int, Role], list[Post]] = {}
    end: dict[int, date] = {}
    unchanged = 0
    faults: list[tuple[int, str, str, str]] = []
    for row, post in enumerate(posts):
        wrong = _ill_formed(post)
        name = names.get(post.number) or enrol.get(post.number)
        if name is not None and name.casefold() != post.name.casefold():
            wrong.append(("number", "official-other-name", post.number))
        place = (post.number, post.agency_id, post.role)
        beside = [h for h in theirs.get(post.number, ()) if (h.agency_id, h.role) == place[1:]]
        same = next((h for h in beside if h.valid_from == post.valid_from), None)
        if same is not None:
            if same.title != post.title:
                wrong.append(("title", "position-other-title", same.title))
            elif same.valid_to not in (None, post.valid_to):
                wrong.append(("valid_to", "position-ended-otherwise", f"{same.valid_to:%d/%m/%Y}"))
        elif any(post.meets(h.valid_from, h.valid_to) for h in beside):
            wrong.append(("valid_from", "position-overlaps", ""))
        elif any(post.meets(p.valid_from, p.valid_to) for p in by_place.get(place, ())):
            wrong.append(("valid_from", "position-twice", ""))
        if wrong:
            faults += [(row, *fault) for fault in wrong]
            continue
        if same is None:
            by_place.setdefault(place, []).append(post)
            new.append(post)
            if post.number not in names:
                enrol[post.number] = post.name
        elif same.valid_to is None and post.valid_to is not None:
            end[same.id] = post.valid_to
        else:
            unchanged += 1
    return StaffPlan(enrol, tuple(new), tuple(end.items()), unchanged, tuple(faults))


def _ill_formed(post: Post) -> list[tuple[str, str, str]]:
    wrong = []
    if not OFFICIAL_NUMBER.fullmatch(post.number):
        wrong.append(("number", "official-number", post.number))
    if not 2 <= len(post.name) <= 100 or any(sign.isdigit() for sign in post.name):
        wrong.append(("name", "official-name", post.name[:100]))
    if not 1 <= len(post.title) <= 100:
        wrong.append(("title", "title-length", ""))
    if post.valid_to is not None and post.valid_to < post.valid_from:
        wrong.append(("valid_to", "period-reversed", ""))
    return wrong


def scope_of_holdings(
    account_id: int, holdings: Iterable[Holding], below: Mapping[int, frozenset[int]], chosen: int | None = None
) -> Scope:
    """What an account reaches with the positions that it holds on a day.

    With `chosen` it acts in that position. Otherwise it acts in the agency of its first position, with all roles
    that it holds there: roles in one agency are never taken into another. `below` gives the agencies under one.
    """
    held = sorted(holdings, key=lambda h: h.id)
    first = next((h for h in held if chosen in (None, h.id)), None)
    name = f"account:{account_id}"
    if first is None:
        return Scope(caller=account_id, name=name)
    acting = [first] if chosen is not None else [h for h in held if h.agency_id == first.agency_id]
    roles = frozenset(h.role for h in acting)
    agencies = {first.agency_id}
    if roles <= REACH_BELOW:
        agencies |= below.get(first.agency_id, frozenset())
    return Scope(account_id, frozenset(agencies), roles, first.id, None, name)


class PartyKind(StrEnum):
    CITIZEN = "citizen"  # cá nhân: số định danh cá nhân, 12 digits
    ORGANISATION = "organisation"  # tổ chức: mã số doanh nghiệp or mã định danh


@dataclass(frozen=True, slots=True)
class Party:
    """Người hoặc tổ chức nộp hồ sơ. `number` is "" for who has none."""

    kind: str
    number: str
    name: str
    birth_date: date | None = None
    phone: str = ""
    email: str = ""
    address: str = ""


PARTIES = UUID("6c2f6d0e-1c8e-5d57-9a53-0d6f7463756f")  # the namespace of uuid5
_PARTIES = PARTIES.bytes
_SUBJECTS = UUID("0b7f9a52-93d1-5e0c-8f6b-6964656e7469").bytes


def party_id(kind: str, number: str) -> UUID:
    """The same person or organisation has the same id everywhere, found without asking anyone."""
    return _uuid5(_PARTIES, f"{kind}:{number}")


def subject_of(kind: str, number: int) -> UUID:
    """Under which subject the journal tells of a token or a position."""
    return _uuid5(_SUBJECTS, f"{kind}:{number}")


def _uuid5(space: bytes, name: str) -> UUID:
    made = int.from_bytes(hashlib.sha1(space + name.encode(), usedforsecurity=False).digest()[:16])
    # uuid.uuid5 of the same is a third as fast, and this runs for each dossier.
    return UUID(int=made & ~(0xF << 76) & ~(0x3 << 62) | 5 << 76 | 2 << 62)


_SECRET = re.compile(r"mc_[A-Za-z0-9_-]{43}")


def well_formed(secret: str) -> bool:
    """Can this be a token's secret at all?"""
    return _SECRET.fullmatch(secret) is not None


def secret_digest(secret: str) -> str:
    """What is stored of a token: its SHA-256. The secret has 256 random bits, so it needs no slow hash."""
    return hashlib.sha256(secret.encode()).hexdigest()


# --- numbers and cards --------------------------------------------------------------------------------------------

BIRTH_PLACES = frozenset(
    f"0{place:02d}"
    for place in range(1, 97)
    if place not in (3, 5, 7, 9, 13, 16, 18, 21, 23, 28, 29, 32, 39, 41, 43, 47, 50, 53, 55, 57, 59, 61, 63, 65, 69)
    and place not in (71, 73, 76, 78, 81, 85, 88, 90)
)
"""The provinces in which a birth was registered, as personal numbers name them; countries abroad count from 101."""
NOWHERE = "000"  # the place of birth of made-up people: no real number begins so
FIRST_COUNTRY = 101


@dataclass(frozen=True, slots=True)
class PersonNumber:
    """What a personal number (số định danh cá nhân) says of its holder: place, sex and year of birth.

    Căn cứ: Nghị định 137/2015/NĐ-CP art. 13 in the order kept by Nghị định 69/2024/NĐ-CP.
    """

    number: str
    woman: bool
    birth_year: int


def read_person_number(text: str) -> PersonNumber:
    """Read a personal number as somebody types it, with or without spaces; Permanent says what is wrong with it."""
    number = re.sub(r"[\s.]", "", text)
    if not number.isascii() or not number.isdigit():
        raise Permanent("number-signs", "Số định danh cá nhân chỉ gồm chữ số.", mend="Gõ lại 12 chữ số trên thẻ.")
    if len(number) != 12:
        old = " Số chứng minh nhân dân 9 số không còn dùng được." if len(number) == 9 else ""
        raise Permanent(
            "number-length-9" if old else "number-length",
            f"Số định danh cá nhân có 12 chữ số, số này có {len(number)}.{old}",
            mend="Gõ lại 12 chữ số trên thẻ.",
        )
    place = number[:3]
    if place != NOWHERE and place not in BIRTH_PLACES and int(place) < FIRST_COUNTRY:
        raise Permanent(
            "number-place",
            f"Ba số đầu {place} không phải mã nơi đăng ký khai sinh nào.",
            mend="Gõ lại 12 chữ số trên thẻ.",
        )
    century, sex = divmod(int(number[3]), 2)
    return PersonNumber(number, sex == 1, 1900 + 100 * century + int(number[4:6]))


_TAX_WEIGHTS = (31, 29, 23, 19, 17, 13, 7, 5, 3)
_TAX = re.compile(r"\d{10}(-?\d{3})?")
_ORG = re.compile(r"[A-Z]\d{2}(\.[A-Z0-9]+)*", re.ASCII)


def read_organisation_number(text: str) -> str:
    """A tax or business number (mã số thuế, mã số doanh nghiệp) or an identifier of QĐ 20/2020; else Permanent.

    Household businesses carry their head's personal number (Thông tư 86/2024/TT-BTC).
    """
    number = re.sub(r"\s", "", text).upper()
    if _TAX.fullmatch(number):
        check = 10 - sum(int(d) * w for d, w in zip(number, _TAX_WEIGHTS, strict=False)) % 11
        if not number.startswith("00") and check != int(number[9]):  # 00 is no tax province: made-up ones begin so
            raise Permanent("tax-number-check", "Mã số thuế sai số kiểm tra.", mend="Gõ lại mã số trên giấy đăng ký.")
        return number if len(number) == 10 else f"{number[:10]}-{number[-3:]}"
    if len(number) == 12 and number.isascii() and number.isdigit():
        return read_person_number(number).number
    if _ORG.fullmatch(number) and len(number) <= 20:
        return number
    raise Permanent(
        "organisation-number",
        "Mã số tổ chức có 10 chữ số (đơn vị phụ thuộc thêm 3 số), 12 chữ số (hộ kinh doanh) hoặc là mã định danh.",
        mend="Gõ lại mã số trên giấy đăng ký.",
    )


@dataclass(frozen=True, slots=True)
class Card:
    """Thẻ căn cước as its QR says it. `lost` names the fields that the scanner did not bring whole: ask for them."""

    number: str
    old_number: str
    name: str
    birth_date: date | None
    sex: str  # nam, nữ
    address: str
    issued_on: date | None
    lost: tuple[str, ...] = ()


# A scanner types like a keyboard: under the Vietnamese layout of Windows the upper row gives letters and marks.
_DIGITS_ROW = str.maketrans("ăâêô\u0300\u0309\u0303\u0301\u0323đ", "1234567890")
_BARS = re.compile(r"[|¦‖∣｜]")
_DATE = re.compile(r"(\d{2})[/.-]?(\d{2})[/.-]?(\d{4})")
_BROKEN = re.compile("[?\ufffd\x00-\x1f]")


def read_card(text: str) -> Card:
    """Read what a scanner typed from the QR of a chip card; Permanent says what is wrong with it.

    The QR holds number|old number|name|ddmmyyyy|sex|address|ddmmyyyy; cards of 2024 add parents after these, some
    scanners leave out an empty old number. Letters may come decomposed, in one case, or with case turned over.
    """
    typed = [_typed_digits(part.strip()) for part in _BARS.split(_unbroken(text).strip())]
    parts = [unicodedata.normalize("NFC", part) for part in typed]
    if len(parts) == 6 and not re.fullmatch(r"\d*", parts[1]):
        parts.insert(1, "")
    if len(parts) < 7:
        raise Permanent(
            "card-fields",
            f"Mã QR trên thẻ có 7 phần, máy quét chỉ đưa vào {len(parts)}.",
            mend="Quét lại, hoặc gõ 12 chữ số trên thẻ.",
        )
    number, old, name, birth, sex, address, issued = parts[:7]
    person = read_person_number(number)
    if old and not re.fullmatch(r"\d{9}|\d{12}", old):
        raise Permanent("card-old-number", "Số chứng minh nhân dân cũ trên thẻ có 9 chữ số.", mend="Quét lại thẻ.")
    lost = [field for field, value in (("name", name), ("address", address)) if not value or _BROKEN.search(value)]
    born = _day(birth)
    if born is None:
        lost.append("birth_date")
    spoken = {"nam": "nam", "nu": "nữ"}.get(fold(sex), "")
    if born is not None and born.year != person.birth_year:
        raise Permanent(
            "card-birth-date", "Ngày sinh và số định danh trên thẻ không khớp nhau.", mend="Quét lại, hoặc gõ tay."
        )
    if spoken and (spoken == "nữ") != person.woman:
        raise Permanent(
            "card-sex", "Giới tính và số định danh trên thẻ không khớp nhau.", mend="Quét lại, hoặc gõ tay."
        )
    return Card(
        number=person.number,
        old_number=old,
        name="" if "name" in lost else _name(name),
        birth_date=born,
        sex=spoken or ("nữ" if person.woman else "nam"),
        address="" if "address" in lost else " ".join(address.split()),
        issued_on=_day(issued),
        lost=tuple(lost),
    )


def looks_like_card(text: str) -> bool:
    """Did a scanner type this, rather than a person a number?"""
    return len(_BARS.findall(text)) > 1


def _unbroken(text: str) -> str:
    """UTF-8 that was typed byte by byte as Latin letters ("Nguyá»…n"), put together again."""
    for wrong in ("cp1252", "latin-1"):
        try:
            return text.encode(wrong).decode("utf-8")
        except UnicodeError:
            continue
    return text


def _typed_digits(part: str) -> str:
    """The part with its digits back, if it is nothing but digits typed under the Vietnamese layout.

    Before any normalising: that would put the marks, which are digits here, in another order.
    """
    digits = part.translate(_DIGITS_ROW)
    return digits if re.fullmatch(r"[0-9]+", digits) else part


def _day(text: str) -> date | None:
    found = _DATE.fullmatch(text.strip())
    if not found:
        return None
    try:
        return date(int(found[3]), int(found[2]), int(found[1]))
    except ValueError:
        return None


def _name(text: str) -> str:
    """Each word with a capital, if the scanner's keyboard was in the wrong case; else as the card has it."""
    words = text.split()
    if text.isupper() or text.islower() or all(w[:1].islower() and w[1:] == w[1:].upper() for w in words):
        return " ".join(re.sub(r"(^|[-’'])(\w)", lambda m: m[1] + m[2].upper(), word.lower()) for word in words)
    return " ".join(words)
