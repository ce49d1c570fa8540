"""Official documents of agencies: the registers, their log, what came and went over the line, other organisations."""

from django.db import models
from django.db.models import Q

from motcua.documents.rules.steps import Direction, State


class Document(models.Model):
    """Văn bản đến or đi of one agency. The log is the truth; `state`, `steps` and `position` follow it."""

    id = models.BigAutoField(primary_key=True)
    uid = models.UUIDField(unique=True)
    agency = models.BigIntegerField(verbose_name="cơ quan giữ sổ")
    direction = models.TextField(choices=[(d, d) for d in Direction])
    state = models.TextField(choices=[(s, s) for s in State])
    steps = models.IntegerField(verbose_name="số dòng nhật ký")
    series = models.TextField(verbose_name="dãy số; của văn bản đến: rỗng")
    year = models.SmallIntegerField(null=True)
    number = models.IntegerField(null=True, verbose_name="số đến, số đi")
    type = models.TextField(verbose_name="loại văn bản")
    code = models.TextField(verbose_name="số, ký hiệu")
    notation = models.TextField(verbose_name="ký hiệu")
    reference = models.TextField(verbose_name="mã định danh văn bản")
    promulgated_on = models.DateField(null=True)
    organ = models.TextField(verbose_name="mã định danh bên gửi")
    organ_name = models.TextField()
    subject = models.TextField(verbose_name="trích yếu")
    content = models.TextField()
    signer = models.TextField()
    signer_position = models.TextField()
    priority = models.SmallIntegerField()
    dossier = models.TextField(verbose_name="mã hồ sơ liên quan")
    answers = models.TextField(verbose_name="trả lời văn bản nào")
    replaces = models.UUIDField(null=True)
    position = models.BigIntegerField(null=True, verbose_name="người được giao")
    due_at = models.DateTimeField(null=True)
    signature = models.TextField(verbose_name="tình trạng chữ ký số")
    words = models.TextField(verbose_name="chữ để tìm, không dấu")
    created_at = models.DateTimeField()
    request = models.UUIDField(null=True, verbose_name="gói tin yêu cầu thu hồi, cập nhật, thay thế đang chờ trả lời")

    class Meta:
        constraints = (
            models.UniqueConstraint("agency", "direction", "series", "year", "number", name="document_numbered_once"),
            models.UniqueConstraint(
                "agency", "reference", name="document_arrives_once",
                condition=Q(direction=Direction.IN) & ~Q(state__in=[State.RECALLED, State.REFUSED]),
            ),
        )  # fmt: skip
        indexes = (
            models.Index("agency", "direction", "created_at", name="document_register"),
            models.Index("agency", "state", name="document_waiting"),
            models.Index("reference", name="document_referred_to", condition=~Q(reference="")),
            models.Index("agency", name="document_asked_back", condition=Q(request__isnull=False)),
        )


class Step(models.Model):
    """One row of a document's log: only ever added."""

    id = models.BigAutoField(primary_key=True)
    document = models.ForeignKey(Document, models.PROTECT, related_name="+", db_index=False)
    n = models.IntegerField()
    step = models.TextField()
    state = models.TextField()
    at = models.DateTimeField()
    caller = models.BigIntegerField()
    position = models.BigIntegerField(null=True)
    to_position = models.BigIntegerField(null=True)
    words = models.TextField(verbose_name="lý do, ý kiến")

    class Meta:
        constraints = (models.UniqueConstraint("document", "n", name="document_step_once"),)


class File(models.Model):
    """Tệp of a document, by its content; an update adds a version and leaves the old one."""

    id = models.BigAutoField(primary_key=True)
    document = models.ForeignKey(Document, models.PROTECT, related_name="+")
    version = models.SmallIntegerField()
    name = models.TextField()
    sha256 = models.TextField()
    size = models.BigIntegerField()
    content_type = models.TextField()


