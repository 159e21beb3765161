"""What was found, in sentences: for the first page of the PDF and the top of report.html."""

from __future__ import annotations

from collections import Counter
from typing import Any

from harness.ledger.claims import Claim

Row = dict[str, str]
CONFIRMED = ("exact", "equivalent", "direction only")
HEADINGS = {
    "inconsistent": "Cannot be right as printed",
    "contradicted": "Contradicted",
    "confirmed": "Confirmed",
}
# Sentences that sum up a run: which verdicts, and what is said of their number.
SUMS: list[tuple[tuple[str, ...], str, str]] = [
    (CONFIRMED, "is confirmed", "are confirmed"),
    (("contradicted",), "is contradicted", "are contradicted"),
    (("inconsistent as printed",), "cannot be right as printed: arithmetic, or the source's own code, says otherwise",
     "cannot be right as printed: arithmetic, or the source's own code, says otherwise"),
    (("inconclusive", "not identifiable"), "was measured without a clear answer", "were measured without a clear answer"),
    (("not decidable here",), "was measured with weaker materials than it needs, and is shown without a verdict",
     "were measured with weaker materials than they need, and are shown without a verdict"),
    (("prediction",), "is a prediction of the source, not a result", "are predictions of the sources, not results"),
    (("not run",), "was not run", "were not run"),
    (("out of reach",), "is out of reach: no public material, setting or arithmetic can decide it",
     "are out of reach: no public material, setting or arithmetic can decide them"),
    (("error",), "failed in the run", "failed in the run"),
]  # fmt: skip
DECIDED = (*CONFIRMED, "contradicted", "inconsistent as printed")
# Sentences of one kind and study that one page holds; the others are counted.
MOST = {"inconsistent": 3, "contradicted": 3, "confirmed": 1}


def is_number(claim: Claim) -> bool:
    """Say whether a claim prints a number of its own, to be shown apart from its name."""
    return claim.cell is not None or claim.kind in ("absolute", "difference", "count")


def name(claim: Claim) -> str:
    """Return the claim's name in the paper's words: its row and column, its place in the text, or its sentence."""
    if claim.cell is None:
        return claim.place if is_number(claim) else claim.printed
    return claim.cell.row_label if claim.cell.alone else f"{claim.cell.row_label}, {claim.cell.column_label}"


def where(claim: Claim) -> str:
    """Return where a claim stands, as far as its name does not say it."""
    if claim.cell:
        return claim.cell.place or claim.cell.table
    return f"in {claim.document}" if is_number(claim) else claim.place


def sentence(claim: Claim, row: Row) -> str:
    """Say what is printed, and what came out here."""
    told = (
        f"{name(claim)} ({where(claim)}) is printed as {claim.printed}"
        if is_number(claim)
        else f"\u201c{claim.printed}\u201d ({claim.place})"
    )
    ours = f"; here {row['shown']} {row['interval']}".rstrip() if row["shown"] else ""
    return f"{told}{ours}."


def _named(claim: Claim) -> str:
    return name(claim) if is_number(claim) else f"\u201c{claim.printed}\u201d"


def opening(
    title: str, name: str, pairs: list[tuple[Claim, Row]], groups: list[dict[str, Any]], counts: list[tuple[str, int]]
) -> dict[str, Any]:
    """Return the sentences of one study: contradicted and confirmed claims, and what the audit calls inconsistent."""
    found: dict[str, list[str]] = {"contradicted": [], "confirmed": []}
    for claim, row in pairs:
        kind = "confirmed" if row["verdict"] in CONFIRMED else row["verdict"]
        if kind in found:
            found[kind].append(sentence(claim, row))
    found["inconsistent"] = [_accused(group) for group in groups if group["outcome"] == "inconsistent"]
    found["inconsistent"] += [
        f"{printed} ({where(claim)}): {row['reason']}."
        for claim, row in pairs
        if claim.fact and row["verdict"] == "inconsistent as printed" and (printed := _named(claim))
    ]
    kinds = [(kind, found[kind]) for kind in ("inconsistent", "contradicted", "confirmed") if found[kind]]
    told = [{"heading": HEADINGS[kind], "sentences": all_[: MOST[kind]], "more": max(0, len(all_) - MOST[kind])} for kind, all_ in kinds]
    return {"name": name, "title": title, "counts": counts, "told": told}


def _accused(group: dict[str, Any]) -> str:
    """Say an inconsistency once, with the arithmetic of its first case and how many claims it concerns."""
    first = group["rows"][0]
    concerned = len({claim for row in group["rows"] for claim in row["claims"]})
    several = f" ({concerned} claims)" if concerned > 1 else ""
    own = f"{first['own']}: " if first["own"] else ""
    return f"{own}{group['sentence']}{several}: {first['arithmetic']}."


def sums(pages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return, for each kind of outcome that there is: its count, the verdicts in it and what is said of it."""
    found = []
    for words, one, many in SUMS:
        if count := sum(page["by_word"].get(word, 0) for page in pages for word in words):
            files = sum(page.get("by_files", {}).get(word, 0) for page in pages for word in words if word in DECIDED)
            aside = f", {'all' if files == count else files} by a released file alone, without a run" if files else ""
            found.append({"count": count, "verdicts": words, "told": (one if count == 1 else many) + aside})
    return found


def by_files(pairs: list[tuple[Claim, Row]]) -> Counter[str]:
    """Return how many claims of each verdict were decided by a setting, a count or a sentence of a released file."""
    facts = {claim.id for claim, _ in pairs if claim.fact}
    return Counter(row["verdict"] for claim, row in pairs if (claim.fact and not row["findings"]) or claim.restates in facts)


def summary(pages: list[dict[str, Any]]) -> list[str]:
    """Sum up a run in sentences: what came of the claims, and of which sources nothing is decided."""
    silent = [page["name"] for page in pages if page["total"] and not set(DECIDED) & page["by_word"].keys()]
    told = [f"{one['count']} {one['told']}." for one in sums(pages)]
    return [*told, f"Nothing is decided of {', '.join(silent)}."] if silent else told
