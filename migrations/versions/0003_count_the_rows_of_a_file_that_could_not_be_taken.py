"""Count the rows of a file that could not be taken.

Revision: 0003, after: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("rows_read", "rows_set_aside"):
        op.add_column("dataset", sa.Column(name, sa.Integer(), nullable=True))


def downgrade() -> None:
    for name in ("rows_set_aside", "rows_read"):
        op.drop_column("dataset", name)
