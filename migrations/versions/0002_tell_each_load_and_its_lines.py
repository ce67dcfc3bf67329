"""Tell each load and its lines.

Revision: 0002, after 0001.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TEXT = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    # Added as they stand: a table made anew would be copied line by line.
    op.add_column("change", sa.Column("revision", sa.Integer(), server_default="0", nullable=False))
    op.add_column("change", sa.Column("counts", sa.JSON(none_as_null=True), nullable=True))
    op.create_table(
        "load",
        sa.Column("revision", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("token", TEXT, nullable=False),
        sa.Column("dataset_id", TEXT, nullable=True),
        sa.Column("release", TEXT, nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.CheckConstraint("revision > 0", name=op.f("ck_load_revision_counted")),
        sa.PrimaryKeyConstraint("revision", name=op.f("pk_load")),
    )
    # The state that stands is one that clients know by its token.
    op.execute("INSERT INTO load (revision, token, at, counts) SELECT number, token, at, '{}' FROM revision")


def downgrade() -> None:
    op.drop_table("load")
    op.drop_column("change", "counts")
    op.drop_column("change", "revision")
