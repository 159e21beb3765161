# The whole workflow: fetch (before any job), build, encode, fit, rank, score, audit, judge, compare, agree, forensics, draw, table, render.
# Generic over studies; it names no paper. No input is `ancient`: Snakemake does not look at the settings of a job below one that is to be made anew.
import hashlib
import json
import os
import re
import sys
from functools import cache
from pathlib import Path

from snakemake.settings.types import DeploymentMethod

sys.path.insert(0, workflow.basedir)
# Jobs import the harness that stands beside this Snakefile, whatever folder they run in. It is said in their own shell:
# Snakemake takes the variable from jobs in a conda environment.
shell.prefix("set -euo pipefail; export PYTHONPATH={workflow.basedir:q}${{PYTHONPATH:+:$PYTHONPATH}}; ")
# The python that runs Snakemake is the jobs' too; the activation of a conda environment goes before it, but only where conda
# thinks that none is active: else the new one takes the old one's place on the path, which may be behind this python.
os.environ.update(PATH=os.pathsep.join([os.path.dirname(sys.executable), os.environ.get("PATH", os.defpath)]))
os.environ.pop("CONDA_SHLVL", None)
# glibc otherwise hands each batch's memory back and faults it in again, in small pages: encoding is about a quarter faster so,
# training a tenth.
os.environ.setdefault("GLIBC_TUNABLES", "glibc.malloc.hugetlb=1")
os.environ.setdefault("MALLOC_TRIM_THRESHOLD_", "4000000000")
os.environ.setdefault("MALLOC_MMAP_THRESHOLD_", "4000000000")
# Jobs side by side have more threads than there are cores: one that waits must not spin where another could work.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

from harness import config as settings
from harness import forkserver, places
from harness.errors import InputError
from harness.studies import audited, code, fallback, held, marks, models, plan, prints, reads, study, written as studies


configfile: "config.yaml"


report: "docs/captions/workflow.rst"


# The settings, for the shell of every job: as a param they would make all jobs stale when one key changes.
os.environ.update(WORKBENCH_CONFIG=json.dumps(config, sort_keys=True))


@cache
def print_of(study, group, seed):
    return prints.of(STUDIES[study], JOBS[study, group, seed], CONFIG, KNOWN)


try:
    CONFIG = settings.load(Path.cwd(), config)
    if workflow.is_main_process:  # the jobs of a cluster go by what this one has found
        fallback.decide(CONFIG)
    KNOWN = plan.known_of(CONFIG)
    STUDIES = {s.name: s for s in studies.select(CONFIG)}
    ENCODE = {job.name: job for job in plan.encode_jobs(list(STUDIES.values()), CONFIG)}
    JOBS = {(j.study, j.group, str(j.seed)): j for j in plan.jobs(list(STUDIES.values()), CONFIG)}
    if workflow.is_main_process:
        marks.forget(ENCODE.values(), JOBS.values(), CONFIG)
        for key in JOBS:  # one that cannot be worked out is told before anything runs; a job of a cluster asks for its own alone
            print_of(*key)
except InputError as error:
    sys.exit(f"error: {error}")

FETCHED = {"build", "encode", "fit", "rank", "score", "agree"}  # rules whose jobs read collections and models
# A stage runs again when the harness code behind its result changes; training only when its method or settings do.
CODE = {stage: code.digest(stage) for stage in ("audit", "judge", "compare", "agree", "forensics", "draw", "table", "render")}
OUT = f"{CONFIG.results}/{CONFIG.fidelity}"
LOGS = f"{OUT}/logs"  # what a job and the libraries that it uses say
WHOLE = places.whole(CONFIG)
PAGE = places.shown(places.summary(CONFIG), CONFIG.root)  # a run of some studies replaces nothing that is told of all
OVER = f"paper_tables/{CONFIG.fidelity}" if WHOLE else PAGE
TABLES = {name: f"{places.shown(places.tables(s.folder, CONFIG), CONFIG.root)}/{name}.tex" for name, s in STUDIES.items()}
LEDGERS = [places.shown(path / "claims.yaml", CONFIG.root) for path in study.folders(CONFIG).values()]


