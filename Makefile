# Tasks for building, testing and running Genkan. `make` lists them.
#
#   VENV=DIR      the environment to use (.venv); .ci/run keeps a second one
#   PYTHON=EXE    the Python that creates it (the first of python3, python3.13 … that is 3.11 to 3.13)
#   DATA=DIR      the demo's data folder (./demo-data)      PORT=N   the demo's port
#   ARGS="…"      further arguments for pytest      WORKERS=N   how many tests run at a time (0: one, in this process)
#   LOCK=FILE     the lock file (requirements.lock is enough on a door); VENV_ARGS=…  further arguments for venv

SHELL := /bin/sh
VENV ?= .venv
LOCK ?= requirements-dev.lock
DATA ?= ./demo-data
BIN := $(VENV)/bin
SUITABLE := import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))
ifeq ($(origin PYTHON),undefined)
PYTHON := $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c '$(SUITABLE)' 2>/dev/null && { command -v $$p; break; }; done)
endif
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Keep compiled files: without them each of the suite's hundreds of child processes compiles Genkan again.
unexport PYTHONDONTWRITEBYTECODE
# Most tests wait for a program or a disk, so run more of them than cores; at most thirteen, because of memory. Tests
# in process wait less, and each worker first spends 4 s of CPU on collecting.
CORES := $(shell n=$$(nproc 2>/dev/null || echo 1); [ "$$n" -lt 4 ] || n=4; echo $$n)
ifeq ($(origin WORKERS),undefined)
WORKERS := $(shell echo $$((3 * $(CORES) + 1)))
test-fast: WORKERS := $(shell echo $$((2 * $(CORES) + 1)))
endif
IN_PROCESS := not (process or browser or pcscd or mounts)
# Every test in these folders has one of those markers. Not collecting them saves each worker a second of CPU.
FAST_IGNORES := --ignore=tests/scenarios --ignore=tests/faults --ignore=tests/web/browser
# Put the tests' folders in memory if 4 GiB are free, so that thousands of databases wait for no disk.
MEMORY := $(shell [ "$$(df --output=avail /dev/shm 2>/dev/null | tail -n 1)" -ge 4194304 ] 2>/dev/null && echo TMPDIR=/dev/shm)
PYTEST = $(MEMORY) $(BIN)/pytest $(if $(filter-out 0,$(WORKERS)),-n $(WORKERS) --dist loadgroup)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help venv pcsc run test test-fast test-python test-long check bench lock locales man rules packages-run packages-test packages-bench

help: ## List these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

# Compile here: the services may not write beside the sources and would compile them at every start.
venv: $(VENV)/.installed ## Create .venv from the lock file, and nothing else
	@$(BIN)/python -m compileall -q controller firmware_bridge web
	@$(BIN)/python -m web.frame.compiled_templates

pcsc: $(VENV)/.pcsc ## Add pyscard for PC/SC readers such as the RC-S300

run: venv packages-run ## Start the demo: simulated door, virtual readers, sample people
	$(BIN)/genkan run --demo --data $(DATA) $(if $(PORT),--port $(PORT))

test: venv $(VENV)/.peers packages-run packages-test ## Run the test suite
	$(PYTEST) $(ARGS)

test-fast: venv ## Run the tests that start no child process and no browser (for every commit)
	$(PYTEST) $(FAST_IGNORES) -q -m "$(IN_PROCESS) and not heavy" $(ARGS)

test-python: venv $(VENV)/.peers packages-run packages-test ## Run what can differ between Pythons: in process, and a few programs
	$(PYTEST) -m "($(IN_PROCESS)) or pythons" $(ARGS)

test-long: venv $(VENV)/.peers packages-run packages-test ## Run the test suite with the tests that take minutes
	$(PYTEST) --long $(ARGS)

check: venv ## Format, lint, types, import contracts, documents
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/pytest -q tests/architecture/documents

bench: venv packages-run packages-bench ## Measure; prints ratios (about ten minutes, an idle machine)
	$(BIN)/python -m tests.benchmarks $(ARGS)

man: venv ## Write the manual page dist/genkan.1 (read it with `man dist/genkan.1`)
	@mkdir -p dist
	$(BIN)/python -m controller.commands.manual > dist/genkan.1

rules: venv ## Write what docs/rules*.md and deploy/rules.example.toml say of each rule
	$(BIN)/python -m tests.architecture.documents.rule_pages

locales: venv ## Compile web/locales/*/LC_MESSAGES/genkan.po
	$(BIN)/pybabel compile --domain genkan --directory web/locales

