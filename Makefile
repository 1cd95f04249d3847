PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: install demo test test-slow test-models test-chat check clean

install: $(BIN)/.installed

$(BIN)/.installed: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e ".[dev]"
	touch $@

demo: install
	$(BIN)/octavo demo

test: install
	$(BIN)/python -m pytest -n auto --maxprocesses 4

test-slow: install
	$(BIN)/python -m pytest -m slow --timeout 3600

test-models: install
	$(BIN)/python -m pytest -m models --timeout 900 -rs

test-chat: install
	$(BIN)/python -m pip install --quiet --disable-pip-version-check "playwright>=1.50"
	OCTAVO_SCREENSHOTS=build/screenshots $(BIN)/python -m pytest tests/apps/chat octavo/apps/chat -m "slow or not slow" --timeout 900

check: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/deptry .
	$(BIN)/lint-imports

clean:
	rm -rf $(VENV) demo
