"""Create the schema.

Revision: 0001, the first.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# Ids, codes and folded names: compared byte by byte on both engines.
TEXT = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:

    op.create_table(
        "change",
        sa.Column("number", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("record", TEXT, nullable=False),
        sa.Column("record_id", TEXT, nullable=False),
        sa.Column("dataset_id", TEXT, nullable=False),
        sa.Column("action", TEXT, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("replaced_by", TEXT, nullable=True),
        sa.Column("fields", sa.JSON(none_as_null=True), nullable=True),
        sa.CheckConstraint(
            "(action = 'created' OR action = 'updated' OR action = 'deleted' OR action = 'merged')",
            name=op.f("ck_change_action_known"),
        ),
        sa.CheckConstraint(
            "(record = 'dataset' OR record = 'document' OR record = 'group' OR record = 'location' OR record = 'event' OR record = 'figure')",
            name=op.f("ck_change_record_known"),
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_change")),
    )
    with op.batch_alter_table("change", schema=None) as batch_op:
        batch_op.create_index("ix_change_dataset_id", ["dataset_id", "number"], unique=False)
        batch_op.create_index("ix_change_record", ["record", "record_id", "number"], unique=False)

    op.create_table(
        "dataset",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("publisher", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=True),
        sa.Column("licence", sa.String(), nullable=False),
        sa.Column("licence_url", sa.String(), nullable=True),
        sa.Column("citation", sa.String(), nullable=False),
        sa.Column("release", sa.String(), nullable=False),
        sa.Column("first_date", sa.Date(), nullable=True),
        sa.Column("last_date", sa.Date(), nullable=True),
        sa.Column("is_redistributable", sa.Boolean(), nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("content_hash", sa.String(), nullable=False),
        sa.Column("rows_read", sa.Integer(), nullable=True),
        sa.Column("rows_set_aside", sa.Integer(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.CheckConstraint("(first_date IS NULL) = (last_date IS NULL)", name=op.f("ck_dataset_period_whole")),
        sa.CheckConstraint("first_date <= last_date", name=op.f("ck_dataset_period_in_order")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dataset")),
    )
    op.create_table(
        "dataset_release",
        sa.Column("dataset_id", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("sort_key", TEXT, nullable=True),
        sa.Column("first_told", sa.Date(), nullable=True),
        sa.Column("last_told", sa.Date(), nullable=True),
        sa.Column("basis", sa.String(), nullable=True),
        sa.Column("is_whole", sa.Boolean(), nullable=False),
        sa.Column("first_date", sa.Date(), nullable=True),
        sa.Column("last_date", sa.Date(), nullable=True),
        sa.Column("events", sa.Integer(), nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("code_hash", sa.String(), nullable=False),
        sa.Column("content_hash", sa.String(), nullable=False),
        sa.CheckConstraint("events >= 0", name=op.f("ck_dataset_release_events_counted")),
        sa.CheckConstraint("first_date <= last_date", name=op.f("ck_dataset_release_period_in_order")),
        sa.CheckConstraint("first_told <= last_told", name=op.f("ck_dataset_release_told_in_order")),
        sa.ForeignKeyConstraint(["dataset_id"], ["dataset.id"], name=op.f("fk_dataset_release_dataset_id")),
        sa.PrimaryKeyConstraint("dataset_id", "name", name=op.f("pk_dataset_release")),
    )
    op.create_table(
        "revision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("token", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_revision_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_revision")),
    )

    op.create_table(
        "document",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("dataset_id", TEXT, nullable=False),
        sa.Column("outlet", sa.String(), nullable=False),
        sa.Column("outlet_basis", sa.String(), nullable=False),
        sa.Column("agencies", sa.JSON(), nullable=False),
        sa.Column("title", sa.String(), nullable=True),
        sa.Column("published_on", sa.Date(), nullable=True),
        sa.Column("published_on_basis", sa.String(), nullable=True),
        sa.Column("published_on_reason", sa.String(), nullable=True),
        sa.Column("language", sa.String(), nullable=True),
        sa.Column("sha256", sa.String(), nullable=True),
        sa.Column("length", sa.Integer(), nullable=True),
        sa.Column("url", sa.String(), nullable=True),
        sa.Column("archive_url", sa.String(), nullable=True),
        sa.Column("archived_on", sa.Date(), nullable=True),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.CheckConstraint(
            "archived_on IS NULL OR archive_url IS NOT NULL", name=op.f("ck_document_archived_somewhere")
        ),
        sa.CheckConstraint(
            "(outlet_basis = 'stated' OR outlet_basis = 'inferred')", name=op.f("ck_document_outlet_basis_known")
        ),
        sa.CheckConstraint(
            "(published_on_basis = 'stated' OR published_on_basis = 'inferred')",
            name=op.f("ck_document_published_on_basis_known"),
        ),
        sa.CheckConstraint(
            "(published_on IS NULL) = (published_on_basis IS NULL)", name=op.f("ck_document_published_on_has_basis")
        ),
        sa.CheckConstraint("length > 0", name=op.f("ck_document_length_positive")),
        sa.CheckConstraint("length(sha256) = 64", name=op.f("ck_document_sha256_whole")),
        sa.ForeignKeyConstraint(["dataset_id"], ["dataset.id"], name=op.f("fk_document_dataset_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document")),
    )
    with op.batch_alter_table("document", schema=None) as batch_op:
        batch_op.create_index("ix_document_dataset_id", ["dataset_id", "id"], unique=False)

    op.create_table(
        "group",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("dataset_id", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("acronym", sa.String(), nullable=True),
        sa.Column("group_kind", TEXT, nullable=False),
        sa.Column("country", TEXT, nullable=True),
        sa.Column("description", sa.String(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.CheckConstraint(
            "(group_kind = 'armed_group' OR group_kind = 'force' OR group_kind = 'government' OR group_kind = 'alliance' OR group_kind = 'organisation' OR group_kind = 'population')",
            name=op.f("ck_group_group_kind_known"),
        ),
        sa.CheckConstraint("length(country) = 3 AND country = upper(country)", name=op.f("ck_group_country_alpha_3")),
        sa.ForeignKeyConstraint(["dataset_id"], ["dataset.id"], name=op.f("fk_group_dataset_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_group")),
    )
    with op.batch_alter_table("group", schema=None) as batch_op:
        batch_op.create_index("ix_group_dataset_id", ["dataset_id", "id"], unique=False)

    op.create_table(
        "location",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("dataset_id", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("native_name", sa.String(), nullable=True),
        sa.Column("level", TEXT, nullable=False),
        sa.Column("parent_id", TEXT, nullable=True),
        sa.Column("pcode", TEXT, nullable=True),
        sa.Column("latitude", sa.Double(), nullable=True),
        sa.Column("longitude", sa.Double(), nullable=True),
        sa.Column("uncertainty_km", sa.Double(), nullable=True),
        sa.Column("position_basis", sa.String(), nullable=True),
        sa.Column("country", TEXT, nullable=True),
        sa.Column("area", TEXT, nullable=True),
        sa.Column("state_or_region", TEXT, nullable=True),
        sa.Column("district", TEXT, nullable=True),
        sa.Column("township", TEXT, nullable=True),
        sa.Column("town", TEXT, nullable=True),
        sa.Column("village", TEXT, nullable=True),
        sa.Column("site", TEXT, nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.CheckConstraint(
            "(level = 'country' OR level = 'area' OR level = 'state_or_region' OR level = 'district' OR level = 'township' OR level = 'town' OR level = 'village' OR level = 'site')",
            name=op.f("ck_location_level_known"),
        ),
        sa.CheckConstraint(
            "level <> 'country' OR (parent_id IS NULL AND country IS NOT NULL AND id = lower(country))",
            name=op.f("ck_location_country_named_by_code"),
        ),
        sa.CheckConstraint(
            "parent_id IS NOT NULL OR (level = 'country' OR level = 'area')", name=op.f("ck_location_lies_in_a_place")
        ),
        sa.CheckConstraint("(latitude IS NULL) = (longitude IS NULL)", name=op.f("ck_location_point_whole")),
        sa.CheckConstraint("latitude BETWEEN -90 AND 90", name=op.f("ck_location_latitude_in_range")),
        sa.CheckConstraint(
            "length(country) = 3 AND country = upper(country)", name=op.f("ck_location_country_alpha_3")
        ),
        sa.CheckConstraint("longitude BETWEEN -180 AND 180", name=op.f("ck_location_longitude_in_range")),
        sa.CheckConstraint("parent_id <> id", name=op.f("ck_location_not_its_own_parent")),
        sa.CheckConstraint("uncertainty_km >= 0", name=op.f("ck_location_uncertainty_not_negative")),
        sa.ForeignKeyConstraint(["dataset_id"], ["dataset.id"], name=op.f("fk_location_dataset_id")),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["location.id"], name=op.f("fk_location_parent_id"), initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_location")),
    )
    with op.batch_alter_table("location", schema=None) as batch_op:
        batch_op.create_index("ix_location_country", ["country", "id"], unique=False)
        batch_op.create_index("ix_location_dataset_id", ["dataset_id", "id"], unique=False)
        batch_op.create_index("ix_location_of_country", ["level", "country"], unique=False)
        batch_op.create_index("ix_location_parent_id", ["parent_id", "id"], unique=False)

    op.create_table(
        "rendition_dictionary",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("dataset_id", TEXT, nullable=False),
        sa.Column("record", TEXT, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint(
            "(record = 'event' OR record = 'figure')", name=op.f("ck_rendition_dictionary_record_known")
        ),
        sa.ForeignKeyConstraint(["dataset_id"], ["dataset.id"], name=op.f("fk_rendition_dictionary_dataset_id")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_rendition_dictionary")),
        sa.UniqueConstraint("dataset_id", "record", name=op.f("uq_rendition_dictionary_dataset_id_record")),
    )
    op.create_table(
        "event",
        sa.Column("dataset_id", TEXT, nullable=False),
        sa.Column("release", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("type", TEXT, nullable=False),
        sa.Column("subtype", TEXT, nullable=True),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("summary", sa.String(), nullable=True),
        sa.Column("date_reason", sa.String(), nullable=True),
        sa.Column("location_id", TEXT, nullable=False),
        sa.Column("latitude", sa.Double(), nullable=True),
        sa.Column("longitude", sa.Double(), nullable=True),
        sa.Column("location_precision", TEXT, nullable=False),
        sa.Column("part_of", TEXT, nullable=True),
        sa.Column("outcome", TEXT, nullable=True),
        sa.Column("coding_status", TEXT, nullable=False),
        sa.Column("codes", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("date_start", sa.Date(), nullable=False),
        sa.Column("date_end", sa.Date(), nullable=False),
        sa.Column("date_precision", TEXT, nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.CheckConstraint(
            "(coding_status = 'draft' OR coding_status = 'coded' OR coding_status = 'double_coded' OR coding_status = 'imported')",
            name=op.f("ck_event_coding_status_known"),
        ),
        sa.CheckConstraint(
            "(date_precision = 'day' OR date_precision = 'days' OR date_precision = 'week' OR date_precision = 'month' OR date_precision = 'year')",
            name=op.f("ck_event_date_precision_known"),
        ),
        sa.CheckConstraint(
            "(kind = 'incident' OR kind = 'episode' OR kind = 'aggregate')", name=op.f("ck_event_kind_known")
        ),
        sa.CheckConstraint(
            "(location_precision = 'exact' OR location_precision = 'near' OR location_precision = 'township' OR location_precision = 'district' OR location_precision = 'state_or_region' OR location_precision = 'area' OR location_precision = 'country' OR location_precision = 'unknown')",
            name=op.f("ck_event_location_precision_known"),
        ),
        sa.CheckConstraint(
            "(outcome = 'captured' OR outcome = 'contested' OR outcome = 'repelled' OR outcome = 'withdrawn' OR outcome = 'surrendered' OR outcome = 'destroyed' OR outcome = 'ongoing')",
            name=op.f("ck_event_outcome_known"),
        ),
        sa.CheckConstraint(
            "(subtype = 'government_regains_territory' OR subtype = 'non_state_actor_overtakes_territory' OR subtype = 'armed_clash' OR subtype = 'excessive_force_against_protesters' OR subtype = 'protest_with_intervention' OR subtype = 'peaceful_protest' OR subtype = 'violent_demonstration' OR subtype = 'mob_violence' OR subtype = 'chemical_weapon' OR subtype = 'air_drone_strike' OR subtype = 'suicide_bomb' OR subtype = 'shelling_artillery_missile_attack' OR subtype = 'remote_explosive_landmine_ied' OR subtype = 'grenade' OR subtype = 'sexual_violence' OR subtype = 'attack' OR subtype = 'abduction_forced_disappearance' OR subtype = 'agreement' OR subtype = 'arrests' OR subtype = 'change_to_group_activity' OR subtype = 'disrupted_weapons_use' OR subtype = 'headquarters_or_base_established' OR subtype = 'looting_property_destruction' OR subtype = 'non_violent_transfer_of_territory' OR subtype = 'other' OR subtype = 'evacuation' OR subtype = 'forced_flight' OR subtype = 'relocation' OR subtype = 'return' OR subtype = 'other_displacement')",
            name=op.f("ck_event_subtype_known"),
        ),
        sa.CheckConstraint(
            "(type = 'battles' OR type = 'protests' OR type = 'riots' OR type = 'explosions_remote_violence' OR type = 'violence_against_civilians' OR type = 'strategic_developments' OR type = 'displacement')",
            name=op.f("ck_event_type_known"),
        ),
        sa.CheckConstraint("(latitude IS NULL) = (longitude IS NULL)", name=op.f("ck_event_point_whole")),
        sa.CheckConstraint("date_start <= date_end", name=op.f("ck_event_period_in_order")),
        sa.CheckConstraint("latitude BETWEEN -90 AND 90", name=op.f("ck_event_latitude_in_range")),
        sa.CheckConstraint("longitude BETWEEN -180 AND 180", name=op.f("ck_event_longitude_in_range")),
        sa.CheckConstraint("part_of <> id", name=op.f("ck_event_not_part_of_itself")),
        sa.ForeignKeyConstraint(["dataset_id"], ["dataset.id"], name=op.f("fk_event_dataset_id")),
        sa.ForeignKeyConstraint(["location_id"], ["location.id"], name=op.f("fk_event_location_id")),
        sa.ForeignKeyConstraint(
            ["part_of"], ["event.id"], name=op.f("fk_event_part_of"), initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_event")),
        sa.UniqueConstraint("id", name=op.f("uq_event_id")),
    )
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.create_index("ix_event_dataset_id", ["dataset_id", "release"], unique=False)
        batch_op.create_index("ix_event_location_id", ["location_id"], unique=False)
        batch_op.create_index(
            "ix_event_part_of",
            ["part_of"],
            unique=False,
            sqlite_where=sa.text("part_of IS NOT NULL"),
            postgresql_where=sa.text("part_of IS NOT NULL"),
        )

    op.create_table(
        "group_code",
        sa.Column("group_id", TEXT, nullable=False),
        sa.Column("scheme", TEXT, nullable=False),
        sa.Column("code", TEXT, nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["group.id"], name=op.f("fk_group_code_group_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("group_id", "scheme", "code", name=op.f("pk_group_code")),
    )
    with op.batch_alter_table("group_code", schema=None) as batch_op:
        batch_op.create_index("ix_group_code_code", ["scheme", "code"], unique=False)

    op.create_table(
        "group_name",
        sa.Column("group_id", TEXT, nullable=False),
        sa.Column("document_id", TEXT, nullable=True),
        sa.Column("dataset_id", TEXT, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("folded", TEXT, nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=True),
        sa.CheckConstraint("rank BETWEEN 0 AND 3", name=op.f("ck_group_name_rank_known")),
        sa.ForeignKeyConstraint(
            ["dataset_id"], ["dataset.id"], name=op.f("fk_group_name_dataset_id"), initially="DEFERRED", deferrable=True
        ),
        sa.ForeignKeyConstraint(
            ["document_id"],
            ["document.id"],
            name=op.f("fk_group_name_document_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["group_id"], ["group.id"], name=op.f("fk_group_name_group_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("group_id", "dataset_id", "position", name=op.f("pk_group_name")),
    )
    with op.batch_alter_table("group_name", schema=None) as batch_op:
        batch_op.create_index("ix_group_name_dataset_id", ["dataset_id", "group_id"], unique=False)
        batch_op.create_index("ix_group_name_document_id", ["document_id"], unique=False)
        batch_op.create_index("ix_group_name_folded", ["folded", "rank", "group_id"], unique=False)

    op.create_table(
        "group_relation",
        sa.Column("from_group_id", TEXT, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("to_group_id", TEXT, nullable=False),
        sa.Column("type", TEXT, nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("document_id", TEXT, nullable=True),
        sa.Column("spans", sa.JSON(), nullable=False),
        sa.Column("dataset_id", TEXT, nullable=False),
        sa.CheckConstraint(
            "(type = 'member_of' OR type = 'armed_wing_of' OR type = 'branch_of' OR type = 'part_of' OR type = 'allied_with' OR type = 'supports' OR type = 'successor_of' OR type = 'opposes')",
            name=op.f("ck_group_relation_type_known"),
        ),
        sa.CheckConstraint("from_group_id <> to_group_id", name=op.f("ck_group_relation_not_with_itself")),
        sa.CheckConstraint("valid_from <= valid_to", name=op.f("ck_group_relation_period_in_order")),
        sa.ForeignKeyConstraint(
            ["dataset_id"],
            ["dataset.id"],
            name=op.f("fk_group_relation_dataset_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["document_id"],
            ["document.id"],
            name=op.f("fk_group_relation_document_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["from_group_id"], ["group.id"], name=op.f("fk_group_relation_from_group_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["to_group_id"],
            ["group.id"],
            name=op.f("fk_group_relation_to_group_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("from_group_id", "position", "dataset_id", name=op.f("pk_group_relation")),
    )
    with op.batch_alter_table("group_relation", schema=None) as batch_op:
        batch_op.create_index("ix_group_relation_dataset_id", ["dataset_id"], unique=False)
        batch_op.create_index("ix_group_relation_document_id", ["document_id"], unique=False)
        batch_op.create_index("ix_group_relation_to_group_id", ["to_group_id", "type"], unique=False)

    op.create_table(
        "location_name",
        sa.Column("location_id", TEXT, nullable=False),
        sa.Column("document_id", TEXT, nullable=True),
        sa.Column("dataset_id", TEXT, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("folded", TEXT, nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=True),
        sa.CheckConstraint("rank BETWEEN 0 AND 3", name=op.f("ck_location_name_rank_known")),
        sa.ForeignKeyConstraint(
            ["dataset_id"],
            ["dataset.id"],
            name=op.f("fk_location_name_dataset_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["document_id"],
            ["document.id"],
            name=op.f("fk_location_name_document_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["location_id"], ["location.id"], name=op.f("fk_location_name_location_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("location_id", "dataset_id", "position", name=op.f("pk_location_name")),
    )
    with op.batch_alter_table("location_name", schema=None) as batch_op:
        batch_op.create_index("ix_location_name_dataset_id", ["dataset_id", "location_id"], unique=False)
        batch_op.create_index("ix_location_name_document_id", ["document_id"], unique=False)
        batch_op.create_index("ix_location_name_folded", ["folded", "rank", "location_id"], unique=False)

    op.create_table(
        "event_rendition",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("release", TEXT, nullable=False),
        sa.Column("json", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["number"], ["event.number"], name=op.f("fk_event_rendition_number"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_event_rendition")),
        postgresql_with={"toast_tuple_target": 8160},
    )
    op.create_table(
        "event_words",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["number"], ["event.number"], name=op.f("fk_event_words_number"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_event_words")),
    )
    op.create_table(
        "figure",
        sa.Column("event_number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("event_id", TEXT, nullable=False),
        sa.Column("dataset_id", TEXT, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("family", TEXT, nullable=False),
        sa.Column("measure", TEXT, nullable=False),
        sa.Column("population", TEXT, nullable=True),
        sa.Column("object", TEXT, nullable=True),
        sa.Column("sex", TEXT, nullable=True),
        sa.Column("age", TEXT, nullable=True),
        sa.Column("cause", TEXT, nullable=True),
        sa.Column("term", TEXT, nullable=True),
        sa.Column("unit", TEXT, nullable=False),
        sa.Column("low", sa.BigInteger(), nullable=True),
        sa.Column("best", sa.BigInteger(), nullable=True),
        sa.Column("high", sa.BigInteger(), nullable=True),
        sa.Column("open_ended", sa.Boolean(), nullable=False),
        sa.Column("qualifier", TEXT, nullable=True),
        sa.Column("status", TEXT, nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("date_reason", sa.String(), nullable=True),
        sa.Column("location_id", TEXT, nullable=False),
        sa.Column("latitude", sa.Double(), nullable=True),
        sa.Column("longitude", sa.Double(), nullable=True),
        sa.Column("location_precision", TEXT, nullable=False),
        sa.Column("part_of", TEXT, nullable=True),
        sa.Column("nesting", TEXT, nullable=True),
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("date_start", sa.Date(), nullable=False),
        sa.Column("date_end", sa.Date(), nullable=False),
        sa.Column("date_precision", TEXT, nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.CheckConstraint(
            "(date_precision = 'day' OR date_precision = 'days' OR date_precision = 'week' OR date_precision = 'month' OR date_precision = 'year')",
            name=op.f("ck_figure_date_precision_known"),
        ),
        sa.CheckConstraint(
            "(family = 'casualty' AND (measure = 'killed' OR measure = 'injured' OR measure = 'captured' OR measure = 'surrendered' OR measure = 'abducted' OR measure = 'missing' OR measure = 'casualties')) OR (family = 'displacement' AND (measure = 'displaced' OR measure = 'returned')) OR (family = 'affected' AND (measure = 'trapped' OR measure = 'trafficked' OR measure = 'out_of_contact')) OR (family = 'damage' AND (measure = 'destroyed' OR measure = 'damaged')) OR (family = 'territory' AND (measure = 'seized' OR measure = 'attacked')) OR (family = 'force' AND (measure = 'combatants' OR measure = 'air_strikes' OR measure = 'aircraft' OR measure = 'weapons_seized')) OR (family = 'context' AND (measure = 'population' OR measure = 'trade_share'))",
            name=op.f("ck_figure_measure_of_family"),
        ),
        sa.CheckConstraint(
            "(family = 'casualty' OR family = 'displacement' OR family = 'affected' OR family = 'damage' OR family = 'territory' OR family = 'force' OR family = 'context')",
            name=op.f("ck_figure_family_known"),
        ),
        sa.CheckConstraint(
            "(location_precision = 'exact' OR location_precision = 'near' OR location_precision = 'township' OR location_precision = 'district' OR location_precision = 'state_or_region' OR location_precision = 'area' OR location_precision = 'country' OR location_precision = 'unknown')",
            name=op.f("ck_figure_location_precision_known"),
        ),
        sa.CheckConstraint(
            "(measure = 'killed' OR measure = 'injured' OR measure = 'captured' OR measure = 'surrendered' OR measure = 'abducted' OR measure = 'missing' OR measure = 'casualties' OR measure = 'displaced' OR measure = 'returned' OR measure = 'trapped' OR measure = 'trafficked' OR measure = 'out_of_contact' OR measure = 'destroyed' OR measure = 'damaged' OR measure = 'seized' OR measure = 'attacked' OR measure = 'combatants' OR measure = 'air_strikes' OR measure = 'aircraft' OR measure = 'weapons_seized' OR measure = 'population' OR measure = 'trade_share')",
            name=op.f("ck_figure_measure_known"),
        ),
        sa.CheckConstraint("(nesting = 'certain' OR nesting = 'possible')", name=op.f("ck_figure_nesting_known")),
        sa.CheckConstraint(
            "(object = 'house' OR object = 'school' OR object = 'religious_building' OR object = 'police_station' OR object = 'government_office' OR object = 'bank' OR object = 'shop' OR object = 'building' OR object = 'town' OR object = 'township' OR object = 'base' OR object = 'position' OR object = 'outpost' OR object = 'trade_zone' OR object = 'other')",
            name=op.f("ck_figure_object_known"),
        ),
        sa.CheckConstraint(
            "(object IS NOT NULL) = (measure = 'destroyed' OR measure = 'damaged' OR measure = 'seized' OR measure = 'attacked')",
            name=op.f("ck_figure_things_have_object"),
        ),
        sa.CheckConstraint(
            "(population = 'state_forces' OR population = 'armed_opposition' OR population = 'civilians' OR population = 'other_protected' OR population = 'contested' OR population = 'mixed' OR population = 'unspecified')",
            name=op.f("ck_figure_population_known"),
        ),
        sa.CheckConstraint(
            "(population IS NOT NULL) = (measure = 'killed' OR measure = 'injured' OR measure = 'captured' OR measure = 'surrendered' OR measure = 'abducted' OR measure = 'missing' OR measure = 'casualties' OR measure = 'displaced' OR measure = 'returned' OR measure = 'trapped' OR measure = 'trafficked' OR measure = 'out_of_contact' OR measure = 'combatants' OR measure = 'population')",
            name=op.f("ck_figure_people_have_population"),
        ),
        sa.CheckConstraint(
            "(qualifier = 'exact' OR qualifier = 'at_least' OR qualifier = 'more_than' OR qualifier = 'nearly' OR qualifier = 'around' OR qualifier = 'at_most' OR qualifier = 'up_to' OR qualifier = 'several' OR qualifier = 'tens' OR qualifier = 'hundreds' OR qualifier = 'thousands' OR qualifier = 'tens_of_thousands' OR qualifier = 'hundreds_of_thousands' OR qualifier = 'millions' OR qualifier = 'none_reported' OR qualifier = 'unknown')",
            name=op.f("ck_figure_qualifier_known"),
        ),
        sa.CheckConstraint(
            "(sex = 'female' OR sex = 'male' OR sex = 'both' OR sex = 'unspecified')", name=op.f("ck_figure_sex_known")
        ),
        sa.CheckConstraint(
            "(status = 'numbered' OR status = 'none_reported') = (low IS NOT NULL OR best IS NOT NULL OR high IS NOT NULL)",
            name=op.f("ck_figure_status_fits_numbers"),
        ),
        sa.CheckConstraint(
            "(status = 'numbered' OR status = 'unnumbered' OR status = 'unknown' OR status = 'none_reported')",
            name=op.f("ck_figure_status_known"),
        ),
        sa.CheckConstraint(
            "(term = 'evacuated' OR term = 'displaced' OR term = 'forced_to_flee' OR term = 'relocated')",
            name=op.f("ck_figure_term_known"),
        ),
        sa.CheckConstraint(
            "(unit = 'person' OR unit = 'household' OR unit = 'percent' OR unit = 'thing')",
            name=op.f("ck_figure_unit_known"),
        ),
        sa.CheckConstraint(
            "status <> 'none_reported' OR (coalesce(low, 1) = 0 AND coalesce(best, 1) = 0 AND coalesce(high, 1) = 0)",
            name=op.f("ck_figure_none_reported_is_zero"),
        ),
        sa.CheckConstraint("term IS NULL OR (measure = 'displaced')", name=op.f("ck_figure_term_of_displaced")),
        sa.CheckConstraint("(latitude IS NULL) = (longitude IS NULL)", name=op.f("ck_figure_point_whole")),
        sa.CheckConstraint("(part_of IS NULL) = (nesting IS NULL)", name=op.f("ck_figure_nesting_goes_with_part_of")),
        sa.CheckConstraint("(sex IS NULL) = (population IS NULL)", name=op.f("ck_figure_people_have_sex")),
        sa.CheckConstraint("(age IS NULL) = (population IS NULL)", name=op.f("ck_figure_people_have_age")),
        sa.CheckConstraint("(cause IS NOT NULL) = (family = 'casualty')", name=op.f("ck_figure_casualties_have_cause")),
        sa.CheckConstraint(
            "(age = 'child' OR age = 'adult' OR age = 'both' OR age = 'unspecified')",
            name=op.f("ck_figure_age_known"),
        ),
        sa.CheckConstraint(
            "(cause = 'heavy_weapons' OR cause = 'planted_explosives' OR cause = 'small_arms' OR cause = 'incendiary' OR cause = 'cbrn' OR cause = 'electromagnetic' OR cause = 'less_lethal' OR cause = 'denial' OR cause = 'accident' OR cause = 'other_means' OR cause = 'multiple' OR cause = 'unknown')",
            name=op.f("ck_figure_cause_known"),
        ),
        sa.CheckConstraint("NOT open_ended OR high IS NULL", name=op.f("ck_figure_open_end_has_no_high")),
        sa.CheckConstraint("date_start <= date_end", name=op.f("ck_figure_period_in_order")),
        sa.CheckConstraint("latitude BETWEEN -90 AND 90", name=op.f("ck_figure_latitude_in_range")),
        sa.CheckConstraint("longitude BETWEEN -180 AND 180", name=op.f("ck_figure_longitude_in_range")),
        sa.CheckConstraint("low <= best AND best <= high AND low <= high", name=op.f("ck_figure_bounds_in_order")),
        sa.CheckConstraint("low >= 0 AND best >= 0 AND high >= 0", name=op.f("ck_figure_bounds_not_negative")),
        sa.CheckConstraint("part_of <> id", name=op.f("ck_figure_not_part_of_itself")),
        sa.ForeignKeyConstraint(["dataset_id"], ["dataset.id"], name=op.f("fk_figure_dataset_id")),
        sa.ForeignKeyConstraint(
            ["event_number"], ["event.number"], name=op.f("fk_figure_event_number"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["location_id"], ["location.id"], name=op.f("fk_figure_location_id")),
        sa.ForeignKeyConstraint(
            ["part_of"], ["figure.id"], name=op.f("fk_figure_part_of"), initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_figure")),
        sa.UniqueConstraint("id", name=op.f("uq_figure_id")),
    )
    with op.batch_alter_table("figure", schema=None) as batch_op:
        batch_op.create_index("ix_figure_dataset_id", ["dataset_id"], unique=False)
        batch_op.create_index("ix_figure_event_number", ["event_number", "position"], unique=False)
        batch_op.create_index("ix_figure_location_id", ["location_id"], unique=False)
        batch_op.create_index(
            "ix_figure_part_of",
            ["part_of"],
            unique=False,
            sqlite_where=sa.text("part_of IS NOT NULL"),
            postgresql_where=sa.text("part_of IS NOT NULL"),
        )

    op.create_table(
        "participation",
        sa.Column(
            "event_number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("group_id", TEXT, nullable=False),
        sa.Column("role", TEXT, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("certainty", TEXT, nullable=False),
        sa.CheckConstraint(
            "(certainty = 'stated' OR certainty = 'single_source' OR certainty = 'inferred')",
            name=op.f("ck_participation_certainty_known"),
        ),
        sa.CheckConstraint(
            "(role = 'attacker' OR role = 'defender' OR role = 'target' OR role = 'supporter' OR role = 'claimant' OR role = 'affected' OR role = 'mediator')",
            name=op.f("ck_participation_role_known"),
        ),
        sa.ForeignKeyConstraint(
            ["event_number"], ["event.number"], name=op.f("fk_participation_event_number"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["group_id"], ["group.id"], name=op.f("fk_participation_group_id")),
        sa.PrimaryKeyConstraint("event_number", "group_id", "role", name=op.f("pk_participation")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("participation", schema=None) as batch_op:
        batch_op.create_index("ix_participation_group_id", ["group_id"], unique=False)

    op.create_table(
        "report",
        sa.Column(
            "event_number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("document_id", TEXT, nullable=False),
        sa.Column("spans", sa.JSON(), nullable=False),
        sa.Column("claimant", TEXT, nullable=True),
        sa.Column("chain", sa.JSON(), nullable=False),
        sa.Column("verification", TEXT, nullable=False),
        sa.CheckConstraint(
            "(verification = 'not_stated' OR verification = 'unverified' OR verification = 'explicitly_unverified' OR verification = 'disputed' OR verification = 'corroborated' OR verification = 'confirmed')",
            name=op.f("ck_report_verification_known"),
        ),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_report_document_id")),
        sa.ForeignKeyConstraint(
            ["event_number"], ["event.number"], name=op.f("fk_report_event_number"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("event_number", "position", name=op.f("pk_report")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("report", schema=None) as batch_op:
        batch_op.create_index("ix_report_document_id", ["document_id"], unique=False)

    op.create_table(
        "claim",
        sa.Column(
            "figure_number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("event_number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("document_id", TEXT, nullable=False),
        sa.Column("population", TEXT, nullable=True),
        sa.Column("qualifier", TEXT, nullable=True),
        sa.Column("low", sa.BigInteger(), nullable=True),
        sa.Column("best", sa.BigInteger(), nullable=True),
        sa.Column("high", sa.BigInteger(), nullable=True),
        sa.Column("is_preferred", sa.Boolean(), nullable=False),
        sa.Column("spans", sa.JSON(), nullable=False),
        sa.Column("claimant", TEXT, nullable=True),
        sa.Column("chain", sa.JSON(), nullable=False),
        sa.Column("verification", TEXT, nullable=False),
        sa.CheckConstraint(
            "(population = 'state_forces' OR population = 'armed_opposition' OR population = 'civilians' OR population = 'other_protected' OR population = 'contested' OR population = 'mixed' OR population = 'unspecified')",
            name=op.f("ck_claim_population_known"),
        ),
        sa.CheckConstraint(
            "(qualifier = 'exact' OR qualifier = 'at_least' OR qualifier = 'more_than' OR qualifier = 'nearly' OR qualifier = 'around' OR qualifier = 'at_most' OR qualifier = 'up_to' OR qualifier = 'several' OR qualifier = 'tens' OR qualifier = 'hundreds' OR qualifier = 'thousands' OR qualifier = 'tens_of_thousands' OR qualifier = 'hundreds_of_thousands' OR qualifier = 'millions' OR qualifier = 'none_reported' OR qualifier = 'unknown')",
            name=op.f("ck_claim_qualifier_known"),
        ),
        sa.CheckConstraint(
            "(verification = 'not_stated' OR verification = 'unverified' OR verification = 'explicitly_unverified' OR verification = 'disputed' OR verification = 'corroborated' OR verification = 'confirmed')",
            name=op.f("ck_claim_verification_known"),
        ),
        sa.CheckConstraint(
            "qualifier <> 'none_reported' OR claimant IS NOT NULL", name=op.f("ck_claim_none_reported_has_claimant")
        ),
        sa.CheckConstraint("low >= 0 AND best >= 0 AND high >= 0", name=op.f("ck_claim_bounds_not_negative")),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_claim_document_id")),
        sa.ForeignKeyConstraint(
            ["figure_number"], ["figure.number"], name=op.f("fk_claim_figure_number"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("figure_number", "position", name=op.f("pk_claim")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("claim", schema=None) as batch_op:
        batch_op.create_index("ix_claim_document_id", ["document_id"], unique=False)
        batch_op.create_index(
            "uq_claim_preferred",
            ["figure_number"],
            unique=True,
            sqlite_where=sa.text("is_preferred"),
            postgresql_where=sa.text("is_preferred"),
        )

    op.create_table(
        "figure_rendition",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("json", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["number"], ["figure.number"], name=op.f("fk_figure_rendition_number"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_figure_rendition")),
        postgresql_with={"toast_tuple_target": 8160},
    )
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

    op.drop_table("figure_rendition")
    with op.batch_alter_table("claim", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_claim_preferred", sqlite_where=sa.text("is_preferred"), postgresql_where=sa.text("is_preferred")
        )
        batch_op.drop_index("ix_claim_document_id")

    op.drop_table("claim")
    with op.batch_alter_table("report", schema=None) as batch_op:
        batch_op.drop_index("ix_report_document_id")

    op.drop_table("report")
    with op.batch_alter_table("participation", schema=None) as batch_op:
        batch_op.drop_index("ix_participation_group_id")

    op.drop_table("participation")
    with op.batch_alter_table("figure", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_figure_part_of",
            sqlite_where=sa.text("part_of IS NOT NULL"),
            postgresql_where=sa.text("part_of IS NOT NULL"),
        )
        batch_op.drop_index("ix_figure_location_id")
        batch_op.drop_index("ix_figure_event_number")
        batch_op.drop_index("ix_figure_dataset_id")

    op.drop_table("figure")
    op.drop_table("event_words")
    op.drop_table("event_rendition")
    with op.batch_alter_table("location_name", schema=None) as batch_op:
        batch_op.drop_index("ix_location_name_folded")
        batch_op.drop_index("ix_location_name_document_id")
        batch_op.drop_index("ix_location_name_dataset_id")

    op.drop_table("location_name")
    with op.batch_alter_table("group_relation", schema=None) as batch_op:
        batch_op.drop_index("ix_group_relation_to_group_id")
        batch_op.drop_index("ix_group_relation_document_id")
        batch_op.drop_index("ix_group_relation_dataset_id")

    op.drop_table("group_relation")
    with op.batch_alter_table("group_name", schema=None) as batch_op:
        batch_op.drop_index("ix_group_name_folded")
        batch_op.drop_index("ix_group_name_document_id")
        batch_op.drop_index("ix_group_name_dataset_id")

    op.drop_table("group_name")
    with op.batch_alter_table("group_code", schema=None) as batch_op:
        batch_op.drop_index("ix_group_code_code")

    op.drop_table("group_code")
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_event_part_of",
            sqlite_where=sa.text("part_of IS NOT NULL"),
            postgresql_where=sa.text("part_of IS NOT NULL"),
        )
        batch_op.drop_index("ix_event_location_id")
        batch_op.drop_index("ix_event_dataset_id")

    op.drop_table("event")
    op.drop_table("rendition_dictionary")
    with op.batch_alter_table("location", schema=None) as batch_op:
        batch_op.drop_index("ix_location_parent_id")
        batch_op.drop_index("ix_location_of_country")
        batch_op.drop_index("ix_location_dataset_id")
        batch_op.drop_index("ix_location_country")

    op.drop_table("location")
    with op.batch_alter_table("group", schema=None) as batch_op:
        batch_op.drop_index("ix_group_dataset_id")

    op.drop_table("group")
    with op.batch_alter_table("document", schema=None) as batch_op:
        batch_op.drop_index("ix_document_dataset_id")

    op.drop_table("document")

    op.drop_table("revision")
    op.drop_table("dataset_release")
    op.drop_table("dataset")
    with op.batch_alter_table("change", schema=None) as batch_op:
        batch_op.drop_index("ix_change_record")
        batch_op.drop_index("ix_change_dataset_id")

    op.drop_table("change")
