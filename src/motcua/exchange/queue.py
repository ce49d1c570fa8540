"""The SQL of the queue, in one place: each statement does its work for all rows it is given.

Rows of `exchange_course` are always locked in the order of (partner, subject), so that senders and deliverers that
meet wait for each other and never deadlock.
"""

from typing import Any

import psycopg
from django.db import connection

# Hold the courses of what is written, and give each its places.
RESERVE = """
WITH wanted AS (
    SELECT partner, subject, count(*)::int AS more FROM unnest(%s::text[], %s::text[]) AS given (partner, subject)
    GROUP BY partner, subject ORDER BY partner, subject
)
INSERT INTO exchange_course AS course (partner, subject, last, done, due_at)
SELECT partner, subject, more, 0, %s FROM wanted ORDER BY partner, subject
ON CONFLICT (partner, subject) DO UPDATE SET
    last = course.last + excluded.last,
    due_at = CASE WHEN course.done = course.last THEN excluded.due_at ELSE course.due_at END
RETURNING partner, subject, last
"""
# All bodies come as one parameter, and each row cuts its own out of it: an array of them is built one by one.
PLACE = """
INSERT INTO exchange_parcel (id, number, partner, subject, n, kind, body, written_at, state, attempts, errors, answer,
                             said, reference)
SELECT id, nextval('exchange_number'), partner, subject, n, kind, substring(%b::bytea FROM at FOR size), %s, 'ready', 0,
    0, '', '', ''
FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::int[], %s::text[], %s::int[], %s::int[])
    AS given (id, partner, subject, n, kind, at, size)
"""

# The next parcel of each course that is due. A course whose lease was never written back was handed over by somebody
# who said nothing more: its parcel counts as "sending", so that the partner is asked first. The parcel's row itself
# isn't touched: a parcel is written once and changed once.
CLAIM = """
WITH due AS (
    SELECT partner, subject, lease IS NOT NULL AS held FROM exchange_course
    WHERE partner = %s AND due_at <= %s AND done < last ORDER BY due_at LIMIT %s FOR UPDATE SKIP LOCKED
), taken AS (
    UPDATE exchange_course AS course SET lease = %s, due_at = %s FROM due
    WHERE course.partner = due.partner AND course.subject = due.subject
    RETURNING course.partner, course.subject, course.done + 1 AS n, due.held
)
SELECT parcel.id, parcel.number, parcel.subject, parcel.kind, parcel.body, parcel.written_at, parcel.attempts,
    CASE WHEN parcel.state = 'ready' AND taken.held THEN 'sending' ELSE parcel.state END, parcel.errors,
    parcel.error_since, parcel.waiting_since, parcel.n
FROM taken JOIN exchange_parcel AS parcel USING (partner, subject, n)
"""

# The same for parcels that a receipt names: it is the receiver's word, so whoever holds them loses them.
CLAIM_NAMED = """
WITH named AS (
    SELECT course.partner, course.subject, parcel.id FROM exchange_course AS course
    JOIN exchange_parcel AS parcel ON parcel.partner = course.partner AND parcel.subject = course.subject
        AND parcel.n = course.done + 1
    WHERE course.partner = %s AND parcel.id = ANY(%s) AND parcel.state IN ('ready', 'unknown', 'waiting')
    ORDER BY course.partner, course.subject FOR UPDATE OF course
), taken AS (
    UPDATE exchange_course AS course SET lease = %s, due_at = %s FROM named
    WHERE course.partner = named.partner AND course.subject = named.subject
)
SELECT parcel.id, parcel.number, parcel.subject, parcel.kind, parcel.body, parcel.written_at, parcel.attempts,
    CASE WHEN parcel.state = 'ready' THEN 'sending' ELSE parcel.state END, parcel.errors, parcel.error_since,
    parcel.waiting_since, parcel.n
FROM named JOIN exchange_parcel AS parcel USING (id)
"""

