"""tipg as it comes, on a database behind a unix socket, which its own settings refuse as an address."""

import os
from types import SimpleNamespace

from tipg import database, main

database.PostgresSettings = lambda: SimpleNamespace(
    database_url=os.environ["BENCH_DATABASE"],
    db_min_conn_size=1,
    db_max_conn_size=10,
    db_max_queries=50_000,
    db_max_inactive_conn_lifetime=300,
)
app = main.app
