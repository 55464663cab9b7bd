# `make` alone lists the targets. Each makes what it needs: environment, packages, broker, database.
.DEFAULT_GOAL := help
.PHONY: help setup demo run stop topology test test-unit coverage fuzz chaos chaos-mutants check format contracts bench compose-test clean

BIN := .stint/venv/bin
TESTS ?= tests

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Make .stint/venv from uv.lock; nothing to do when it is up to date
	@deploy/setup

demo: setup ## Play the whole journey on real input and check every figure of it
	@$(BIN)/python -m deploy.demo

run: setup ## Run the six services and all they need; prints the addresses, stops with Ctrl-C
	@$(BIN)/stint run

stop: setup ## Stop whatever runs under .stint/, also after a crash
	@$(BIN)/stint stop

topology: setup ## Declare the exchanges and queues of the stack that `make run` started
	@$(BIN)/stint topology apply

test: setup ## Run the tests, on private brokers and databases (TESTS=tests/unit for fewer)
	@$(BIN)/python -m compileall -q services shared deploy tests
	@$(BIN)/pytest $(TESTS) -n 3 --dist loadfile --no-loadscope-reorder $(COVERAGE)

coverage: setup ## Run the same tests, slower, and tell which lines they reach; fail under 80 %
	@$(MAKE) --no-print-directory test COVERAGE="--cov --cov-report=term"

fuzz: setup ## Thousands of requests made from the OpenAPI document, as everybody (CASES=20 of each kind)
	@FUZZ_CASES=$(or $(CASES),20) $(BIN)/pytest tests/e2e/test_fuzzing.py

chaos: setup ## Journeys while everything fails at random (SEED=7 repeats a run, MINUTES=10)
	@$(BIN)/python -m tests.chaos.run $(if $(SEED),--seed $(SEED)) --minutes $(or $(MINUTES),10)

chaos-mutants: setup ## Plant bugs in copies of the code and show that the chaos run finds them
	@$(BIN)/python -m tests.chaos.mutants

test-unit: setup ## Run the tests that need no server
	@$(BIN)/pytest tests/unit tests/contract

check: setup ## Lint, types, import contracts, spelling, stale catalogue, conventions
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache >.stint/lint-imports.log || { cat .stint/lint-imports.log; exit 1; }
	@$(BIN)/codespell
	@$(BIN)/python -m deploy.catalogue --check
	@$(BIN)/pytest -q tests/architecture

format: setup ## Format the code and put right what ruff can
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

contracts: setup ## Write the event catalogue anew from the contracts
	@$(BIN)/python -m deploy.catalogue

bench: setup ## Measure a hop, the relay and the durable flow; fail where a ratio fell
	@deploy/setup bench
	@.stint/bench/venv/bin/python -W ignore -m bench

compose-test: setup ## Play the journey in containers, with a replica killed and the broker restarted
	@$(BIN)/python -m deploy.compose

clean: stop ## Remove everything that these targets made
	@rm -rf .stint .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
