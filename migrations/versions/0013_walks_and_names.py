"""Walks of edited zones are as short as those of zones drawn; proposals keep theirs; plans get other names.

Revision ID: 0013
"""

from pathlib import Path

from alembic import op

revision = "0013"
down_revision = "0012"

_SQL = Path(__file__).parent.parent / "sql" / revision


def upgrade() -> None:
    connection = op.get_bind()
    for script in sorted(_SQL.glob("*.sql")):
        connection.exec_driver_sql(script.read_text(encoding="utf-8").replace("%", "%%"))


def downgrade() -> None:
    raise NotImplementedError("restore the backup taken before the upgrade: data cannot be unmade")
