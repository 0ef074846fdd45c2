# `make run` and `make test` do everything on a fresh machine with Python 3.11+ and make.
PYTHON3 ?= python3
VENV := .venv/bin
ARGS ?=
REQUIRE ?=

.PHONY: run test bench lint vision train-tools vendor evaluate encoder benchmark-pictures faults

run:
	@$(PYTHON3) tools/setup.py
	@exec $(VENV)/python -m feedguard.launch $(ARGS)

test:
	@$(PYTHON3) tools/setup.py dev
	@FEEDGUARD_TEST_REQUIRE="$(REQUIRE)" $(VENV)/python -m pytest $(ARGS)

faults:  ## 50 kills of the worker in mid-task (a shortened form is part of `make test`)
	@$(PYTHON3) tools/setup.py dev
	@FEEDGUARD_TEST_KILLS=50 $(VENV)/python -m pytest tests/faults $(ARGS)

bench:
	@$(PYTHON3) tools/setup.py dev
	@$(VENV)/python -m tests.bench $(ARGS)

lint:
	@$(PYTHON3) tools/setup.py dev
	@$(VENV)/ruff check . && $(VENV)/ruff format --check . && $(VENV)/mypy

evaluate:  ## FeedGuard and all yardsticks on the benchmark's test part, side by side
	@$(PYTHON3) tools/setup.py evaluation
	@$(VENV)/python manage.py evaluate tests/data/benchmark/test.jsonl --baseline hide_all keyword similarity item_only preference_only text_llm $(ARGS)

benchmark-pictures:  ## draw the benchmark's pictures anew from their scenes (needs Chromium)
	@$(PYTHON3) tools/setup.py dev
	@$(VENV)/python tools/render_benchmark.py tests/data/benchmark/scenes tests/data/benchmark/pictures $(ARGS)

encoder:  ## make the sentence encoder's files anew (needs Maven)
	@$(PYTHON3) tools/setup.py evaluation
	@$(VENV)/python tools/convert_encoder.py $(ARGS)

vision:  ## the extra that later reads and looks at pictures (torch: some gigabytes)
	@$(PYTHON3) tools/setup.py vision

train-tools:
	@$(PYTHON3) tools/setup.py train

vendor:  ## fetch the pages' JavaScript bundle anew (needs npm)
	@cd frontend/dashboard/vendor && tar -xzf $$(npm pack --silent htmx.org@$$(cat htmx.version)) --strip-components=2 package/dist/htmx.min.js && rm -f htmx.org-*.tgz && sha256sum htmx.min.js
