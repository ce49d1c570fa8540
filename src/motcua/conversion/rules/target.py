"""From a checked row to the rows of the target, as SQL for DuckDB. Pure text, made from the tables of dossiers.

A converted dossier keeps the day that the old system promised: it stands in the clock as one that was appointed anew,
so that no later step reckons another.
"""

from motcua.conversion.rules.expressions import FINISHED, quoted
from motcua.dossiers.rules.steps import ARRIVALS, STATE, STEPS, Clock, Place, State
from motcua.identity.rules import PARTIES

CONVERT, CORRECT = (step.name for step in ARRIVALS[:2])
HOLDERS = {
    place: tuple(sorted(row.number for row in STATE.values() if row.holder is place))
    for place in (Place.RECEPTION, Place.RESOLVING)
}
# Coming out of these states ends a pause, so there has to be one.
PAUSED = tuple(
    sorted(
        STATE[state].number
        for state in {state for step in STEPS if step.clock is Clock.RESUMES and step.to for state in step.from_}
        | {step.to for step in STEPS if step.clock is Clock.STOPS and step.to}
    )
)
WAITING = {row.number: row.waiting_on.value for row in STATE.values() if row.waiting_on}
CLOSABLE = tuple(sorted(STATE[state].number for step in STEPS if step.name == "close" for state in step.from_))
BEFORE_ACCEPTANCE = tuple(
    sorted(STATE[s].number for s in (State.SUBMITTED, State.AWAITING_PAPERS, State.AWAITING_FEE, State.REFUSED))
)
VIETNAM = "INTERVAL 7 HOUR"  # Viet Nam's clocks have had no other offset since 1975


def utc(moment: str) -> str:
    """A wall-clock moment as PostgreSQL reads it."""
    return f"(({moment}) - {VIETNAM})::VARCHAR || '+00'"


def _json_moment(moment: str) -> str:
    return f"strftime(({moment}) - {VIETNAM}, '%Y-%m-%dT%H:%M:%SZ')"


def record_id(system: str) -> str:
    """The dossier's id: made from when it was filed and from system and number, so that a repeated run gives the same.

    In the form of UUID version 7, so that dossiers of one time lie side by side in the index.
    """
    mixed = f"md5({quoted(system + chr(31))} || number)"
    stamp = f"lpad(lower(to_hex(epoch_ms(filed_at - {VIETNAM}) & 281474976710655)), 12, '0')"
    return f"CAST({stamp} || '7' || substr({mixed}, 1, 3) || 'a' || substr({mixed}, 4, 15) AS UUID)"


def party_hash(system: str) -> str:
    """What a party's id is made from, as identity makes it: by kind and number.

    Without a number: by old number, name and day of birth together; who has neither is nobody else's: a party of the
    one record.
    """
    space = "".join(f"\\x{byte:02X}" for byte in PARTIES.bytes)
    known = f"sha1('{space}'::BLOB || encode(applicant_kind || ':' || applicant_number))"
    person = "concat(applicant_kind, chr(31), old_number, chr(31), upper(applicant_name), chr(31), birth_date)"
    alone = "concat(number, chr(31), 'alone')"
    made = f"sha1({quoted(system + chr(31))} || CASE WHEN old_number IS NOT NULL THEN {person} ELSE {alone} END)"
    return f"CASE WHEN applicant_number IS NOT NULL THEN {known} ELSE {made} END"


PARTY = (
    "CAST(substr(party_hash, 1, 12) || '5' || substr(party_hash, 14, 3) || "
    "substr('89ab89ab89ab89ab', instr('0123456789abcdef', substr(party_hash, 17, 1)), 1) || "
    "substr(party_hash, 18, 15) AS UUID)"
)
"""With the version and the variant of RFC 9562, as Python's uuid5 sets them."""


_DONE = f"state IN {FINISHED}"
_PAUSED = f"state IN {PAUSED if len(PAUSED) > 1 else f'({PAUSED[0]})'}"
_SINCE = f"CASE WHEN {_DONE} THEN finished_at ELSE coalesce(accepted_at, filed_at) END"
_WAITING = "CASE state " + " ".join(f"WHEN {number} THEN '{word}'" for number, word in WAITING.items()) + " END"
_STARTED = f"CASE WHEN state NOT IN {BEFORE_ACCEPTANCE} THEN coalesce(accepted_at, filed_at) END"
_DUE = f"CASE WHEN state NOT IN {BEFORE_ACCEPTANCE} AND NOT ({_PAUSED}) THEN due_at END"

