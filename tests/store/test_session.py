"""Transactions run as somebody."""

from sqlalchemy import Engine, text

from geo_service.access import LOCAL_ADMIN
from geo_service.store.session import transaction


def test_a_transaction_runs_as_the_application_role(engine: Engine) -> None:
    with transaction(engine, LOCAL_ADMIN) as connection:
        assert connection.execute(text("SELECT current_user, access.actor(), access.role()")).one() == (
            "geo_service_app",
            "local",
            "admin",
        )
