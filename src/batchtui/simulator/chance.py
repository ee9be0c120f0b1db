"""What looks random here: pure functions of a key, cheap enough to ask for every line."""

import random
from hashlib import blake2b
from math import gcd

import msgspec

MASK = (1 << 64) - 1
_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz123456789"
_PAIRS = [first + second for second in _ALPHABET for first in _ALPHABET]
"""Two letters at a time; the first is the lower digit."""
_GOLDEN = 0.6180339887498949


def key_of(*parts: object) -> int:
    """A 64-bit key that stands for `parts`, the same in every process."""
    text = "\x1f".join(str(part) for part in parts)
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest())


def rng_of(*parts: object) -> random.Random:
    """A generator of its own for `parts`."""
    return random.Random(key_of(*parts))


def mix(number: int) -> int:
    """Scatter `number` over 64 bits (the finalizer of SplitMix64)."""
    number = (number ^ (number >> 30)) * 0xBF58476D1CE4E5B9 & MASK
    number = (number ^ (number >> 27)) * 0x94D049BB133111EB & MASK
    return number ^ (number >> 31)


def identifier(prefix: str, *parts: object) -> str:
    """An id as the API forms them: `prefix`, then 24 letters and digits that stand for `parts`."""
    number = int.from_bytes(blake2b("\x1f".join(map(str, parts)).encode(), digest_size=16).digest())
    letters = []
    for _ in range(11):
        number, rest = divmod(number, len(_PAIRS))
        letters.append(_PAIRS[rest])
    return f"{prefix}01{''.join(letters)}"


class Shuffle(msgspec.Struct, frozen=True):
    """A permutation of `range(size)` in constant memory: `i -> (factor * i + offset) % size`."""

    size: int
    factor: int
    offset: int

    def __call__(self, index: int) -> int:
        """Where `index` goes."""
        return (self.factor * index + self.offset) % self.size


def shuffle_of(size: int, *parts: object) -> Shuffle:
    """The permutation of `range(size)` that belongs to `parts`; size 0 is allowed."""
    if size < 2:
        return Shuffle(max(size, 1), 1, 0)
    key = key_of(*parts)
    # Near the golden section neighbours land far apart, so outcomes do not come in stripes.
    factor = max(1, int(size * _GOLDEN) + key % 7)
    while gcd(factor, size) != 1:
        factor += 1
    return Shuffle(size, factor, key % size)
