"""What `doctor` asks of the keys."""

import stat

from motcua.kernel import clock
from motcua.kernel.check import Check, Outcome
from motcua.signing import keys, queries
from motcua.signing.rules import may_sign


def _files() -> Outcome:
    """Private halves are readable by their owner only."""
    found = sorted(keys.folder().glob("*.pem")) if keys.folder().exists() else []
    loose = [path.name for path in found if stat.S_IMODE(path.stat().st_mode) & 0o077]
    if loose:
        return Outcome(False, f"{len(loose)} private keys can be read by others", f"chmod 600 {keys.folder()}/*.pem")
    now = clock.now()
    able = {key.agency for key in queries.all_keys() if may_sign(key, now) and keys.is_here(key.kid)}
    return Outcome(True, f"{len(found):,} private keys; {len(able):,} agencies can sign here")


CHECKS: tuple[Check, ...] = (Check("signing: keys", _files),)
