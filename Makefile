# Everything that people and CI do with the project. `make book` is the way in.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
WORKERS ?= auto

.PHONY: help book cloud test checks chaos live bench sample lock clean

help:            ## show this list
	@grep -E '^[a-z]+: .*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 10

book: .venv/ready            ## make the sample book, offline, and say where it lies
	$(BIN)/python main.py

cloud: .venv/ready-cloud            ## install the clients of the services: Google Cloud Storage, OpenAI, OpenTelemetry

test: .venv/ready-test            ## run every check and every test
	$(MAKE) checks
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal --cov --cov-report=
	$(BIN)/python -m coverage report --include='swarm/*' --fail-under=95
	$(BIN)/python -m coverage report --include='registry/*' --fail-under=95
	$(BIN)/python -m coverage report --include='monitor/*' --fail-under=95

checks: .venv/ready-test            ## format, lint, types and layers, without the tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

chaos: .venv/ready-test            ## hurt the program at every boundary and at random moments; takes hours
	CHAOS=long $(BIN)/python -m pytest -n $(WORKERS) tests/chaos

live: .venv/ready-test            ## try the services themselves, where they are named; see the README
	LIVE=1 $(BIN)/python -m pytest tests/live

bench: .venv/ready-test            ## print speed as ratios to a floor measured in the same run
	$(BIN)/python -m bench

sample: .venv/ready            ## draw the sample pictures anew
	$(BIN)/python sample/draw.py

lock: .venv/ready-test            ## choose the newest versions and write the locked requirements
	$(PIP) install --quiet pip-tools
	$(BIN)/pip-compile $(LOCK) -o requirements.txt pyproject.toml
	$(BIN)/pip-compile $(LOCK) $(CLOUD) -c requirements.txt -o requirements-cloud.txt pyproject.toml
	$(BIN)/pip-compile $(LOCK) $(CLOUD) --extra test -c requirements-cloud.txt -o requirements-test.txt pyproject.toml

LOCK := -q --upgrade --generate-hashes --allow-unsafe --strip-extras --no-header \
	--no-emit-index-url --no-emit-find-links --no-emit-trusted-host
CLOUD := --extra cloud --extra otel

clean:            ## remove what was installed and measured, but no book
	rm -rf .venv .coverage .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache build *.egg-info

.venv/made:
	$(PYTHON) -m venv .venv
	@touch $@

.venv/ready: .venv/made requirements.txt
	$(PIP) install --quiet --no-deps --require-hashes -r requirements.txt
	@touch $@

.venv/ready-cloud: .venv/ready requirements-cloud.txt
	$(PIP) install --quiet --no-deps --require-hashes -r requirements-cloud.txt
	@touch $@

.venv/ready-test: .venv/ready requirements-test.txt
	$(PIP) install --quiet --no-deps --require-hashes -r requirements-test.txt
	@touch $@
