"""`python -m tests.fuzz [KIND...]`: try all malformed inputs and print what came of them, by kind."""

import sys
import tempfile
from pathlib import Path

from tests.fuzz import kinds, outcome

with tempfile.TemporaryDirectory() as folder:
    root = Path(folder).resolve()
    kinds.make(root)
    chosen = [kind for kind in kinds.KINDS if not sys.argv[1:] or kind.name in sys.argv[1:]]
    found = [one for kind in chosen for one in outcome.all_of(kind, root)]
    print(outcome.table(found))
    sys.exit(any(one.wrong for one in found))