class Delivery(models.Model):
    """Bên nhận of an outgoing document, and the parcel in which it went last."""

    id = models.BigAutoField(primary_key=True)
    document = models.ForeignKey(Document, models.PROTECT, related_name="+", db_index=False)
    organ = models.TextField()
    name = models.TextField()
    parcel = models.UUIDField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint("document", "organ", name="document_receiver_once"),)


class Said(models.Model):
    """Trạng thái that one office told another about a document: ours about an incoming one, theirs about ours."""

    id = models.BigAutoField(primary_key=True)
    document = models.ForeignKey(Document, models.PROTECT, related_name="+")
    organ = models.TextField(verbose_name="bên nhận văn bản, người nói trạng thái")
    code = models.TextField()
    at = models.DateTimeField()
    words = models.TextField()
    in_order = models.BooleanField(verbose_name="đúng thứ tự")


class Packet(models.Model):
    """Gói tin that came: kept as it was, readable or not. Its number at the partner makes it come once."""

    id = models.UUIDField(primary_key=True)
    partner = models.TextField()
    remote = models.TextField(verbose_name="số của gói tin ở trục")
    at = models.DateTimeField()
    sha256 = models.TextField()
    size = models.BigIntegerField()
    kind = models.TextField()
    sender = models.TextField()
    reference = models.TextField()
    outcome = models.TextField()
    faults = models.JSONField()  # [[name, at], ...]
    agencies = models.JSONField()  # of ours that it was for
    settled_at = models.DateTimeField(null=True, verbose_name="lúc có người xem xong")

    class Meta:
        constraints = (models.UniqueConstraint("partner", "remote", name="packet_once"),)
        indexes = (
            models.Index("at", name="packet_problem", condition=~Q(faults=[])),
            models.Index("sha256", name="packet_said_twice", condition=~Q(kind__in=["", "new"])),
        )


class Contact(models.Model):
    """When a partner was last asked for something, when it last answered, and what went wrong since."""

    name = models.TextField(primary_key=True)
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    said = models.TextField(verbose_name="vì sao lần hỏi cuối không được")


class Counter(models.Model):
    """The last number of a row of numbers."""

    pk = models.CompositePrimaryKey("agency", "direction", "series", "year")
    agency = models.BigIntegerField()
    direction = models.TextField()
    series = models.TextField()
    year = models.SmallIntegerField()
    last = models.IntegerField()


class Organisation(models.Model):
    """Cơ quan, tổ chức as the axis's directory names it from day to day; both forms of its identifier."""

    id = models.BigAutoField(primary_key=True)
    code = models.TextField()
    code102 = models.TextField()
    name = models.TextField()
    parent = models.TextField()
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint("code", name="organisation_now", condition=Q(valid_to__isnull=True)),
        )  # fmt: skip
        indexes = (
            models.Index("code102", name="organisation_102", condition=Q(valid_to__isnull=True)),
            models.Index("valid_from", "code", name="organisation_began"),
            models.Index("valid_to", "code", name="organisation_ended", condition=Q(valid_to__isnull=False)),
        )


class Misfit(models.Model):
    """Dòng sai of the axis's last list: it can't be taken over, or calls one of ours otherwise than we do."""

    id = models.BigAutoField(primary_key=True)
    why = models.TextField()
    place = models.IntegerField(verbose_name="dòng thứ mấy của danh sách")
    code = models.TextField()
    ours = models.TextField(verbose_name="tên ở đây")
    theirs = models.TextField(verbose_name="tên ở trục")


class Announced(models.Model):
    """Mã định danh of ours that the axis was told of: new or closed, with the letter that told it."""

    id = models.BigAutoField(primary_key=True)
    code = models.TextField()
    act = models.TextField()  # open, close
    on = models.DateField(verbose_name="ngày thay đổi")
    parcel = models.UUIDField()
    at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint("code", "act", "on", name="identifier_announced_once"),)
