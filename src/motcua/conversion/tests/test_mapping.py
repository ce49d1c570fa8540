"""A mapping is read whole or each of its faults is named, with line and key."""

import pytest

from motcua.conversion.rules.fields import ROW_FAULTS, reasons
from motcua.conversion.rules.mapping import read
from motcua.conversion.tests.support_export import MAPPING
from motcua.dossiers.rules.steps import State

GOOD = MAPPING.format(file="ho_so.csv", kind="csv", more="")

# What is written instead of what, the kind of finding, and a word of the line that it names.
BROKEN = [
    ('system = "THU"', 'system = "tên dài"', "system-name", "system"),
    ('files = ["ho_so.csv"]', "files = []", "files-missing", "files"),
    ('files = ["ho_so.csv"]', 'files = ["../x.csv"]', "files-elsewhere", "files"),
    ('files = ["ho_so.csv"]', 'files = ["/etc/passwd"]', "files-elsewhere", "files"),
    ('kind = "csv"', 'kind = "doc"', "kind-unknown", "kind"),
    ('kind = "csv"', 'kind = "csv"\nencoding = "vni"', "encoding-unknown", "encoding"),
    ('kind = "csv"', 'kind = "csv"\ndelimiter = ";;"', "delimiter", "delimiter"),
    ('kind = "csv"', 'kind = "dump"', "table-missing", "source"),
    ('kind = "csv"', 'kind = "csv"\npassword = "x"', "key-unknown", "password"),
    ('number = "SoHoSo"\n', "", "field-missing", "columns"),
    ('fee = "LePhi"', 'fees = "LePhi"', "field-unknown", "fees"),
    ('fee = "LePhi"', "fee = 3", "not-text", "fee"),
    ('fee = "LePhi"', 'fee = "LePhi"\nfee = "Phi"', "key-twice", "fee"),
    ("[dates]", '[fixed]\nstate = "returned"\n[dates]', "field-twice", "state"),
    ("[dates]", '[fixed]\nemail = "x"\n[dates]', "not-fixable", "email"),
    ('default = "dd/mm/yyyy hh:mm"', 'default = "d/m/y"', "date-form", "default"),
    ('default = "dd/mm/yyyy hh:mm"', 'default = ["dd/mm/yyyy", "mm/dd/yyyy"]', "dates-ambiguous", "default"),
    ('default = "dd/mm/yyyy hh:mm"\n', "", "date-form-missing", "filed_at"),
    ('"10" = "returned"', '"10" = "done"', "state-without-target", "10"),
    ('"10" = "returned"', '"10" = "consulting"', "state-without-target", "10"),
    ('[states]\n"4" = "in_process"\n"10" = "returned"\n', "", "states-missing", "state ="),
    ("[dates]", '[channels]\n"TT" = "quầy"\n[dates]', "target-unknown", "TT"),
    ("[dates]", '[units]\n"Q1" = 26734\n[dates]', "not-text", "Q1"),
    ("[dates]", "[weather]\n[dates]", "table-unknown", "weather"),
    ("[dates]", "[dates", "not-toml", "dates"),
]


@pytest.mark.parametrize(("good", "bad", "kind", "word"), BROKEN, ids=[f"{b[2]}-{n}" for n, b in enumerate(BROKEN)])
def test_each_fault_of_a_mapping_is_named_with_its_line(good: str, bad: str, kind: str, word: str) -> None:
    assert good in GOOD
    text = GOOD.replace(good, bad)
    mapped, findings = read(text)
    assert mapped is None
    found = next(finding for finding in findings if finding.kind == kind)
    assert word in text.splitlines()[found.line - 1]


def test_a_good_mapping_is_read_whole() -> None:
    mapped, findings = read(GOOD.replace('"10" = "returned"', '"10" = "returned"\n"11" = "returned rejected"'))
    assert findings == ()
    assert mapped is not None
    assert mapped.states["11"] == (State.RETURNED, "rejected")
    assert mapped.states["10"] == (State.RETURNED, "granted")
    assert mapped.forms("birth_date") == ("dd/mm/yyyy",)
    assert mapped.forms("due_at") == ("dd/mm/yyyy hh:mm",)


def test_the_reasons_of_a_row_are_read_from_its_bits() -> None:
    first, last = ROW_FAULTS[0], ROW_FAULTS[-1]
    assert reasons(1 << first.bit | 1 << last.bit) == (first, last)
    assert reasons(0) == ()
