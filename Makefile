# Everything that can be done with the course, from a fresh clone. `make` alone lists it.
PYTHON ?= python3
PORT ?= 8000
python := .venv/bin/python

# Node is the machine's own where it has one, else the one that requirements.txt brings.
export PATH := $(PATH):$(CURDIR)/.venv/bin
# One thread for each process: the same sums in the same order, and no two processes in a scramble.
export OMP_NUM_THREADS := 1
export MKL_NUM_THREADS := 1
export OPENBLAS_NUM_THREADS := 1

# What the site is made from.
sources := $(shell find api chapters nnkit \( -name __pycache__ -o -name .ipynb_checkpoints \) -prune \
    -o -type f -print) _config.yml _toc.yml adding.md gallery.md index.md notation.md review.md \
    speed.md benchmarks/engine.json references.bib

.PHONY: help book site test check quick chapter notebooks machines mutants bench lock browser clean
.DELETE_ON_ERROR:

help:  ## list what can be done (this)
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

book:  ## build the book and serve it at http://localhost:8000 (PORT=1234 for another port)
	@$(PYTHON) nnkit/book/serve.py --check $(PORT)
	@$(MAKE) --no-print-directory _build/pages.stamp
	@$(python) -m nnkit.book.serve $(PORT)

site: _build/site.stamp  ## build the book into _build/html, with all that its figures can answer

test: .venv/ready _build/site.stamp browser  ## run every test: code, notebooks, links, pages in a browser
	$(python) -m pytest

check: .venv/ready  ## check format, style, types and the cards
	$(python) -m ruff format --check
	$(python) -m ruff check
	$(python) -m mypy
	$(python) -m nnkit.cards.kit.lint
	$(python) -m nnkit.book.frame --check

quick: check  ## check, and run the tests of the code and the rules of notebooks and cards
	$(python) -m pytest tests/unit tests/notebooks/test_rules.py tests/notebooks/test_chapters.py

chapter: .venv/ready  ## write the frame of a new chapter (NAME=rnn)
	@$(python) -m nnkit.book.frame $(NAME)
	@$(python) -m nnkit.book.notebooks chapters/$(NAME).ipynb

notebooks: .venv/ready  ## execute the chapters that are not current and store them, in place
	$(python) -m nnkit.book.notebooks

machines: .venv/ready  ## run notebooks and tests of the code as other processors would
	$(python) tests/machines.py

mutants: _build/site.stamp browser  ## break the code in forty places, and see each noticed
	$(python) tests/mutants.py

bench: .venv/ready  ## time the code beside its peers, repeat the long runs, and store what the book shows
	@for script in benchmarks/*.py; do $(python) "$$script" || exit; done

lock: .venv/ready  ## pin what pyproject.toml asks for and requirements.txt has not pinned yet
	@$(python) -m piptools compile --quiet --strip-extras --allow-unsafe --all-extras --no-header \
	    --no-emit-index-url --no-emit-find-links --no-emit-trusted-host \
	    --output-file requirements.txt pyproject.toml
	@sed -i.old -e 's/+cpu$$//' -e '/^nnkit-course/{' -e 'N;d' -e '}' requirements.txt
	@rm requirements.txt.old

clean:  ## remove what make has installed and built here
	@echo "What is kept for other builds: $${NNKIT_CACHE:-$${XDG_CACHE_HOME:-$$HOME/.cache}/nnkit-course}"
	rm -rf _build .venv node_modules nnkit_course.egg-info .hypothesis .mypy_cache .pytest_cache .ruff_cache

browser: .venv/ready
	@$(python) tests/browser/chromium.py

.venv/ready: requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(v < (3, 11) and \
	    f"The book needs Python 3.11 or later; $(PYTHON) is {v[0]}.{v[1]}. Name another: make PYTHON=python3.12")'
	@echo 'Installing what the book needs into .venv (the first time takes some minutes) ...'
	@$(PYTHON) -m venv .venv
	@$(python) -m pip install --quiet --disable-pip-version-check --requirement requirements.txt
	@$(python) -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

node_modules/ready: package.json package-lock.json .venv/ready
	@npm ci --no-audit --no-fund --loglevel=error
	@touch $@

_build/pages.stamp: $(sources) .venv/ready node_modules/ready
	@$(python) -m nnkit.book.notebooks --check
	.venv/bin/jupyter-book build -W --keep-going .
	@touch $@

_build/site.stamp: _build/pages.stamp
	@echo 'Computing what the figures can answer ...'
	@$(python) -m nnkit.book.tables _build/html
	@touch $@
