"""IsoScore against the cosine table: both may be printed of one set of vectors, and then bound each other."""

from __future__ import annotations

from collections import defaultdict

from harness.audits.finding import Finding
from harness.audits.select import judged, number, quantity, results
from harness.ledger.claims import Claim, Ledger
from harness.ledger.printed import Rule

KINDS = ("isoscore", "mean_cosine", "sd_cosine")
Shape = tuple[object, ...]


def find(ledger: Ledger) -> list[Finding]:
    """Test the IsoScore of each cloud whose vectors are known to have unit length: the bound holds for no others."""
    return [_cloud(ledger, str(shape[1]), cells) for shape, cells in _clouds(ledger).items() if not _missing(cells)]


def lacking(ledger: Ledger) -> dict[str, str]:
    """Return the claims about clouds, each with what it lacks to be tested."""
    found = {claim.id: "points or dimensions are not given" for claim in results(ledger) if quantity(ledger, claim) in KINDS}
    return found | {claim.id: _missing(cells) for cells in _clouds(ledger).values() for claim in cells.values()}


def _clouds(ledger: Ledger) -> dict[Shape, dict[str, Claim]]:
    clouds: dict[Shape, dict[str, Claim]] = defaultdict(dict)
    for claim in results(ledger):
        kind = quantity(ledger, claim)
        if kind in KINDS and claim.points and claim.dimensions and not claim.restates:
            clouds[claim.document, claim.variant, claim.points, claim.dimensions][str(kind)] = claim
    return clouds


def _missing(cells: dict[str, Claim]) -> str:
    if absent := [kind for kind in KINDS if kind not in cells]:
        return f"no {' and '.join(absent)} of the same vectors"
    known = all(claim.unit_vectors is True for claim in cells.values())
    return "" if known else "unit_vectors is not declared: the bound holds for vectors of length 1"


def least_isoscore(n: int, d: int, mean: float, sd: float) -> float:
    """Return the least IsoScore of n unit vectors whose pairwise cosines have this mean and sd.

    With |mu|² = ((n-1)m + 1)/n and tr(M²) = ((n-1)(s² + m²) + 1)/n, M uncentred, mu'C mu ≥ 0 gives
    PR ≥ (1 - |mu|²)² / (tr(M²) - |mu|⁴), and IsoScore = (PR - 1)/(d - 1).
    """
    centre = ((n - 1) * mean + 1) / n
    spread = ((n - 1) * (sd * sd + mean * mean) + 1) / n - centre * centre
    if spread <= 0 or d < 2:  # the corner of a rounding box beyond any real cloud says nothing, nor does a line
        return 0.0
    return ((1 - centre) ** 2 / spread - 1) / (d - 1)


def _cloud(ledger: Ledger, variant: str, cells: dict[str, Claim]) -> Finding:
    isoscore, mean, sd = (cells[kind] for kind in KINDS)
    n, d = isoscore.points or 2, isoscore.dimensions or 2

    def least(rule: Rule) -> float:
        means, sds = number(mean, rule), number(sd, rule)
        return min(least_isoscore(n, d, m, s) for m in (means.low, means.high) for s in (sds.low, sds.high))

    outcome = judged(lambda rule: number(isoscore, rule).high >= least(rule), (isoscore, mean, sd))
    line = f"mean {mean.printed}, sd {sd.printed}, n {n}, d {d}: IsoScore >= {least('nearest'):.4f}; printed {isoscore.printed}"
    statement = {
        "consistent": f"IsoScore and cosines of {variant} can describe one set of vectors",
        "caution": f"IsoScore and cosines of {variant} can describe one set of vectors if they were cut off, not rounded",
        "inconsistent": f"IsoScore {isoscore.printed} of {variant} cannot come from the vectors of the cosine table: "
        "two runs, a transposed matrix, or an error",
    }[outcome]
    chance = 0.0 if outcome == "inconsistent" else None
    return Finding("consistency", outcome, ledger.study, (isoscore.key, mean.key, sd.key), (), statement, line, chance)
