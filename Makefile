# The user's commands. Settings go in as FIDELITY=, MIRROR=, STUDIES=, CORES=, TORCH= (cpu, default, auto), PYTHON=.
PYTHON ?= python3
CORES ?= all
export TORCH FIDELITY MIRROR STUDIES STUDY CORES
export PATH := $(CURDIR)/.venv/bin:$(PATH)

# The shell takes the values from the environment, quoted: a name can run nothing.
CONFIG = $${FIDELITY:+"fidelity=$$FIDELITY"} $${MIRROR:+"mirror=$$MIRROR"} $${STUDIES:+"studies=$$STUDIES"}
OPTIONS = $${FIDELITY:+--fidelity "$$FIDELITY"} $${MIRROR:+--mirror "$$MIRROR"} $${STUDIES:+--studies "$$STUDIES"}

.PHONY: tables audit test lint check accept pdf help

tables: .setup  ## run everything at the default fidelity and render the tables
	@set -- $(CONFIG); PYTHONPATH="$(CURDIR)" python lock.py results/.lock \
	  snakemake --nolock --cores "$$CORES" --quiet all --logger progress $${1:+--config "$$@"}

audit: .setup  ## check the printed numbers against one another: no model, seconds
	@python -m harness.audit $(OPTIONS)

test: .setup-test  ## lint, types and tests
	@ruff check . && mypy && python -m pytest

lint: .setup-test  ## lint and types alone
	@ruff check . && mypy

check: .setup  ## compare the last run with the accepted scores; fails on any difference
	@python -m harness.check $(OPTIONS)

accept: .setup  ## STUDY=... FIDELITY=...: show the differences, then accept the last run's scores
	@: "$${STUDY:?is missing; say which: make accept STUDY=minilm FIDELITY=embedded}"; python -m harness.accept --study "$$STUDY" $(OPTIONS)

pdf:  ## compile paper_tables/$(FIDELITY)/report.tex (needs pdflatex)
	@cd "paper_tables/$${FIDELITY:-embedded}" && pdflatex -interaction=nonstopmode -halt-on-error report.tex > report.out \
	  && pdflatex -interaction=nonstopmode -halt-on-error report.tex > report.out && rm -f report.out report.aux report.log

.PHONY: .setup .setup-test
.setup:
	@$(PYTHON) bootstrap.py
.setup-test:
	@$(PYTHON) bootstrap.py dev mteb

help:  ## this list
	@grep -E '^[a-z]+:.*##' Makefile | sed -E 's/:[^#]*##/\t/'
