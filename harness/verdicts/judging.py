"""Judging: every claim of one study, joined to its scores and findings, becomes a word and its reason."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from harness.audits.finding import Finding
from harness.config import Judgement
from harness.errors import InputError
from harness.ledger.claims import Claim
from harness.studies.study import Study
from harness.verdicts import effects, facts, join, ordering, resample, stand_in, words
from harness.verdicts import evidence as evidences
from harness.verdicts import size as sizes
from harness.verdicts.effects import Effect
from harness.verdicts.formula import ORIGIN
from harness.verdicts.join import Unusable
from harness.verdicts.ordering import Ordering
from harness.verdicts.print_error import Sample
from harness.verdicts.quantity import Quantity, Recompute
from harness.verdicts.size import Size
from harness.verdicts.words import UNJUDGED, Family, Verdict

Evidence = dict[str | None, Quantity] | Ordering | None  # by candidate score; None where nothing was recomputed


@dataclass(frozen=True)
class Judged:
    """A claim with its verdict and the evidence for it; `evidence` is None where nothing was recomputed.

    `bayes`: how much likelier our effect is if the printed one holds than if there is none; None where n is not known.
    """

    claim: Claim
    verdict: Verdict
    evidence: Quantity | Ordering | None
    score: str | None
    p: float | None
    findings: tuple[Finding, ...]
    bayes: float | None = None
    effect: Effect = field(default_factory=Effect)
    fact: str | None = None  # what a public file has in the claim's place, where no run is needed


@dataclass(frozen=True)
class Brief:
    """What is known of a claim before the tests: an early verdict, or evidence, the raw p of its sign or order, and its sizes."""

    claim: Claim
    findings: tuple[Finding, ...]
    early: Verdict | None
    evidence: Evidence
    p: float | None
    sizes: Mapping[str | None, Size]
    fact: str | None = None  # what a public file has in the claim's place
    swayed: str = ""  # how much the stand-in for its training data can move it, where that is too little to matter

    @property
    def beyond(self) -> float | None:
        """The raw p of 'beyond the margin', where that is a test: one meaning, and something that varies."""
        if self.early or len(self.sizes) != 1:
            return None
        (size,) = self.sizes.values()
        return None if size.lacking or size.sure else size.beyond


def judge(chosen: Study, scores: join.Scores, found: list[Finding], rules: Judgement) -> list[Judged]:
    """Judge every claim of a study, in the ledger's order; Holm's correction runs within each family.

    Signs and orders: the claims that name one family. Margins: these too, and all claims of one document that name none.
    """
    sizes_of = Counter(claim.family or claim.id for claim in chosen.ledger.claims if _has_sign(claim))
    flips = resample.enough(rules.permutations, max(sizes_of.values(), default=1), rules.alpha)
    rules = rules.model_copy(update={"permutations": flips})
    recompute = Recompute(chosen.ledger, scores, rules, str(chosen.folder / "claims.yaml"))
    named: dict[str, list[Finding]] = defaultdict(list)
    for one in found:
        for key in dict.fromkeys(one.claims):
            named[key].append(one)
    briefs = [brief(claim, recompute, named[claim.key]) for claim in chosen.ledger.claims]
    signs = _families([(each.claim.family or each.claim.id, each.p) for each in briefs])
    beyond = _families([(each.claim.family or f"document {each.claim.document}", each.beyond) for each in briefs])
    decided = _restated([_decide(*each, recompute) for each in zip(briefs, signs, beyond, strict=True)])
    return [replace(each, effect=effects.of(each.claim, recompute)) if _compared(each) else each for each in decided]


def _restated(decided: list[Judged]) -> list[Judged]:
    """Give every claim that only repeats another one that one's verdict and evidence."""
    known = {each.claim.id: each for each in decided}
    found = []
    for each in decided:
        other = known.get(each.claim.restates or "")
        same = facts.restated(each.claim, other.claim, other.verdict) if other and each.verdict.word == "not run" else None
        found.append(replace(other, claim=each.claim, verdict=same, findings=each.findings, bayes=None) if other and same else each)
    return found


def _compared(each: Judged) -> bool:
    """Say whether a printed gain may stand beside ours: where both are there, and the printed one is not asked about."""
    return each.evidence is not None and (each.verdict.word not in UNJUDGED or each.verdict.word == "not decidable here")


def _has_sign(claim: Claim) -> bool:
    return bool(claim.order or (claim.arithmetic and claim.arithmetic.op in ORIGIN))


def _families(tests: list[tuple[str, float | None]]) -> list[Family]:
    """Return each test's p after Holm's correction in its family, and how many tests that has."""
    members: dict[str, list[int]] = defaultdict(list)
    for i, (name, p) in enumerate(tests):
        if p is not None:
            members[name].append(i)
    adjusted: dict[int, float] = {}
    for family in members.values():
        adjusted |= dict(zip(family, resample.holm([tests[i][1] or 0.0 for i in family]), strict=True))
    return [Family(adjusted.get(i), max(1, len(members[name]))) for i, (name, _) in enumerate(tests)]


