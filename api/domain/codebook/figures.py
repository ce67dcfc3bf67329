"""The code lists of figures and claims beside what they count: of whom, by what, and how firmly. Arithmetic is in bounds.py."""

from api.domain.codebook.code import Code, CodeList

POPULATION = CodeList(
    name="population",
    title="Population",
    description=(
        "Which people a figure counts. Every figure that counts people has one. The status categories of SDG indicator"
        " 16.1.2 (OHCHR) part fighters otherwise: armed opposition may be members of armed forces there, or people who"
        " took a direct part in hostilities."
    ),
    codes=(
        Code(
            "state_forces",
            "State forces",
            "Army, police and militias that fight for the government.",
            {"sdg_16_1_2": "Member of armed forces"},
        ),
        Code("armed_opposition", "Armed opposition", "Fighters of armed groups that are not on the government's side."),
        Code(
            "civilians",
            "Civilians",
            "People who take no part in the fighting.",
            {"ucdp": "deaths_civilians", "sdg_16_1_2": "Civilian"},
        ),
        Code(
            "other_protected",
            "Other protected people",
            "Medical or religious staff, the wounded, prisoners of a party: people whom the law of war protects beside civilians.",
            {"sdg_16_1_2": "Other protected person"},
        ),
        Code(
            "contested",
            "Contested",
            "Sources disagree whether they were civilians or fighters. Each claim says which it holds.",
        ),
        Code("mixed", "Mixed", "People of more than one of these, not told apart."),
        Code(
            "unspecified",
            "Unspecified",
            "The report does not say who they were.",
            {"ucdp": "deaths_unknown", "sdg_16_1_2": "Unknown"},
        ),
    ),
)

OBJECT = CodeList(
    name="object",
    title="Object",
    description="What was damaged, destroyed, attacked or seized. Different objects are never added.",
    codes=(
        Code("house", "House", "A home."),
        Code("school", "School", "A place of teaching."),
        Code("religious_building", "Religious building", "A church, mosque, pagoda, monastery or temple."),
        Code("police_station", "Police station", "A post or office of the police."),
        Code("government_office", "Government office", "A building of the administration."),
        Code("bank", "Bank", "A bank or its branch."),
        Code("shop", "Shop", "A shop or market stall."),
        Code("building", "Building", "A building that is not further described."),
        Code("town", "Town", "A town or city as a whole."),
        Code("township", "Township", "A township as a whole."),
        Code("base", "Base", "A lasting military camp or headquarters."),
        Code("position", "Position", "A place that troops hold, not further described."),
        Code("outpost", "Outpost", "A small military post away from its base."),
        Code("trade_zone", "Trade zone", "A border gate or zone set up for trade."),
        Code("other", "Other", "Something that fits no other object."),
    ),
)

SEX = CodeList(
    name="sex",
    title="Sex",
    description="The sex of the people that a figure counts. Every figure that counts people has one.",
    codes=(
        Code("female", "Female", "Women or girls only.", {"hxl": "+f", "sdg_16_1_2": "Woman"}),
        Code("male", "Male", "Men or boys only.", {"hxl": "+m", "sdg_16_1_2": "Man"}),
        Code("both", "Both", "The report names people of both sexes in one number."),
        Code("unspecified", "Unspecified", "The report does not say.", {"sdg_16_1_2": "Unknown"}),
    ),
)

AGE = CodeList(
    name="age",
    title="Age",
    description="The age of the people that a figure counts. Every figure that counts people has one.",
    codes=(
        Code("child", "Child", "People below 18 only.", {"hxl": "+children", "sdg_16_1_2": "Child"}),
        Code("adult", "Adult", "People of 18 and above only.", {"hxl": "+adults", "sdg_16_1_2": "Adult"}),
        Code("both", "Both", "The report names children and adults in one number."),
        Code("unspecified", "Unspecified", "The report does not say.", {"sdg_16_1_2": "Unknown"}),
    ),
)

