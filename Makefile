# `make app` and `make test` are all a newcomer needs; `make help` lists the rest.
SHELL := /bin/bash
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PORT ?=
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help app test lint format weights test-fuzz test-crash benchmarks screens clean

help:  ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

app: $(VENV)/installed  ## set everything up and start the app; PORT=8600 chooses a port
	@$(BIN)/python -m core weights fetch
	@echo "Motionbook starts; its address is printed below. Stop it with Ctrl-C."
	@$(BIN)/streamlit run app.py --server.address 127.0.0.1 $(if $(PORT),--server.port $(PORT))

test: $(VENV)/installed-dev  ## the whole suite, with linting and types; ARGS="-k store" narrows it
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m core weights fetch
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder $(ARGS)

lint: $(VENV)/installed-dev  ## linting and types only
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(VENV)/installed-dev  ## put the sources in shape
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

weights: $(VENV)/installed  ## fetch and verify the default weights
	$(BIN)/python -m core weights fetch

test-fuzz: $(VENV)/installed-dev  ## the long form of the fuzzing: 2,000 mutated clips
	MOTIONBOOK_FUZZ=2000 $(BIN)/python -m pytest -s -o timeout=5400 tests/test_fuzz.py $(ARGS)

test-crash: $(VENV)/installed-dev  ## the long form of the kill tests: 100 kills of `add`, 20 of the index
	MOTIONBOOK_KILLS=100 $(BIN)/python -m pytest -s -o timeout=5400 tests/test_crash.py tests/core/store/test_kills.py $(ARGS)

benchmarks: $(VENV)/installed-dev  ## the measurements behind docs/; hours, on a machine with nothing else to do
	$(BIN)/python -m benchmarks.quality
	$(BIN)/python -m benchmarks.motion
	$(BIN)/python -m benchmarks.views
	$(BIN)/python -m benchmarks.embedding
	$(BIN)/python -m benchmarks.encoders
	$(BIN)/python -m benchmarks.dense

screens: $(VENV)/installed-dev  ## take the screenshots of docs/screens anew
	$(BIN)/python -m tests.browser.screens

clean:  ## remove the environment and caches; libraries and weights stay
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Motionbook needs Python 3.11 or newer; name one: make app PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/installed: requirements.txt | $(VENV)/bin/python
	@echo "Installing what Motionbook stands on: about 6 GB, a few minutes, only this once."
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/installed-dev: requirements-dev.txt $(VENV)/installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@
