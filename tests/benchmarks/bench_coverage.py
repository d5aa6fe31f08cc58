"""Coverage of a million standalone buildings in 5,000 communities, against one plain GROUP BY of the table.

Half of the buildings come into service over a year, three in ten with a ledger's facts. Prints how long the
report of every measure by community takes on a past day, the ratio to the plain count in the same run, and
what the dashboard's requests take over HTTP.
"""

from __future__ import annotations

import argparse
import gc
import statistics
import time
from collections.abc import Callable
from datetime import date

from fastapi.testclient import TestClient
from sqlalchemy import Engine, text

from geo_service.access import LOCAL_ADMIN
from geo_service.api.app import create_app
from geo_service.pipeline.coverage import measure_coverage
from geo_service.settings import Settings
from geo_service.store.session import make_engine
from tests.benchmarks.throwaway import throwaway_database

LIMIT_RATIO = 2.0
LIMIT_P95_MS = 100.0
ROUNDS = 7
REQUESTS = 40
COUNTY = "990000000000"
PAST = date(2024, 6, 30)
SUBDISTRICTS = 100
"""The communities are shared out among them."""

_AREAS = """
INSERT INTO deployment (metric_srid) VALUES (4546);
INSERT INTO area (code, kind, name, lineage, geom)
SELECT '990000000000', 'county', 'county', ARRAY['990000000000'],
       ST_Multi(ST_MakeEnvelope(111, 34, 112, 35, 4490));
INSERT INTO area (code, kind, name, parent_code, lineage, geom)
SELECT t.code, 'subdistrict', t.code, '990000000000', ARRAY['990000000000', t.code],
       ST_Multi(ST_MakeEnvelope(111, 34, 112, 35, 4490))
FROM (SELECT '990' || lpad(n::text, 3, '0') || '000000' AS code FROM generate_series(1, :subdistricts) n) t;
INSERT INTO area (code, kind, name, parent_code, lineage, geom)
SELECT c.code, 'community', c.code, c.town, ARRAY['990000000000', c.town, c.code],
       ST_Multi(ST_MakeEnvelope(111, 34, 112, 35, 4490))
FROM (SELECT '990' || lpad((1 + n % :subdistricts)::text, 3, '0') || '000000' AS town,
             '990' || lpad((1 + n % :subdistricts)::text, 3, '0') || lpad(n::text, 6, '0') AS code
      FROM generate_series(1, :communities) n) c
"""
_BUILDINGS = """
INSERT INTO building (code, community_code, implementation_class, household_count, floor_area_m2, geom)
SELECT 'B' || n, a.code, (ARRAY['A', 'B', 'C'])[1 + n % 3], 10 + n % 50, 1000 + n % 700,
       ST_Multi(ST_MakeEnvelope(111 + (n % 1000) * 0.001, 34 + (n / 1000) * 0.0001,
                                111.0002 + (n % 1000) * 0.001, 34.00005 + (n / 1000) * 0.0001, 4490))
FROM generate_series(1, :buildings) n
JOIN (SELECT code, row_number() OVER (ORDER BY code) - 1 AS place FROM area WHERE kind = 'community') a
     ON a.place = n % :communities
"""
_ARRANGEMENTS = """
INSERT INTO arrangement (unit_kind, unit_code, community_code, form, step, valid)
SELECT 'building', code, community_code, (ARRAY['professional', 'basic', 'owner_self'])[1 + n % 3],
       (ARRAY['in_service', 'accepted'])[1 + n % 2], daterange(DATE '2024-01-01' + (n % 12) * 30, NULL)
FROM (SELECT *, substr(code, 2)::integer AS n FROM building) b WHERE n % 2 = 0
"""
_RECORDS = """
INSERT INTO unit_record (unit_kind, unit_code, community_code, facts)
SELECT 'building', code, community_code,
       jsonb_build_object('is_old', n % 20 < 10, 'has_owners_committee', n % 30 = 0)
FROM (SELECT *, substr(code, 2)::integer AS n FROM building) b WHERE n % 10 < 3
"""
_PLAIN = "SELECT community_code, count(*), sum(household_count) FROM building GROUP BY community_code"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--buildings", type=int, default=1_000_000)
    parser.add_argument("--communities", type=int, default=5_000)
    arguments = parser.parse_args()
    with throwaway_database() as (url, _):
        engine = make_engine(url)
        fill(engine, arguments.buildings, arguments.communities)
        gc.freeze()  # as the server does when it starts
        plain, ours = compare(engine)
        ratio = statistics.median(ours) / statistics.median(plain)
        for name, seconds in (("GROUP BY", plain), ("report  ", ours)):
            print(
                f"{name}  median {statistics.median(seconds):.3f} s of {[round(each, 3) for each in seconds]}"
            )
        print(f"ratio     {ratio:.2f}, limit {LIMIT_RATIO}: {'within' if ratio <= LIMIT_RATIO else 'OVER'}")
        ask_the_dashboard(engine)
        engine.dispose()


