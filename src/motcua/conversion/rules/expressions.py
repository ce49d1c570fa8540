"""From a mapping to SQL: what each field is, what is wrong with a row, and its digest. Pure text, for DuckDB.

The expressions come in layers, so that nothing is computed twice: the columns as text, the fields as values, the codes
looked up, the bits of what is wrong. Moments are wall-clock time in Viet Nam until they are loaded.
"""

from collections.abc import Callable, Iterable

from motcua.conversion.rules.fields import BIT, FIELDS, Kind
from motcua.conversion.rules.mapping import DATE_FORMS, HOURS, Mapped
from motcua.dossiers.rules.steps import STATE, Place, State

FINISHED = tuple(
    sorted(row.number for row in STATE.values() if row.holder is Place.NOBODY or row.state is State.FINISHED)
)
# These wait for an office's work, which has a term; the others wait for the applicant or haven't been accepted yet.
WITHOUT_DUE = frozenset({State.SUBMITTED, State.AWAITING_PAPERS, State.AWAITING_FEE, State.AWAITING_COMPLETION,
                         State.AWAITING_DUTY})  # fmt: skip
NEEDS_DUE = tuple(
    sorted(row.number for row in STATE.values() if row.number not in FINISHED and row.state not in WITHOUT_DUE)
)

# What is compared between source, staging and target, and in this order makes the digest of a record.
COMPARED = (
    "number", "code", "procedure", "state", "outcome", "channel", "reception", "resolving", "area", "filed_at",
    "accepted_at", "due_at", "finished_at", "applicant_kind", "applicant_name", "applicant_number", "old_number",
    "birth_date", "phone", "email", "address", "fee", "result", "paper",
)  # fmt: skip

SEPARATOR = "chr(31)"
RAW = (
    "procedure", "state", "channel", "reception", "resolving", "area", "applicant_kind", "number", "code",
    "applicant_name", "applicant_number", "old_number", "phone", "email", "address", "result", "paper", "filed_at",
    "accepted_at", "due_at", "finished_at", "birth_date", "fee",
)  # fmt: skip
DAYS = {field.name: field.kind for field in FIELDS if field.kind in (Kind.MOMENT, Kind.DAY)}


def _written(field: str) -> str:
    """A field as the digest reads it: days as numbers, which cost a tenth of their text."""
    match DAYS.get(field):
        case Kind.MOMENT:
            return f"epoch_us({field})"
        case Kind.DAY:
            return f"epoch_us({field}::TIMESTAMP)"
    return field


DIGEST = f"sha256(concat({f', {SEPARATOR}, '.join(map(_written, COMPARED))}))"
"""`concat` takes NULL for nothing written, which is what it is."""


def quoted(value: str) -> str:
    """A text in SQL."""
    return "'" + value.replace("'", "''") + "'"


def _text(raw: str, *, plain: bool) -> str:
    """A text without space around it, composed, without the signs that PostgreSQL or a line can't hold.

    In a `plain` file only a line end can be such a sign.
    """
    full = (
        f"nullif(trim(CASE WHEN regexp_matches({raw}, '[\\x{{0300}}-\\x{{036f}}\\x00-\\x1f]') "
        f"THEN nfc_normalize(regexp_replace({raw}, '[\\x00-\\x1f]+', ' ', 'g')) ELSE {raw} END), '')"
    )
    return f"CASE WHEN contains({raw}, '\n') THEN {full} ELSE {_trimmed(raw, plain=plain)} END" if plain else full


def _trimmed(raw: str, *, plain: bool) -> str:
    """A text without space around it, or NULL; to look at its ends first costs a fifth of `trim`."""
    trimmed = f"nullif(trim({raw}), '')"
    return f"CASE WHEN {raw} < '!' OR suffix({raw}, ' ') THEN {trimmed} ELSE {raw} END" if plain else trimmed


def _moment(raw: str, forms: Iterable[str]) -> str:
    """A moment by its forms; NULL if there is no such day or the year can't be."""
    patterns, others = [], []
    for form in forms:
        day, space, hour = form.partition(" ")
        if day == "excel":
            serial = f"try_cast({raw} AS DOUBLE)"
            moment = f"TIMESTAMP '1899-12-30' + to_seconds(CAST(round({serial} * 86400) AS BIGINT))"
            others.append(f"CASE WHEN {serial} BETWEEN 1 AND 80000 THEN {moment} END")
        elif day == "iso":
            others.append(f"try_cast({raw} AS TIMESTAMP)")
        else:
            patterns.append(quoted(DATE_FORMS[day] + HOURS[space + hour]))
    if patterns:
        one = patterns[0] if len(patterns) == 1 else f"[{', '.join(patterns)}]"
        others.insert(0, f"try_strptime({raw}, {one})")
    return _first(others)


