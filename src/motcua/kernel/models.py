"""Tables of this module: the journal. Its triggers are in the migration."""

from django.contrib.postgres.fields import ArrayField
from django.db import models


class JournalEntry(models.Model):
    """Bút ký: one act on one subject. Written by `journal.actions.record` only; never changed or removed."""

    seq = models.BigAutoField(primary_key=True)
    subject = models.UUIDField()
    n = models.IntegerField()
    act = models.TextField()
    at = models.DateTimeField()
    actor = models.TextField()
    body = models.TextField()
    prev = models.BinaryField()
    digest = models.BinaryField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["subject", "n"], name="journal_entry_chain"),)


class JournalSeal(models.Model):
    """Niêm phong: a signed Merkle root over a batch of entries, chained to the seal before it.

    `seqs` and `digests` (32 bytes each) are the leaves in order. `top` is the highest number that a seal has, and
    `gaps` (first and last, in pairs) the numbers below it that may still come; `mark_seq` and `mark_xid` tell a
    later sealer when they can't any more: see docs/decisions/journal-seals.md.
    """

    no = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    seqs = ArrayField(models.BigIntegerField())
    digests = models.BinaryField()
    last_seq = models.BigIntegerField(db_index=True)
    root = models.BinaryField()
    prev = models.BinaryField()
    digest = models.BinaryField()
    signature = models.BinaryField()
    key = models.BinaryField()
    mark_seq = models.BigIntegerField()
    mark_xid = models.BigIntegerField()
    top = models.BigIntegerField()
    gaps = ArrayField(models.BigIntegerField())
