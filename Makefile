# The user's commands. Settings go in as FIDELITY=, MIRROR=, STUDIES=, CORES=, TORCH= (cpu, default, auto), PYTHON=, ALL=.
PYTHON ?= python3
CORES ?= all
export TORCH FIDELITY MIRROR STUDIES STUDY CORES ALL
# What was written after `make`, so that a misspelt name is named instead of ignored.
export GIVEN := $(foreach name,$(.VARIABLES),$(if $(filter command,$(origin $(name))),$(name)))
export GOALS := $(MAKECMDGOALS)
export PATH := $(CURDIR)/.venv/bin:$(PATH)

# The shell takes the values from the environment, quoted: a name can run nothing.
CONFIG = $${FIDELITY:+"fidelity=$$FIDELITY"} $${MIRROR:+"mirror=$$MIRROR"} $${STUDIES:+"studies=$$STUDIES"}
OPTIONS = $${FIDELITY:+--fidelity "$$FIDELITY"} $${MIRROR:+--mirror "$$MIRROR"} $${STUDIES:+--studies "$$STUDIES"}

.PHONY: tables audit test lint check accept pdf doctor clean clean-cache help

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

pdf: .setup  ## compile paper_tables/$(FIDELITY)/report.tex (needs pdflatex)
	@python -m harness.pdf $(OPTIONS)

doctor: .setup  ## is all here that a run needs? Versions, data, models, disk, locks; a line each
	@python -m harness.doctor $(OPTIONS)

clean: .setup  ## delete the results of FIDELITY=... (ALL=1: of all); what is encoded is kept
	@python lock.py results/.lock python -m harness.clean $${ALL:+--all} $(OPTIONS)

clean-cache: .setup  ## delete what is encoded, built and downloaded
	@python lock.py results/.lock python -m harness.clean --cache $(OPTIONS)

.PHONY: .variables .setup .setup-test
.variables:
	@$(PYTHON) variables.py
.setup: .variables
	@$(PYTHON) bootstrap.py
.setup-test: .variables
	@$(PYTHON) bootstrap.py dev mteb

help:  ## this list
	@grep -E '^[a-z-]+:.*##' Makefile | sed -E 's/:[^#]*##/\t/'
