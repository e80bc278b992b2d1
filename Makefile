# Every target sets up .venv when needed: `make run` and `make test` work on a fresh machine.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.DEFAULT_GOAL := help
# Short files last, so that neither process waits long for the other.
SLOW_FIRST := tests/workflows tests/api tests/faults tests/integrations tests/activities tests/lifecycle

.PHONY: help setup run demo test test-long check format bench clean

help: ## what each target does
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "make %-10s %s\n", $$1, $$2}'

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Undersigned needs Python 3.11 or newer; set PYTHON, as in: make $(MAKECMDGOALS) PYTHON=python3.12"; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[test]'
	@touch $@

setup: $(STAMP) ## .venv with the pinned dependencies and the project, editable

run: $(STAMP) ## Temporal, PostgreSQL, worker and API on this machine
	@exec $(BIN)/undersigned run

demo: $(STAMP) ## the whole story once, told on the terminal
	@$(BIN)/undersigned demo

test: $(STAMP) ## the whole test suite
	$(BIN)/pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder $(SLOW_FIRST)

test-long: $(STAMP) ## what takes many minutes: every sequence of commands, to depth 7; a storm of 1,000; clicks on 200 versions
	$(BIN)/pytest -m long --timeout 14400

test-slow: $(STAMP) ## many more random stories than `make test` tells, others each time
	UNDERSIGNED_STORIES=1000 $(BIN)/pytest --numprocesses 2 --dist loadfile --timeout 7200 tests/lifecycle/test_any_sequence_of_*.py

check: $(STAMP) ## lint, types, import direction
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(STAMP) ## write the formatting that check asks for
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(STAMP) ## the benchmarks, each beside its baseline
	@for script in benchmarks/*.py; do echo "== $$script"; $(BIN)/python $$script || exit 1; done
