# Everything runs from .venv, which the first target that needs it makes.
PYTHON ?= python3
PORT ?= 8000
T ?= tests
VPY := .venv/bin/python

export PORT
export PIP_ROOT_USER_ACTION := ignore
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# tests start many processes, each would compile the sources anew
export PYTHONDONTWRITEBYTECODE :=

# an environment whose Python is gone is made again
$(shell $(VPY) -c "" 2>/dev/null || rm -f .venv/.installed)

.DEFAULT_GOAL := help
.PHONY: help run test lint reset assets lock translations prove bench payroll-check install python preflight preflight-run

help:
	@echo "make run [PORT=8000]   start everything and print one line when it is ready; Ctrl-C stops it"
	@echo "make test [T=path]     run the tests, or those under one path"
	@echo "make lint              style, types, import layers, translations, locks"
	@echo "make reset             drop .local/: databases, files, mails, keys"
	@echo "make translations      refresh app/translations from the sources"
	@echo "make assets            install the style sheets, scripts and icons that pages use"
	@echo "make lock              compile the locks again after changing a dependency"
	@echo "make prove [P=names]   the long proofs, resumable: every mutant, page, language, fault"
	@echo "make bench             measure against the budgets"
	@echo "make payroll-check     compare random payslips with openfisca-france, line by line"

python:
	@command -v $(PYTHON) >/dev/null || { echo "Coulisse needs Python 3.11 or newer: install it, then run make again."; exit 1; }

preflight: python
	@$(PYTHON) dev/preflight.py

preflight-run: python
	@$(PYTHON) dev/preflight.py run

.venv/.installed: requirements.lock dev/link.py | preflight
	@echo "installing into .venv (a few minutes the first time)"
	@$(VPY) -c "" 2>/dev/null || $(PYTHON) -m venv --clear .venv
	@$(VPY) -m pip install -qq --no-deps --require-hashes -r requirements.lock
	@$(VPY) dev/link.py
	@touch $@

node_modules/.installed: package-lock.json .npmrc | .venv/.installed
	@$(VPY) -m dev.assets
	@touch $@

install: preflight .venv/.installed node_modules/.installed
	@$(VPY) -m dev.translations compile

assets: preflight .venv/.installed
	@$(VPY) -m dev.assets
	@touch node_modules/.installed

run: preflight-run install
	@$(VPY) -m dev.run

test: install
	@$(VPY) -m pytest -n 3 $(T)

lint: install
	@$(VPY) -m dev.lint

translations: preflight .venv/.installed
	@$(VPY) -m dev.translations update
	@$(VPY) -m dev.translations compile

prove: install
	@$(VPY) -m tests.prove $(P)

bench: install
	@$(VPY) -m bench

# openfisca's own pins; the engine needs the standard library alone
.venv-payroll-check/.installed: | preflight
	@echo "installing openfisca-france into .venv-payroll-check (a minute the first time)"
	@$(PYTHON) -m venv --clear .venv-payroll-check
	@.venv-payroll-check/bin/python -m pip install -qq openfisca-france==176.1.8
	@touch $@

payroll-check: .venv-payroll-check/.installed
	@.venv-payroll-check/bin/python -m dev.payroll_check

lock: preflight .venv/.installed
	@command -v uv >/dev/null || { echo "make lock needs the program uv (pip install uv)."; exit 1; }
	@uv pip compile pyproject.toml --group dev --universal --generate-hashes --no-header --no-annotate --quiet -o requirements.lock
	@$(VPY) -m dev.assets lock
	@$(VPY) -m dev.locks strip

reset:
	@if [ -x $(VPY) ] && [ -d .local ]; then $(VPY) -m dev.engines stop .local .local/test; fi
	@rm -rf .local
