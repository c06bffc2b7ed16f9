"""Numbers written as ranges."""

from collections.abc import Iterable


def ranges_of(numbers: Iterable[int]) -> list[list[int]]:
    """Numbers as ranges `[first, last]`, ascending."""
    found: list[list[int]] = []
    for number in sorted(numbers):
        if found and number == found[-1][1] + 1:
            found[-1][1] = number
        else:
            found.append([number, number])
    return found
