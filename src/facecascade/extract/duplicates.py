"""Faces that are there already: near duplicates by their hashes, exactly and for millions of them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from facecascade.errors import SettingsError
from facecascade.extract.hashes import bit_counts

Hashes = NDArray[np.uint64]
Indices = NDArray[np.int64]
Pairs = tuple[Indices, Indices]
"""The earlier and the later face of each pair."""

BITS: Final = 64
DISTANCE: Final = 4
"""Default: nine of ten copies lie within it, and of a million different faces few do (docs/extraction.md)."""

CANDIDATES: Final = 1 << 18
"""Pairs compared at once: some 10 MB of scratch."""
EDGES: Final = 4
"""Near pairs for each hash beyond which hashes are a crowd, to be compared with representatives only."""
PARTS: Final = 16
"""That a crowd is cut into."""
SMALL: Final = 512
"""Hashes that are not worth cutting: all pairs of them may be near."""
SAMPLE: Final = 4096
"""Hashes that tell which bits are even."""

EVENNESS: Final = 0.7
"""Bits that a bit of a face's hash is worth, roughly: faces are alike, so that more of them share a key."""
PAIR_COST: Final = 0.15
"""Comparing a pair, beside putting one hash of a table in order; measured, and of no influence on the result."""


def near_duplicates(hashes: ArrayLike, *, distance: int = DISTANCE) -> Indices:
    """For each face, the earliest face that stands for it, or -1 where it stands for itself.

    The rule, in the order of the faces: one with a representative at most `distance` bits away is a duplicate, of the
    earliest such representative; any other becomes a representative. So no two representatives are near each other,
    every duplicate is near its own, and what comes later changes nothing before. Two duplicates of one representative
    may be up to twice as far apart, and a chain of faces, each near the next, has several representatives.

    It is exact: no pair is missed. Equal hashes cost nothing, and crowds of near ones little. A million hashes of
    different faces take seconds at the default distance; each two bits more take several times as long.

    Args:
        hashes: (n,) uint64, as in `Measures`.
        distance: bits that may differ, 0 to 64; 0 finds equal hashes alone.

    Returns:
        (n,) int64, positions in `hashes`, each smaller than its own place; -1 for representatives.

    Raises:
        SettingsError: another distance.
        ValueError: hashes of another shape or kind.
    """
    if isinstance(distance, bool) or not isinstance(distance, int) or not 0 <= distance <= BITS:
        raise SettingsError(f"expected distance as a whole number from 0 to {BITS} bits, got {distance!r}")
    values = _checked(hashes)
    _, first, inverse = np.unique(values, return_index=True, return_inverse=True)
    order = np.sort(first)
    owners = _owners(_evened(values[order]), distance)
    stands_for = order[np.where(owners < 0, np.arange(len(order)), owners)]
    found: Indices = stands_for[np.searchsorted(order, first)][inverse.reshape(-1)].astype(np.int64)
    return np.where(found == np.arange(len(values)), -1, found)


@dataclass(frozen=True)
class Table:
    """Some of the blocks that 64 bits are cut into; hashes that agree there share a key."""

    pieces: tuple[tuple[int, int], ...]  # lowest bit and width of each

    @property
    def mask(self) -> int:
        """Their bits."""
        return sum(((1 << width) - 1) << low for low, width in self.pieces)

    def keys(self, hashes: Hashes) -> Hashes:
        """One number for the bits of each hash there."""
        keys = np.zeros_like(hashes)
        for low, width in self.pieces:
            keys <<= np.uint64(width)
            keys |= (hashes >> np.uint64(low)) & np.uint64((1 << width) - 1)
        return keys


def _owners(hashes: Hashes, distance: int) -> Indices:
    """For each of different hashes, the position of its representative, or -1."""
    if distance == 0:
        return np.full(len(hashes), -1)
    pairs = _pairs(hashes, distance, most=max(EDGES * len(hashes), SMALL * SMALL))
    return _part_by_part(hashes, distance) if pairs is None else _in_order(len(hashes), pairs)


