"""Which of a few amounts add up exactly to another one, in bounded work."""

from collections import defaultdict
from collections.abc import Sequence

# With more amounts, or more of them in one sum, something fits nearly every number by chance.
MAX_AMOUNTS = 20
MAX_PARTS = 6
_ENOUGH = 64


class Sums:
    """All sums of the amounts of one payer, prepared once for all their lines."""

    def __init__(self, amounts: Sequence[int]) -> None:
        if len(amounts) > MAX_AMOUNTS:
            raise ValueError(len(amounts))
        self._count = len(amounts)
        half = self._count // 2
        self._left = _subsets(amounts[:half], 0)
        self._right: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for total, mask, size in _subsets(amounts[half:], half):
            self._right[total].append((mask, size))

    def making(self, target: int) -> list[tuple[int, ...]]:
        """Sets of two to MAX_PARTS places (or of all) whose amounts make the target, none inside
        another; the earliest places first. Many sets are cut off: more than one is doubt enough."""
        masks: list[int] = []
        for total, mask, size in self._left:
            for other, more in self._right.get(target - total, ()):
                if 2 <= size + more <= MAX_PARTS or 2 <= size + more == self._count:
                    masks.append(mask | other)
            if len(masks) > _ENOUGH:
                break
        # An invoice and its own credit note on top change nothing: the smaller set says it.
        least = [m for m in masks if not any(o != m and o & m == o for o in masks)]
        return sorted(tuple(n for n in range(self._count) if mask >> n & 1) for mask in least)


def _subsets(amounts: Sequence[int], shift: int) -> list[tuple[int, int, int]]:
    """Sum, mask and size of each subset."""
    found = [(0, 0, 0)]
    for place, amount in enumerate(amounts):
        bit = 1 << (place + shift)
        found += [(total + amount, mask | bit, size + 1) for total, mask, size in found]
    return found
