"""The words the sample data is made of: each title has an invented place or person, so no film exists."""

from __future__ import annotations


def _names(text: str) -> tuple[str, ...]:
    """Return the names of a text that separates them by commas and breaks lines anywhere."""
    return tuple(name.strip() for name in " ".join(text.split()).split(","))


# Weight of each genre as a viewer's favourite: about one viewer in seven likes Action.
FAVOURITE_WEIGHTS = {
    "Action": 13, "Adventure": 7, "Animation": 5, "Children": 5, "Comedy": 13, "Crime": 7, "Documentary": 5,
    "Drama": 13, "Fantasy": 6, "Horror": 6, "Musical": 3, "Mystery": 4, "Romance": 9, "Sci-Fi": 8,
    "Thriller": 7, "War": 3, "Western": 3,
}  # fmt: skip

# Weight of each genre as a film's first genre.
CATALOGUE_WEIGHTS = {
    "Action": 9, "Adventure": 7, "Animation": 5, "Children": 4, "Comedy": 14, "Crime": 7, "Documentary": 7,
    "Drama": 18, "Fantasy": 5, "Horror": 8, "Musical": 3, "Mystery": 4, "Romance": 8, "Sci-Fi": 7,
    "Thriller": 8, "War": 4, "Western": 4,
}  # fmt: skip

# Genres that films of a first genre are often given as well.
COMPANIONS = {
    "Action": ("Adventure", "Crime", "Sci-Fi", "Thriller", "War"),
    "Adventure": ("Action", "Children", "Fantasy", "Western"),
    "Animation": ("Children", "Comedy", "Fantasy", "Musical"),
    "Children": ("Adventure", "Animation", "Comedy", "Musical"),
    "Comedy": ("Crime", "Drama", "Romance"),
    "Crime": ("Drama", "Mystery", "Thriller"),
    "Documentary": ("War",),
    "Drama": ("Crime", "Romance", "War"),
    "Fantasy": ("Adventure", "Children", "Romance"),
    "Horror": ("Mystery", "Sci-Fi", "Thriller"),
    "Musical": ("Comedy", "Romance"),
    "Mystery": ("Crime", "Horror", "Thriller"),
    "Romance": ("Comedy", "Drama"),
    "Sci-Fi": ("Adventure", "Horror", "Thriller"),
    "Thriller": ("Crime", "Drama", "Mystery"),
    "War": ("Drama", "Romance"),
    "Western": ("Action", "Drama"),
}

PLACES = _names("""
    Aldermoor, Bryndale, Casterholm, Drevna, Eskerwick, Fennholt, Garrowmere, Hestavik, Ilvermoor, Jorrand,
    Kestrelgate, Lowenfirth, Marrowick, Nethersund, Ombrasca, Pellandra, Quillmere, Ravensholt, Sorrelgate,
    Tandrisk, Ulverfold, Vellmoor, Wexlund, Yarrowby, Zephrine, Ashkeld, Brackwater, Corrivane, Dunmarrow,
    Elderwyn
""")
HEROES = _names("""
    Anselm Pike, Bettina Ruck, Corvin Hale, Dorothea Plimm, Emeric Voss, Fenella Quist, Gustav Orlo, Hedda
    Brisk, Ignatz Morrow, Jessamy Thorne, Korbin Slade, Lavinia Stroud, Mordecai Finch, Nerissa Vane,
    Octavian Pell, Philippa Rusk, Quentin Marl, Rosalba Crane, Silas Wend, Tamsin Yore
""")
THINGS = _names("""
    Lantern, Orchard, Harbour, Compass, Letter, Clockmaker, Lighthouse, Ferry, Carousel, Archive, Meridian,
    Sparrow, Gallery, Bakery, Observatory, Railway, Inheritance, Masquerade, Frontier, Signal, Cartographer,
    Greenhouse, Tournament, Ballroom, Reservoir, Caravan, Verdict, Beekeeper
""")
TITLE_FORMS = (
    "The {thing} of {place}",
    "{hero} and the {thing}",
    "Last {thing} to {place}",
    "{place}, My {thing}",
    "The {place} {thing}",
    "{hero} Returns to {place}",
)

