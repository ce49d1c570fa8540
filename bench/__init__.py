"""What is measured, side by side with the limit of the machine (`make bench`)."""

import os
import tempfile

# One folder of secrets and files for this process and every server that it starts; before anything reads it.
os.environ.setdefault("MOTCUA_VAR", tempfile.mkdtemp(prefix="motcua-bench-"))
