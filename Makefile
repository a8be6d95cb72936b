# make demo       environment, then reports for the example patients
# make test       environment if needed, then `make check` and all tests but the long ones
# make test-full  also the long tests, and those on real data where it is present; leaves a line
#                 in docs/receipts.tsv if the files are those of a commit
# make properties the properties, with all their examples, drawn anew: run it every night
# make coverage   which lines and branches the tests reach; part of make test-full
# make mutation   do the tests notice a changed rule? 30 minutes; writes docs/mutation.tsv
# make site       the documentation as pages, into site/
# make check      format, lint, types, workflow, curated tables; every fault of them at once
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
START := $(shell date +%s)

MULTIQC := .multiqc/.ready

CODE := src tests examples benchmarks release
CHECKS := check-format check-code check-types check-snakefiles check-workflow check-tables

QUICK := not slow and not realdata

export PYTHONPYCACHEPREFIX := $(CURDIR)/$(VENV)/compiled
export PYTHONDONTWRITEBYTECODE :=

.PHONY: demo test test-full properties coverage mutation site check $(CHECKS) clean
.DEFAULT_GOAL := demo

# The environment is made again only when the pinned versions or the project's metadata change.
# Modules are compiled when they are first imported: most of what is installed never is. They are
# kept in the environment, also where the shell keeps them from being written beside the sources:
# many tests start a program.
$(READY): constraints.txt pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "make: $(PYTHON) not found: install Python 3.11 or later with venv and pip"; exit 2; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "make: $(PYTHON) is older than 3.11: set PYTHON to a later one"; exit 2; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "make: Python has no venv: install the package python3-venv"; exit 2; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --no-compile --quiet --disable-pip-version-check -c constraints.txt pip setuptools wheel hatchling editables
	$(BIN)/python -m pip install --no-compile --quiet --disable-pip-version-check -c constraints.txt --no-build-isolation -e '.[all,test]'
	@touch $(READY)
	@echo "The environment took $$(($$(date +%s) - $(START))) seconds."

# MultiQC, in an environment of its own: it brings more than all else here. Its test is skipped
# without it. The list leaves out what MultiQC needs only for static pictures and for chat.
$(MULTIQC): tests/multiqc.txt
	$(PYTHON) -m venv .multiqc
	.multiqc/bin/python -m pip install --no-compile --quiet --disable-pip-version-check --no-deps -r tests/multiqc.txt
	@touch $(MULTIQC)

demo: $(READY)
	@start=$$(date +%s); PATH="$(CURDIR)/$(BIN):$$PATH" epilepsy-pgx workflow -- --cores all --quiet rules progress \
	  && echo && echo "The demo took $$(($$(date +%s) - start)) seconds."
	@echo "Reports of the example patients:"
	@find results/reports -name '*.html' | sort | sed 's/^/  /'
	@echo "Tables over all of them:  results/cohort/"

test: check
	@PATH="$(CURDIR)/$(BIN):$$PATH" python -m pytest -q -n auto --dist worksteal -m "$(QUICK)"

test-full: $(READY) $(MULTIQC)
	@PATH="$(CURDIR)/$(BIN):$$PATH" python -m pytest -q -n auto --dist worksteal -p tests.receipt --hypothesis-profile=full
	@$(MAKE) --no-print-directory coverage

properties: $(READY)
	@PATH="$(CURDIR)/$(BIN):$$PATH" python -m pytest -q -n auto -m hypothesis --hypothesis-profile=random

# The worker and the commands run in processes of their own, each of which writes a file.
coverage: $(READY)
	@rm -f .coverage .coverage.*
	@PATH="$(CURDIR)/$(BIN):$$PATH" python -m coverage run -m pytest -q -n auto --dist worksteal -m "$(QUICK)"
	@$(BIN)/coverage combine --quiet
	@$(BIN)/coverage report

mutation: $(READY)
	@PATH="$(CURDIR)/$(BIN):$$PATH" python -m tests.mutate --count 800 --write

site: $(READY)
	$(BIN)/mkdocs build --quiet

# Goes on after a failure, so that one run shows what all of them find.
check: $(READY)
	@$(MAKE) --no-print-directory --keep-going --output-sync=target -j2 $(CHECKS)

check-format: $(READY)
	$(BIN)/ruff format --quiet --check $(CODE)

check-code: $(READY)
	$(BIN)/ruff check --quiet $(CODE)

check-types: $(READY)
	$(BIN)/mypy

check-snakefiles: $(READY)
	$(BIN)/snakefmt --check Snakefile workflow

check-workflow: $(READY)
	PATH="$(CURDIR)/$(BIN):$$PATH" snakemake --lint

check-tables: $(READY)
	$(BIN)/epilepsy-pgx reference check

clean:
	rm -rf results logs benchmarks/results .snakemake
