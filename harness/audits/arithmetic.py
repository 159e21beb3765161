"""Arithmetic: does a derived number follow from the numbers it is said to follow from, given their rounding?"""

from __future__ import annotations

from itertools import product

from harness.audits import ranges
from harness.audits.finding import Finding
from harness.audits.select import TRUNCATED, Scoped, by_id, judged, number, scale, span
from harness.audits.units import settled
from harness.errors import InputError
from harness.ledger.claims import UNNAMED, Arithmetic, Claim, Ledger
from harness.ledger.printed import Rule, parse

SLACK = 1e-9


def find(ledgers: list[Ledger]) -> list[Finding]:
    """Recompute every derived number as an interval and compare it with the printed one."""
    findings = []
    for ledger in settled(ledgers):
        claims = by_id(ledger)
        for claim, lacking in scope(ledger):
            if claim.arithmetic and not lacking:
                findings.append(_one(ledger, claims, claim, claim.arithmetic))
        findings += ranges.find(ledger)
    return findings


def scope(ledger: Ledger) -> list[Scoped]:
    """Return the numbers that are results or derived, each with what it lacks to be recomputed."""
    found = [c for c in ledger.claims if c.value and c.status != "predicted" and (c.arithmetic or c.kind == "absolute")]
    return [(claim, _lacking(claim)) for claim in found]


def _lacking(claim: Claim) -> str:
    if claim.arithmetic is None:
        return "no arithmetic is given"
    return "its baseline is not named" if UNNAMED in claim.arithmetic.of else ""


def reckon(op: str, values: list[float]) -> float:
    """Apply one operation of the ledger; raise ZeroDivisionError where a quotient has no divisor."""
    if op == "mean":
        return sum(values) / len(values)
    if op == "sum":
        return sum(values)
    first, second = values
    return {
        "difference": lambda: first - second,
        "percent_change": lambda: 100 * (first / second - 1),
        "percent": lambda: 100 * first / second,
        "ratio": lambda: first / second,
        "product": lambda: first * second,
    }[op]()


def bounds(op: str, names: list[str], boxes: dict[str, tuple[float, float]]) -> tuple[float, float]:
    """Return the least and largest result over the rounding intervals; a number that comes twice is rounded once.

    Each op is monotone in each operand, so the corners suffice; mean and sum rise in all, so two corners do.
    """
    order = list(boxes)
    corners = zip(*boxes.values(), strict=True) if op in ("mean", "sum") else product(*boxes.values())
    results = [reckon(op, [dict(zip(order, corner, strict=True))[name] for name in names]) for corner in corners]
    return min(results), max(results)


def _box(claim: Claim, claims: dict[str, Claim], name: str, rule: Rule) -> tuple[float, float, float] | None:
    """Return an operand's value and the ends of its rounding; whole numbers that are counts or literals have none.

    A literal among per cents is one. None for words, and for a bound, which is no value.
    """
    operand, printed = claims.get(name), claims[name].value if name in claims else parse(name)
    if printed is None or printed.bound:
        return None
    parts = [claims[other] for other in (claim.arithmetic.of if claim.arithmetic else []) if other in claims]
    share = printed.percent or (parts and _op(claim) != "product" and all(part.unit == "percent" for part in parts))
    value = number(operand, rule) if operand else parse(name, None, "nearest", -2 if share else 0)
    assert value
    whole = printed.exact and printed.decimals == 0 and (operand is None or operand.kind == "count")
    return (value.value,) * 3 if whole else (value.value, value.low, value.high)


def _op(claim: Claim) -> str:
    return claim.arithmetic.op if claim.arithmetic else ""


def _weighted(made: Arithmetic, boxes: list[tuple[float, float, float]]) -> tuple[float, float, float]:
    """Return a weighted sum and its least and largest value: each part pulls the way of its weight's sign."""
    pulls = [sorted((w * low, w * high)) for w, (_, low, high) in zip(made.weights or [], boxes, strict=True)]
    value = sum(w * box[0] for w, box in zip(made.weights or [], boxes, strict=True))
    return value, sum(low for low, _ in pulls), sum(high for _, high in pulls)


def _result(claim: Claim, made: Arithmetic, read: dict[str, tuple[float, float, float]]) -> tuple[float, float, float]:
    """Return what the operands give, and its least and largest value, in the unit of scores."""
    values = [read[name][0] for name in made.of]
    if made.weights:
        return _weighted(made, [read[name] for name in made.of])
    share = 0.01 if made.op in ("percent", "percent_change") and claim.unit in ("percent", "fraction") else 1.0
    low, high = bounds(made.op, made.of, {name: box[1:] for name, box in read.items()})
    return share * reckon(made.op, values), share * low, share * high


def _one(ledger: Ledger, claims: dict[str, Claim], claim: Claim, made: Arithmetic) -> Finding:
    if made.op not in ("mean", "sum") and len(made.of) != 2:
        raise InputError(
            f"{ledger.study}/claims.yaml: entry '{claim.id}': arithmetic: '{made.op}' takes two numbers, not {made.of}"
        )
    against = tuple(f"{ledger.study}:{name}" for name in made.of if name in claims)
    read = {name: box for name in made.of if (box := _box(claim, claims, name, "nearest"))}
    wide = {name: box for name in made.of if (box := _box(claim, claims, name, "either"))}
    words = [name for name in made.of if name not in read]
    divisor = wide.get(made.of[-1]) if made.op in ("ratio", "percent", "percent_change") else None
    if words or (divisor and divisor[1] <= 0 <= divisor[2]):
        why = f"'{words[0]}' is no number or only a bound" if words else f"the divisor '{made.of[-1]}' may be 0"
        statement = f"{claim.printed} ({claim.id}) is not recomputed: {why}"
        return Finding("arithmetic", "not run", ledger.study, (claim.key,), against, statement, "", None)

    def fits(rule: Rule) -> bool:
        _, low, high = _result(claim, made, read if rule == "nearest" else wide)
        least, most = span(claim, rule)
        return least <= high + SLACK and low - SLACK <= most

    outcome = judged(fits, (claim, *(claims[name] for name in made.of if name in claims)))
    value, low, high = (_result(claim, made, read)[i] / 10.0 ** scale(claim) for i in range(3))
    told = ", ".join(_told(claims, name) for name in made.of)
    line = f"{made.op}({told}) = {value:.6g}, within [{low:.6g}, {high:.6g}]; printed {claim.printed}"
    verb = {"consistent": "follows", "caution": "does not follow by rounding", "inconsistent": "does not follow"}[outcome]
    statement = f"{claim.printed} ({claim.id}) {verb} from the numbers it is made of"
    if outcome == "caution":
        statement += f"; {TRUNCATED}"
    elif outcome == "inconsistent" and _hundredfold(claim, [claims[n] for n in made.of if n in claims], low, high):
        outcome, statement = "caution", f"{statement}, but is off by a factor of 100: is its unit percent?"
    return Finding(
        "arithmetic", outcome, ledger.study, (claim.key,), against, statement, line, 0.0 if outcome == "inconsistent" else None
    )


def _told(claims: dict[str, Claim], name: str) -> str:
    value = claims[name].value if name in claims else parse(name)
    return f"{value.value:g}" if value else name


def _hundredfold(claim: Claim, parts: list[Claim], low: float, high: float) -> bool:
    """Say whether a unit that nobody states would explain the difference."""
    if "none" not in {claim.unit, *(part.unit for part in parts)} or claim.value is None or claim.value.bound:
        return False
    least, most = claim.value.low, claim.value.high
    return least * most > 0 and any(least <= high * k and low * k <= most for k in (100, 0.01))
