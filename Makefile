# The commands of the README. `make` lists them; on Windows, see the README.
# Kept to GNU Make 3.81 and a plain POSIX shell: that is what a Mac has.

PYTHON ?=#  the Python that .venv is made with; empty means the first suitable one
JOBS ?= 2#  test processes, each with a TensorFlow of its own
ARGS ?=#    passed on, as in: make test ARGS="-k saliency"

# A stamp is written last, so an interrupted install is never taken for a finished one. The first
# one's name is a digest of the lock and of this folder's place, because a venv cannot be moved.
INSTALLED := .venv/.installed-$(shell { pwd; cat requirements.lock; } | cksum | tr ' ' '-')
READY := .venv/.ready
FLOOR_TESTS := tests/test_installation.py tests/test_squeezenet.py tests/test_plots.py \
	tests/checking/test_in_notebook.py tests/explorer
PIP := .venv/bin/python -m pip install --quiet --disable-pip-version-check

# Says nothing and succeeds, or says in one sentence why this Python will not do.
define SUITABLE
import sys
name = sys.argv[1]
if not (3, 10) <= sys.version_info[:2] <= (3, 13):
    sys.exit("%s is Python %d.%d, but cs231n-vis needs 3.10 to 3.13; name one, as in: "
             "PYTHON=python3.12 make setup" % ((name,) + sys.version_info[:2]))
try:
    import ensurepip, venv
except ImportError:
    sys.exit("%s has no venv module; on Debian and Ubuntu get it with: "
             "apt-get install python3-venv" % name)
endef
export SUITABLE

# Sets $python in a recipe's shell. If none is suitable, the first is asked again, to say why.
FIND_PYTHON = python=; first=$(if $(PYTHON),"$(PYTHON)",python3); \
	for each in "$$first" $(if $(PYTHON),,python3.13 python3.12 python3.11 python3.10); do \
		if "$$each" -c "$$SUITABLE" "$$each" >/dev/null 2>&1; then python=$$each; break; fi; \
	done; \
	if [ -z "$$python" ] && ! command -v "$$first" >/dev/null; then \
		echo "There is no $$first here; cs231n-vis needs Python 3.10 to 3.13." >&2; exit 1; \
	elif [ -z "$$python" ]; then "$$first" -c "$$SUITABLE" "$$first"; exit 1; fi

.PHONY: help setup lab explore demo test floors colab grade attacks peers bench release site lock clean
.PHONY: floors-install floors-test colab-install colab-test

help: ## list these commands
	@sed -n 's/^\([a-z]*\):.*## /\1|/p' Makefile | awk -F'|' '{ printf "make %-9s%s\n", $$1, $$2 }'

setup: $(READY) ## make .venv, install everything pinned, prepare the network and the images
	@echo "Ready. Next: make lab"

$(INSTALLED):
	@$(FIND_PYTHON); \
	echo "Making .venv with $$("$$python" --version 2>&1)"; \
	"$$python" -m venv --clear .venv
	@echo "Installing the packages of requirements.lock, each checked against its hash (3.3 GB; minutes)"
	@$(PIP) --require-hashes -r requirements.lock
	@touch $@

$(READY): $(INSTALLED) pyproject.toml datasets/manifest.json
	@echo "Installing cs231n-vis itself, as a link to this folder"
	@$(PIP) --no-deps --no-build-isolation --editable .
	@echo "Preparing the network and the images"
	@.venv/bin/cs231n-vis fetch
	@touch $@

# A Python asked for by name is obeyed, even if .venv was made with another.
ifneq ($(PYTHON),)
VERSION_OF = $(shell { "$(1)" --version; } 2>/dev/null)
ifneq ($(call VERSION_OF,$(PYTHON)),$(call VERSION_OF,.venv/bin/python))
.PHONY: $(INSTALLED)
endif
endif

lab: $(READY) ## open the course in JupyterLab
	@echo "Opening notebooks/00_start_here.ipynb; Ctrl-C here ends JupyterLab"
	@.venv/bin/python -m jupyterlab $(ARGS) notebooks/00_start_here.ipynb

demo: $(READY) ## run the solution, check it, write build/saliency_maps.png
	@echo "Running the solution of the first assignment"
	@.venv/bin/cs231n-vis demo $(ARGS)

explore: $(READY) ## serve the explorer as a page of its own
	@echo "Serving the explorer; Ctrl-C here ends it"
	@.venv/bin/python -m voila notebooks/explore.ipynb $(ARGS)

test: $(READY) ## check the style and the types, then run every test
	@echo "Checking the style and the types"
	@.venv/bin/ruff check
	@.venv/bin/ruff format --check
	@.venv/bin/mypy
	@echo "Running the tests"
	@.venv/bin/python -m pytest -n $(JOBS) --dist loadscope --no-loadscope-reorder $(ARGS)