FIRST_NAMES = {
    "Female": _names("""
        Ada, Birgit, Chloé, Dana, Elena, Françoise, Greta, Hanna, Ines, Joana, Käthe, Lena, Maëlle, Nora,
        Olive, Priya, Rosa, Søs, Tess, Ursula, Valérie, Willa, Yara, Zoë
    """),
    "Male": _names("""
        Anton, Björn, Carlo, Dieter, Émile, Finn, Gustav, Hugo, Ivo, Jürgen, Karim, Luca, Mateo, Nils, Otis,
        Pablo, Quinn, René, Sami, Théo, Umar, Viktor, Walt, Yusuf
    """),
    "Nonbinary": _names("""
        Alex, Charlie, Emery, Jules, Noa, Robin, Sasha, Skye
    """),
    "Agender": _names("""
        Ari, Kit, Lou, Remy, Sol, Toni
    """),
}
LAST_NAMES = _names("""
    Abelsson, Brandtner, Castellane, d'Orvigny, Eckholt, Ferrandis, Gräfenau, Hollowell, Ibarrola,
    Jankovsky, Kirchweger, Lindqvister, Marchbanks-Low, Nordhagen, O'Rendal, Pemberwick, Quenneville,
    Rossmarin, Strömhall, Thackerby, Unterberg, van der Molen, Weatherlow, Xanthou, Ytterdal, Zielonka,
    Bellefleur, Crossthwaite, Dunnmore, Ellershaw
""")

# city, state or region, post code. The data needs codes of the right form, not exact addresses.
CITIES = {
    "US": (
        ("Seattle", "WA", "98101"),
        ("Austin", "TX", "78701"),
        ("Chicago", "IL", "60601"),
        ("Denver", "CO", "80202"),
        ("Boston", "MA", "02108"),
        ("San José", "CA", "95112-4210"),
        ("St. Louis", "MO", "63101"),
        ("Brooklyn", "New York", "11201"),
    ),
    "CA": (("Toronto", "ON", "M5V 2T6"), ("Montréal", "QC", "H2Y 1C6"), ("Vancouver", "BC", "V6B 1A1")),
    "GB": (
        ("London", "England", "SW1A 1AA"),
        ("Bristol", "England", "BS1 4DJ"),
        ("Leeds", "England", "LS1 4DY"),
        ("Edinburgh", "Scotland", "EH1 1YZ"),
    ),
    "DE": (
        ("Berlin", "Berlin", "10115"),
        ("München", "Bayern", "80331"),
        ("Köln", "Nordrhein-Westfalen", "50667"),
        ("Hamburg", "Hamburg", "20095"),
    ),
    "FR": (
        ("Paris", "Île-de-France", "75004"),
        ("Lyon", "Auvergne-Rhône-Alpes", "69002"),
        ("Saint-Étienne", "Auvergne-Rhône-Alpes", "42000"),
    ),
}

# Numbers set aside for fiction, so that nobody's phone is in the data. N stands for a digit.
#   US and CA: 555-0100 to 555-0199, https://en.wikipedia.org/wiki/555_(telephone_number)
#   GB: https://www.ofcom.org.uk/phones-and-broadband/phone-numbers/numbers-for-drama
#   DE: Bundesnetzagentur, "Rufnummern für Medienproduktionen"; FR: ARCEP decision 2018-0881
PHONE_FORMS = {
    "US": ("+1 {area} 555-01NN", "({area}) 555-01NN", "{area}-555-01NN", "1{area}55501NN", "{area}.555.01NN"),
    "CA": ("+1 {area} 555-01NN", "({area}) 555-01NN"),
    "GB": ("020 7946 0NNN", "+44 20 7946 0NNN", "0117 496 0NNN", "(0161) 496 0NNN", "0044 131 496 0NNN"),
    "DE": ("030 23125 NNN", "+49 69 90009 NNN", "0049 40 66969 NNN", "089/99998-NNN"),
    "FR": ("01 99 00 NN NN", "+33 1 99 00 NN NN", "02.61.91.NN.NN"),
}
AREA_CODES = {
    "US": _names("""
        206, 512, 312, 303, 617, 408, 314, 718, 202, 503, 602, 702, 801, 919, 305, 404, 504, 615, 612, 213,
        215, 216, 414, 505, 808
    """),
    "CA": _names("""
        416, 514, 604, 403, 613
    """),
}
