"""Columns are known by the names that shops and CRMs give them; what is not known is told, never a person."""

import io

import pytest
from audiences.errors import DataError
from audiences.identity.identifier import columns_of
from audiences.platforms import discover, find
from audiences.preparation.column_names import FIELDS
from audiences.preparation.fields import read_layout
from audiences.preparation.shape import find_shape
from audiences.preparation.sources import Source
from audiences.preparation.summary import summarise

SOURCE = Source("customers.csv", lambda: io.BytesIO(b""))


def layout(*header, **settings):
    return read_layout(SOURCE, list(header), **settings)


def test_every_field_of_every_platform_has_a_name():
    for slug in discover():
        for name in set(find_shape(slug).names) & set(find(slug).identifiers):
            assert FIELDS.issuperset(columns_of(name, find(slug).identifiers[name])), (slug, name)


@pytest.mark.parametrize(
    ("header", "fields"),
    [
        (
            "Kundennummer;E-Mail-Adresse;Mobiltelefon;Vorname;Name;PLZ;Ort;Land;Geburtsdatum",
            "email phone first_name last_name zip city country date_of_birth",
        ),
        ("N° client;Courriel;Téléphone portable;Prénom;Nom;Code postal;Ville;Pays", None),
        ("ID Cliente;Correo electrónico;Móvil;Nombre;Apellidos;Código postal;Ciudad;País", None),
        ("Codice cliente;Indirizzo e-mail;Cellulare;Nome;Cognome;CAP;Città;Nazione", None),
        ("Klantnummer;E-mailadres;GSM;Voornaam;Achternaam;Postcode;Woonplaats;Land", None),
        ("user_id;メールアドレス;携帯電話番号;first name;姓;郵便番号;市区町村;国", None),
        ("user_id;Электронная почта;Мобильный телефон;Имя;Фамилия;Индекс;Город;Страна", None),
    ],
)
def test_names_of_other_languages(header, fields):
    names = header.replace("N° client", "Numéro client").split(";")
    found = layout(*names)
    expected = (fields or "email phone first_name last_name zip city country").split()
    assert [found.columns[name] for name in expected] == list(range(1, len(names)))
    assert (found.user, found.unknown) == (0, ())


@pytest.mark.parametrize("word", ["Nom", "Nombre", "Nome", "Name"])
def test_what_may_be_the_whole_name_is_no_half_of_it(word):
    assert layout("user_id", "email", word).unknown == (word,)


def test_mobile_numbers_come_first_then_our_own_name_then_the_others_from_left_to_right():
    found = layout("user_id", "Telefon", "phone", "Handy", "Telefon 2")
    assert [found.columns[name] for name in ("phone", "phone#2", "phone#3", "phone#4")] == [3, 2, 1, 4]
    rows = [["1", "a", "b", " ", "d"], ["2", "a", "", "", "d"], ["3", "a", "b", "c", ""]]
    found.fill(rows)
    assert [row[3] for row in rows] == ["b", "a", "c"]


@pytest.mark.parametrize(
    ("title", "field"),
    [
        ("Tel.", "phone"),
        ("Tel. privat", "phone"),
        ("Phone1", "phone"),
        ("Handy-Nr.", "phone"),
        ("E-Mail (privat)", "email"),
        ("Work email", "email"),
        ("E-Mail geschäftlich", "email"),
        ("Email 2", "email"),
        ("Telefon dienstlich", None),
        ("Telefax", None),
        ("Email opt-in", None),
        ("Phone verified", None),
        ("Newsletter", None),
    ],
)
def test_words_beside_a_name_leave_it_what_it_is_or_not(title, field):
    found = layout("user_id", title)
    assert found.columns.get(field or "nothing") == (1 if field else None)
    assert found.unknown == (() if field else (title,))


@pytest.mark.parametrize(
    "title",
    [
        "Email_SHA256",
        "sha256 email",
        "E-Mail SHA-256",
        "hashed_email",
        "Email Hash",
        "hashed e-mail (private)",
    ],
)
def test_digests_are_known_by_their_names(title):
    found = layout("user_id", title, "password_hash")
    assert (found.columns["email"], found.hashed, found.unknown) == (1, {"email"}, ("password_hash",))


def test_a_column_that_may_hold_names_is_none_of_user_ids():
    with pytest.raises(DataError, match="no column of user ids"):
        layout("Customer", "email")


def test_what_is_not_understood_is_told_by_name_unless_it_may_be_a_value():
    found = layout("user_id", "email", "Fax", "", "0171 2345678", "anna@example.com", "consent_ads")
    assert found.unknown == ("Fax", "column 4", "column 5", "column 6")


@pytest.mark.parametrize(
    ("header", "message"),
    [
        (("user_id", "email", "Mail_SHA256"), "plain and hashed columns of email"),
        (("user_id", "consent_ads", "Consent-Ads"), "Columns 2 and 3 .* one consent"),
    ],
)
def test_what_would_be_a_guess_is_refused_by_number(header, message):
    with pytest.raises(DataError, match=message):
        layout(*header)


CUSTOMERS = """Kundennummer;Telefon;Mobiltelefon;E-Mail;Bonus
1;030 901820;0171 2345678;a@example.com;x
2;030 901821;;;
"""


@pytest.mark.parametrize("listed", ["Telefon\n+49 30 901820\n", "Mail;Handy 2\n;+49 171 2345678\n"])
def test_an_opt_out_by_any_number_of_a_person_counts_in_any_column_of_either_file(run, listed):
    made = run("Kunden-Nr.\n1\n2\n", CUSTOMERS, suppress=listed, country="DE")
    assert (made.counts.sent, made.counts.suppressed) == (1, 1)


def test_the_summary_and_the_manifest_name_the_columns_not_understood(run):
    made = run("user_id\n1\n", CUSTOMERS, suppress="email;Grund\n;\n", country="DE")
    told = {"customers.csv": ["Bonus"], "optouts.csv": ["Grund"]}
    assert made.manifest()["columns_not_understood"] == told
    assert "Columns of optouts.csv not understood and not used: Grund" in summarise(made.made)


PERSON = ("Zelda Quux", "zelda.quux@example.com", "+12025550173")


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
@pytest.mark.parametrize("width", [1, 2, 3])
@pytest.mark.parametrize("kind", ["segment", "identities", "suppress"])
def test_a_file_without_a_header_tells_nobody_of_its_first_person(run, kind, width, mark):
    line = mark.join(PERSON[:width]) + "\n"
    files = {
        "segment": "user_id\n1\n",
        "identities": "user_id,email\n1,a@example.com\n",
        "suppress": "user_id\n2\n",
    }
    with pytest.raises(DataError) as raised:
        run(**{**files, kind: line + line})
    told = f"{raised.value} {raised.value.as_failure()}".lower()
    assert not any(part in told for part in ("zelda", "quux", "example.com", "2025550173"))


@pytest.mark.parametrize("mark", [",", ";", "|"])
def test_what_stands_beside_known_names_is_told_only_if_it_can_be_a_name(run, mark):
    header = mark.join(["user_id", "email", PERSON[1], PERSON[2], "Score"])
    made = run("user_id\n1\n", f"{header}\n{mark.join(['1', 'a@example.com', '', '', ''])}\n")
    assert made.manifest()["columns_not_understood"] == {"customers.csv": ["column 3", "column 4", "Score"]}
