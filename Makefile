# The verbs of the project. Each sets itself up: nothing but Python >= 3.11 is needed.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin

.PHONY: help run test test-all long mutants check format bench faults soak interrupts fuzz docs lock clean

help:            ## this list
	@grep -E '^[a-z-]+: .*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/'

$(VENV)/.installed: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed; name it with: make PYTHON=python3.11 ..."; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@echo "Installing the packages of constraints.txt into $(VENV)/: 1 GB, a minute or two the first time."
	$(BIN)/python -m pip install --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $@

run: $(VENV)/.installed   ## the smoke scenarios on the embedded stack
	$(BIN)/pytest scenarios/ -m smoke

# The tests start some hundred Pythons; each would compile the whole package again where no bytecode is written.
PYTEST := env -u PYTHONDONTWRITEBYTECODE PYTHONPYCACHEPREFIX=$(CURDIR)/build/pycache $(BIN)/pytest

test: $(VENV)/.installed  ## the sharpest tests of every kind, in 5 minutes; says what it leaves out
	$(PYTEST) tests/ -m "not long" -n 3 --dist loadfile --no-loadscope-reorder --durations 20

long: $(VENV)/.installed  ## the tests that "make test" leaves out: more of the same kind, the whole library per installation
	$(PYTEST) tests/ -m long -n 3 --dist loadfile --no-loadscope-reorder --durations 20

mutants: $(VENV)/.installed ## plants every regression of the mutation table; one that nobody sees is a failure; writes docs/mutants.md
	$(BIN)/python -m tests.mutants

test-all: test long mutants ## everything: "make test", "make long", and then the mutation table

check: $(VENV)/.installed ## lint, format, types, scenario files
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/e2e-validator lint scenarios/

format: $(VENV)/.installed ## let ruff mend what it can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/.installed ## speed, as ratios within one run
	$(BIN)/python -m tests.bench

faults: $(VENV)/.installed ## every fault with repairs on and off; writes scenarios/faults/README.md
	$(BIN)/python -m tests.faults

soak: $(VENV)/.installed  ## 200 healthy runs, fast and slow: nothing may be repaired, nothing may fail
	$(BIN)/python -m tests.soak --runs 200

interrupts: $(VENV)/.installed ## Ctrl-C and SIGTERM at 30 random moments: nothing may be left that is not said
	$(BIN)/python -m tests.interrupts --count 30

fuzz: $(VENV)/.installed  ## 2,000 bad inputs: each must end in one sentence, in little memory, leaving nothing
	$(BIN)/python -m tests.fuzz --count 2000

docs: $(VENV)/.installed  ## the site of docs/ in build/site, with the generated pages, the scenario schema and the API pages
	@mkdir -p build
	$(BIN)/e2e-validator schema > build/schema && mv build/schema e2e_validator/scenario/scenario.schema.json
	$(BIN)/e2e-validator registry scenarios > build/registry && mv build/registry scenarios/README.md
	$(BIN)/e2e-validator deviations --markdown > build/deviations && mv build/deviations docs/deviations.md
	$(BIN)/sphinx-build --quiet --fail-on-warning --keep-going -d build/doctrees docs build/site
	$(BIN)/pdoc --output-directory build/site/api --docformat google e2e_validator '!e2e_validator.plugin'

lock:            ## the newest versions that pyproject.toml allows, into constraints.txt: a minute
	@mkdir -p build
	rm -rf build/lock && $(PYTHON) -m venv build/lock
	build/lock/bin/python -m pip install --disable-pip-version-check --quiet --dry-run --ignore-installed \
		--report build/lock.json '.[dev]'
	$(PYTHON) .ci/lock.py build/lock.json > build/constraints && mv build/constraints constraints.txt
	rm -rf build/lock build/lock.json

clean:           ## forget the virtual environment and what was built
	rm -rf $(VENV) build .mypy_cache .ruff_cache .pytest_cache
