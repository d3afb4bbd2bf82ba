#!/usr/bin/env python3
"""Computes what src/replenishment/rules.rs is tested against, apart from it and in fractions.

    tests/expected/cover.py

Day by day and in hundredths of a unit it would be slower and no clearer: a lot is used from when the ones before it are
gone until its units are, or the end of its last day (day 0 is today).
"""

import math
from fractions import Fraction

DAYS = 91


def cover(used, lots):
    lots = [(last, units) for last, units in sorted(lots) if last >= 0 and units > 0]
    if used <= 0:
        return None, 0
    a_unit_lasts = Fraction(DAYS, used)
    now, unused = Fraction(0), 0
    for last, units in lots:
        ends = max(now, min(now + units * a_unit_lasts, Fraction(last + 1)))
        whole = math.floor((ends - now) / a_unit_lasts)
        unused += units - whole
        now = ends
    return math.floor(now), unused


def suggested(on_hand, unused, coming, minimum, maximum, pack):
    there = on_hand - unused + coming
    if there >= minimum * pack:
        return 0
    packs = 0
    while there + packs * pack < minimum * pack or there + (packs + 1) * pack <= maximum * pack:
        packs += 1
    return packs


COVERS = [
    (0, [(100, 5)]),
    (91, []),
    (91, [(365, 10)]),
    (13, [(365, 10)]),
    (13, [(6, 10)]),
    (13, [(6, 10), (365, 10)]),
    (13, [(0, 1), (365, 1)]),
    (7, [(365, 3)]),
    (7, [(13, 2), (13, 2), (400, 4)]),
    (182, [(4, 12), (9, 2)]),
    (91, [(-1, 50), (30, 5)]),
    (3, [(29, 1), (30, 1), (31, 1)]),
    (1000, [(365, 1)]),
    (5, [(20, 0), (40, 7), (2000, 100)]),
]
SUGGESTED = [
    (0, 0, 0, 2, 5, 2),
    (3, 0, 0, 2, 5, 2),
    (4, 0, 0, 2, 5, 2),
    (3, 0, 1, 2, 5, 2),
    (3, 0, 0, 2, 2, 2),
    (10, 8, 0, 2, 5, 2),
    (10, 8, 4, 2, 5, 2),
    (0, 0, 0, 0, 5, 2),
    (0, 0, 0, 0, 0, 2),
    (1, 0, 0, 1, 1, 10),
    (7, 0, 0, 1, 3, 10),
    (0, 0, 3, 4, 10, 1),
]


def option(value):
    return "None" if value is None else f"Some({value})"


if __name__ == "__main__":
    for used, lots in COVERS:
        days, unused = cover(used, lots)
        print(f"            ({used}, &[{', '.join(map(str, lots))}], {option(days)}, {unused}),")
    for row in SUGGESTED:
        print(f"            ({', '.join(map(str, row))}, {suggested(*row)}),")
