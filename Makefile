# make demo: a call center in a minute. make help: everything else.

PYTEST = .venv/bin/pytest
# Else each of the hundred engines that the tests start compiles all of its code again: a second each.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup demo run test check sim live bench lock clean

help:
	@echo 'make demo   callers, agents and Asterisk for real, then what happened'
	@echo 'make run    a center that serves until Ctrl-C'
	@echo 'make test   all tests, with real calls (make sim, make live: only those)'
	@echo 'make check  format, lint, types, arrows between the rooms, and the shipped configuration'
	@echo 'make bench  what a decision costs, and how soon a free agent is offered the next caller'
	@echo 'make setup  what all of these do first, when it is needed'
	@echo 'make lock   renew requirements.lock from pyproject.toml'
	@echo 'make clean  remove .venv and .run (what was downloaded stays in the cache folder)'

setup:
	@./setup.sh

demo: setup
	.venv/bin/tongdai demo

run: setup
	.venv/bin/tongdai run

# Two at a time, module by module, since those of a module share its Asterisk, engine or database;
# in the order of the folders, so that the short ones come last.
test: setup
	$(PYTEST) -n 2 --dist loadscope --no-loadscope-reorder --cache-clear || .venv/bin/python -m tests.again $$?

sim: setup
	$(PYTEST) tests/sim

live: setup
	$(PYTEST) tests/live

bench: setup
	.venv/bin/python -m bench

check: setup
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy
	.venv/bin/lint-imports
	.venv/bin/tongdai check
	.venv/bin/tongdai flow test

# Without addresses of a registry: those are each machine's own matter.
lock:
	.venv/bin/uv pip compile --universal --extra dev --generate-hashes --no-emit-index-url \
		--upgrade --quiet --custom-compile-command 'make lock' -o requirements.lock pyproject.toml

clean:
	rm -rf .venv .run build dist
