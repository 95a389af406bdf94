# The commands of this project; `make help` lists them. Nothing needs to be installed by hand but Python, git and make.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help demo run test test-fast check bench lock faults screenshots

PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin
BENCH = $(if $(URL),--database-url '$(URL)') $(if $(PROMPTS),--prompts $(PROMPTS))
LOCK := $(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--prerelease disallow --custom-compile-command "make lock" --quiet --upgrade

help: ## list these commands
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 14

demo: ## prepare and serve a demo: PORT=8000, DIR=folder to keep it, SERVE=0 to prepare only, DATA=folder of real prompts
	@PYTHON=$(PYTHON) .ci/environment run
	@$(BIN)/annotator demo --port $(PORT) $(if $(DIR),--dir '$(DIR)') $(if $(DATA),--data '$(DATA)') $(if $(filter 0,$(SERVE)),--no-serve)

run: ## serve with your own data, which stays in instance/
	@PYTHON=$(PYTHON) .ci/environment run
	@$(BIN)/annotator init
	@$(BIN)/annotator serve --bind 127.0.0.1:$(PORT)

test: ## set up and run everything: linters, types, both databases, a browser
	@PYTHON=$(PYTHON) .ci/environment dev
	@.ci/browser
	@$(MAKE) --no-print-directory check
	@.ci/with-postgres $(BIN)/python -m pytest -n auto --maxprocesses 4 $(ARGS)

test-fast: ## the tests that need nothing but Python: SQLite, no browser
	@PYTHON=$(PYTHON) .ci/environment dev
	@$(BIN)/python -m pytest -n auto --maxprocesses 4 -m "not postgresql and not browser" $(ARGS)

check: ## linters and types only
	@PYTHON=$(PYTHON) .ci/environment dev
	$(BIN)/ruff check --quiet
	$(BIN)/ruff format --check --quiet
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/djlint --lint --quiet templates

bench: ## measure claims and imports: URL=postgresql+psycopg://…, PROMPTS=100000, PEOPLE=32
	@PYTHON=$(PYTHON) .ci/environment run
	@$(BIN)/annotator bench claim $(BENCH) $(if $(PEOPLE),--people $(PEOPLE))
	@$(BIN)/annotator bench import $(BENCH)

lock: ## lock the newest versions that pyproject.toml allows, with their hashes
	@PYTHON=$(PYTHON) .ci/environment dev
	$(LOCK) --group build --output-file requirements/run.txt
	$(LOCK) --group dev --constraint requirements/run.txt --output-file requirements/dev.txt

faults: ## try what goes wrong, at length: stories in any order, crowds, two hundred web workers killed (an hour)
	@PYTHON=$(PYTHON) .ci/environment dev
	@ANNOTATOR_TEST_EXAMPLES=1000 ANNOTATOR_TEST_KILLS=200 .ci/with-postgres $(BIN)/python -m pytest -n0 -s \
		tests/assignments/test_machine.py tests/faults $(ARGS)

screenshots: ## make the pictures of docs/img anew
	@PYTHON=$(PYTHON) .ci/environment dev
	@.ci/browser fonts
	@$(BIN)/python -m tests.browser.screenshots
