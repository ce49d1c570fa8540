"""What `doctor` asks about the installation as a whole."""

from motcua.kernel.check import Check, Outcome

OLDEST, NEWEST = 15, 18  # the major versions of PostgreSQL that the suite has been run on


def _database() -> Outcome:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version_num')::int, current_setting('server_encoding')")
        number, encoding = cursor.fetchone()
    major = number // 10_000
    if not OLDEST <= major <= NEWEST:
        return Outcome(False, f"PostgreSQL {major}", f"Use PostgreSQL {OLDEST} to {NEWEST}.")
    if encoding != "UTF8":
        return Outcome(False, f"the database is encoded in {encoding}", "Make it again with ENCODING 'UTF8'.")
    return Outcome(True, f"PostgreSQL {major}")


def _migrations() -> Outcome:
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if waiting:
        return Outcome(False, f"{len(waiting)} migrations are waiting", "Run: motcua migrate")
    return Outcome(True, "all applied")


CHECKS: tuple[Check, ...] = (Check("database", _database), Check("migrations", _migrations))
