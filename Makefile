# `make demo` and `make test` do everything on a fresh machine: Python 3.11 or later, make, and the package index.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.installed

.PHONY: demo test check bench bench-speed bench-reading bench-reprints bench-search bench-export bench-features bench-growth bench-memory bench-peers soak bench-crawl bench-crawl-memory bench-storing bench-reparse install clean

demo: $(READY)
	$(BIN)/zjcrawl demo

test: $(READY)
	$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder  # one worker more than most machines have cores: many tests wait

# What CI adds to the tests: style, types, layers.
check: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# What reading a page costs against parsing it; the table goes into benchmarks/RESULTS.md.
bench-speed: $(READY)
	$(BIN)/python -m benchmarks.reading_speed

# How fast a crawl is, with and without processes that read, against Scrapy that keeps nothing of the same pages; into benchmarks/RESULTS.md too.
bench-crawl: $(READY)
	$(BIN)/python -m benchmarks.crawl_speed

# What a crawl takes of memory, on usual pages and on the worst there are; into the READMEs too.
bench-crawl-memory: $(READY)
	$(BIN)/python -m benchmarks.crawl_memory

# How well real pages are read, by us and by others, where the pages are at hand; the table goes into the READMEs.
bench-reading: $(READY)
	$(BIN)/python -m benchmarks.reading_peers $(PAGES)

# How well reprints are found, by the scale model's own knowledge; into benchmarks/RESULTS.md too.
bench-reprints: $(READY)
	$(BIN)/python -m benchmarks.reprints_score

# What keeping articles costs, against `executemany` of the same rows; into benchmarks/RESULTS.md too.
bench-storing: $(READY)
	$(BIN)/python -m benchmarks.storing_speed

# What making an archive anew from its captures costs, on one core and on all; into benchmarks/RESULTS.md too.
bench-reparse: $(READY)
	$(BIN)/python -m benchmarks.reparse_speed

# How fast search answers, and how long a scan takes; into benchmarks/RESULTS.md too.
bench-search: $(READY)
	$(BIN)/python -m benchmarks.search_speed

# How fast datasets are written, against SQLite's own shell; into benchmarks/RESULTS.md too.
bench-export: $(READY)
	$(BIN)/python -m benchmarks.export_speed

# How much of a text the counts of `export --features` give away; into the READMEs too.
bench-features: $(READY)
	$(BIN)/python -m benchmarks.features_leak

# What an archive takes as it grows: storing, size, search, status; table and picture into benchmarks/.
bench-growth: $(READY)
	$(BIN)/python -m benchmarks.growth

# What each command needs of memory, over two archives of different size; into benchmarks/RESULTS.md too.
bench-memory: $(READY)
	$(BIN)/python -m benchmarks.memory

# How long others take for the pages that we read; into benchmarks/RESULTS.md too.
bench-peers: $(READY)
	$(BIN)/python -m benchmarks.peers_speed

bench: bench-speed bench-peers bench-crawl bench-crawl-memory bench-reading bench-reprints bench-search bench-export bench-features bench-storing bench-reparse bench-growth bench-memory

# Twenty runs in a row over one archive of 50,000 articles: whether memory, open files, sizes and times stay flat.
soak: $(READY)
	$(BIN)/python -m benchmarks.soak

install: $(READY)

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "zjcrawl needs Python 3.11 or later: name one with make PYTHON=python3.11")'
	$(PYTHON) -m venv $(VENV)
	PIP_CONSTRAINT=constraints.txt $(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test]'
	touch $@

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache data/demo
