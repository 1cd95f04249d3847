PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: install demo docs test coverage test-slow test-mutation test-models test-chat check lock clean

install: $(BIN)/.installed

$(BIN)/.installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e ".[dev]" -c constraints.txt
	touch $@

demo: install
	$(BIN)/octavo demo

test: install
	env -u PYTHONDONTWRITEBYTECODE $(BIN)/python -m pytest -n auto --maxprocesses 4 --dist worksteal

coverage: install
	env -u PYTHONDONTWRITEBYTECODE $(BIN)/python -m pytest -n auto --maxprocesses 4 --dist worksteal --cov --cov-report=term:skip-covered

docs: install
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e ".[docs]" -c constraints.txt
	$(BIN)/python -m docs.site build

test-slow: install
	$(BIN)/python -m pytest -m slow --timeout 3600

test-mutation: install
	$(BIN)/python -m tests.mutation

test-models: install
	$(BIN)/python -m pytest -m models --timeout 900 -rs

test-chat: install
	$(BIN)/python -m pip install --quiet --disable-pip-version-check "playwright>=1.50" "axe-playwright-python>=0.1.4"
	OCTAVO_SCREENSHOTS=build/screenshots $(BIN)/python -m pytest tests/apps/chat octavo/apps/chat -m "slow or not slow" --timeout 900

check: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/deptry .
	$(BIN)/lint-imports

lock:
	echo "# Versions that are tested together; written by \`make lock\`." > constraints.txt
	uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 \
		--no-header --no-annotate --no-emit-index-url --quiet >> constraints.txt

clean:
	rm -rf $(VENV) demo
