# Thin aliases; everything works without make, see start.py.
.PHONY: run test check studies studies-quick format lock clean

run:
	python3 start.py

test:
	python3 start.py test

studies: # all studies at full size, then: .venv/bin/python -m experiments publish all
	python3 start.py study all

studies-quick:
	python3 start.py study all --quick

check:
	python3 start.py check

format: # needs the tools of development: python3 start.py setup dev
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .

LOCK = uv pip compile pyproject.toml --group build --universal --fork-strategy fewest --generate-hashes \
       --no-emit-index-url --no-header --quiet $(LOCK_FLAGS)

lock: # needs uv; LOCK_FLAGS=--upgrade takes newer versions
	$(LOCK) --output-file requirements/run.txt
	$(LOCK) --extra dev --extra dask --constraint requirements/run.txt --output-file requirements/dev.txt

clean:
	rm -rf .venv .pytest_cache .ruff_cache .mypy_cache .hypothesis .import_linter_cache
