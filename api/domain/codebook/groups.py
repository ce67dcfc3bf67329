"""The code lists of groups: what they are, how they relate, and what part they take in events."""

from api.domain.codebook.code import Code, CodeList

GROUP_KIND = CodeList(
    name="group_kind",
    title="Kind of group",
    description="What a group is. It says nothing about who is in the right.",
    codes=(
        Code("armed_group", "Armed group", "An organised group that fights and is not part of a state's forces."),
        Code(
            "force",
            "Force",
            "A state's army, navy, air force or police, or a militia that fights under it.",
            {"acled": "State forces"},
        ),
        Code("government", "Government", "Those who rule a country, or who claim to be its government."),
        Code("alliance", "Alliance", "Several groups that act together under one name."),
        Code("organisation", "Organisation", "A body that does not fight: an agency, a party, an institute."),
        Code(
            "population",
            "Population",
            "People of a place or a kind who are no organisation, such as a town's residents.",
            {"acled": "Civilians"},
        ),
    ),
)

RELATION_TYPE = CodeList(
    name="relation_type",
    title="Relation between groups",
    description="How the first group relates to the second. Each is read from the first to the second.",
    codes=(
        Code("member_of", "Member of", "The first belongs to the alliance or organisation that the second is."),
        Code("armed_wing_of", "Armed wing of", "The first fights for the political body that the second is."),
        Code("branch_of", "Branch of", "The first is a local or special unit of the second."),
        Code("part_of", "Part of", "The first is a part of the second in another way than as member, wing or branch."),
        Code("allied_with", "Allied with", "The two fight or act together; neither is above the other."),
        Code("supports", "Supports", "The first gives the second help, arms, orders or approval."),
        Code("successor_of", "Successor of", "The first took the place of the second."),
        Code("opposes", "Opposes", "The first fights the second or has declared itself against it."),
    ),
)

ROLE = CodeList(
    name="role",
    title="Role in the event",
    description="What part a group has in an event.",
    codes=(
        Code("attacker", "Attacker", "It began the violence, advanced or carried out the act."),
        Code("defender", "Defender", "It fought back or held what was attacked."),
        Code("target", "Target", "The act was aimed at it, and it is not said to have fought back."),
        Code("supporter", "Supporter", "It helped another side without leading."),
        Code(
            "claimant", "Claimant", "It says that it did it, or it lays claim to the place, and nothing else is known."
        ),
        Code("affected", "Affected", "It suffered the consequences without being the aim."),
        Code("mediator", "Mediator", "It tried to bring the sides together."),
    ),
)

CERTAINTY = CodeList(
    name="certainty",
    title="Certainty of the role",
    description="How well a group's part in an event is established.",
    codes=(
        Code("stated", "Stated", "A report says so in its own voice, or parties on both sides do."),
        Code(
            "single_source",
            "Single source",
            "It rests on the word of one person or one party, or of several of whom none is on the other side.",
        ),
        Code(
            "inferred",
            "Inferred",
            "Nobody says so: it is concluded from the rest of the report or, in an imported dataset, from the columns of its publisher.",
        ),
    ),
)
