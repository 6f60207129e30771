"""What columns are called: the names of our fields in the files of shops and CRMs, in several languages.

A name is here only where it leaves no doubt. Others stay unknown and are told.
"""

from __future__ import annotations

import re

from audiences.preparation.headers import fold

_FIELDS = """email phone first_name last_name first_initial city state zip country gender date_of_birth dob_year
    dob_month dob_day maid idfa gaid external_id username limited_data_use limited_data_use_country
    limited_data_use_state tcf_string gpp_string"""
FIELDS = frozenset(_FIELDS.split())
_WORDS = {
    "email": "mail, email address, e mail address, primary email, e mail adresse, emailadresse, mail adresse,"
    " mailadresse, adresse e mail, adresse email, adresse mail, courriel, adresse electronique, correo,"
    " correo electrónico, dirección de correo, dirección de correo electrónico, posta elettronica, indirizzo email,"
    " indirizzo e mail, e mailadres, emailadres, correio eletrónico, endereço de email, endereço de e mail,"
    " adres email, adres e mail, e post, epost, epostadress, e postadresse, sähköposti, sähköpostiosoite, e posta,"
    " eposta, электронная почта, メールアドレス, 邮箱, 电子邮件, 电子邮箱, 이메일",
    "phone": "phone number, telephone, telephone number, tel, tel number, msisdn, primary phone, home phone, telefon,"
    " telefonnummer, telefonnr, tel nr, rufnummer, festnetz, festnetznummer, téléphone, numéro de téléphone,"
    " téléphone fixe, teléfono, número de teléfono, telefono, numero di telefono, telefoon, telefoonnummer, telefone,"
    " número de telefone, numer telefonu, puhelin, puhelinnumero, телефон, номер телефона, 電話, 電話番号, 电话,"
    " 电话号码, 전화번호",
    "mobile": "mobile number, mobile phone, mobile phone number, mobilephone, cell, cell phone, cellphone,"
    " cell phone number, mobil, mobiltelefon, mobilnummer, mobilfunknummer, mobilrufnummer, mobiltelefonnummer, handy,"
    " handynummer, portable, téléphone portable, téléphone mobile, numéro de portable, móvil, teléfono móvil, celular,"
    " teléfono celular, cellulare, telefono cellulare, mobiel, mobiele nummer, mobiel nummer, mobiele telefoon, gsm,"
    " telemóvel, telefone celular, komórka, telefon komórkowy, mobilni telefon, matkapuhelin, cep telefonu,"
    " мобильный телефон, мобильный, 携帯, 携帯電話, 携帯電話番号, 手机, 手机号, 手机号码, 휴대폰, 휴대폰번호, 휴대전화",
    "first_name": "firstname, given name, givenname, forename, fname, vorname, prénom, prénoms, nombres,"
    " nombre de pila, primer nombre, voornaam, primeiro nome, imię, förnamn, fornavn, etunimi, имя",
    "last_name": "lastname, surname, family name, familyname, lname, nachname, familienname, zuname, nom de famille,"
    " apellido, apellidos, cognome, achternaam, sobrenome, nazwisko, efternamn, efternavn, etternavn, sukunimi, soyad,"
    " příjmení, фамилия, 姓",
    "city": "town, stadt, ort, wohnort, ville, ciudad, localidad, città, woonplaats, plaats, cidade, miasto, postort,"
    " kaupunki, şehir, město, город, 市区町村, 城市, 도시",
    "state": "province, bundesland, provincia, województwo, 都道府県",
    "zip": "postal code, postalcode, postcode, post code, zip code, zipcode, plz, postleitzahl, code postal,"
    " código postal, cap, codice postale, cep, kod pocztowy, postnummer, postinumero, posta kodu, psč, индекс,"
    " почтовый индекс, 郵便番号, 邮编, 邮政编码, 우편번호",
    "country": "country code, country name, land, pays, país, paese, nazione, kraj, maa, ülke, země, страна, 国, 国家,"
    " 국가",
    "gender": "sex, geschlecht, sexe, sexo, género, sesso, geslacht, płeć, kön, køn, kjønn, sukupuoli, cinsiyet, пол,"
    " 性別, 性别, 성별",
    "date_of_birth": "dob, birth date, birthdate, birthday, geburtsdatum, geburtstag, date de naissance,"
    " fecha de nacimiento, data di nascita, geboortedatum, data de nascimento, data urodzenia, födelsedatum,"
    " fødselsdato, syntymäaika, doğum tarihi, дата рождения, 生年月日, 出生日期, 생년월일",
    # The kind stays known: a platform that takes one kind must not get the other.
    "maid": "mobile ad id, mobile advertising id, mobile advertiser id, madid",
    "idfa": "apple advertising id, ios idfa",
    "limited_data_use": "data processing options, ldu",
    "limited_data_use_country": "data processing options country",
    "limited_data_use_state": "data processing options state",
    "tcf_string": "tcf, tc string, iab tcf string, iabtcf tcstring",
    "gpp_string": "gpp, iab gpp string, iabgpp hdr gppstring",
    "gaid": "aaid, gps adid, google aid, google advertising id, android advertising id",
}
# Half of a name where the other half has a column of its own, else perhaps all of it.
_HALVES = {
    "nom": ("last_name", ("prenom", "prenoms")),
    "name": ("last_name", ("vorname",)),
    "naam": ("last_name", ("voornaam",)),
    "nombre": ("first_name", ("apellido", "apellidos")),
    "nome": ("first_name", ("cognome", "sobrenome")),
}
# Words beside a name that leave it what it is. A telephone at work may be everybody's there.
_WORDS_OWN = """1 2 3 4 5 6 7 8 9 nr no num primary main haupt home privat private personal prive personnel particular
    privato personale prywatny"""
