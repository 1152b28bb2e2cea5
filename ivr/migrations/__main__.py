"""`python -m ivr.migrations "what changed"` writes the next revision from the models."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from ivr.migrations.run import autogenerate, head_revision, migrate


def main(arguments: list[str]) -> int:
    """Compare the models with an empty database migrated to head. Review what it writes."""
    if len(arguments) != 1:
        sys.stderr.write('Say what changes: python -m ivr.migrations "Give visits a reason"\n')
        return 2
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'models.db'}"
        migrate(url)
        autogenerate(url, arguments[0], number=f"{int(head_revision()) + 1:04d}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
