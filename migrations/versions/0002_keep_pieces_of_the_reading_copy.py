"""Keep pieces of the reading copy.

Revision: 0002, after: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TEXT = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "column_piece",
        sa.Column("dataset_id", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("hash", TEXT, nullable=False),
        sa.Column("code_hash", TEXT, nullable=False),
        sa.ForeignKeyConstraint(["dataset_id"], ["dataset.id"], name=op.f("fk_column_piece_dataset_id")),
        sa.PrimaryKeyConstraint("dataset_id", "name", name=op.f("pk_column_piece")),
    )
    op.create_table(
        "column_chunk",
        sa.Column("dataset_id", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["dataset_id", "name"],
            ["column_piece.dataset_id", "column_piece.name"],
            name=op.f("fk_column_chunk_dataset_id_name"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("dataset_id", "name", "position", name=op.f("pk_column_chunk")),
    )


def downgrade() -> None:
    op.drop_table("column_chunk")
    op.drop_table("column_piece")
