"""From what somebody sends to a filing that can be written: every check that needs no database.

The front runs this on its loop while the last batch is being committed; a page runs it in its view. It reads the
directory and the catalogue in memory and changes nothing.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import Meta

from motcua.dossiers.rules.life import Handling, Life, begin
from motcua.dossiers.rules.steps import FILING, Actor
from motcua.identity import api as identity
from motcua.kernel import storage
from motcua.kernel.calendar import WorkingCalendar, national
from motcua.kernel.clock import day_of
from motcua.kernel.errors import NotAllowed, Permanent
from motcua.kernel.ids import uuid7
from motcua.procedures import api as procedures
from motcua.units import api as units

# PostgreSQL's text holds everything but NUL.
Line = Annotated[str, Meta(max_length=300, pattern=r"^[^\x00]*$")]
Name = Annotated[str, Meta(min_length=1, max_length=300, pattern=r"^[^\x00]*\S[^\x00]*$")]
Slug = Annotated[str, Meta(max_length=80, pattern=r"^[^\x00]*$")]
Sha256 = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$")]


class Proxy(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Người được ủy quyền: who hands it in for the applicant, and on what document."""

    name: Name
    number: Annotated[str, Meta(max_length=20, pattern=r"^[0-9A-Za-z.-]*$")] = ""
    phone: Slug = ""
    address: Line = ""
    document: Line = ""


