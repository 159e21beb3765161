"""Cell collision: a number equal, digit for digit, to another one that it has no reason to equal."""

from __future__ import annotations

from collections import defaultdict
from itertools import combinations

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
        rows = [pair for claims in by_system.values() for pair in combinations(claims, 2)]
        differing = [pair for pair in rows if _differ(ledger, *pair)]
        alike = [pair for pair in rows if pair[0].metric == pair[1].metric and pair[0].collection != pair[1].collection]
        findings += [_finding(ledger, *pair, len(differing)) for pair in differing if _equal(*pair)]
        findings += [_neighbours(ledger, pair, _share(ledger, cells, alike)) for pair in alike if _equal(*pair)]
        for claims in by_column.values():
            findings += _column(ledger, claims)
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


def _equal(one: Claim, other: Claim) -> bool:
    return number(one).value == number(other).value


def _differ(ledger: Ledger, one: Claim, other: Claim) -> bool:
    """Say whether two cells measure different things that are not tied by definition (recall and hits may be equal)."""
    kinds = {quantity(ledger, one), quantity(ledger, other)}
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


def _column(ledger: Ledger, claims: list[Claim]) -> list[Finding]:
    """Compare the systems of one column; what is computed from other cells may be equal."""
    cells = [claim for claim in claims if claim.arithmetic is None]
    pairs = [pair for pair in combinations(cells, 2) if pair[0].variant != pair[1].variant]
    chance = _share(ledger, cells, pairs)
    return [_neighbours(ledger, pair, chance) for pair in pairs if chance <= RARE and _equal(*pair)]


def _share(ledger: Ledger, cells: list[Claim], pairs: list[Pair]) -> float:
    """The chance that some pair is equal: the pairs over the values that can occur between the least and the largest cell."""
    if not pairs:
        return 1.0
    values = [number(claim).value for claim in cells]
    first = pairs[0][0]
    fine, step = 10.0 ** number(first).decimals, grain(ledger, first)
    places = min(fine, units(first) * step) if first.n and step else fine
    return min(1.0, len(pairs) / max(1.0, (max(values) - min(values)) * places))


def _neighbours(ledger: Ledger, pair: Pair, chance: float) -> Finding:
    one, other = pair
    told = f"{one.metric} of {one.id} and of {other.id} are both printed {one.printed}: is one of them a copy?"
    line = f"a chance of about {chance:.2g} that some pair of such cells is equal"
    return Finding("collision", "caution", ledger.study, (one.key, other.key), (), told, line, chance)
