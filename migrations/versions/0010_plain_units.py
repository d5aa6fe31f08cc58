"""Imported units have no line until something is said of them; and buildings load in one call.

Revision ID: 0010
"""

from pathlib import Path

from alembic import op

revision = "0010"
down_revision = "0009"

_SQL = Path(__file__).parent.parent / "sql" / revision


def upgrade() -> None:
    connection = op.get_bind()
    for script in sorted(_SQL.glob("*.sql")):
        connection.exec_driver_sql(script.read_text(encoding="utf-8").replace("%", "%%"))


def downgrade() -> None:
    raise NotImplementedError("restore the backup taken before the upgrade: data cannot be unmade")