def command(stage, options=""):
    """A stage as a command; all that it says goes into its log."""
    return f'python -m harness.job {stage} {options} --root . --config "$WORKBENCH_CONFIG" > {{log:q}} 2>&1'


def environment():
    """The conda environment of the jobs with --use-conda, else none."""
    used = DeploymentMethod.CONDA in workflow.deployment_settings.deployment_method
    return next((env.address for env in workflow.dag.conda_envs.values()), None) if used else None


def job(wildcards):
    return JOBS[wildcards.study, wildcards.group, wildcards.seed]


def built(planned):
    return [f"{OUT}/build/{name}.json" for name in planned.builds]


def materials(wildcards):
    """Built models and frozen vectors come first."""
    return built(job(wildcards)) + [f"{OUT}/encode/{name}.json" for name in job(wildcards).encoders]


def fitted(wildcards):
    return [f"{OUT}/{{study}}/{{group}}/{{seed}}/fit"] if job(wildcards).fits else []


def has(name, part):
    return STUDIES[name].experiment and getattr(STUDIES[name].experiment, part)


def content(*paths):
    """Digest of what files hold: their times say little where a clock was wrong, or a copy kept them."""
    return hashlib.sha256(b"\0".join(Path(path).read_bytes() for path in paths)).hexdigest()[:16]


def parts(name):
    """What a study's tables and its part of the page are made of, in its folder of results."""
    optional = {"agreement.json": "seeds", "pictures.json": "pictures", "forensics.json": "forensics"}
    compared = ["comparisons.json"] if has(name, "compare") or has(name, "contrasts") else []
    return ["verdicts.csv", *compared, *(file for file, part in optional.items() if has(name, part))]


def named(paths):
    return [places.shown(path, CONFIG.root) for path in paths]


@cache
def ledgers():
    return audited.read_all(STUDIES, CONFIG)


# What each small stage reads of what is written: an edit of anything else runs none of them again.
READ = {
    "judge": lambda w: named(reads.judge(STUDIES[w.study], ledgers(), KNOWN)),
    "compare": lambda w: named(reads.compare(STUDIES[w.study], CONFIG, KNOWN)),
    "forensics": lambda w: named(reads.forensics(STUDIES[w.study])),
    "draw": lambda w: named(reads.draw(STUDIES[w.study])),
}


def scores_of(name):
    return [f"{OUT}/{s}/{g}/{n}/scores.parquet" for s, g, n in JOBS if s == name]


def scores(wildcards):
    return scores_of(wildcards.study)


def judged(wildcards):
    """The scores of a study, and of those that its orderings name."""
    return [path for name in reads.sources(STUDIES[wildcards.study]) for path in scores_of(name)]


OF_STUDY = "--study {wildcards.study:q}"
OF_JOB = f"{OF_STUDY} --group {{wildcards.group:q}} --seed {{wildcards.seed:q}}"


wildcard_constraints:
    study="[^/]+",
    group="[^/]+",
    seed="[0-9]+",


localrules:  # on a cluster: seconds each, and a queue takes longer
    all,
    scored,
    audit,
    judge,
    compare,
    agree,
    forensics,
    draw,
    table,
    render,


rule all:
    input:
        f"{PAGE}/report.html",
        [f"{OUT}/{s}/{g}/{n}/{part}" for s, g, n in JOBS for part in ("rank", "scores.parquet")],  # one that was deleted is made again


rule scored:  # what `make conditioning` and `make check-portable` need: no claim is judged, no table touched
    input:
        [f"{OUT}/{s}/{g}/{n}/scores.parquet" for s, g, n in JOBS],