def _money(raw: str) -> str:
    """Whole đồng: "12000", "12.000", "12,000 đ", "12000.00"; NULL if it isn't."""
    bare = f"trim(replace(replace({raw}, 'đ', ''), 'VND', ''))"
    return (
        f"CASE WHEN regexp_full_match({raw}, '-?[0-9]{{1,18}}') THEN CAST({raw} AS BIGINT) "
        f"WHEN regexp_full_match({bare}, '-?[0-9]{{1,3}}([.,][0-9]{{3}}){{1,5}}|-?[0-9]{{1,17}}') "
        f"THEN CAST(regexp_replace({bare}, '[.,]', '', 'g') AS BIGINT) "
        f"WHEN regexp_full_match({bare}, '-?[0-9]{{1,17}}[.,]00?') "
        f"THEN CAST(regexp_replace({bare}, '[.,]00?$', '') AS BIGINT) END"
    )


def columns(mapped: Mapped, column: Callable[[str], str], *, escaped: bool = False, plain: bool = False) -> str:
    """The first layer: each field as text, NULL where nothing is written."""
    said = []
    for field in FIELDS:
        if field.name in mapped.fixed:
            said.append(f"{quoted(mapped.fixed[field.name])} AS r_{field.name}")
            continue
        names = [f"CAST({column(each)} AS VARCHAR)" for each in mapped.columns.get(field.name, ())]
        if escaped:  # as PostgreSQL's COPY writes it
            names = [
                f"CASE WHEN contains({raw}, '\\') THEN replace(replace(replace(replace(replace({raw}, '\\\\', chr(1)), "
                f"'\\n', ' '), '\\t', ' '), '\\r', ' '), chr(1), '\\') ELSE {raw} END"
                for raw in names
            ]
        cleaned = _text if field.kind is Kind.TEXT else _trimmed
        each = [cleaned(raw, plain=plain) for raw in names]
        said.append(f"{_first(each)} AS r_{field.name}")
    return ", ".join(said)


def _first(each: list[str]) -> str:
    if not each:
        return "CAST(NULL AS VARCHAR)"
    return each[0] if len(each) == 1 else f"coalesce({', '.join(each)})"


def values(mapped: Mapped, *, typed: bool) -> str:
    """The second layer: days, money and the number of a person as values. `typed`: the file's own days are ISO."""
    said = []
    for field in FIELDS:
        raw = f"r_{field.name}"
        if field.kind is Kind.MOMENT or field.kind is Kind.DAY:
            forms = (*mapped.forms(field.name), *(("iso",) if typed else ()))
            moment = _moment(raw, dict.fromkeys(forms)) if field.name in mapped.columns else "CAST(NULL AS TIMESTAMP)"
            if field.kind is Kind.DAY:
                moment = f"CAST({moment} AS DATE)"
            said.append(f"{moment} AS {field.name}")
        elif field.kind is Kind.MONEY:
            said.append(f"{_money(raw) if field.name in mapped.columns else 'CAST(NULL AS BIGINT)'} AS {field.name}")
        elif field.kind is Kind.TEXT and field.name not in ("code", "applicant_number", "old_number"):
            said.append(f"{raw} AS {field.name}")
    said.append("coalesce(r_code, r_number) AS code")
    # Nine digits are the old identity card's number, also where the two share a column.
    nine = "(strlen(r_applicant_number) = 9 AND regexp_full_match(r_applicant_number, '[0-9]+'))"
    said.append(f"CASE WHEN NOT {nine} THEN upper(r_applicant_number) END AS applicant_number")
    said.append(f"coalesce(r_old_number, CASE WHEN {nine} THEN r_applicant_number END) AS old_number")
    return ", ".join(said)


PROCEDURE_KEY = (
    "CASE WHEN length(r_procedure) = 8 THEN r_procedure "
    "WHEN regexp_full_match(left(r_procedure, 8), '[0-9]\\.[0-9]{6}') THEN left(r_procedure, 8) "
    "ELSE nullif(regexp_extract(r_procedure, '[0-9]\\.[0-9]{6}'), '') END"
)
"""The national code in a longer one: mostly its head, which is a third of the price of a search."""