# What needs the packages most: the network, the checks, the explorer. The rest is TensorFlow's.
floors: floors-install floors-test ## try the oldest packages that pyproject.toml allows, in build/floors

floors-install:
	@$(FIND_PYTHON); "$$python" -m venv --clear build/floors
	@echo "Installing the packages of requirements-floors.txt"
	@build/floors/bin/python -m pip install --quiet --disable-pip-version-check --no-compile \
		--no-deps -r requirements-floors.txt
	@build/floors/bin/python -m pip install --quiet --disable-pip-version-check --no-deps \
		--no-build-isolation --editable .

floors-test:
	@echo "Running a part of the tests with the packages of requirements-floors.txt"
	@build/floors/bin/python -m pytest -p no:cacheprovider -n $(JOBS) --dist loadscope \
		$(FLOOR_TESTS) $(ARGS)

IN_COLAB := build/colab/bin/python -m pip install --quiet --disable-pip-version-check --no-compile

# Nothing that was there may have gone or changed its version; what runs the tests comes afterwards.
colab: colab-install colab-test ## try the course beside the packages that Colab has, in build/colab

colab-install:
	@$(FIND_PYTHON); "$$python" -m venv --clear build/colab
	@echo "Installing the packages of requirements-colab.txt, and the course as a wheel beside them"
	@$(IN_COLAB) -r requirements-colab.txt
	@build/colab/bin/python -m pip freeze --all >build/colab/before.txt
	@$(IN_COLAB) . anywidget
	@build/colab/bin/python -m pip freeze --all >build/colab/after.txt
	@if grep -Fvxf build/colab/after.txt build/colab/before.txt; then \
		echo "These were there and were replaced." >&2; exit 1; fi
	@echo "Nothing was replaced"
	@$(IN_COLAB) -c requirements-colab.txt nbval hypothesis pytest pytest-xdist jupytext

colab-test:
	@echo "Running the notebooks and the explorer's tests with the packages that Colab has"
	@build/colab/bin/python -m pytest -p no:cacheprovider -n $(JOBS) --dist loadscope \
		--nbval-lax notebooks/solutions tests/explorer $(ARGS)

grade: $(READY) ## grade the bundled example class and print the table
	@echo "Writing a class of 30: good, wrong, cheating and hostile notebooks"
	@.venv/bin/python tests/submissions build/class
	@echo "Grading it, two at a time (some minutes: hostile notebooks use up their time)"
	@.venv/bin/cs231n-vis grade build/class --out build/graded --jobs 2 $(ARGS)

attacks: $(READY) ## grade every cheating and hostile notebook, as root and as a user
	@echo "Grading all that cheats or harms (about an hour), beside an honest student"
	@.venv/bin/python tests/submissions/attacks.py build/attacks $(ARGS)

peers: $(READY) ## install the other libraries that make bench compares with
	@echo "Installing PyTorch, captum, saliency and xplique into .venv"
	@$(PIP) -r requirements-peers.txt
	@$(PIP) --no-deps xplique==2.0.2

bench: $(READY) ## time the methods, here and in other libraries, with their memory and the floor
	@echo "Timing the maps"
	@.venv/bin/python benchmarks/bench_methods.py $(ARGS)

release: $(READY) ## make the notebooks again from notebooks/source
	@echo "Making the notebooks from notebooks/source"
	@.venv/bin/cs231n-vis release $(ARGS)

site: $(READY) ## build the book and the explorer's page in build/site; ARGS=--no-answers for students
	@echo "Building the site"
	@.venv/bin/cs231n-vis site $(ARGS)

# Keeps every pin that still fits pyproject.toml; ARGS=--upgrade takes the newest of all. Extras are
# kept in the lock, or older pips look past the pin of a package that another asks for with an extra.
lock: ## make requirements.lock and requirements-floors.txt again from pyproject.toml
	@echo "Resolving pyproject.toml for Python 3.10 to 3.13 on Linux, macOS and Windows"
	@$(FIND_PYTHON); "$$python" -m venv --clear build/uv
	@build/uv/bin/python -m pip install --quiet --disable-pip-version-check uv==0.13.9
	@UV_CUSTOM_COMPILE_COMMAND="make lock" build/uv/bin/uv pip compile pyproject.toml --quiet \
		--universal --python-version 3.10 --all-extras --no-strip-extras --generate-hashes --no-config \
		--output-file requirements.lock $(ARGS) >/dev/null
	@UV_CUSTOM_COMPILE_COMMAND="make lock" build/uv/bin/uv pip compile pyproject.toml --quiet \
		--universal --python-version 3.10 --extra lab --extra test --resolution lowest-direct \
		--no-annotate --no-config --output-file requirements-floors.txt $(ARGS) >/dev/null
	@rm -rf build/uv

clean: ## remove .venv, what was built, and caches; files in datasets/ stay
	@echo "Removing .venv, build, dist and caches"
	@rm -rf .venv build dist .pytest_cache .ruff_cache .mypy_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
