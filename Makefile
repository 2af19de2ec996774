# Muniment. `make help` lists the targets; T= narrows the tests (make test T=tests/ledger).
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
CONSOLE := api/static/index.html
SOURCES := $(wildcard console/*.* console/src/* console/src/*/* console/src/*/*/* console/src/*/*/*/*) api/openapi.json
T ?= tests
# Each process takes neighbours, so that what a module sets up is set up once, and takes over from the other at the end.
SIDE_BY_SIDE := -n 2 --dist worksteal
ARGS ?=
COVERING := tests/ledger tests/rbac tests/governance tests/versioning tests/orchestrator tests/evidence tests/api

.PHONY: help demo setup console test test-long test-walks coverage check bench openapi golden docs clean

help: ## list the targets
	@grep -E '^[a-z-]+:.*## ' Makefile | sed 's/:.*## /\t/' | expand -t 12

demo: setup ## a running organisation with demo data (ARGS="--port 9000")
	@$(BIN)/muniment demo $(ARGS)

setup: $(STAMP) $(CONSOLE) ## the virtual environment with locked dependencies, and the built console

console: $(CONSOLE) ## the console, built into api/static

test: setup ## every test, PostgreSQL included; ends with what ran and what was skipped
	@$(BIN)/python -m pytest $(SIDE_BY_SIDE) $(T)

test-long: setup ## the long campaigns as well
	@$(BIN)/python -m pytest $(SIDE_BY_SIDE) --run-long $(T)

test-walks: setup ## what people do by keyboard alone, with the steps printed
	@$(BIN)/python -m pytest -q -s tests/console/test_walks.py

coverage: $(STAMP) ## lines of the pure modules that the tests run; below 95 % of a group it fails
	@mkdir -p build
	@$(BIN)/python -m pytest $(SIDE_BY_SIDE) --cov --cov-report=json:build/coverage.json --cov-report= $(COVERING)
	@$(BIN)/python -m tests.pure_modules build/coverage.json

check: setup ## style, types and import contracts
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@sh console/check.sh

bench: $(STAMP) ## measured figures beside the limit of the same run (ARGS="ledger --json")
	@$(BIN)/muniment bench $(ARGS)

openapi: $(STAMP) ## write the committed OpenAPI document
	@$(BIN)/python -m api.openapi

golden: $(STAMP) ## rewrite golden files, then look at the difference
	@MUNIMENT_GOLDEN=write $(BIN)/python -m pytest -q -k golden; git --no-pager diff --stat

docs: $(STAMP) ## run the documents' snippets
	@$(BIN)/python -m pytest -q tests/docs

clean: ## remove the environment and the demo's data
	@rm -rf $(VENV) .muniment build *.egg-info api/static console/node_modules

$(STAMP): requirements.lock requirements-test.lock pyproject.toml
	@sh install.sh
	@touch $(STAMP)

$(CONSOLE): $(STAMP) $(SOURCES)
	@sh console/build.sh
	@touch $@
