# make demo       environment, then reports for the example patients
# make test       environment if needed, then all tests (under 5 minutes)
# make test-full  also the long tests, and those on real data where it is present
# make properties the properties, with examples drawn anew: run it every night
# make coverage   which lines and branches the tests reach; part of make test-full
# make mutation   do the tests notice a changed rule? 30 minutes; writes docs/mutation.tsv
# make check      format, lint, types, curated tables
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: demo test test-full properties coverage mutation check clean
.DEFAULT_GOAL := demo

# The environment is made again only when the pinned versions or the project's metadata change.
$(READY): constraints.txt pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "make: $(PYTHON) not found: install Python 3.11 or later with venv and pip"; exit 2; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "make: $(PYTHON) is older than 3.11: set PYTHON to a later one"; exit 2; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "make: Python has no venv: install the package python3-venv"; exit 2; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt pip setuptools wheel hatchling editables
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt --no-build-isolation -e '.[all,test]'
	@touch $(READY)

demo: $(READY)
	@PATH="$(CURDIR)/$(BIN):$$PATH" snakemake --cores all --rerun-incomplete --quiet rules progress
	@echo
	@echo "Reports of the example patients:"
	@find results/reports -name '*.html' | sort | sed 's/^/  /'
	@echo "Tables over all of them:  results/cohort/"

test: $(READY)
	@PATH="$(CURDIR)/$(BIN):$$PATH" python -m pytest -q -n auto --dist worksteal -m "not slow"

test-full: $(READY)
	@PATH="$(CURDIR)/$(BIN):$$PATH" python -m pytest -q
	@$(MAKE) --no-print-directory coverage

properties: $(READY)
	@PATH="$(CURDIR)/$(BIN):$$PATH" python -m pytest -q -n auto -m hypothesis --hypothesis-profile=random

# The worker and the commands run in processes of their own, each of which writes a file.
coverage: $(READY)
	@rm -f .coverage .coverage.*
	@PATH="$(CURDIR)/$(BIN):$$PATH" python -m coverage run -m pytest -q -n auto --dist worksteal -m "not slow"
	@$(BIN)/coverage combine --quiet
	@$(BIN)/coverage report

mutation: $(READY)
	@PATH="$(CURDIR)/$(BIN):$$PATH" python -m tests.mutate --count 240 --write

check: $(READY)
	$(BIN)/ruff check src tests examples benchmarks
	$(BIN)/mypy
	$(BIN)/snakefmt --check Snakefile workflow
	$(BIN)/epilepsy-pgx reference check

clean:
	rm -rf results logs benchmarks/results .snakemake
