# Two commands are enough: `make demo` to try Flowrack, `make test` to check it. `make help` lists the rest.
SHELL := /bin/bash
.DEFAULT_GOAL := help
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
PORT ?= 8000
WORKERS ?= 2
export PORT

.PHONY: help setup run demo demo-reset test rules races sim sample lint types docs bench ci lock

help: ## list these targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

setup: $(STAMP) ## install everything into .venv (nothing is done when nothing changed)

$(STAMP): requirements.txt pyproject.toml tools/setup
	@tools/setup $(VENV)

run: setup ## serve your own company on 127.0.0.1 (PORT=8000)
	@$(BIN)/flowrack serve

demo: setup ## serve the sample company; prints address and sign-ins
	@$(BIN)/flowrack demo

demo-reset: setup ## start the sample company over
	@$(BIN)/flowrack demo --reset

test: setup ## run all tests, those in a real browser included
	@tools/browser
	@tools/test $(WORKERS)

rules: setup ## run the tests of rules and states alone: no database, a few seconds
	@tools/rules

races: setup ## run the tests that let threads and processes compete
	@tools/test 0 tests/races

sim: setup ## run the simulated warehouse days
	@tools/test 0 tests/simulation

sample: setup ## make the sample company in a folder of its own, prove its books, open every kind of page
	@$(BIN)/python tools/sample.py

lint: setup ## formatting, lint rules, import contracts and the tidy test
	@$(BIN)/ruff check && $(BIN)/ruff format --check && $(BIN)/lint-imports --no-cache && tools/test 0 tests/architecture

types: setup ## mypy, strict
	@$(BIN)/mypy

docs: setup ## check that the links between the documents lead somewhere
	@$(BIN)/python tools/docs.py

bench: setup ## measure speed against hand-written SQL
	@$(BIN)/flowrack bench

ci: ## everything the continuous integration checks
	@.ci/run

lock: ## resolve requirements.txt anew (needs uv)
	@uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-header --quiet --upgrade -o requirements.txt
