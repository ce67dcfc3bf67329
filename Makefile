# One command serves, one tests. Each sets up what it needs in .venv and does nothing twice.

# The first Python that is new enough and not too new; `make PYTHON=...` chooses another.
PYTHON ?= $(shell for python in python3.13 python3.12 python3.11 python3; do \
	$$python -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null && echo $$python && break; done)
BIN := .venv/bin
export PIP_DISABLE_PIP_VERSION_CHECK = 1

.PHONY: help serve test tools lint fix bench soak openapi lock audit bom clean

help:  ## Say what there is to make
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*##/\t/' | expand -t 10

serve: .venv/serving  ## Set up, load the corpus, and serve on http://127.0.0.1:8000
	@$(BIN)/conflict-events migrate
	@$(BIN)/conflict-events load
	@$(BIN)/conflict-events serve

# Three at a time on two cores, since tests also wait for servers, browsers and clocks; who is done takes over from the others.
# All share one PostgreSQL server and what is loaded once.
test: .venv/testing  ## Set up and run the tests
	@$(BIN)/python -m pytest --numprocesses 3 --dist worksteal

# What apt does not give here is left out, and its tests are skipped with a reason.
tools: .venv/testing  ## Run the tests that need other programs: node, Java, R, LibreOffice, QGIS, GDAL, wrk
	@for tool in node npm java r r-client libreoffice qgis gdal wrk; do .ci/install $$tool || true; done
	@$(BIN)/python -m pytest -m tools -rs $(ARGUMENTS)

lint: .venv/testing  ## Check style, types and layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

fix: .venv/testing  ## Mend style where it can be mended by itself
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: .venv/benching  ## Measure, and write docs/performance.md; EVENTS=1000000 for more, ARGUMENTS=--help for parts
	@.ci/install postgresql wrk
	@$(BIN)/python -m tests.benchmarks $(if $(EVENTS),--events $(EVENTS)) $(ARGUMENTS)

soak: .venv/testing  ## Load and harm the service, and tell what came of it; ARGUMENTS=--help for parts
	@.ci/install postgresql
	@$(BIN)/python -m tests.soak $(ARGUMENTS)

openapi: .venv/testing  ## Write openapi.yaml from the declarations
	$(BIN)/conflict-events openapi

lock:  ## Pin the dependencies anew, with hashes and for every Python we support
	uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-header --quiet --output-file .ci/requirements.txt
	uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-header --quiet --constraint .ci/requirements.txt --output-file .ci/requirements-dev.txt
	uv pip compile pyproject.toml --extra bench --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-header --quiet --constraint .ci/requirements-dev.txt --output-file .ci/requirements-bench.txt
	printf 'cyclonedx-bom>=7.0\npip-audit>=2.9\n' | uv pip compile - --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-header --no-annotate --quiet --output-file .ci/requirements-audit.txt

# Not in CI, where a new advisory would stop unrelated work. What the registry has no advisories about is a fault too.
audit: .venv/auditing  ## Look for known faults of what the service depends on, at the package registry
	.venv/auditing/bin/pip-audit --strict --disable-pip --require-hashes --requirement .ci/requirements.txt

bom: .venv/auditing  ## Write bom.json, the bill of materials (CycloneDX)
	.venv/auditing/bin/cyclonedx-py requirements --pyproject pyproject.toml --output-file bom.json .ci/requirements.txt

clean:  ## Remove what the other targets made
	rm -rf .venv .tools conflict-events.db conflict-events.db-*

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "No Python 3.11, 3.12 or 3.13 was found. Install one, or say: make PYTHON=/its/path" >&2; exit 1; }
	@$(PYTHON) -m venv .venv || { rm -rf .venv; \
		echo "$(PYTHON) cannot make a virtual environment. On Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }

.venv/serving: .venv/bin/python .ci/requirements.txt pyproject.toml
	@$(BIN)/pip install --quiet --require-hashes --requirement .ci/requirements.txt
	@$(BIN)/pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

.venv/testing: .venv/serving .ci/requirements-dev.txt
	@$(BIN)/pip install --quiet --require-hashes --requirement .ci/requirements-dev.txt
	@touch $@

.venv/benching: .venv/testing .ci/requirements-bench.txt
	@$(BIN)/pip install --quiet --require-hashes --requirement .ci/requirements-bench.txt
	@touch $@

# Of their own, so that what they need is not taken for what the service needs.
.venv/auditing: .venv/bin/python .ci/requirements-audit.txt
	@$(BIN)/python -m venv $@
	@$@/bin/pip install --quiet --require-hashes --requirement .ci/requirements-audit.txt
	@touch $@