# Of what is written back, only what still carries our lease counts.
ANSWER = """
WITH given AS (
    SELECT * FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::int[], %s::int[], %s::timestamptz[],
                         %s::timestamptz[], %s::timestamptz[], %s::text[], %s::text[], %s::text[])
        AS given (id, subject, state, attempts, errors, error_since, waiting_since, due_at, answer, said, reference)
), mine AS (
    SELECT course.subject FROM exchange_course AS course JOIN given USING (subject)
    WHERE course.partner = %s AND course.lease = %s ORDER BY course.subject FOR UPDATE OF course
), moved AS (
    UPDATE exchange_course AS course SET
        lease = NULL,
        done = course.done + (given.state = 'done')::int,
        due_at = CASE WHEN given.state = 'done' THEN CASE WHEN course.done + 1 < course.last THEN %s END
                      ELSE given.due_at END
    FROM mine JOIN given USING (subject)
    WHERE course.partner = %s AND course.subject = mine.subject
    RETURNING course.subject
)
UPDATE exchange_parcel AS parcel SET
    state = given.state, attempts = given.attempts, errors = given.errors, error_since = given.error_since,
    waiting_since = given.waiting_since, answer = given.answer, said = given.said, answered_at = %s,
    reference = CASE WHEN given.reference = '' THEN parcel.reference ELSE given.reference END
FROM given JOIN moved USING (subject) WHERE parcel.id = given.id
RETURNING parcel.id
"""

LINE = """
INSERT INTO exchange_line (partner, tokens, tokens_at, failures, said) VALUES (%s, %s, %s, 0, '')
ON CONFLICT (partner) DO NOTHING
"""
LINE_OF = "SELECT tokens, tokens_at, failures, shut_until, ok_at FROM exchange_line WHERE partner = %s FOR UPDATE"
SET_LINE = """
UPDATE exchange_line SET tokens = %s, tokens_at = %s, failures = %s, shut_until = %s, ok_at = %s,
    said = CASE WHEN %s = '' THEN said ELSE %s END, said_at = CASE WHEN %s = '' THEN said_at ELSE %s END
WHERE partner = %s
"""

# A dead letter stands at the head of its course, and its course is not due.
REVIVE = """
WITH given AS (
    SELECT * FROM unnest(%s::uuid[], %s::bytea[]) AS given (id, body)
), course AS (
    SELECT course.partner, course.subject, parcel.id, parcel.state, parcel.answer, parcel.said, parcel.body
    FROM exchange_course AS course
    JOIN exchange_parcel AS parcel ON parcel.partner = course.partner AND parcel.subject = course.subject
        AND parcel.n = course.done + 1
    WHERE parcel.id = ANY (SELECT id FROM given) AND parcel.state = 'dead'
    ORDER BY course.partner, course.subject FOR UPDATE OF course, parcel
), noted AS (
    INSERT INTO exchange_correction (parcel, at, caller, act, reason, said, body)
    SELECT course.id, %s, %s, %s, %s, course.said, CASE WHEN given.body IS NOT NULL THEN course.body END
    FROM course JOIN given USING (id)
), moved AS (
    UPDATE exchange_course AS target SET
        lease = NULL,
        done = target.done + %s::int,
        due_at = CASE WHEN %s::int = 0 OR target.done + 1 < target.last THEN %s::timestamptz END
    FROM course WHERE target.partner = course.partner AND target.subject = course.subject
)
UPDATE exchange_parcel AS parcel SET
    state = CASE WHEN %s::int = 1 THEN 'set-aside' WHEN course.answer = 'permanent' THEN 'ready' ELSE 'unknown' END,
    errors = 0, error_since = NULL, waiting_since = NULL, body = coalesce(given.body, parcel.body)
FROM course JOIN given USING (id) WHERE parcel.id = course.id
RETURNING parcel.id
"""


def cursor() -> psycopg.Cursor[tuple[Any, ...]]:
    """A plain psycopg cursor on Django's connection, inside its transaction."""
    connection.ensure_connection()
    return psycopg.Cursor(connection.connection)
