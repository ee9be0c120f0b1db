# Every target sets up what it needs; a second run is quick.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
DEV := .venv/.dev
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Two for each core: half of what a test does is to wait for a screen or a server.
WORKERS = $(shell $(PYTHON) -c 'import os; print(2 * (os.cpu_count() or 1))')

.PHONY: demo test lint bench screenshots docs share clean

demo: $(READY)  ## the app, against a simulated API
	$(BIN)/batchtui demo

test: $(DEV)  ## every test
	$(BIN)/pytest -q -n $(WORKERS)

lint: $(DEV)  ## style, types, and which way imports point
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(DEV)  ## speed and weight, as ratios against a baseline of the same run
	$(BIN)/python -m benchmarks

screenshots: $(DEV)  ## the pictures in the README
	$(BIN)/python -m tests.pictures screenshots

docs: $(READY)  ## the page on config.toml, from the schema
	$(BIN)/python -m tools.config_page

share: $(READY)  ## the man page and the completions, from the help of the commands
	$(BIN)/python -m tools.share

clean:
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache

$(READY): pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --editable .
	@touch $(READY)

$(DEV): $(READY)
	$(BIN)/python -c 'import tomllib; groups = tomllib.load(open("pyproject.toml", "rb"))["dependency-groups"]; print(*groups["test"], *groups["check"], sep="\n")' > .venv/dev.txt
	$(BIN)/pip install --quiet --requirement .venv/dev.txt
	@touch $(DEV)
