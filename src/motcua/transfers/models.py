"""How far we have followed the log, which dossiers two nodes hold, and what the other node said of each."""

from django.db import models


class Mark(models.Model):
    """Up to which entry of the journal's seals other nodes were told."""

    name = models.TextField(primary_key=True)
    seal = models.BigIntegerField()
    place = models.IntegerField()
    at = models.DateTimeField()


class Transfer(models.Model):
    """Hồ sơ liên nút: a dossier that one node took in and another resolves; one row at each of them."""

    code = models.TextField(primary_key=True, verbose_name="mã hồ sơ")
    out = models.BooleanField(verbose_name="nhận ở đây, giải quyết ở nút kia")
    node = models.TextField(verbose_name="nút kia")
    told = models.IntegerField(verbose_name="số dòng nhật ký đã báo sang")
    is_open = models.BooleanField()
    at = models.DateTimeField()
    problem = models.TextField(verbose_name="vì sao chưa báo được")

    class Meta:
        indexes = (
            models.Index("node", name="transfer_open", condition=models.Q(is_open=True)),
            models.Index("code", name="transfer_untold", condition=~models.Q(problem="")),
        )


class Word(models.Model):
    """Lời có chữ ký của nút kia: one step as the other node said it, kept as it was signed."""

    id = models.BigAutoField(primary_key=True)
    code = models.TextField(verbose_name="mã hồ sơ")
    node = models.TextField()
    n = models.IntegerField(verbose_name="dòng nhật ký ở nút kia")
    step = models.TextField()
    state = models.TextField()
    holder = models.TextField(verbose_name="nơi đang giữ, theo lời nút kia")
    at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    signed_by = models.BigIntegerField()
    envelope = models.UUIDField()
    received_at = models.DateTimeField()
    counted = models.BooleanField(verbose_name="đã ghi vào nhật ký ở đây; sai: đến khi hồ sơ ở đây đã kết thúc")

    class Meta:
        constraints = (models.UniqueConstraint("code", "node", "n", name="word_once"),)
        indexes = (models.Index("node", "received_at", name="word_heard"),)


class Consultation(models.Model):
    """Lấy ý kiến liên nút: an opinion asked of an agency at another node; one row at each of the two.

    The consulted node gets the question and its papers, never the dossier.
    """

    id = models.UUIDField(primary_key=True, verbose_name="the envelope that asked")
    code = models.TextField(verbose_name="mã hồ sơ")
    step = models.IntegerField(verbose_name="dòng nhật ký đã hỏi, ở nút giải quyết")
    out = models.BooleanField(verbose_name="hỏi từ đây")
    node = models.TextField(verbose_name="nút kia")
    asking = models.BigIntegerField(verbose_name="cơ quan giải quyết")
    consulted = models.BigIntegerField(verbose_name="cơ quan được lấy ý kiến")
    procedure = models.TextField()
    question = models.TextField()
    files = models.JSONField(verbose_name="giấy tờ kèm theo: tên và tệp")
    asked_at = models.DateTimeField()
    answer_by = models.DateTimeField(null=True)
    ended = models.TextField(verbose_name="answered, over; empty while it is open")
    ended_at = models.DateTimeField(null=True)
    opinion = models.TextField()

    class Meta:
        indexes = (
            models.Index("consulted", "asked_at", name="consultation_waits", condition=models.Q(ended="")),
            models.Index("code", name="consultation_code"),
        )
