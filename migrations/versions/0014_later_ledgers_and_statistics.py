"""A later ledger stands when one of a past day is read; the planner knows of plans that were just drawn.

Revision ID: 0014
"""

from pathlib import Path

from alembic import op

revision = "0014"
down_revision = "0013"

_SQL = Path(__file__).parent.parent / "sql" / revision


def upgrade() -> None:
    connection = op.get_bind()
    for script in sorted(_SQL.glob("*.sql")):
        connection.exec_driver_sql(script.read_text(encoding="utf-8").replace("%", "%%"))


def downgrade() -> None:
    raise NotImplementedError("restore the backup taken before the upgrade: data cannot be unmade")
