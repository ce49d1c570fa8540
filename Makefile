# motcua: everything that a person or a machine does with this checkout.
SHELL := /bin/bash
PY := .venv/bin/python
UV := .venv/bin/uv pip install --quiet --python $(PY)

# What Python compiled is kept: without it each of our processes starts 2 seconds of a processor later.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help run stop test check load pages words pictures bench lock clean

help: ## Explain each target in a line
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

.venv/bin/uv:
	@python3 -m venv .venv 2>/dev/null || { rm -rf .venv; \
	  [ "$$(id -u)" = 0 ] && apt-get -qq update && apt-get -qq install -y python3-venv >/dev/null && python3 -m venv .venv; } \
	  || { echo "Python can't make an environment here: install python3-venv and try again." >&2; exit 1; }
	@$(PY) -m pip install --quiet --disable-pip-version-check uv

.venv/run.stamp: requirements/run.txt pyproject.toml | .venv/bin/uv
	@$(UV) --require-hashes -r requirements/run.txt
	@$(UV) --no-deps --no-build-isolation -e .
	@touch $@

.venv/dev.stamp: requirements/dev.txt .venv/run.stamp
	@$(UV) --require-hashes -r requirements/dev.txt
	@touch $@

run: .venv/run.stamp ## Start everything on 127.0.0.1:8000 with the real country and a first working week
	@.venv/bin/motcua run $(if $(PORT),--port $(PORT))

stop: .venv/run.stamp ## Stop the embedded PostgreSQL in var/
	@.venv/bin/motcua postgres stop

test: .venv/dev.stamp ## Run the whole suite on the embedded PostgreSQL
	@tests/prepare
	@.venv/bin/pytest -n auto --dist loadgroup

check: .venv/dev.stamp ## Lint, types, import contracts, and that generated pages are fresh
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/mypy
	@.venv/bin/lint-imports
	@.venv/bin/motcua pages --check

load: .venv/run.stamp ## Bring the tables and the country's data to this version
	@.venv/bin/motcua load

pages: .venv/run.stamp ## Write the pages of docs/ that are made from tables of the code
	@.venv/bin/motcua pages

bench: .venv/dev.stamp ## Measure speed side by side with the limit of this machine
	@$(PY) -m bench

words: .venv/dev.stamp ## Gather the sentences of the screens and compile their English
	@$(PY) -m tests.words

pictures: .venv/dev.stamp ## Start a demonstration and take the pictures of docs/design
	@$(PY) -m tests.pictures

lock: | .venv/bin/uv ## Pin the packages again, with hashes and without addresses
	@for f in run dev; do .venv/bin/uv pip compile --quiet --upgrade --generate-hashes --universal --python-version 3.11 \
	  --no-header --no-emit-index-url --no-emit-find-links requirements/$$f.in -o requirements/$$f.txt; done

clean: ## Remove the environment and everything in var/
	@[ ! -x .venv/bin/motcua ] || .venv/bin/motcua postgres stop
	@rm -rf .venv var
