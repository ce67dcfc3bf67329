"""How published datasets spell places of Myanmar that the gazetteer spells otherwise. Knows no database.

Only names that are certainly the same place stand here: another way of writing the same sounds, a name in another
language, a name that the unit has given up. Each pair was held to the points that both sides print. A spelling counts
only inside the state or region in which it is met, so that Namsang is Nansang in the south of Shan and nothing in its north.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from api.names import folded

_SPELLINGS = {
    # States, regions and their parts.
    "Naypyidaw": "Nay Pyi Taw",
    "Shan State (East)": "Shan (East)",
    "Shan State (North)": "Shan (North)",
    "Shan State (South)": "Shan (South)",
    # Districts. The district of Laukkaing has become the zone of Kokang.
    "Bawlakhe": "Bawlake",
    "Dawai": "Dawei",
    "Kengtong": "Kengtung",
    "Kokang": "Kokang Self-Administered Zone",
    "Laukkaing District": "Kokang Self-Administered Zone",
    "Mergui": "Myeik",
    "Pa-an": "Hpa-An",
    "Papun": "Hpapun",
    "Tachilek": "Tachileik",
    "Toungoo": "Taungoo",
    # Townships and towns.
    "Aungban": "Aungpan",
    "Aungmyethazan": "Aungmyaythazan",
    "Hlaingthaya": "Hlaingtharya",
    "Hsenwi": "Hseni",
    "Htilin": "Tilin",
    "Ka Li": "Kar Li",
    "Kamayut": "Kamaryut",
    "Kaukpadaung": "Kyaukpadaung",
    "Kawthaung": "Kawthoung",
    "Kler La": "Baw Ga Li",
    "Kyaikhto": "Kyaikto",
    "Kyimyindaing": "Kyeemyindaing",
    "Kyindwe": "Kyin Dway",
    "Lai-Kha": "Laihka",
    "Loilem": "Loilen",
    "Mawlamyaingkyun": "Mawlamyinegyun",
    "Mong Keung": "Mongkaing",
    "Mongshu": "Monghsu",
    "Mrak U": "Mrauk-U",
    "Mungkoe": "Monekoe",
    "Murng-Kerng": "Mongkaing",
    "Murng Nai": "Mongnai",
    "Namsang": "Nansang",
    "Pangwa": "Pang War",
    "Paukkaung": "Paukkhaung",
    "Pyiguimandaing": "Pyigyimandaing",
    "Pyu": "Phyu",
    "Pyuntaza": "Pyuntasa",
    "Rikhawdar": "Rihkhawdar",
    "Shwepyitha": "Shwepyithar",
    "Swa": "Hswar",
    "Tamyone": "Tarmoenye",
    "Tantabin": "Htantabin",
    "Taungup": "Toungup",
    "Thanglang": "Thantlang",
    "Tharketa": "Thaketa",
    "Thayatchaung": "Thayetchaung",
    "Theinni/Hsenwi": "Hseni",
    "Thonze": "Thonse",
    "Three Pagodas Pass": "Hpayarthonesu",
    "Wudwin": "Wundwin",
    "Wutho": "Wuntho",
    "Yinmabin": "Yinmarbin",
}

# By ISO 3166-1 alpha-3 code of the country and folded spelling, the folded name in the gazetteer.
SPELLINGS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {"MMR": MappingProxyType({folded(theirs): folded(ours) for theirs, ours in _SPELLINGS.items()})}
)
