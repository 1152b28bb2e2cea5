"""Our figures beside their baselines, measured in the same run: `make bench`."""

from __future__ import annotations

from tests.bench import menu_turn


def main() -> None:
    """Run every benchmark and print its table."""
    menu_turn.run()


if __name__ == "__main__":
    main()
