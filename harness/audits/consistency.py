"""Cross-table consistency: what is repeated must be the same, and what describes one cloud must fit one cloud."""

from __future__ import annotations

from collections import defaultdict

from harness.audits.finding import Finding
from harness.audits.select import by_id, number, quantity, results, span
from harness.ledger.claims import Claim, Ledger


def find(ledgers: list[Ledger]) -> list[Finding]:
    """Test restatements, swapped columns, one cell printed twice, and IsoScore against the cosine table."""
    findings = []
    for ledger in ledgers:
        findings += _restated(ledger) + _columns(ledger) + _twice(ledger) + _clouds(ledger)
    return findings


def _meets(one: Claim, other: Claim) -> bool:
    (low, high), (low2, high2) = span(one), span(other)
    return low <= high2 + 1e-12 and low2 <= high + 1e-12


def _restated(ledger: Ledger) -> list[Finding]:
    claims, findings = by_id(ledger), []
    for claim in ledger.claims:
        target = claims.get(claim.restates or "")
        if target and claim.value and target.value and not _meets(claim, target):
            statement = (
                f"{claim.document} gives {claim.id} as {claim.printed}; {target.document} ({target.place}) has {target.printed}"
            )
            line = f"{claim.printed} != {target.printed}"
            findings.append(
                Finding("consistency", "inconsistent", ledger.study, (claim.key,), (target.key,), statement, line, 0.0)
            )
    return findings


def _columns(ledger: Ledger) -> list[Finding]:
    """Where a restated column differs, look for the column of the same table that it really is."""
    claims = by_id(ledger)
    columns: dict[tuple[str, str, str], list[tuple[Claim, str, str]]] = defaultdict(list)
    for claim in ledger.claims:
        parts = (claim.restates or "").split(".", 2)
        if len(parts) == 3 and claim.value:
            columns[claim.document, parts[0], parts[2]].append((claim, parts[1], parts[2]))
    findings = []
    for (document, table, column), cells in columns.items():
        wrong = [(c, row) for c, row, _ in cells if c.restates and claims[c.restates].value and not _meets(c, claims[c.restates])]
        others = {name.split(".", 2)[2] for name in claims if name.startswith(f"{table}.") and name.count(".") >= 2} - {column}
        for other in sorted(others):
            twins = [claims.get(f"{table}.{row}.{other}") for _, row in wrong]
            if len(wrong) >= 2 and all(
                t and t.value and number(c).value == number(t).value for (c, _), t in zip(wrong, twins, strict=True)
            ):
                keys = tuple(c.key for c, _ in wrong)
                found = tuple(t.key for t in twins if t)
                line = "; ".join(f"{c.printed} = {t.id}" for (c, _), t in zip(wrong, twins, strict=True) if t)
                chance = 1.0
                for c, _ in wrong:
                    chance *= len(others) * 10.0 ** -number(c).decimals
                statement = f"{document} gives as column '{column}' of {table} what is its column '{other}' ({len(wrong)} cells)"
                findings.append(
                    Finding("consistency", "inconsistent", ledger.study, keys, found, statement, line, min(1.0, chance))
                )
    return findings


def _twice(ledger: Ledger) -> list[Finding]:
    """One system, metric and collection printed with two values in two documents: both stand."""
    places: dict[tuple[str, ...], list[Claim]] = defaultdict(list)
    for claim in results(ledger):
        told_once = claim.kind == "absolute" and claim.source == "primary" and not claim.restates
        if told_once and claim.variant and claim.metric and quantity(ledger, claim) not in ("loss", "cosine", "other"):
            shape = (str(claim.n), str(claim.dimensions), str(claim.points))
            places[(claim.variant, claim.metric, claim.collection or "", *shape)].append(claim)
    findings = []
    for (variant, metric, *_), claims in places.items():
        first = claims[0]
        differing = [c for c in claims[1:] if c.document != first.document and not _meets(first, c)]
        if differing:
            told = "; ".join(f"{c.printed} in {c.document}" for c in [first, *differing])
            keys = tuple(c.key for c in [first, *differing])
            statement = f"{metric} of {variant} is printed with {len(differing) + 1} values: several runs, or an error"
            findings.append(Finding("consistency", "caution", ledger.study, keys, (), statement, told, None))
    return findings


def _clouds(ledger: Ledger) -> list[Finding]:
    clouds: dict[tuple[object, ...], dict[str, Claim]] = defaultdict(dict)
    for claim in results(ledger):
        kind = quantity(ledger, claim)
        if kind in ("isoscore", "mean_cosine", "sd_cosine") and claim.points and claim.dimensions and not claim.restates:
            clouds[claim.document, claim.variant, claim.points, claim.dimensions][kind] = claim
    findings = []
    for (_, variant, *_), cells in clouds.items():
        if len(cells) == 3:
            findings += _cloud(ledger, str(variant), cells)
    return findings


def least_isoscore(n: int, d: int, mean: float, sd: float) -> float:
    """Return the least IsoScore of n unit vectors whose pairwise cosines have this mean and sd.

    With |mu|² = ((n-1)m + 1)/n and tr(M²) = ((n-1)(s² + m²) + 1)/n, M uncentred, mu'C mu ≥ 0 gives
    PR ≥ (1 - |mu|²)² / (tr(M²) - |mu|⁴), and IsoScore = (PR - 1)/(d - 1).
    """
    centre = ((n - 1) * mean + 1) / n
    spread = ((n - 1) * (sd * sd + mean * mean) + 1) / n - centre * centre
    if spread <= 0:  # the corner of a rounding box beyond any real cloud says nothing
        return 0.0
    return ((1 - centre) ** 2 / spread - 1) / (d - 1)


def _cloud(ledger: Ledger, variant: str, cells: dict[str, Claim]) -> list[Finding]:
    isoscore, mean, sd = cells["isoscore"], cells["mean_cosine"], cells["sd_cosine"]
    n, d = isoscore.points or 2, isoscore.dimensions or 2
    box = [(m, s) for m in (number(mean).low, number(mean).high) for s in (number(sd).low, number(sd).high)]
    lows = [least_isoscore(n, d, m, s) for m, s in box]
    line = f"mean {mean.printed}, sd {sd.printed}, n {n}, d {d}: IsoScore >= {min(lows):.4f}; printed {isoscore.printed}"
    keys = (isoscore.key, mean.key, sd.key)
    if number(isoscore).high >= min(lows):
        statement = f"IsoScore and cosines of {variant} can describe one set of vectors"
        return [Finding("consistency", "consistent", ledger.study, keys, (), statement, line, None)]
    statement = (
        f"IsoScore {isoscore.printed} of {variant} cannot come from the vectors of the cosine table: two runs, or an error"
    )
    return [Finding("consistency", "inconsistent", ledger.study, keys, (), statement, line, 0.0)]
