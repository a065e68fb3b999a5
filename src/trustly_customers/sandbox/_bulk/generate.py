"""Synthetic customers, drawn with a seed: the same for everybody who has the same version of Faker.

Faker draws names and places into pools, and customers are drawn from those: a million of them in a minute or two,
where Faker by itself takes the better part of an hour. Nobody can be reached: mail goes to the domains reserved for
examples, phones have the numbers reserved for fiction, and no authority gives out such tax ids.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from trustly_customers.sandbox._errors import SandboxError

if TYPE_CHECKING:
    from faker import Faker

_POOL = 250
_FIRST_ID = 2 * 10**9  # ten digits, as the provider's have, and none of its examples
MOST = 10**9
_STEP = 618_033_989  # no common factor with MOST: all numbers below that are met before one comes again
_DAY = 86_400_000
_FIRST_DAY, _LAST_DAY = 16_436, 20_454  # 2015 to 2025, in days since the UNIX epoch; not today's, which would differ
_MAIL_DOMAINS = ("example.com", "example.net", "example.org")
_TIERS = ("Bronze", "Silver", "Gold", "Platinum")


@dataclass(frozen=True)
class _Country:
    """What the customers of a country are drawn from."""

    code: str
    currency: str
    tax_id: Callable[[random.Random], str]
    first_names: list[str]
    last_names: list[str]
    streets: list[str]
    cities: list[str]
    places: list[tuple[str, str]]
    """States, each with a postal code of its own."""
    area_codes: list[str]


def generate(count: int, seed: int) -> Iterator[dict[str, Any]]:
    """Draw customers, no two with the same id. The first ones are the same however many are asked for.

    Raises SandboxError when Faker is not installed, or more are asked for than there are ids.
    """
    if count > MOST:
        raise SandboxError(f"no more than {MOST} customers have different ids; ask for fewer")
    draw = random.Random(seed)  # noqa: S311 - no secret
    countries = _countries(seed)
    offset = draw.randrange(MOST)
    merchant_id = str(draw.randrange(10**8, 10**9))
    for number in range(count):
        yield _customer(draw, draw.choice(countries), (offset + number * _STEP) % MOST, merchant_id)


def _customer(draw: random.Random, country: _Country, number: int, merchant_id: str) -> dict[str, Any]:
    first, last = draw.choice(country.first_names), draw.choice(country.last_names)
    created = draw.randrange(_FIRST_DAY * _DAY, _LAST_DAY * _DAY)
    return {
        "customerId": str(_FIRST_ID + number),
        "createdAt": created,
        "updatedAt": created + draw.randrange(300 * _DAY),
        "name": f"{first} {last}",
        "address": _address(draw, country),
        "phone": f"+1{draw.choice(country.area_codes)}55501{draw.randrange(100):02}",
        "email": f"{_plain(first)}.{_plain(last)}{draw.randrange(1000)}@{draw.choice(_MAIL_DOMAINS)}",
        "currency": country.currency,
        "enrollDate": created,
        "externalId": f"C-{number:09}",
        "merchantId": merchant_id,
        **{name: value(draw, country) for name, share, value in _OPTIONAL if draw.random() < share},
    }


def _address(draw: random.Random, country: _Country) -> dict[str, str]:
    state, zip_code = draw.choice(country.places)
    return {
        "country": country.code,
        "address1": f"{draw.randrange(1, 9999)} {draw.choice(country.streets)}",
        "city": draw.choice(country.cities),
        "state": state,
        "zip": zip_code,
    }


def _date_of_birth(draw: random.Random, _country: _Country) -> str:
    return f"{draw.randrange(1940, 2005)}-{draw.randrange(1, 13):02}-{draw.randrange(1, 29):02}"


def _driver_license(draw: random.Random, country: _Country) -> dict[str, str]:
    state, _ = draw.choice(country.places)
    return {"number": f"{draw.choice('ABCDEFGHJKLM')}{draw.randrange(10**7):07}", "state": state}


_OPTIONAL: tuple[tuple[str, float, Callable[[random.Random, _Country], Any]], ...] = (
    ("taxId", 0.7, lambda draw, country: country.tax_id(draw)),
    ("dateOfBirth", 0.8, _date_of_birth),
    ("driverLicense", 0.5, _driver_license),
    ("vip", 0.1, lambda draw, _: str(draw.randrange(1, 6))),
    ("externalTier", 0.2, lambda draw, _: draw.choice(_TIERS)),
    ("balance", 0.6, lambda draw, _: f"{draw.randrange(10**7) / 100:.2f}"),
    ("customData", 0.1, lambda draw, _: {"segment": draw.choice("ABC"), "visits": draw.randrange(500)}),
)
"""Properties that some customers have: the share of those who do, and how a value is drawn."""


def _plain(name: str) -> str:
    return "".join(letter for letter in name.lower() if letter.isascii() and letter.isalnum())


def _countries(seed: int) -> list[_Country]:
    try:
        from faker import Faker  # noqa: PLC0415 - an extra, and slow to import
        from faker.utils.checksums import calculate_luhn  # noqa: PLC0415 - as above
    except ModuleNotFoundError:
        raise SandboxError("customers are drawn with faker; pip install 'trustly-customers[sandbox]'") from None

    def seeded(locale: str) -> Faker:
        faker = Faker(locale)
        faker.seed_instance(seed)
        return faker

    american, canadian = seeded("en_US"), seeded("en_CA")
    us_states = [american.state_abbr(include_territories=False) for _ in range(_POOL)]
    provinces = [canadian.province_abbr() for _ in range(_POOL)]
    us = [(state, american.zipcode_in_state(state)) for state in us_states]
    ca = [(province, canadian.postalcode_in_province(province)) for province in provinces]
    return [
        _country(american, "US", "USD", _american_tax_id, us),
        _country(canadian, "CA", "CAD", partial(_canadian_tax_id, calculate_luhn), ca),
    ]


def _american_tax_id(draw: random.Random) -> str:
    # No social security number begins with 000, no employer's with 00, and a taxpayer's without either begins with 9.
    return f"000{draw.randrange(10**6):06}"


def _canadian_tax_id(check_digit: Callable[[int], int], draw: random.Random) -> str:
    # Of a social insurance number, and of a tax number, which begins with 0, the last digit is a check; here it fails.
    number = draw.randrange(10**7)
    return f"{number:08}{(check_digit(number) + draw.randrange(1, 10)) % 10}"


def _country(
    faker: Faker, code: str, currency: str, tax_id: Callable[[random.Random], str], places: list[tuple[str, str]]
) -> _Country:
    def pool(drawn: Callable[[], str]) -> list[str]:
        return [drawn() for _ in range(_POOL)]

    return _Country(
        code,
        currency,
        tax_id,
        pool(faker.first_name),
        pool(faker.last_name),
        pool(faker.street_name),
        pool(faker.city),
        places,
        pool(lambda: str(faker.random_int(201, 989))),
    )