def looked_up(mapped: Mapped, today: str) -> str:
    """The third layer: each code as what it stands for, and the mask. `today` bounds the days of filing."""
    used = {*mapped.columns, *mapped.fixed}

    def chosen(field: str, ours: str, otherwise: str) -> str:
        return f"coalesce({ours}, {otherwise})" if field in used else otherwise

    channel = chosen("channel", "h.ours", "CASE WHEN r_channel IS NULL THEN 'counter' END")
    kind = chosen("applicant_kind", "k.ours", "CASE WHEN r_applicant_kind IS NULL THEN 'citizen' END")
    return f"""
        number, code, p.procedure, p.version,
        CAST(s.state AS SMALLINT) AS state, coalesce(s.outcome, '') AS outcome, {channel} AS channel,
        coalesce(u1.agency, 0) AS reception, {chosen("resolving", "u2.agency", "coalesce(u1.agency, 0)")} AS resolving,
        {chosen("area", "u3.unit", "coalesce(u1.unit, 0)")} AS area,
        filed_at, accepted_at, due_at, finished_at, {kind} AS applicant_kind,
        applicant_name, applicant_number, old_number, birth_date, phone, email, address, fee, result, paper,
        {mask(mapped, today)} AS mask"""


def mask(mapped: Mapped, today: str) -> str:
    """What is wrong with the row, a bit for each."""
    wrong: dict[tuple[str, str], str] = {}
    for field in FIELDS:
        raw = f"r_{field.name}"
        given = field.name in mapped.columns
        if field.required and given:
            wrong["missing", field.name] = f"{raw} IS NULL"
        if field.kind is Kind.TEXT and given:
            wrong["too-long", field.name] = f"strlen({raw}) > {field.longest} AND length({raw}) > {field.longest}"
        if field.kind in (Kind.MOMENT, Kind.DAY) and given:
            lowest = 1850 if field.kind is Kind.DAY else 1950
            fits = f"{field.name} >= TIMESTAMP '{lowest}-01-01' AND {field.name} < TIMESTAMP '2150-01-01'"
            wrong["not-a-day", field.name] = f"{raw} IS NOT NULL AND ({fits}) IS NOT TRUE"
    for name, found in (
        ("procedure", "p.version"), ("state", "s.state"), ("channel", "h.ours"), ("applicant_kind", "k.ours"),
        ("reception", "u1.agency"), ("resolving", "u2.agency"), ("area", "u3.unit"),
    ):  # fmt: skip
        if name in mapped.columns or name in mapped.fixed:
            wrong["unknown", name] = f"r_{name} IS NOT NULL AND {found} IS NULL"
            if name in ("reception", "resolving", "area"):  # without a day of filing nothing can be said of an office
                wrong["unknown", name] += " AND filed_at IS NOT NULL"
    if "fee" in mapped.columns:
        wrong["not-money", "fee"] = "r_fee IS NOT NULL AND fee IS NULL"
        wrong["negative", "fee"] = "fee < 0"
    if "applicant_number" in mapped.columns:
        wrong["ill-formed", "applicant_number"] = (
            "NOT CASE WHEN strlen(applicant_number) = 12 THEN regexp_full_match(applicant_number, '[0-9]+') "
            "ELSE regexp_full_match(applicant_number, '[0-9]{10}(-?[0-9]{3})?|[A-Z][0-9]{2}(\\.[A-Z0-9]+)*') END"
        )
    if "old_number" in mapped.columns:
        wrong["ill-formed", "old_number"] = "NOT regexp_full_match(old_number, '[0-9]{9}')"
    wrong["in-future", "filed_at"] = f"filed_at >= TIMESTAMP '{today}' + INTERVAL 1 DAY"
    if "finished_at" in mapped.columns:
        # Days without an hour are compared as days.
        wrong["before", "finished_at"] = "finished_at < day"
        wrong["open-with", "finished_at"] = "finished_at IS NOT NULL AND NOT s.done"
    wrong["done-without", "finished_at"] = "finished_at IS NULL AND s.done"
    wrong["open-without", "due_at"] = "due_at IS NULL AND s.needs_due"
    return " | ".join(f"CASE WHEN {test} THEN {1 << BIT[key]}::BIGINT ELSE 0 END" for key, test in wrong.items())


def bits(*keys: tuple[str, str]) -> int:
    """These faults as a number."""
    return sum(1 << BIT[key] for key in keys)
