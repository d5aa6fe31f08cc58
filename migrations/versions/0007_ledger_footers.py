"""Who filled in a ledger and who is in charge: the footer of its sheets, for those who write it.

And a compound's plan may fail as a draft.

Revision ID: 0007
"""

from pathlib import Path

from alembic import op

revision = "0007"
down_revision = "0006"

_SQL = Path(__file__).parent.parent / "sql" / revision


def upgrade() -> None:
    connection = op.get_bind()
    for script in sorted(_SQL.glob("*.sql")):
        connection.exec_driver_sql(script.read_text(encoding="utf-8").replace("%", "%%"))


def downgrade() -> None:
    raise NotImplementedError("restore the backup taken before the upgrade: data cannot be unmade")
