"""Our figures beside their baselines, measured in the same run: `make bench`.

One part alone: python -m tests.bench next_slots
"""

from __future__ import annotations

import sys

from tests.bench import (
    bookings,
    desk,
    idle_boards,
    interaction,
    menu_turn,
    next_slots,
    race,
    understanding,
    urgent,
    urgent_lane,
)

PARTS = {
    "menu_turn": menu_turn.run,
    "next_slots": next_slots.run,
    "bookings": bookings.run,
    "race": race.run,
    "urgent": urgent.run,
    "urgent_lane": urgent_lane.run,
    "understanding": understanding.run,
    "desk": desk.run,
    "idle_boards": idle_boards.run,
    "interaction": interaction.run,
}


def main(wanted: list[str]) -> None:
    """Run the benchmarks of these names, or all, and print their tables."""
    unknown = [name for name in wanted if name not in PARTS]
    if unknown:
        sys.exit(f"There is no benchmark {unknown[0]}: name one of {', '.join(PARTS)}, or none.")
    for name in wanted or PARTS:
        PARTS[name]()


if __name__ == "__main__":
    main(sys.argv[1:])