def fill(engine: Engine, buildings: int, communities: int) -> None:
    """Write the county; everything derived is made by the database itself at the end of each transaction."""
    sizes = {"buildings": buildings, "communities": communities, "subdistricts": SUBDISTRICTS}
    for name, statements in (
        ("areas", _AREAS),
        ("buildings", _BUILDINGS),
        ("arrangements", _ARRANGEMENTS),
        ("records", _RECORDS),
    ):
        started = time.perf_counter()
        with engine.begin() as connection:
            for statement in statements.split(";"):
                connection.execute(text(statement), sizes)
            written = time.perf_counter()
        print(
            f"{name}: written in {written - started:.1f} s, history in {time.perf_counter() - written:.1f} s"
        )
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
        for table in ("building", "unit_line", "coverage_change", "unit_state"):
            size = connection.execute(
                text(f"SELECT count(*), pg_size_pretty(pg_relation_size('{table}')) FROM {table}")
            ).one()
            print(f"{table}: {size[0]} rows, {size[1]}")


def compare(engine: Engine) -> tuple[list[float], list[float]]:
    """Seconds of the plain count and of the whole report, in turns."""
    plain, ours = [], []
    for _ in range(ROUNDS):
        with engine.connect() as connection:
            plain.append(timed(lambda: connection.execute(text(_PLAIN)).all()))
        ours.append(
            timed(lambda: measure_coverage(engine, LOCAL_ADMIN, area_code=COUNTY, by="community", on=PAST))
        )
    return plain, ours


def timed(work: Callable[[], object]) -> float:
    """Seconds some work takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def ask_the_dashboard(engine: Engine) -> None:
    """What the dashboard asks of a county and of one sub-district."""
    town = "990001000000"
    queries = {
        "coverage of the county by sub-district": f"/api/coverage?area={COUNTY}&by=subdistrict&on={PAST}",
        "milestones of the county": f"/api/milestones?area={COUNTY}&by=subdistrict&on={PAST}",
        "coverage of a sub-district": f"/api/coverage?area={town}&on={PAST}",
        "milestones of a sub-district": f"/api/milestones?area={town}&on={PAST}",
        "coverage by form": f"/api/coverage?area={COUNTY}&by=form&on={PAST}",
    }
    with TestClient(create_app(Settings(), engine), client=("127.0.0.1", 50_000)) as client:
        for name, query in queries.items():
            times = []
            for _ in range(REQUESTS):
                started = time.perf_counter()
                answer = client.get(query, headers={"host": "127.0.0.1"})
                times.append((time.perf_counter() - started) * 1000)
                assert answer.status_code == 200, answer.text
            p95 = statistics.quantiles(times, n=20)[-1]
            told = f"{name}: median {statistics.median(times):.0f} ms, p95 {p95:.0f} ms"
            print(f"{told}, limit {LIMIT_P95_MS:.0f}: {'within' if p95 <= LIMIT_P95_MS else 'OVER'}")


if __name__ == "__main__":
    main()