CAUSE = CodeList(
    name="cause",
    title="Cause",
    description=(
        "By what people came to harm, as the report says; an event's subtype is no cause by itself. Every casualty has one"
        " and nothing else has. The categories are those of SDG indicator 16.1.2 (metadata and guidance of OHCHR)."
    ),
    codes=(
        Code(
            "heavy_weapons",
            "Heavy weapons",
            "Artillery, air strikes, missiles and explosive munitions.",
            {"sdg_16_1_2": "Heavy weapons and explosive munitions"},
        ),
        Code(
            "planted_explosives",
            "Planted explosives",
            "Mines, improvised devices and what was left unexploded.",
            {"sdg_16_1_2": "Planted explosives and unexploded ordnance (UXO)"},
        ),
        Code(
            "small_arms",
            "Small arms",
            "Rifles, pistols and other weapons that one or two people carry.",
            {"sdg_16_1_2": "Small arms and light weapons"},
        ),
        Code("incendiary", "Incendiary weapons", "Weapons that set on fire.", {"sdg_16_1_2": "Incendiary"}),
        Code(
            "cbrn",
            "Chemical, biological, radiological or nuclear",
            "Weapons that poison, infect or irradiate, and nuclear ones.",
            {"sdg_16_1_2": "Chemical, Biological, Radiological, Nuclear (CBRN)"},
        ),
        Code(
            "electromagnetic",
            "Electromagnetic weapons",
            "Lasers, microwaves and other directed energy.",
            {"sdg_16_1_2": "Electromagnetic weapons"},
        ),
        Code(
            "less_lethal",
            "Less lethal weapons",
            "Tear gas, rubber bullets, batons and the like.",
            {"sdg_16_1_2": "Less lethal weapons"},
        ),
        Code(
            "denial",
            "Denial",
            "Kept from what people need to survive, or that was destroyed.",
            {"sdg_16_1_2": "Denial of access to/destruction of objects indispensable to survival"},
        ),
        Code(
            "accident",
            "Accident",
            "An accident that belongs to the conflict.",
            {"sdg_16_1_2": "Accidents related to conflict"},
        ),
        Code(
            "other_means",
            "Other means",
            "Blades, beating, strangling and any other object or means.",
            {"sdg_16_1_2": "Use of objects and other means"},
        ),
        Code("multiple", "Multiple", "More than one of these, not told apart."),
        Code("unknown", "Unknown", "The report does not say.", {"sdg_16_1_2": "Unknown"}),
    ),
)

TERM = CodeList(
    name="term",
    title="Term for displacement",
    description="The word by which a report speaks of displacement, because the ways of leaving are not the same.",
    codes=(
        Code("evacuated", "Evacuated", "Brought or sent out of danger in an organised way.", {"idmc": "EVACUATED"}),
        Code("displaced", "Displaced", "Displaced, and nothing closer is said.", {"idmc": "DISPLACED"}),
        Code(
            "forced_to_flee", "Forced to flee", "Fled by themselves from violence or fear.", {"idmc": "FORCED_TO_FLEE"}
        ),
        Code("relocated", "Relocated", "Settled elsewhere by order or by plan.", {"idmc": "RELOCATED"}),
    ),
)

NESTING = CodeList(
    name="nesting",
    title="Nesting",
    description="How surely the figure that is named as the whole contains this one.",
    codes=(
        Code("certain", "Certain", "The whole contains this figure."),
        Code(
            "possible",
            "Possible",
            "The whole may contain this figure. Totals take it as contained for low and best, and as separate for high.",
        ),
    ),
)

QUALIFIER = CodeList(
    name="qualifier",
    title="Qualifier",
    description="How a claim words its number. The qualifier and the number together give low, best and high.",
    codes=(
        Code("exact", "Exact", "The number stands alone.", {"idmc": "EXACT"}),
        Code("at_least", "At least", "This many or more."),
        Code(
            "more_than",
            "More than",
            "More than this many; words such as over count too. The lowest is this many, as of at least: news uses both words alike.",
            {"idmc": "MORE_THAN"},
        ),
        Code(
            "nearly",
            "Nearly",
            "A little under this many; words such as almost count too. The lowest is one less in the last digit that is not"
            " zero: nearly 30 is 20 to 30.",
        ),
        Code(
            "around",
            "Around",
            "Roughly this many; words such as about count too. It is taken for a tenth less to a tenth more: around 100 is 90"
            " to 110.",
            {"idmc": "APPROXIMATELY"},
        ),
        Code("at_most", "At most", "This many or fewer."),
        Code("up_to", "Up to", "Any number that does not pass this one."),
        Code("several", "Several", "An unnumbered plural, with or without a word such as several or some."),
        Code("tens", "Tens", "Tens or dozens, without a number."),
        Code("hundreds", "Hundreds", "Hundreds, without a number."),
        Code("thousands", "Thousands", "Thousands, without a number."),
        Code("tens_of_thousands", "Tens of thousands", "Tens of thousands, without a number."),
        Code("hundreds_of_thousands", "Hundreds of thousands", "Hundreds of thousands, without a number."),
        Code("millions", "Millions", "Millions, without a number."),
        Code("none_reported", "None reported", "Somebody says that there were none."),
        Code("unknown", "Unknown", "The report says that the number is not known."),
    ),
)

STATUS = CodeList(
    name="status",
    title="Status of the number",
    description="Whether a figure has a number, and why not where it has none.",
    codes=(
        Code("numbered", "Numbered", "At least one of low, best and high is known."),
        Code("unnumbered", "Unnumbered", "A report says that there were some and gives no number."),
        Code("unknown", "Unknown", "A report says that the number is not known."),
        Code("none_reported", "None reported", "Somebody says that there were none: the only zero there is."),
    ),
)