class Applicant(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Người nộp: as written in the dossier.

    `delivery` is how the result is to reach the applicant (phương thức nhận kết quả): at the counter ("" as well), by
    post to `delivery_place`, or online.
    """

    kind: Annotated[str, Meta(pattern="^(citizen|organisation)$")]
    name: Name
    number: Annotated[str, Meta(max_length=20, pattern=r"^[0-9A-Za-z.-]*$")] = ""
    birth_date: date | None = None
    phone: Slug = ""
    email: Line = ""
    address: Line = ""
    proxy: Proxy | None = None
    delivery: Annotated[str, Meta(pattern="^(|counter|post|online)$")] = ""
    delivery_place: Line = ""


class Paper(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Giấy tờ: a component handed in, or a result given out, with the digests of its files.

    `component` is its key in the procedure; a paper beyond the list, or a result, has a `name` of its own.
    """

    component: Slug = ""
    form: Annotated[str, Meta(pattern="^(original|copy|electronic)$")] = "electronic"
    quantity: Annotated[int, Meta(ge=1, le=999)] = 1
    files: Annotated[tuple[Sha256, ...], Meta(max_length=50)] = ()
    name: Line = ""


class Application(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """What is filed. `area` is where the applicant lives or has the head office; codes of the day or closed ones."""

    procedure: Annotated[str, Meta(min_length=1, max_length=40, pattern=r"^[^\x00]*$")]
    area: Annotated[str, Meta(min_length=1, max_length=40, pattern=r"^[^\x00]*$")]
    reception: Annotated[str, Meta(min_length=1, max_length=60, pattern=r"^[^\x00]*$")]
    channel: Annotated[str, Meta(pattern="^(counter|online|post|assisted)$")]
    applicant: Applicant
    support: Slug = ""
    case: Slug = ""
    content: dict[str, Any] = {}
    components: Annotated[tuple[Paper, ...], Meta(max_length=100)] = ()


@dataclass(frozen=True, slots=True)
class Filing:
    """An application that may be written as it stands, lacking only its code."""

    id: UUID
    key: str
    digest: bytes
    scope: identity.Scope
    application: Application
    org: str
    day: date
    version: int
    area: int
    support: int | None
    reception: int
    resolving: int
    party: identity.Party
    life: Life


def prepare(
    application: Application,
    *,
    key: str,
    digest: bytes,
    scope: identity.Scope,
    position: int | None = None,
    now: datetime,
) -> Filing:
    """Check an application against the law and the directory of the day; Permanent errors say what to mend."""
    on = day_of(now)
    directory = units.directory()
    step = FILING[application.channel]
    reception = agency_meant(directory, application.reception, on, "reception")
    support = agency_meant(directory, application.support, on, "support") if application.support else None
    helped = application.channel == "assisted" and support is not None and scope.reaches(support.id)
    if scope.party is None and not scope.reaches(reception.id) and not helped:
        raise NotAllowed(
            "foreign-agency",
            f"Tài khoản này không thuộc cơ quan {application.reception}.",
            mend="Dùng mã định danh của cơ quan mình ở “reception”.",
        )
    if not any(acts_as(actor, scope) for actor in step.by):
        raise NotAllowed("actor-not-allowed", f"Tài khoản này không được phép: {step.vi}.")
    area = _area(directory, application.area, on)
    version = procedures.catalogue().law_of(application.procedure, on)
    if version is None:
        raise Permanent(
            "procedure-unknown",
            f"Không có thủ tục {application.procedure} có hiệu lực ngày {on:%d/%m/%Y}.",
            mend="Tra mã thủ tục tại /api/v1/procedures.",
        )
    here = law_here(version.id, area.id, on, application.case, application.channel)
    competence, offer, province = here.competence, here.offer, here.province
    if competence.agency is None:
        raise Permanent(
            "not-settled-here",
            f"Thủ tục này do {competence.external} giải quyết, cơ quan đó không dùng hệ thống này.",
            mend="Nộp tại hệ thống của cơ quan đó.",
        )
    if not offer.published:
        raise Permanent("not-published", f"Thủ tục này chưa được công khai tại {area.at(on).name}.")
    own = directory.agency(competence.agency.id).unit_id
    if not offer.boundary_free and reception.unit_id not in (own, area.id, province):
        raise Permanent(
            "not-boundary-free",
            "Thủ tục này chỉ được tiếp nhận tại nơi giải quyết.",
            mend=f"Nộp tại {competence.agency.name_at(on)}.",
        )
    if directory.province_of(reception.unit_id, on).id != province:
        raise Permanent(
            "other-province",
            "Tiếp nhận không phụ thuộc địa giới chỉ trong phạm vi một tỉnh (Điều 14 Nghị định 118/2025/NĐ-CP).",
            mend="Nộp tại một trung tâm của tỉnh, thành phố nơi cư trú, hoặc trực tuyến.",
        )
    if application.case and version.cases and application.case not in version.cases:
        raise Permanent("case-unknown", f"Thủ tục không có trường hợp “{application.case}”.", cases=list(version.cases))
    wrong = procedures.validate(version, application.content)
    if wrong:
        raise Permanent(
            "content-invalid",
            "Tờ khai còn chỗ chưa đúng.",
            mend="Sửa các chỗ nêu trong “errors”.",
            errors=[{"path": error.path, "message": error.message_vi} for error in wrong],
        )
    check_papers(application.components, version)
    person = application.applicant
    if scope.party is not None and identity.party_id(person.kind, person.number) != scope.party:
        raise NotAllowed(
            "not-yourself",
            "Người nộp phải là người đã đăng nhập.",
            mend="Nộp bằng tài khoản của chính người nộp, hoặc tại trung tâm phục vụ hành chính công.",
        )
    life = begin(step, offer.term, now=now, process=here.process, calendar=here.calendar)
    return Filing(
        id=uuid7(int(now.timestamp() * 1000)),
        key=key,
        digest=digest,
        scope=scope,
        application=application,
        org=reception.org(on),
        day=on,
        version=version.id,
        area=area.id,
        support=support.id if support else None,
        reception=reception.id,
        resolving=competence.agency.id,
        party=identity.Party(
            kind=person.kind,
            number=person.number,
            name=person.name,
            birth_date=person.birth_date,
            phone=person.phone,
            email=person.email,
            address=person.address,
        ),
        life=life,
    )


def check_papers(papers: Sequence[Paper], version: procedures.Version | None) -> None:
    """Raise Permanent unless each paper is one of the procedure's or has a name, and all its files are kept.

    Without a version every key will do: results have keys of their own.
    """
    known = {component.key for component in version.components} if version else ()
    for paper in papers:
        if not paper.component and not paper.name.strip():
            raise Permanent("paper-nameless", "Giấy tờ không có mã thành phần thì phải có tên.", mend="Ghi “name”.")
        if paper.component and known and paper.component not in known:
            raise Permanent(
                "component-unknown",
                f"Thủ tục không có thành phần “{paper.component}”.",
                mend="Dùng mã thành phần của thủ tục.",
                components=sorted(known),
            )
        for sha256 in paper.files:
            if not storage.files().exists(sha256):
                raise Permanent(
                    "file-unknown", f"Chưa có tệp {sha256}.", mend="Gửi tệp lên /api/v1/files trước khi nộp hồ sơ."
                )


# How a channel of filing is called in the catalogue.
CATALOGUE_CHANNEL = {"counter": "direct", "assisted": "online", "online": "online", "post": "post"}


@dataclass(frozen=True, slots=True)
class LawHere:
    """What holds for a procedure at a place on a day: who resolves, what the province promises, by which process."""

    competence: procedures.Competence
    offer: procedures.Offer
    process: tuple[Handling, ...]
    province: int
    calendar: WorkingCalendar  # with the sessions of the agency that resolves


def law_here(version: int, area: int, on: date, case: str, channel: str) -> LawHere:
    """The law of the day of filing; the version that a dossier was received under stays its own for life."""
    return _law_here(procedures.catalogue(), units.directory(), version, area, on, case, channel)


@lru_cache(maxsize=20_000)  # both generations are immutable and part of the key
def _law_here(
    catalogue: procedures.Catalogue,
    directory: units.Directory,
    version_id: int,
    area: int,
    on: date,
    case: str,
    channel: str,
) -> LawHere:
    version = catalogue.by_id(version_id)
    province = directory.province_of(area, on).id
    offer = catalogue.offered(version, province, area, on, case=case, channel=CATALOGUE_CHANNEL[channel])
    competence = procedures.competent(version.code, directory.unit(area), on)
    process = tuple(Handling(Actor(step.role.value), step.minutes) for step in offer.steps)
    agency = competence.agency
    return LawHere(competence, offer, process, province, national(agency.sessions_at(on)) if agency else national())


def law_kept(version: int, area: int, resolving: int, on: date, case: str, channel: str) -> LawHere:
    """The law that a dossier keeps for life: of its version and the day it was filed, at the agency that resolves it.

    Who is competent is not asked again: a dossier from an old system was filed before the catalogue begins.
    """
    return _law_kept(procedures.catalogue(), units.directory(), version, area, resolving, on, case, channel)


@lru_cache(maxsize=20_000)  # both generations are immutable and part of the key
def _law_kept(
    catalogue: procedures.Catalogue,
    directory: units.Directory,
    version_id: int,
    area: int,
    resolving: int,
    on: date,
    case: str,
    channel: str,
) -> LawHere:
    version = catalogue.by_id(version_id)
    province = directory.province_of(area, on).id
    offer = catalogue.offered(version, province, area, on, case=case, channel=CATALOGUE_CHANNEL[channel])
    process = tuple(Handling(Actor(step.role.value), step.minutes) for step in offer.steps)
    agency = directory.agency(resolving)
    competence = procedures.Competence(agency, "Như ghi trong hồ sơ.")
    return LawHere(competence, offer, process, province, national(agency.sessions_at(on)))


def acts_as(actor: Actor, scope: identity.Scope) -> bool:
    """Whether the scope may stand in for this actor, wherever it sits."""
    if actor is Actor.WORKER:
        return scope is identity.SYSTEM
    if actor is Actor.APPLICANT:
        return scope.party is not None
    return scope.holds(identity.Role(actor.value))


def digest_of(body: bytes) -> bytes:
    """What a replayed key is compared by."""
    return hashlib.sha256(body).digest()


def _area(directory: units.Directory, code: str, on: date) -> units.Unit:
    """The unit of the day; a closed one is let through, so that `competent` can say what it became."""
    found = directory.find_unit(code, on)
    if found is not None:
        return found
    holders = directory.unit_holders(code)
    if not holders:
        raise Permanent(
            "area-unknown",
            f"Không có đơn vị hành chính mang mã {code}.",
            mend="Dùng mã theo Quyết định 19/2025/QĐ-TTg.",
        )
    return holders[-1][2]


def agency_meant(directory: units.Directory, code: str, on: date, field: str) -> units.Agency:
    """The agency with this identifier on that day; for one that has ended, its heir where there is only one.

    So that whoever still calls with an old identifier gets on, or is told by name whom to choose from.
    """
    agency = directory.find_agency(code, on)
    if agency is not None:
        return agency
    past = [held for held in directory.agency_holders(code) if held[1] < on]
    if not past:
        raise Permanent(
            "agency-unknown",
            f"Không có cơ quan mang mã định danh {code}.",
            mend=f"Dùng mã định danh theo Quyết định 20/2020/QĐ-TTg ở “{field}”.",
        )
    last = past[-1][2]
    heirs = [_receiving(directory, heir, on, field) for heir in directory.heirs(last.id, on)]
    if len(heirs) == 1 and heirs[0].in_force(on):
        return heirs[0]
    raise Permanent(
        "agency-dissolved",
        f"Mã định danh {code} ({last.name_at(last.valid_to or on)}) không có hiệu lực ngày {on:%d/%m/%Y}.",
        mend=f"Dùng mã của một nơi kế thừa: {', '.join(f'{heir.name_at(on)} ({heir.org(on)})' for heir in heirs)}."
        if heirs
        else f"Tra cơ quan kế thừa tại /api/v1/units/{code}.",
        heirs=[{"org": heir.org(on), "name": heir.name_at(on)} for heir in heirs],
    )


def _receiving(directory: units.Directory, heir: units.Agency, on: date, field: str) -> units.Agency:
    """Where a committee inherited, its service centre takes dossiers in."""
    if field != "reception" or heir.kind is not units.AgencyKind.PEOPLES_COMMITTEE:
        return heir
    return directory.agency_of(heir.unit_id, units.AgencyKind.SERVICE_CENTRE, on) or heir
