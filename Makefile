# Two commands set up a fresh machine: `make run` starts the studio, `make test` checks everything.
# `make torture` kills the studio a thousand times and prints what came of it;
# `make docs` writes the reference pages anew from the code;
# `make lock` renews the hash-pinned locks after a change of dependencies in pyproject.toml.

PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet install

# Where money, jobs, promises and permissions are decided, every branch is tested.
WHOLE := core/budget.py core/doubt.py core/job.py core/notices.py core/orders.py core/money/*.py \
    $(patsubst %,core/worker/%.py,\
        account again beside deliver doubt drive ending generate insist loop ordering owed pauses \
            queue reach steps way) \
    $(patsubst %,core/commands/%.py,allow budget cancel check confirm giveup invite jobs stop usage) \
    $(patsubst %,storage/%.py,access budgets callbacks chain jobs ledger outbox sqlite)
comma := ,
space := $(subst ,, )

.PHONY: run test check format bench torture docs lock clean pictures

run: .venv/.ready
	@exec $(BIN)/nano-banana serve

test: check
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest --numprocesses auto --dist worksteal
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report
	$(BIN)/coverage report --fail-under=100 --include="$(subst $(space),$(comma),$(strip $(WHOLE)))"

check: .venv/.ready-to-test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/basedpyright
	$(BIN)/basedpyright -p tests.pyright.json

format: .venv/.ready-to-test
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

pictures: .venv/.ready-to-test
	$(BIN)/python -m tests.pictures

torture: .venv/.ready-to-test
	$(BIN)/python -m tests.crash.torture
	$(BIN)/python -m tests.storage.race
	$(BIN)/python -m tests.benchmarks.soak

bench: .venv/.ready-to-test
	$(BIN)/python -m tests.benchmarks

docs: .venv/.ready-to-test
	$(BIN)/python -m docs.generate

lock: .venv/.ready
	$(PIP) uv
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	    --no-emit-index-url --no-annotate --group build pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	    --no-emit-index-url --no-annotate --group build --group dev pyproject.toml -c requirements.lock \
	    -o requirements-dev.lock

clean:
	rm -rf .venv

# Each stamp is newer than the lock it was made from; an unchanged lock costs a start nothing.
.venv/.ready: requirements.lock pyproject.toml
	@echo "Setting up (once, about a minute): a virtual environment from the hash-pinned lock"
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14) and "nano-banana needs Python 3.11 to 3.13: make PYTHON=python3.13")'
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(PIP) --require-hashes -r requirements.lock
	@$(PIP) --no-deps --no-build-isolation -e .
	@touch $@

.venv/.ready-to-test: .venv/.ready requirements-dev.lock
	@echo "Adding what the tests need"
	@$(PIP) --require-hashes -r requirements-dev.lock
	@touch $@
