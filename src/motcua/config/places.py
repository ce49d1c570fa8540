"""Where this installation keeps what is its own."""

import os
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[1]
ROOT = SOURCE.parents[1] if SOURCE.parent.name == "src" else Path.cwd()
VAR = Path(os.environ.get("MOTCUA_VAR", ROOT / "var")).resolve()
