"""Takes out of package-lock.json what installs nothing: where packages ask for money.

`make lock` runs it, so that the file holds names, versions and hashes, and no address.
"""

from __future__ import annotations

import json
from pathlib import Path

LOCK = Path(__file__).parents[2] / "package-lock.json"


def without_addresses(lock: str) -> str:
    """The same lock, its "funding" entries left out."""
    content = json.loads(lock)
    for package in content["packages"].values():
        package.pop("funding", None)
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    LOCK.write_text(without_addresses(LOCK.read_text(encoding="utf-8")), encoding="utf-8")