CLOCK = f"""concat('{{"term":', term,
    ',"start":', coalesce('"' || {_json_moment(_STARTED)} || '"', 'null'),
    CASE WHEN {_PAUSED} THEN concat(',"pauses":[["', {_json_moment(_SINCE)}, '",null,"', {_WAITING},
        '","after extension"]]') ELSE '' END,
    coalesce(',"extended":"' || {_json_moment("due_at")} || '"', ''),
    CASE WHEN {_DONE} THEN coalesce(',"ended":"' || {_json_moment("finished_at")} || '"', '') ELSE '' END, '}}')"""


def births(closing: str) -> str:
    """The columns of a dossier, in the order of `dossiers.BIRTHS`. `closing`: by when an applicant must answer now."""
    act_by = (
        f"CASE WHEN {_DONE} AND state <> {STATE[State.FINISHED].number} THEN NULL "
        f"WHEN state IN {CLOSABLE} THEN {quoted(closing)} ELSE {utc('coalesce(due_at, filed_at)')} END"
    )
    return f"""
        id, code, procedure, version, '' AS c_case, area, NULL AS support, reception, resolving,
        reception <> resolving AND unit_reception IS DISTINCT FROM unit_resolving AS elsewhere, channel, party,
        json_object('kind', applicant_kind, 'name', applicant_name, 'number', coalesce(applicant_number, ''),
            'birth_date', birth_date, 'phone', coalesce(phone, ''), 'email', coalesce(email, ''), 'address',
            coalesce(address, ''), 'proxy', NULL, 'delivery', '', 'delivery_place', '')::VARCHAR AS applicant,
        '{{}}' AS content, {utc("filed_at")} AS filed_at, state, n,
        CASE WHEN state IN {HOLDERS[Place.RECEPTION]} THEN reception
            WHEN state IN {HOLDERS[Place.RESOLVING]} THEN resolving END AS holder,
        {utc(_SINCE)} AS since, {CLOCK} AS clock, {utc(_due_kept())} AS due_at, {act_by} AS act_by,
        {utc("accepted_at")} AS accepted_at, CASE WHEN {_DONE} THEN {utc("finished_at")} END AS finished_at,
        {_WAITING} AS waiting_on, NULL AS consulted, 0 AS handling, '{{}}' AS taken, outcome"""


def _due_kept() -> str:
    return f"CASE WHEN {_DONE} THEN due_at ELSE {_DUE} END"


def log(system: str, run: str, at: str, caller: int) -> str:
    """The row of the log: from which system, file and row, and what later steps will change."""
    return f"""
        id, n, CASE WHEN n = 1 THEN '{CONVERT}' ELSE '{CORRECT}' END AS name, {quoted(at)} AS at,
        reception AS agency, NULL AS position, {caller} AS caller,
        concat('convert:', {quoted(system)}, ':', number, CASE WHEN n > 1 THEN ':' || n ELSE '' END) AS key,
        '\\x' || digest AS digest, state, {utc(_due_kept())} AS due_at, NULL AS act_by, {_WAITING} AS waiting_on,
        '' AS reason,
        json_object('system', {quoted(system)}, 'run', {quoted(run)}, 'file', file_name, 'row', row,
            'number', number, 'fee', fee, 'old_number', old_number, 'outcome', outcome, 'reception', reception,
            'resolving', resolving, 'accepted_at', accepted_at::VARCHAR, 'due_at', due_at::VARCHAR,
            'finished_at', finished_at::VARCHAR)::VARCHAR AS detail"""


PAPERS = """
    SELECT id, 1 AS n, 'paper' AS kind, n AS step, '' AS key, paper AS name, 'copy' AS form, 1 AS quantity,
        '{}' AS files FROM chunk WHERE paper IS NOT NULL
    UNION ALL
    SELECT id, 1 + (paper IS NOT NULL)::INT, 'result', n, '', result, 'copy', 1, '{}'
    FROM chunk WHERE result IS NOT NULL"""

_PERSON = """party, arg_min(applicant_kind, row), coalesce(arg_min(applicant_number, row), ''){old},
    arg_min(applicant_name, row), arg_min(birth_date, row), coalesce(arg_min(phone, row), ''),
    coalesce(arg_min(email, row), ''), coalesce(arg_min(address, row), '')"""


def parties(at: str) -> str:
    """Who stands in the chunk, each once, as the first row that names him has him."""
    return f"SELECT {_PERSON.format(old='')}, {quoted(at)} FROM chunk GROUP BY party"


def persons(system: str, run: str) -> str:
    """The same for conversion's own table: the origin of each field."""
    old = ", coalesce(arg_min(old_number, row), '')"
    return (
        f"SELECT {quoted(system)}, {_PERSON.format(old=old)}, arg_min(area, row), {quoted(run)}, "
        "arg_min(file, row), min(row) FROM chunk GROUP BY party"
    )


def records(system: str, run: str) -> str:
    """Which dossier each record became, and from where."""
    return f"SELECT {quoted(system)}, number, id, '\\x' || digest, n, {quoted(run)}, file, row FROM chunk"