def _part_by_part(hashes: Hashes, distance: int) -> Indices:
    """`_owners` of a crowd: each part asks the representatives before it first, and then itself."""
    owners = np.full(len(hashes), -1)
    standing = np.zeros(0, np.int64)
    size = -(-len(hashes) // PARTS)
    for begin in range(0, len(hashes), size):
        part = np.arange(begin, min(begin + size, len(hashes)))
        owners[part] = _first_near(hashes, standing, part, distance)
        rest = part[owners[part] < 0]
        among = _owners(hashes[rest], distance)
        owners[rest[among >= 0]] = rest[among[among >= 0]]
        standing = np.concatenate([standing, rest[among < 0]])
    return owners


def _first_near(hashes: Hashes, standing: Indices, part: Indices, distance: int) -> Indices:
    """For each of a part, the earliest of those standing before it that is near, or -1."""
    known = len(standing)
    nearest = np.full(len(part), known)
    if known:
        together = hashes[np.concatenate([standing, part])]
        tables = _tables(len(together), distance)
        for earlier, later in near_pairs(together, distance, tables=tables, known=known):
            np.minimum.at(nearest, later - known, earlier)
    named: Indices = np.append(standing, -1)[nearest]
    return named


def _pairs(hashes: Hashes, distance: int, *, most: int) -> Pairs | None:
    """All near pairs, each once; None if there are more than `most`."""
    found: list[Pairs] = []
    count = 0
    for pairs in near_pairs(hashes, distance, tables=_tables(len(hashes), distance)):
        found.append(pairs)
        count += len(pairs[0])
        if count > most:
            return None
    empty = np.zeros(0, np.int64)
    earlier, later = zip(*found, strict=True) if found else ((empty,), (empty,))
    return np.concatenate(earlier), np.concatenate(later)


def _in_order(count: int, pairs: Pairs) -> Indices:
    """The owner of each of `count` hashes, by the rule, from all near pairs."""
    earlier, later = pairs
    owners = [-1] * count
    order = np.lexsort((earlier, later))
    for begin in range(0, len(order), CANDIDATES):
        some = order[begin : begin + CANDIDATES]
        for first, second in zip(earlier[some].tolist(), later[some].tolist(), strict=True):
            if owners[second] < 0 and owners[first] < 0:
                owners[second] = first
    return np.array(owners, np.int64)


def near_pairs(hashes: Hashes, distance: int, *, tables: Sequence[Table], known: int | None = None) -> Iterator[Pairs]:
    """Pairs at most `distance` bits apart, each once: of all, or of one of the first `known` and one of the others."""
    masks: list[int] = []
    for table in tables:
        for earlier, later in _sharing(table.keys(hashes), known):
            differ = hashes[earlier] ^ hashes[later]
            near = np.flatnonzero(bit_counts(differ) <= distance)
            differ = differ[near]
            fresh = np.ones(len(near), np.bool_)
            for mask in masks:
                fresh &= (differ & np.uint64(mask)) != 0
            yield earlier[near[fresh]], later[near[fresh]]
        masks.append(table.mask)


def _tables(count: int, distance: int) -> list[Table]:
    """The tables that find every near pair of `count` hashes with the least work."""

    def cost(blocks: int) -> float:
        kept = blocks - distance if blocks else 0
        shared = count / 2 * math.pow(0.5, EVENNESS * BITS * kept / max(blocks, 1))
        return math.comb(blocks, kept) * (1 + PAIR_COST * shared)

    room = BITS - count.bit_length()
    choices = [blocks for blocks in range(distance + 1, BITS + 1) if _key_width(blocks, distance) <= room]
    return cut_tables(min([0, *choices], key=cost), distance)


def cut_tables(blocks: int, distance: int) -> list[Table]:
    """Tables in which every pair at most `distance` bits apart shares a key at least once.

    Of so many blocks of bits, such a pair agrees in at least `blocks - distance`; there is a table for every choice of
    that many. More blocks make longer keys, which fewer hashes share, and more tables. No blocks are one table with one
    key: every hash is compared with every other.
    """
    cuts = [BITS * number // blocks for number in range(blocks + 1)] if blocks else []
    pieces = [(low, high - low) for low, high in pairwise(cuts)]
    return [Table(chosen) for chosen in combinations(pieces, blocks - distance if blocks else 0)]


def _key_width(blocks: int, distance: int) -> int:
    """Bits of the widest key, at most."""
    return (blocks - distance) * -(-BITS // blocks)


def _sharing(keys: Hashes, known: int | None) -> Iterator[Pairs]:
    """Pairs with one key, as in `near_pairs`, some at a time."""
    places = np.uint64(len(keys).bit_length())
    packed = np.sort((keys << places) | np.arange(len(keys), dtype=np.uint64))
    ids = (packed & ((np.uint64(1) << places) - np.uint64(1))).astype(np.int64)
    packed >>= places
    here = np.arange(len(keys))
    starts = np.maximum.accumulate(np.where(np.r_[True, packed[1:] != packed[:-1]][: len(keys)], here, 0))
    if known is None:
        partners = here - starts
    else:
        # In order of key and place, the first `known` of a group stand before its others.
        of_known = np.r_[0, np.cumsum(ids < known)]
        partners = np.where(ids < known, 0, of_known[here] - of_known[starts])
    asking = np.flatnonzero(partners)
    for later, begin, number in _chunks(asking, starts[asking], partners[asking]):
        ends = np.cumsum(number)
        offsets = np.arange(ends[-1]) - np.repeat(ends - number, number)
        yield ids[np.repeat(begin, number) + offsets], ids[np.repeat(later, number)]


def _chunks(asking: Indices, starts: Indices, partners: Indices) -> Iterator[tuple[Indices, Indices, Indices]]:
    """Parts of three equally long columns with about `CANDIDATES` partners each; long runs of partners are cut."""
    ends = np.cumsum(partners)
    begin = 0
    while begin < len(asking):
        done = int(ends[begin - 1]) if begin else 0
        end = max(int(np.searchsorted(ends, done + CANDIDATES, side="right")), begin + 1)
        if end == begin + 1 and partners[begin] > CANDIDATES:
            for skipped in range(0, int(partners[begin]), CANDIDATES):
                number = min(CANDIDATES, int(partners[begin]) - skipped)
                yield asking[begin:end], starts[begin:end] + skipped, np.array([number])
        else:
            yield asking[begin:end], starts[begin:end], partners[begin:end]
        begin = end


def _evened(hashes: Hashes) -> Hashes:
    """The hashes with their bits in another order, so that every block has its share of bits that tell faces apart.

    Distances stay what they are.
    """
    sample = hashes[:: max(len(hashes) // SAMPLE, 1)]
    shares = _bits(sample).mean(axis=0) if len(sample) else np.zeros(BITS)
    # Bits that differ in half of the faces first, then dealt out as cards are, 8 to a hand.
    order = np.argsort(np.abs(shares - 0.5), kind="stable").reshape(8, 8).T.reshape(-1)
    parts = [hashes[begin : begin + CANDIDATES // 4] for begin in range(0, len(hashes), CANDIDATES // 4)]
    packed = [np.packbits(np.take(_bits(part), order, axis=1)).view(">u8").astype(np.uint64) for part in parts]
    return np.concatenate(packed) if packed else hashes


def _bits(hashes: Hashes) -> NDArray[np.uint8]:
    """(n, 64) of 0 and 1, the highest first."""
    return np.unpackbits(hashes.astype(">u8").view(np.uint8).reshape(-1, 8), axis=1)


def _checked(hashes: ArrayLike) -> Hashes:
    values = np.asarray(hashes)
    if values.ndim != 1 or (values.size and values.dtype.kind not in "ui"):
        raise ValueError(
            f"expected hashes as (n,) whole numbers, got {values.dtype} of shape {values.shape}: use dtype uint64"
        )
    if values.dtype.kind == "i" and values.size and values.min() < 0:
        raise ValueError(f"expected hashes from 0 to 2 ** 64 - 1, got {values.min()}: use dtype uint64")
    return values.astype(np.uint64)