_WORDS_AT_WORK = "work business office geschaftlich dienstlich beruflich professionnel trabajo zakelijk"
_OWN, _AT_WORK = frozenset(_WORDS_OWN.split()), frozenset(_WORDS_AT_WORK.split())
_NUMBERED = re.compile(r"(.*[^\W\d_])([1-9])").fullmatch
MOBILE = "mobile"  # a phone, taken before others


def squeeze(title: str) -> str:
    """Return a column's name in small letters without accents, words joined by underscores."""
    return re.sub(r"[\W_]+", "_", fold(title)).strip("_")


_ALIASES = {squeeze(word): name for name, words in _WORDS.items() for word in words.split(",")}
_ALIASES |= {"e_mail": "email", MOBILE: MOBILE}


def read_name(name: str, others: frozenset[str]) -> str:
    """Return the field of a squeezed name, MOBILE for such a phone, the name itself where it is unknown.

    `others`: the squeezed names of the file. `Telefon 2`, `email1` and `E-Mail (privat)` are phones and e-mails, too.
    """
    if name in FIELDS:
        return name
    if name in _HALVES:
        found, needed = _HALVES[name]
        return found if others.intersection(needed) else name
    if name in _ALIASES:
        return _ALIASES[name]
    numbered = _NUMBERED(name)
    words = (f"{numbered[1]}_{numbered[2]}" if numbered else name).split("_")
    for spare, kinds in ((_OWN, ("email", "phone", MOBILE)), (_OWN | _AT_WORK, ("email",))):
        rest = "_".join(word for word in words if word not in spare)
        found = rest if rest in FIELDS else _ALIASES.get(rest, "")
        if found in kinds:
            return found
    return name


def show_names(titles: list[tuple[int, str]]) -> list[str]:
    """Return columns, each given with its number, as they may be told: by name where that can be no person's value."""
    return [title if _TELLABLE(title) else f"column {number}" for number, title in titles]


_TELLABLE = re.compile(r"(?!(?:.*\d){4}|.*\d[^\W\d_])[^\W\d][\w .()/-]{0,39}").fullmatch
