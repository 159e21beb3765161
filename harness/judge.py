"""The judge stage: every claim of one study, joined to its scores and findings, becomes a row of verdicts.csv."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from harness.audits.finding import Finding
from harness.audits.finding import load as load_findings
from harness.config import Judgement
from harness.errors import stage
from harness.ledger.claims import Claim, ScoreRef
from harness.pages import verdict_rows
from harness.pages.display import Judged
from harness.studies import study
from harness.studies.command import parse
from harness.studies.study import Study
from harness.verdicts import join, ordering, words
from harness.verdicts.join import Unusable
from harness.verdicts.ordering import Ordering
from harness.verdicts.quantity import Quantity, Recompute
from harness.verdicts.resample import holm
from harness.verdicts.words import Sample, Verdict

Evidence = dict[str | None, Quantity] | Ordering | None  # by candidate score; None where nothing was recomputed


@dataclass(frozen=True)
class Brief:
    """What is known of a claim before the tests: an early verdict, or evidence and its raw p."""

    claim: Claim
    findings: tuple[Finding, ...]
    early: Verdict | None
    evidence: Evidence
    p: float | None


def judge(chosen: Study, scores: join.Scores, found: list[Finding], rules: Judgement) -> list[Judged]:
    """Judge every claim of a study, in the ledger's order; Holm's correction runs within each family."""
    recompute = Recompute(chosen.ledger, scores, rules, str(chosen.folder / "claims.yaml"))
    briefs = [brief(claim, recompute, found) for claim in chosen.ledger.claims]
    families: dict[str, list[int]] = defaultdict(list)
    for i, each in enumerate(briefs):
        if each.p is not None:
            families[each.claim.family or each.claim.id].append(i)
    adjusted: dict[int, float] = {}
    for members in families.values():
        adjusted |= dict(zip(members, holm([briefs[i].p or 0.0 for i in members]), strict=True))
    return [_decide(each, adjusted.get(i), recompute) for i, each in enumerate(briefs)]


def brief(claim: Claim, recompute: Recompute, found: list[Finding]) -> Brief:
    """Gather the evidence for one claim and the verdict that needs no test, if there is one."""
    mine = tuple(f for f in found if claim.key in f.claims and f.outcome in ("inconsistent", "caution"))
    early = words.before_statistics(claim, [f.statement for f in mine if f.outcome == "inconsistent"])
    if claim.beside:
        return Brief(claim, mine, early, _beside(claim, recompute), None)
    if claim.status == "predicted" or claim.untested:
        return Brief(claim, mine, early, None, None)
    try:
        evidence = _evidence(claim, recompute)
    except join.NotRun as reason:
        return Brief(claim, mine, early or words.not_run(str(reason)), None, None)
    except Unusable as reason:
        return Brief(claim, mine, early or words.unusable(str(reason)), None, None)
    one = evidence if isinstance(evidence, Ordering) else next(iter(evidence.values()))
    early = early or words.too_low(claim, one.data_fidelity, one.encoder_fidelity)
    p = one.p if isinstance(one, Ordering) else words.sign_p(claim, one)
    return Brief(claim, mine, early, evidence, None if early else p)


def _beside(claim: Claim, recompute: Recompute) -> Evidence:
    """Return what came out beside a prediction; None where it was not run. A prediction is never judged by it."""
    try:
        return {None: recompute.quantity(claim)}
    except (join.NotRun, Unusable):
        return None


def _evidence(claim: Claim, recompute: Recompute) -> dict[str | None, Quantity] | Ordering:
    if claim.order:
        return ordering.compare(claim, recompute)
    if claim.value is None:
        raise join.NotRun("words alone; no number and no order to test")
    metric = recompute.ledger.metrics.get(claim.metric or "")
    if metric and not metric.score and metric.candidates and not claim.arithmetic:
        return {score: recompute.quantity(claim, score) for score in metric.candidates}
    return {metric.score if metric else None: recompute.quantity(claim)}


def _decide(each: Brief, p: float | None, recompute: Recompute) -> Judged:
    rules, evidence = recompute.rules, each.evidence
    if isinstance(evidence, Ordering):
        return Judged(each.claim, each.early or words.of_ordering(evidence, p, rules), evidence, None, p, each.findings)
    if evidence is None:
        assert each.early
        return Judged(each.claim, each.early, None, None, None, each.findings)
    score, verdict = next(iter(evidence)), each.early
    if verdict is None:
        sample = _sample(each.claim, recompute)
        found = {str(name): words.of_size(each.claim, q, sample, p, rules) for name, q in evidence.items()}
        score, verdict = words.of_candidates(found) if len(found) > 1 else (score, next(iter(found.values())))
    return Judged(each.claim, verdict, evidence[score], score, p, each.findings)


def _sample(claim: Claim, recompute: Recompute) -> Sample:
    metric = recompute.ledger.metrics.get(claim.metric or "")
    known = [claim.n] if claim.n else [c.n for c in recompute.ledger.claims if claim.arithmetic and c.id in claim.arithmetic.of]
    return Sample(min((n for n in known if n), default=None), bool(metric and metric.step == 1))


def sources(chosen: Study) -> list[str]:
    """Return the study and every other one whose scores its orderings name."""
    sides = [side for claim in chosen.ledger.claims for tier in claim.order or [] for side in tier]
    return list(dict.fromkeys([chosen.name, *(s.study for s in sides if isinstance(s, ScoreRef) and s.study)]))


def main() -> None:
    """`python -m harness.judge --study S`: judge the claims of one study at this fidelity."""
    arguments, config = parse(main.__doc__ or "", "study")
    chosen = study.select(config.model_copy(update={"studies": arguments.study}))[0]
    judged = judge(chosen, join.load(sources(chosen), config), load_findings(config.folder / "findings.csv"), config.judgement)
    verdict_rows.write(config.folder / chosen.name / "verdicts.csv", judged, config)


if __name__ == "__main__":
    stage(main)