rule build:
    output:
        f"{OUT}/build/{{model}}.json",
    log:
        f"{LOGS}/build/{{model}}.log",
    conda:
        "envs/workbench.yaml"
    threads: lambda w: workflow.cores or 1
    params:
        recipe=lambda w: models.digest(w.model, CONFIG),
    shell:
        command("build", "--model {wildcards.model:q}")


rule encode:
    input:
        lambda w: built(ENCODE[w.name]),
    output:
        f"{OUT}/encode/{{name}}.json",
    log:
        f"{LOGS}/encode/{{name}}.log",
    conda:
        "envs/workbench.yaml"
    threads: lambda w: workflow.cores or 1
    resources:
        gpu=1,
    params:
        job=lambda w: plan.encoded(ENCODE[w.name], CONFIG, KNOWN),
    shell:
        command("encode", "--job {wildcards.name:q}")


rule fit:
    input:
        materials,
    output:
        directory(f"{OUT}/{{study}}/{{group}}/{{seed}}/fit"),
    log:
        f"{LOGS}/fit/{{study}}/{{group}}/{{seed}}.log",
    conda:
        "envs/workbench.yaml"
    params:
        job=lambda w: print_of(w.study, w.group, w.seed)["fit"],
    shell:
        command("fit", OF_JOB)


rule rank:
    input:
        materials,
        fitted,
    output:
        directory(f"{OUT}/{{study}}/{{group}}/{{seed}}/rank"),
    log:
        f"{LOGS}/rank/{{study}}/{{group}}/{{seed}}.log",
    conda:
        "envs/workbench.yaml"
    params:
        job=lambda w: print_of(w.study, w.group, w.seed)["rank"],
    shell:
        command("rank", OF_JOB)


rule score:
    input:
        f"{OUT}/{{study}}/{{group}}/{{seed}}/rank",
    output:
        f"{OUT}/{{study}}/{{group}}/{{seed}}/scores.parquet",
    log:
        f"{LOGS}/score/{{study}}/{{group}}/{{seed}}.log",
    conda:
        "envs/workbench.yaml"
    params:
        job=lambda w: print_of(w.study, w.group, w.seed)["score"],
    shell:
        command("score", OF_JOB)


rule audit:
    input:
        LEDGERS,
    output:
        report(f"{OUT}/findings.csv", caption="docs/captions/audit.rst", category="Audit"),
    log:
        f"{LOGS}/audit.log",
    conda:
        "envs/workbench.yaml"
    params:
        settings=[CONFIG.mirror, CONFIG.studies, CODE["audit"], content(*LEDGERS), reads.names(STUDIES.values())],
    shell:
        command("audit", "--output {output:q}")


rule judge:
    input:
        judged,
        READ["judge"],
    output:
        report(
            f"{OUT}/{{study}}/verdicts.csv",
            caption="docs/captions/verdicts.rst",
            category="Verdicts",
            labels={"study": "{study}"},
        ),
    log:
        f"{LOGS}/judge/{{study}}.log",
    conda:
        "envs/workbench.yaml"
    params:
        rules=lambda w: str(CONFIG.judgement) + CODE["judge"] + content(*READ["judge"](w)),
    shell:
        command("judge", OF_STUDY)


rule compare:
    input:
        scores,
        READ["compare"],
    output:
        f"{OUT}/{{study}}/comparisons.json",
        f"{OUT}/{{study}}/contrasts.json",
    log:
        f"{LOGS}/compare/{{study}}.log",
    conda:
        "envs/workbench.yaml"
    params:
        rules=lambda w: str(CONFIG.judgement) + CODE["compare"] + content(*READ["compare"](w)),
    shell:
        command("compare", OF_STUDY)


rule agree:
    input:
        scores,
        lambda w: named(STUDIES[w.study].folder / file for file in ("experiment.yaml", *STUDIES[w.study].released)),
    output:
        f"{OUT}/{{study}}/agreement.json",
    log:
        f"{LOGS}/agree/{{study}}.log",
    conda:
        "envs/workbench.yaml"
    params:
        code=lambda w, input: CODE["agree"] + content(*(path for path in input if not path.endswith(".parquet"))),
    shell:
        command("agree", OF_STUDY)