# The lock files name versions and hashes, never an address.
COMPILE = uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-header --quiet
lock: ## Write new lock files from pyproject.toml (UP=--upgrade for newer versions)
	@command -v uv >/dev/null || { echo "make lock needs uv, which is not part of the lock: pip install uv" >&2; exit 1; }
	$(COMPILE) $(UP) --group build --output-file requirements.lock
	$(COMPILE) $(UP) --group dev --output-file requirements-dev.lock
	sed -n 's/^pcsc = \["\(.*\)"\]/\1/p' pyproject.toml | uv pip compile - --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-header --quiet $(UP) --output-file requirements-pcsc.lock

# pyDes exists as source only. Build it with the setuptools of the lock file, not with the newest version.
$(VENV)/.locked: $(LOCK)
	@test -n "$(PYTHON)" || { echo "Genkan needs Python 3.11 to 3.13; on Debian: apt-get install python3 python3-venv" >&2; exit 1; }
	@"$(PYTHON)" -c '$(SUITABLE)' || { echo "$(PYTHON) is not Python 3.11 to 3.13; give another: make PYTHON=python3.11" >&2; exit 1; }
	$(call need,"$(PYTHON)" -c 'import ensurepip',$(notdir $(PYTHON))-venv,to make $(VENV))
	"$(PYTHON)" -m venv --clear $(VENV_ARGS) $(VENV)
	@awk '/^[^ ]/ { on = /^setuptools==/ } on' $(LOCK) > $(VENV)/build.lock
	$(BIN)/pip install --quiet --require-hashes --no-deps -r $(VENV)/build.lock
	$(BIN)/pip install --quiet --require-hashes --no-build-isolation -r $(LOCK)
	@touch $@

$(VENV)/.installed: $(VENV)/.locked pyproject.toml
	$(BIN)/pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

# pyscard also exists as source only, and needs more than a compiler. Build it only for a PC/SC reader.
$(VENV)/.pcsc: requirements-pcsc.lock $(VENV)/.installed
	$(call need,command -v swig && echo '#include <PCSC/winscard.h>' | gcc -I/usr/include/PCSC -x c -fsyntax-only -,swig gcc libc6-dev libpcsclite-dev,for building pyscard)
	$(call need,$(BIN)/python -c 'import os$(comma) sysconfig; os.stat(sysconfig.get_path("include") + "/Python.h")',$(notdir $(PYTHON))-dev,for building pyscard)
	$(BIN)/pip install --quiet --require-hashes --no-deps --no-build-isolation -r requirements-pcsc.lock
	@touch $@

# Programs of other projects that the tests compare with ours. Their folder is not on the path, because `osdp` and
# our libosdp both install a package of that name.
$(VENV)/.peers: tests/peers/osdp.lock $(VENV)/.locked
	@rm -rf $(VENV)/peers
	$(BIN)/pip install --quiet --require-hashes --no-deps --only-binary :all: --target $(VENV)/peers -r $<
	@touch $@

# Debian packages: root installs missing ones; other users get one line that names them.
#   $(call need,PROBE,PACKAGES,PURPOSE)  stops without them      $(call want,…)  continues without them
APT = DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300
define debian
@( $(1) ) >/dev/null 2>&1 || { \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "Installing $(2) $(3)."; \
		{ $(APT) update && $(APT) install -y --no-install-recommends $(2); } >/dev/null </dev/null \
			|| { echo "apt-get could not install $(2), needed $(3)." >&2; $(4); }; \
	else echo "Missing $(3): sudo apt-get install $(2)" >&2; $(4); fi; }
endef
comma := ,
need = $(call debian,$(1),$(2),$(3),exit 1)
want = $(call debian,$(1),$(2),$(3),true)

packages-run: venv
	$(call want,$(BIN)/python -c 'import usb1; usb1.loadLibrary()',libusb-1.0-0,for readers on USB (the demo works without))

packages-test:
	$(call want,command -v chromium,chromium,for the browser tests)
	$(call want,fc-list :lang=ja | grep -q .,fontconfig fonts-ipaexfont-gothic,for Japanese text in the browser tests)
	$(call want,echo '#include <stdio.h>' | gcc -x c -fsyntax-only -,gcc libc6-dev,for the disk that fails on purpose)
	$(call want,command -v unshare && test -x /sbin/mke2fs,util-linux mount e2fsprogs,for the small disks of the tests)
	$(call want,test -x /usr/sbin/pcscd && test -e /usr/lib/pcsc/drivers/serial/libifdvpcd.so,pcscd vsmartcard-vpcd,for the tests of PC/SC readers)
	@$(MAKE) --no-print-directory pcsc || echo "The tests of PC/SC readers are left out." >&2

packages-bench:
	$(call need,command -v sqlite3,sqlite3,for the comparison with the sqlite3 command line)
