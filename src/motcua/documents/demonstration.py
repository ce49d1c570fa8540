"""The first documents of a demonstration: made up, and sent as any others are."""

from datetime import datetime

from motcua.documents import actions
from motcua.documents.actions import Draft, StepRequest
from motcua.identity import api as identity
from motcua.kernel import clock
from motcua.units import api as units

PDF = (
    b"%PDF-1.4\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n2 0 obj\n<</Type/Pages/Kids[3 0 R]/Count 1>>\nendobj\n"
    b"3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>\nendobj\ntrailer\n<</Root 1 0 R>>\n%%EOF\n"
)
WAY = ("submit", "approve", "sign", "number", "issue", "send")
SUBJECTS = (
    ("ke-hoach", "Trình diễn: Kế hoạch vận hành chính quyền địa phương hai cấp"),
    ("cong-van", "Trình diễn: V/v báo cáo kết quả tiếp nhận hồ sơ trong tuần đầu"),
)


def send_demonstration(*, province: int, now: datetime) -> int:
    """The people's committee of a province (unit number) writes to every commune; gives how many documents went."""
    directory, on = units.directory(), clock.day_of(now)
    committees = [
        agency
        for unit in (directory.unit(province), *directory.communes_of(province, on))
        if (agency := directory.agency_of(unit.id, units.AgencyKind.PEOPLES_COMMITTEE, on)) and agency.org(on)
    ]
    if len(committees) < 2:
        return 0
    sender, *receivers = committees
    files = actions.keep([("Trình diễn.pdf", PDF)])
    made = actions.draft(
        [
            Draft(sender.id, kind, subject, tuple(a.org(on) for a in receivers), signer="Trình diễn", files=files)
            for kind, subject in SUBJECTS
        ],
        scope=identity.SYSTEM,
        now=now,
    )
    for step in WAY:
        actions.take_steps([StepRequest(uid, step) for uid in made], scope=identity.SYSTEM, now=now)
    return len(made)