rule forensics:
    input:
        scores,
        READ["forensics"],
    output:
        f"{OUT}/{{study}}/forensics.json",
    log:
        f"{LOGS}/forensics/{{study}}.log",
    conda:
        "envs/workbench.yaml"
    params:
        rules=lambda w: str(CONFIG.judgement) + CODE["forensics"] + content(*READ["forensics"](w)),
    shell:
        command("forensics", OF_STUDY)


rule draw:
    input:
        scores,
        lambda w: [f"{OUT}/{w.study}/verdicts.csv"] if reads.shows_verdicts(STUDIES[w.study]) else [],
        READ["draw"],
    output:
        f"{OUT}/{{study}}/pictures.json",
    log:
        f"{LOGS}/draw/{{study}}.log",
    conda:
        "envs/workbench.yaml"
    params:
        code=lambda w: CODE["draw"] + content(*READ["draw"](w)),
    shell:
        command("draw", OF_STUDY)


rule table:  # of each study as soon as it is judged; render tells of all together
    input:
        lambda w: [f"{OUT}/{w.study}/{part}" for part in parts(w.study)],
    output:
        report(
            "{home}/{study}.tex",
            caption="docs/captions/tables.rst",
            category="Tables",
            labels={"study": "{study}"},
        ),
    log:
        f"{LOGS}/table/{{home}}/{{study}}.log",
    wildcard_constraints:
        home="|".join(re.escape(os.path.dirname(path)) for path in TABLES.values()),
        study="|".join(map(re.escape, TABLES)),
    conda:
        "envs/workbench.yaml"
    params:
        code=CODE["table"],
    shell:
        command("table", OF_STUDY)


rule render:
    input:
        [f"{OUT}/{name}/{part}" for name in STUDIES for part in parts(name)],
        list(TABLES.values()),
        f"{OUT}/findings.csv",
    output:
        report(f"{PAGE}/report.html", caption="docs/captions/page.rst", category="Page"),
        f"{OVER}/audit.tex",
        f"{OVER}/report.tex",
    log:
        f"{LOGS}/render.log",
    conda:
        "envs/workbench.yaml"
    params:
        code=CODE["render"],
    shell:
        command("render")


rule selftest:  # on demand: snakemake selftest
    output:
        "paper_tables/selftest/rates.csv",
        "paper_tables/selftest/rates.svg",
    log:
        "results/logs/selftest.log",
    conda:
        "envs/workbench.yaml"
    shell:
        command("selftest")


IN_USE = []  # an open file: until the run ends nobody clears the cache


onstart:  # on this machine, which has the network where others of a cluster may not; judging and drawing need no material
    IN_USE.append(held.hold(CONFIG))
    if not Path(OUT, "assets.json").is_file() or {job.rule.name for job in workflow.dag.needrun_jobs()} & FETCHED:
        shell(
            """mkdir -p {LOGS:q}
            python -m harness.fetch --root . --config "$WORKBENCH_CONFIG" > {LOGS:q}/fetch.log 2>&1 || {{ tail -n 12 {LOGS:q}/fetch.log >&2; exit 1; }}""",
            conda_env=environment(),
        )
    if workflow.local_exec and not environment():
        forkserver.start(len(list(workflow.dag.needrun_jobs())), os.environ, Path(LOGS, "forkserver.log"))


onsuccess:
    for opened in filter(None, IN_USE):
        opened.close()
    if said := held.trim(CONFIG, marks.in_use(ENCODE.values(), JOBS.values(), CONFIG)):
        print(said)
    if Path(PAGE, "report.html").exists():
        # Here, where the ledgers are at hand: a process of its own would load and read everything again.
        from harness import summary

        try:
            print(summary.of_run(list(STUDIES.values()), CONFIG))
        except InputError as error:
            sys.exit(f"error: {error}")
