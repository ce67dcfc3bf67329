"""The datasets there are: those that ship with the service, and those that a publisher's file is imported of."""

from __future__ import annotations

from collections.abc import Mapping

from api.load.loading import LoadSource
from seeds.acled.export import Acled
from seeds.corpus.files import SEEDS
from seeds.corpus.records import Corpus, Gazetteer
from seeds.idmc.updates import IdmcIdu
from seeds.importer.importer import Importer
from seeds.ucdp.ged import UcdpGed

# The dataset whose places all others stand on.
PLACES = "gazetteer"
# What is loaded when no dataset is named, in this order: later ones refer to earlier ones.
DATASETS: Mapping[str, LoadSource] = {PLACES: Gazetteer(), "op1027": Corpus(SEEDS / "op1027")}

# By the id that the dataset gets.
IMPORTERS: Mapping[str, type[Importer]] = {
    "ucdp-ged": UcdpGed,
    "acled": Acled,
    "idmc-idu": IdmcIdu,
}
