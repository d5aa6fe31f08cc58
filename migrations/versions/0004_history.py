"""What is known of every unit, when it held and when it was known; and exact counts of it for every area.

Revision ID: 0004
"""

from pathlib import Path

from alembic import op

revision = "0004"
down_revision = "0003"

_SQL = Path(__file__).parent.parent / "sql" / revision


def upgrade() -> None:
    connection = op.get_bind()
    for script in sorted(_SQL.glob("*.sql")):
        connection.exec_driver_sql(script.read_text(encoding="utf-8").replace("%", "%%"))


def downgrade() -> None:
    raise NotImplementedError("restore the backup taken before the upgrade: data cannot be unmade")
