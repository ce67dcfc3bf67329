"""The code lists of places: their levels, and how precisely an event's place is known."""

from api.domain.codebook.code import Code, CodeList

LOCATION_PRECISION = CodeList(
    name="location_precision",
    title="Precision of the place",
    description="How closely an event's location says where it happened, finest first.",
    codes=(
        Code(
            "exact",
            "Exact",
            "It happened in the named town, village or site.",
            {"ucdp": "where_prec 1", "acled": "geo_precision 1"},
        ),
        Code(
            "near",
            "Near",
            "It happened near the named place, or in a small area around it.",
            {"ucdp": "where_prec 2", "acled": "geo_precision 2"},
        ),
        Code("township", "Township", "Only the township is known.", {"acled": "geo_precision 2"}),
        Code("district", "District", "Only the district or self-administered zone is known.", {"ucdp": "where_prec 3"}),
        Code(
            "state_or_region",
            "State or region",
            "Only the state or region is known.",
            {"ucdp": "where_prec 4", "acled": "geo_precision 3"},
        ),
        Code(
            "area",
            "Area",
            "Only an area is known that is larger than one state or region: several of a country, or several countries.",
            {"ucdp": "where_prec 5", "acled": "geo_precision 3"},
        ),
        Code("country", "Country", "Only the country is known.", {"ucdp": "where_prec 6"}),
        Code("unknown", "Unknown", "The report does not say where, or it cannot be told."),
    ),
)

LOCATION_LEVEL = CodeList(
    name="location_level",
    title="Level of the place",
    description="What kind of place it is, coarsest first. A place is always finer than the one it lies in.",
    codes=(
        Code("country", "Country", "A whole country.", {"hxl": "#country+name"}),
        Code(
            "area",
            "Area",
            "Several states or regions of a country, such as a state that the gazetteer cuts up, or several countries.",
        ),
        Code(
            "state_or_region",
            "State or region",
            "The first division of the country, a union territory included.",
            {"hxl": "#adm1+name"},
        ),
        Code(
            "district",
            "District",
            "The second division of the country, self-administered zones included.",
            {"hxl": "#adm2+name"},
        ),
        Code("township", "Township", "The third division of the country.", {"hxl": "#adm3+name"}),
        Code("town", "Town", "A town or city.", {"hxl": "#loc+name"}),
        Code("village", "Village", "A village.", {"hxl": "#loc+name"}),
        Code("site", "Site", "One spot: a base, an outpost, a bridge, a building, a gate.", {"hxl": "#loc+name"}),
    ),
)

# Each place has a column for each level, and so has the reading copy: the place of that level that it lies in. A subtree
# is then one comparison, whatever its level.
LEVELS: tuple[str, ...] = LOCATION_LEVEL.values()
# Precisions at which a point may be drawn on a map; coarser ones name an area that no point stands for.
DRAWN_PRECISIONS: tuple[str, ...] = ("exact", "near", "township", "district")
# Levels of places that no point stands for.
UNDRAWN_LEVELS: tuple[str, ...] = ("country", "area", "state_or_region")
