# Two commands matter: `make demo` runs the console, `make test` proves it. See console/dev/README.md.
PY ?= python3
ARGS ?=
DEV = .venv/bin/python -m console.dev
.DEFAULT_GOAL := help
.PHONY: help codes demo once test bench soak lint shell lock runtime development python

help:
	@echo "make demo            run the console with two sandbox orgs (Ctrl-C stops it)"
	@echo "make codes           a one-time code that works now, for each person of the demo"
	@echo "make once            the main job from start to end on servers of its own"
	@echo "make test [ARGS=..]  every check and test; with ARGS only those tests"
	@echo "make bench | soak    measurements; long runs"
	@echo "make lint            ruff, mypy and the import contracts"
	@echo "make shell           a Django shell on the demo's servers"
	@echo "make lock            recompile the hashed requirements"

demo: runtime
	@$(if $(filter 1,$(ONCE)),$(DEV) once,$(DEV) up)

codes: runtime
	@$(DEV) shell demo_codes

once: runtime
	@$(DEV) once

test: development
	@$(DEV) test $(ARGS)

bench: development
	@$(DEV) bench $(ARGS)

soak: development
	@$(DEV) soak $(ARGS)

lint: development
	@$(DEV) lint

shell: runtime
	@$(DEV) shell $(ARGS)

runtime: python
	@$(PY) console/dev/bootstrap.py requirements.txt

development: python
	@$(PY) console/dev/bootstrap.py requirements-dev.txt

python:
	@command -v $(PY) >/dev/null || { \
	  echo "There is no $(PY) here: install Python 3.11 or newer, or name one: make PY=..."; exit 1; }

# Every lock names its own inputs and the command that made it, never a place on one machine.
COMPILE = .uv/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes \
	--custom-compile-command "make lock"
lock: runtime
	$(COMPILE) requirements-uv.in -o requirements-uv.txt
	$(COMPILE) requirements.in -o requirements.txt
	$(COMPILE) requirements-dev.in -o requirements-dev.txt