def brief(claim: Claim, recompute: Recompute, found: list[Finding]) -> Brief:
    """Gather the evidence for one claim, with the findings that name it, and the verdict that needs no test, if there is one."""
    mine = tuple(f for f in found if f.outcome in ("inconsistent", "caution"))
    early = words.before_statistics(claim, [f.statement for f in mine if f.outcome == "inconsistent"])
    if claim.fact and not early:
        value = facts.told(claim, recompute.scores, f"{recompute.path}: entry '{claim.id}'")
        return Brief(claim, mine, facts.judge(claim, value), None, None, {}, value)
    if claim.beside:
        return Brief(claim, mine, early, _beside(claim, recompute), None, {})
    if claim.status == "predicted" or claim.untested:
        return Brief(claim, mine, early, None, None, {})
    if claim.out_of_reach:
        return Brief(claim, mine, early, _unjudged(claim, recompute), None, {})
    try:
        evidence = _evidence(claim, recompute)
    except join.NotRun as reason:
        return Brief(claim, mine, early or words.not_run(reason), None, None, {})
    except Unusable as reason:
        return Brief(claim, mine, early or words.unusable(str(reason)), None, None, {})
    one = evidence if isinstance(evidence, Ordering) else next(iter(evidence.values()))
    swayed = ""
    if early is None and (lacking := words.too_low(claim, one.fidelity)):
        early, swayed = _swayed(claim, evidence, lacking, recompute)
    if early:
        return Brief(claim, mine, early, evidence, None, {})
    if isinstance(evidence, Ordering):
        return Brief(claim, mine, None, evidence, evidence.p, {})
    asked = [f.statement for f in mine if f.asks_for_unit] + words.hundredfold(claim, [q.value for q in evidence.values()])
    if early := words.not_a_value(claim, asked):
        return Brief(claim, mine, early, evidence, None, {})
    sample, rules = _sample(claim, recompute), recompute.rules
    held = {name: sizes.of(claim, quantity, sample, rules) for name, quantity in evidence.items()}
    effect = next(iter(evidence.values())).effect
    return Brief(claim, mine, None, evidence, effect.tested(rules).p if effect else None, held, swayed=swayed)


def _swayed(claim: Claim, evidence: Evidence, lacking: Verdict, recompute: Recompute) -> tuple[Verdict | None, str]:
    """Return whether a claim that lacks the source's own training data stays undecided, and what is said if it does not."""
    assert isinstance(evidence, dict | Ordering)
    if isinstance(evidence, Ordering) or len(evidence) != 1 or claim.margin is None:
        return lacking, ""
    ((score, quantity),) = evidence.items()
    if quantity.fidelity.below(words.needed(claim)) != ["training"]:
        return lacking, ""
    try:
        sway = stand_in.of(claim, score, recompute)
    except stand_in.Unmeasured as reason:
        return replace(lacking, reason=f"{lacking.reason}; {reason}"), ""
    if sway.decides(claim.margin.value):
        return None, sway.told(claim.unit)
    told = f"over {len(sway.values)} training sets it moves by {sway.spread:.4g}, not below a third of the margin {claim.margin.value:g}"
    return replace(lacking, reason=f"{lacking.reason}; {told}"), ""


def _beside(claim: Claim, recompute: Recompute) -> Evidence:
    """Return what came out beside a prediction; None where it was not run. A prediction is never judged by it."""
    try:
        return {None: recompute.quantity(claim)}
    except (join.NotRun, Unusable):
        return None


def _unjudged(claim: Claim, recompute: Recompute) -> Evidence:
    """Return what came out of a run for a claim that no run can decide, to stand beside it; None where nothing did."""
    try:
        return _evidence(claim, recompute)
    except (join.NotRun, Unusable, InputError):  # such a claim need not name what is run
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


def _decide(each: Brief, signs: Family, beyond: Family, recompute: Recompute) -> Judged:
    rules, evidence, claim = recompute.rules, each.evidence, each.claim
    if evidence is None:
        assert each.early
        return Judged(claim, each.early, None, None, None, each.findings, fact=each.fact)
    if isinstance(evidence, Ordering):
        margin = claim.margin.value if claim.margin else 0.0
        verdict = each.early or words.of_ordering(evidence, signs, rules, margin)
        return Judged(claim, verdict, evidence, None, signs.p, each.findings, _bayes(each, evidence, recompute))
    score, judged = next(iter(evidence)), each.early
    if judged is None:
        found = {str(name): _sized(each, name, signs, beyond, rules) for name in evidence}
        score, judged = words.of_candidates(found) if len(found) > 1 else (score, next(iter(found.values())))
    shown = evidence[score]
    if each.swayed:
        judged = replace(judged, reason=f"{judged.reason}; {each.swayed}")
    return Judged(claim, judged, shown, score, signs.p, each.findings, _bayes(each, shown, recompute))


def _sized(each: Brief, name: str | None, signs: Family, beyond: Family, rules: Judgement) -> Verdict:
    """Judge one meaning of a number; several meanings are each tested alone, for none of them is accused by itself."""
    assert isinstance(each.evidence, dict)
    size = each.sizes[name]
    family = beyond if beyond.p is not None else Family(size.beyond)
    mde = sizes.detectable(size, each.claim, rules, family.tests)
    return words.of_size(each.claim, each.evidence[name], size, signs, mde, family, rules)


def _bayes(each: Brief, evidence: Quantity | Ordering, recompute: Recompute) -> float | None:
    """Return the replication Bayes factor of what was judged to be an effect, one pair of it."""
    printed = None if each.early else evidences.printed_effect(each.claim, recompute.known)
    if printed is None:
        return None
    if isinstance(evidence, Ordering):
        return evidences.of_effect(evidence.weakest.apart, *printed) if len(evidence.pairs) == 1 else None
    return evidences.of_effect(evidence.estimate, *printed)


def _sample(claim: Claim, recompute: Recompute) -> Sample:
    metric = recompute.ledger.metrics.get(claim.metric or "")
    parts = claim.arithmetic.of if claim.arithmetic else []
    known = [claim.n] if claim.n else [recompute.known[part].n for part in parts if part in recompute.known]
    return Sample(min((n for n in known if n), default=None), metric.orientation if metric else "none")
