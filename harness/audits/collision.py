"""Cell collision: a number equal, digit for digit, to another one that it has no reason to equal."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from itertools import combinations
from math import comb

from harness.audits import bounds
from harness.audits.finding import Finding
from harness.audits.granularity import units
from harness.audits.select import Scoped, grain, number, quantity, results
from harness.audits.units import settled
from harness.ledger.claims import Claim, Ledger

Pair = tuple[Claim, Claim]
RARE = 0.1  # a column whose cells would collide by chance more often than this says nothing
TIED = ({"hit_rate", "f1"}, {"hit_rate", "recall"}, {"hit_rate", "mrr"}, {"recall", "f1"}, {"accuracy", "hit_rate"})


def find(ledgers: list[Ledger]) -> list[Finding]:
    """Compare the cells of each system in each document, and the systems of each column."""
    findings = []
    for ledger in settled(ledgers):
        cells = [claim for claim, lacking in scope(ledger) if not lacking]
        by_system, by_column = defaultdict(list), defaultdict(list)
        for claim in cells:
            by_system[claim.document, claim.variant].append(claim)
            by_column[claim.document, claim.id.split(".")[0], claim.metric, claim.collection, claim.unit].append(claim)
        findings += _across(ledger, list(by_system.values()))
        for rows in by_system.values():
            findings += _copies(ledger, rows, lambda claim: (claim.metric,), lambda claim: claim.collection)
        for column in by_column.values():
            findings += _copies(ledger, column, lambda claim: (), lambda claim: claim.variant)
    return findings


def _twins(cells: list[Claim]) -> Iterator[Pair]:
    """Give the pairs of cells with one value."""
    by_value = defaultdict(list)
    for claim in cells:
        by_value[number(claim).value].append(claim)
    return (pair for claims in by_value.values() for pair in combinations(claims, 2))


def _across(ledger: Ledger, systems: list[list[Claim]]) -> list[Finding]:
    """Find equal cells of different quantities of one system."""
    comparisons = 0
    for claims in systems:
        kinds = Counter(str(quantity(ledger, claim)) for claim in claims)
        comparisons += sum(kinds[a] * kinds[b] for a, b in combinations(kinds, 2) if _apart({a, b}))
    pairs = [pair for claims in systems for pair in _twins(claims) if _apart({str(quantity(ledger, c)) for c in pair})]
    return [_finding(ledger, *pair, comparisons) for pair in pairs]


def _copies(
    ledger: Ledger, cells: list[Claim], same: Callable[[Claim], object], other: Callable[[Claim], object]
) -> list[Finding]:
    """Find equal cells of one quantity, in groups with the same `same`, that differ in `other`; computed cells may be equal."""
    groups = defaultdict(list)
    for claim in cells:
        if claim.arithmetic is None:
            groups[same(claim)].append(claim)
    findings = []
    for claims in groups.values():
        alone = Counter(other(claim) for claim in claims)
        pairs = comb(len(claims), 2) - sum(comb(n, 2) for n in alone.values())
        chance = _share(ledger, claims, pairs)
        if pairs and chance <= RARE:
            findings += [_neighbours(ledger, pair, chance) for pair in _twins(claims) if other(pair[0]) != other(pair[1])]
    return findings


def scope(ledger: Ledger) -> list[Scoped]:
    """Return the cells of systems, each with what it lacks to be compared."""
    found = [claim for claim in results(ledger) if claim.kind == "absolute" and not claim.restates]
    return [(claim, _lacking(ledger, claim)) for claim in found]


def _lacking(ledger: Ledger, claim: Claim) -> str:
    if not claim.variant:
        return "no variant"
    if claim.metric is None or quantity(ledger, claim) in ("loss", "count"):
        return "a quantity whose values often repeat"
    return "" if number(claim).exact and _telling(claim) else "fewer than three digits that tell"


def _telling(claim: Claim) -> bool:
    """Say whether equal digits mean anything: three significant ones, and no round number."""
    digits = f"{number(claim).value:.12g}".replace(".", "").replace("-", "").lstrip("0").rstrip("0")
    return len(digits) >= 3


def _apart(kinds: set[str]) -> bool:
    """Say whether two quantities measure different things that no definition ties (recall and hits may be equal)."""
    return len(kinds) == 2 and kinds not in TIED and "other" not in kinds


def _finding(ledger: Ledger, one: Claim, other: Claim, comparisons: int) -> Finding:
    chance = min(1.0, comparisons * 10.0 ** -number(one).decimals)
    suspect = _out_of_place(ledger, one, other)
    keys = (suspect.key,) if suspect else (one.key, other.key)
    against = tuple(c.key for c in (one, other) if c is not suspect) if suspect else ()
    names = f"{one.metric} and {other.metric} of {one.variant} are both printed {one.printed}"
    guess = f"; {suspect.metric} is the one that cannot be, so it likely stands in the wrong cell" if suspect else ""
    line = f"{comparisons} pairs compared, chance of equal digits about {comparisons} x 10^-{number(one).decimals}"
    return Finding(
        "collision", "inconsistent" if suspect else "caution", ledger.study, keys, against, names + guess, line, chance
    )


def _out_of_place(ledger: Ledger, one: Claim, other: Claim) -> Claim | None:
    """Return the one of two equal cells that breaks a bound, if exactly one does."""
    alone = ledger.model_copy(update={"claims": [one, other]})
    flagged = {key for found in bounds.find([alone]) if found.outcome == "inconsistent" for key in found.claims}
    broken = [claim for claim in (one, other) if claim.key in flagged]
    return broken[0] if len(broken) == 1 else None


def _share(ledger: Ledger, cells: list[Claim], pairs: int) -> float:
    """The chance that some pair is equal: the pairs over the values that can occur between the least and the largest cell."""
    values, first = [number(claim).value for claim in cells], cells[0]
    fine, step = 10.0 ** number(first).decimals, grain(ledger, first)
    places = min(fine, units(first) * step) if first.n and step else fine
    return min(1.0, pairs / max(1.0, (max(values) - min(values)) * places))


def _neighbours(ledger: Ledger, pair: Pair, chance: float) -> Finding:
    one, other = pair
    told = f"{one.metric} of {one.id} and of {other.id} are both printed {one.printed}: is one of them a copy?"
    line = f"a chance of about {chance:.2g} that some pair of such cells is equal"
    return Finding("collision", "caution", ledger.study, (one.key, other.key), (), told, line, chance)
