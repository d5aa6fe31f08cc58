# make demo   安装所缺，生成并导入虚构的云川县，写出 demo-output/ | install what is missing, run the whole path
# make serve  在 http://127.0.0.1:8000 打开同一份数据         | open the same data in a browser
# make test   安装所缺，检查并运行全部测试                     | install what is missing, check, run every test
# make setup  只做前两者共有的安装                             | only the installation both share
# make check  ruff、mypy、import-linter
# make bench  打印相对速度                                     | print speed ratios
# make bench-zoning  划片引擎与同类程序、标准算例比较          | the zoning engine beside its peers
# make bench-layers  瓦片、要素、导出、导入与同类程序比较      | tiles, features, exports and imports beside their peers
#   PARTS=tiles 只比一部分                                      | one part of it alone
#   BENCH_JSON=文件 另存 JSON；SEEDS=1 每个算例只跑一个种子     | figures as JSON; one seed an instance
# make lock   依 pyproject.toml 重写 requirements.lock         | renew the exact pins
# make clean  删除构建产物（不动数据库）                        | remove what was built (never the database)

PYTHON ?= $(shell for candidate in python3 python3.13 python3.12 python3.11; do \
	$$candidate -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' 2>/dev/null \
	&& echo $$candidate && break; done)
BIN := .venv/bin
WORKERS ?= 2
SEEDS ?= 5

.PHONY: demo serve test setup check bench bench-zoning bench-layers lock clean python
.PHONY: setup-test setup-bench setup-layers

demo: setup
	$(BIN)/geo-service demo --out demo-output

serve: setup
	$(BIN)/geo-service serve

setup: python
	@$(PYTHON) scripts/setup.py

setup-test: python
	@$(PYTHON) scripts/setup.py --for test

setup-bench: python
	@$(PYTHON) scripts/setup.py --for bench

test: check
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile

check: setup-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: setup-bench
	@set -e; for script in tests/benchmarks/bench_*.py; do echo "== $$script"; $(BIN)/python $$script; done

bench-layers: setup-layers
	@$(BIN)/python -m tests.benchmarks.layers $(PARTS)

setup-layers: python
	@$(PYTHON) scripts/setup.py --for bench-layers

bench-zoning: python
	@$(PYTHON) scripts/setup.py --for bench-zoning
	@$(BIN)/python -m tests.benchmarks.zoning --seeds $(SEEDS)

lock: setup-test
	$(BIN)/python scripts/renew_lock.py

clean:
	rm -rf .venv .setup dist build demo-output geo_service/webapp/dist geo_service/webapp/node_modules
	rm -rf .pytest_cache .hypothesis .mypy_cache .ruff_cache .import_linter_cache

python:
	@test -n "$(PYTHON)" || { \
		echo "需要 Python 3.11、3.12 或 3.13（Debian/Ubuntu：apt install python3）。" >&2; \
		echo "Python 3.11, 3.12 or 3.13 is needed (Debian/Ubuntu: apt install python3)." >&2; exit 2; }
