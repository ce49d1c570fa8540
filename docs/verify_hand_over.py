#!/usr/bin/env python3
"""Check a record of hand-over from `motcua convert record RUN --out FILE` without motcua.

Needs only Python and the package `cryptography`.

    python3 verify_hand_over.py record.json PUBLIC_KEY

PUBLIC_KEY is what `motcua journal key` printed at the installation, got by another way than the record itself. What
the key signed is the text of "record": JSON in UTF-8 with its keys in order and no spaces. Prints what was handed over
and who signed, and exits with 0; or says what doesn't hold and exits with 1.
"""

import base64
import hashlib
import json
import sys

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

SIDES = ("source", "staging", "target")


def canonical(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def check(sealed: dict, public_key: str) -> str:
    """What was handed over, in words; ValueError says what doesn't hold."""
    record = sealed["record"]
    if record["kind"] != "motcua-hand-over-1":
        raise ValueError("this is not a record of hand-over")
    try:
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public_key))
        key.verify(bytes.fromhex(sealed["signature"]), canonical(record))
    except InvalidSignature:
        raise ValueError("this key didn't sign this record") from None
    content = {name: value for name, value in record.items() if name != "signatures"}
    digest = hashlib.sha256(canonical(content)).hexdigest()
    signed = record["signatures"]
    if len({one["account"] for one in signed}) != 2 or {one["digest"] for one in signed} != {digest}:
        raise ValueError("two people did not sign this content")
    explained = {one["key"] for one in record["explanations"]}
    rows = record["differences"]["rows"]
    if len(rows) != record["differences"]["count"] or any(row["key"] not in explained for row in rows):
        raise ValueError("a difference stands without an explanation")
    if not rows:
        for group in record["groups"]:
            if not group["source"] == group["staging"] == group["target"]:
                raise ValueError(f"the three sides differ in {group['by']} {group['name']}")
    run = record["run"]
    whole = [group["target"] for group in record["groups"] if group["by"] == "all"]
    lines = [
        f"{run['id']}: {run['title']}",
        f"{run['read']} rows read, {run['rejected']} refused, {whole[0]['rows'] if whole else 0} handed over, "
        f"{len(rows)} differences, each explained",
        *(f"signed by {one['name']}, {one['title']}, {one['agency']}, {one['at']}" for one in signed),
    ]
    return "\n".join(lines)


def main() -> int:
    if len(sys.argv) != 3:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        with open(sys.argv[1], encoding="utf-8") as file:
            print(check(json.load(file), sys.argv[2]))
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, OSError) as error:
        print(f"NOT PROVED: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
