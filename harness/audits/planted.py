"""What the audits find of errors planted in the real ledgers, and that they accuse no clean one: measured rates."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from harness.audits import FROM_LEDGERS, clean, granularity
from harness.audits.planting import KINDS, hittable, planted, sentences
from harness.audits.select import number
from harness.audits.units import settled
from harness.config import ROOT
from harness.ledger import reading
from harness.ledger.claims import Ledger

SEED = 0
ERRORS = {True: 40, False: 20}  # planted of each kind, in cells that another printed number depends on and in others
CLEAN = 100  # ledgers for each rule of rounding
# The share that must be found. None: no audit can know, for the reason below.
SWAPS, GOALS = {"row swap", "column swap"}, {
    "digit": 0.9, "decimal shift": 0.9, "row swap": 0.9, "column swap": 0.9, "mean not recomputed": 0.97,
    "wrong percentage base": 0.97, "transposition": 0.9, "sign flip": 0.9, "wrong best-of": 0.9,
}  # fmt: skip
WHY = {
    "wrong n": "many n give the same digits where n x step exceeds what is printed",
    "copied neighbour": "a neighbour with nearly the same value is within rounding",
    "last digit": "sums and percentages leave the last digit open",
}
ALONE = "no other printed number depends on the cell"


def rows() -> list[dict[str, Any]]:
    """Return one row for each check: its rate, the target and its bounds, how often it was tried, and whether it holds."""
    ledgers = _ledgers()
    found = [_false_alarms(rule, kind) for rule in clean.RULES for kind in ("inconsistent", "caution")]
    for place, kind in enumerate(KINDS):
        for tied in (True, False):
            found += _detected(kind, tied, ledgers, np.random.default_rng([SEED, place, tied]))
    return found


def _ledgers() -> list[Ledger]:
    return [
        reading.load(path.parent) for room in ("baselines", "replications") for path in sorted(ROOT.glob(f"{room}/*/claims.yaml"))
    ]


def row(
    check: str, cell: str, hits: int, tried: int, nominal: float | None, low: float | None, high: float | None
) -> dict[str, Any]:
    """Return a row of the self-test; without bounds it is told, not tested."""
    rate = hits / tried if tried else float("nan")
    ok = low is None or high is None or bool(low <= rate <= high)
    values = (check, cell, rate, nominal, low, high, tried, ok)
    return dict(zip(("check", "cell", "measured", "nominal", "low", "high", "repetitions", "ok"), values, strict=True))


def _false_alarms(rule: str, outcome: str) -> dict[str, Any]:
    rng = np.random.default_rng([SEED, clean.RULES.index(rule)])
    hit = sum(any(f.outcome == outcome for f in accused([clean.ledger(rng, rule)]) if _judges(f)) for _ in range(CLEAN))
    tested = outcome == "inconsistent" or rule != "truncated"
    return row(
        f"clean ledgers: {outcome}",
        f"digits {rule}",
        hit,
        CLEAN,
        0.0 if tested else None,
        *((0.0, 0.0) if tested else (None, None)),
    )


def _judges(found: Any) -> bool:
    """Leave out the cautions that clean numbers earn: counts too few to tell apart, equal digits, heads below a record."""
    return found.outcome == "inconsistent" or "truncated" in found.statement or "cut off" in found.statement


def accused(ledgers: list[Ledger]) -> list[Any]:
    """Return what is not consistent of all audits that need the ledgers alone."""
    return [f for audit in FROM_LEDGERS for f in audit.find(ledgers) if f.outcome in ("inconsistent", "caution")]


def _detected(kind: str, tied: bool, ledgers: list[Ledger], rng: np.random.Generator) -> Iterable[dict[str, Any]]:
    """Plant one kind of error and count those that a new finding names; `tied`: in cells that others depend on."""
    hits = cautions = tried = 0
    before: dict[str, set[tuple[str, ...]]] = {}
    for ledger, name in _places(kind, tied, ledgers, rng):
        changed = KINDS[kind](ledger, name, rng)
        if tried == ERRORS[tied] or not changed or (wrong := planted(ledger, changed)) is None:
            continue
        if kind in SWAPS and tied != bool(set(changed) & dependent(ledger, frozenset(changed))):
            continue
        others = [other for other in ledgers if other.study != ledger.study and other.study in ledger_records(ledgers)]
        if ledger.study not in before:
            before[ledger.study] = {_key(f) for f in accused([ledger, *others])}
        new = [f for f in accused([wrong, *others]) if _key(f) not in before[ledger.study]]
        keys = {f"{ledger.study}:{one}" for one in changed}
        new = [f for f in new if keys & {*f.claims, *f.against}]
        tried += 1
        hits += any(f.outcome == "inconsistent" for f in new)
        cautions += bool(new) and not any(f.outcome == "inconsistent" for f in new)
    if not tried:
        return []
    goal = GOALS.get(kind) if tied else None
    where = "others depend on it" if tied else ALONE
    why = f"; {WHY[kind]}" if tied and goal is None else ""
    told = row(f"planted {kind}", f"{where}{why}", hits, tried, goal, goal, 1.0 if goal else None)
    return [told, row(f"planted {kind}: asked about", where, cautions, tried, None, None, None)]


def ledger_records(ledgers: list[Ledger]) -> set[str]:
    """Return the studies that hold public records."""
    return {ledger.study for ledger in ledgers if len({c.model for c in ledger.claims} - {None}) == 1 and len(ledger.claims) < 20}


def _key(found: Any) -> tuple[str, ...]:
    return (found.audit, found.outcome, *found.claims, "|", *found.against)


def _places(kind: str, tied: bool, ledgers: list[Ledger], rng: np.random.Generator) -> list[tuple[Ledger, str]]:
    """Return the claims to be hit, in an order of chance; of swaps all cells, for either of the two may be tied."""
    places: list[tuple[Ledger, str]] = []
    for ledger in ledgers:
        if kind == "wrong best-of":
            places += [(ledger, name) for name in sentences(ledger) if tied]
            continue
        known = counted(ledger) if kind == "wrong n" else dependent(ledger) | counted(ledger)
        places += [(ledger, name) for name in hittable(ledger) if kind in SWAPS or (name in known) == tied]
    return [places[i] for i in rng.permutation(len(places))]


def relations(ledger: Ledger) -> list[tuple[frozenset[str], bool]]:
    """Return the sets of claims that an exact printed number ties, each with whether two of them may change places unseen."""
    found = []
    for claim in ledger.claims:
        if claim.value and claim.value.exact and claim.status != "predicted":
            if made := claim.arithmetic:
                weights = made.weights or [1.0] * len(made.of)
                parts = {part for part, weight in zip(made.of, weights, strict=True) if abs(weight) >= 0.5}
                found += [(frozenset({claim.id}), False), (frozenset(parts), made.op in ("mean", "sum"))]
            if claim.restates:
                found.append((frozenset({claim.restates}), False))
    return found


def dependent(ledger: Ledger, moved: frozenset[str] = frozenset()) -> set[str]:
    """Return the claims that a printed number is computed from, or restates, and those numbers; parts that all `moved` are not."""
    return {name for names, alike in relations(ledger) if not (alike and moved and moved <= names) for name in names}


def counted(ledger: Ledger) -> set[str]:
    """Return the means of which no more than a quarter of the printable values can be some k/n."""
    (read,) = settled([ledger])
    informative = [c for c, lacking in granularity.scope(read) if not lacking and granularity.chance(read, c) <= 0.25]
    return {claim.id for claim in informative if number(claim).exact}
