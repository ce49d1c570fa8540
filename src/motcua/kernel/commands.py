"""Commands of this module: `motcua journal seal | verify | proof SEQ | key`."""

import argparse
import base64
import json
import sys

from tqdm import tqdm

from motcua.kernel.clock import now
from motcua.kernel.command import Arguments, Command


def _journal_arguments(parser: argparse.ArgumentParser) -> None:
    words = parser.add_subparsers(dest="what", required=True, metavar="WHAT")
    words.add_parser("seal", help="seal what is not sealed yet")
    words.add_parser("verify", help="find every altered, missing or reordered entry")
    proof = words.add_parser("proof", help="prove one entry, as JSON for docs/verify_inclusion.py")
    proof.add_argument("seq", type=int, help="the number of the entry")
    proof.add_argument("--to", type=int, metavar="SEAL", help="with the seals that follow, up to this one")
    words.add_parser("key", help="print the public key that seals are signed with")


def _journal(arguments: Arguments) -> int:
    return {"seal": _seal, "verify": _verify, "proof": _proof, "key": _key}[arguments.what](arguments)


def _seal(arguments: Arguments) -> int:
    from motcua.kernel.journal import actions

    while made := actions.seal(now=now()):
        print(f"seal {made.no}: {made.count:,} entries, {made.digest.hex()}")
    return 0


def _verify(arguments: Arguments) -> int:
    from motcua.kernel.journal import queries

    entries, found = queries.count(), 0
    # Each entry is seen in its chain and in its seal.
    with tqdm(total=2 * entries, unit=" entries", disable=not sys.stderr.isatty(), leave=False) as bar:
        for finding in queries.verify(bar.update):
            found += 1
            print(f"{finding.problem}: {finding.detail}")
    print(f"{entries:,} entries, {queries.seals():,} seals: {f'{found:,} faults' if found else 'all as recorded'}")
    return 1 if found else 0


def _proof(arguments: Arguments) -> int:
    from motcua.kernel.journal import queries

    print(json.dumps(queries.proof(arguments.seq, arguments.to), ensure_ascii=False, indent=1))
    return 0


def _key(arguments: Arguments) -> int:
    from motcua.kernel.journal import key

    print(base64.b64encode(key.public_bytes(key.private())).decode())
    return 0


COMMANDS: tuple[Command, ...] = (
    Command("journal", "Seal the journal, verify it, or prove one of its entries.", _journal, _journal_arguments),
)
