PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: install demo docs results test coverage test-slow test-mutation test-models test-chat check lock clean

PIP := $(BIN)/python -m pip install --disable-pip-version-check -c constraints.txt

install: $(BIN)/.installed

$(BIN)/.installed: pyproject.toml constraints.txt
	@echo "Installing Octavo and its tools into $(VENV): two to four minutes."
	$(PYTHON) -m venv $(VENV)
	$(PIP) -e ".[dev]"
	touch $@

$(BIN)/octavo: pyproject.toml constraints.txt
	@echo "Installing Octavo into $(VENV): one to two minutes."
	$(PYTHON) -m venv $(VENV)
	$(PIP) -e ".[chat]"
	touch $@

demo: $(BIN)/octavo
	$(BIN)/octavo demo

test: install
	env -u PYTHONDONTWRITEBYTECODE $(BIN)/python -m pytest -n auto --maxprocesses 4 --dist worksteal

coverage: install
	env -u PYTHONDONTWRITEBYTECODE $(BIN)/python -m pytest -n auto --maxprocesses 4 --dist worksteal --cov --cov-report=term:skip-covered

docs: install
	$(PIP) -e ".[docs]"
	$(BIN)/python -m docs.site build

results: install
	@test -n "$(DATA)" || { echo "Name the folder of the data sets: make results DATA=FOLDER"; exit 2; }
	$(BIN)/python -m octavo.eval.results $(DATA)

test-slow: install
	$(BIN)/python -m pytest -m slow --timeout 3600

test-mutation: install
	$(BIN)/python -m tests.mutation

test-models: install
	$(BIN)/python -m pytest -m models --timeout 900 -rs

test-chat: install
	$(PIP) "playwright>=1.50" "axe-playwright-python>=0.1.4"
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
