"""From a line of one's own words to questions: which of its words name the item, and which the customer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flowrack.catalog import queries as catalog
from flowrack.platform import sql
from flowrack.promise.rules_read import Spoken, read_line, read_quantity
from flowrack.promise.types import Question
from flowrack.sales import queries_codes

PACKS = frozenset({"inner", "case", "layer", "pallet", "each"})
MOST_CUSTOMERS = 12  # that are offered where a name stands for several
FEW = 4  # items that are named where words stand for several


@dataclass(frozen=True, slots=True)
class Here:
    """What the page is about on which somebody asks: codes, empty where it is about no customer or no item."""

    customer: str = ""
    item: str = ""


@dataclass(frozen=True, slots=True)
class Heard:
    """The questions that a line may mean, the likeliest first, each with the name of its item; one, as a rule.

    No questions where the line is none.
    """

    questions: tuple[Question, ...]
    names: tuple[str, ...] = ()


NOTHING = Heard(())


def heard(text: str, today: date, here: Here = Here()) -> Heard:
    """What a line asks. The item is named by its code, the customer's number of it, the beginning of its code or words
    of its name; the customer by his code or a part of his name, else he is the page's. At most a query for each word
    and four more."""
    said = read_line(text, today=today, packs=PACKS)
    if said is None:
        quantity = read_quantity(text)
        question = Question(here.customer, here.item, quantity, typed=text.strip())
        return Heard((question,), ("",)) if quantity and here.item else NOTHING
    words = [said.item, *said.customer.split()]
    if _is_code(words, here):
        return _of(said, [(words[0], "")], words[1:], here)
    for length in range(len(words), 1, -1):
        found = catalog.named(words[:length], limit=FEW)
        if found:
            return _of(said, [(one.code, one.note) for one in found], words[length:], here)
    alike = catalog.look_up(words[0], frozenset({0}))[:FEW]
    return _of(said, [(one.code, one.note) for one in alike] or [(words[0], "")], words[1:], here)


def _is_code(words: Sequence[str], here: Here) -> bool:
    """Whether the first word is the code of an item as it stands, or the customer's own number of one."""
    if any(one.is_exact for one in catalog.look_up(words[0], frozenset({0}))):
        return True
    customer = customer_code(" ".join(words[1:])) if len(words) > 1 else here.customer
    return bool(customer and queries_codes.items_of(customer, words[:1]))


def _of(said: Spoken, items: Sequence[tuple[str, str]], rest: Sequence[str], here: Here) -> Heard:
    name = " ".join(rest)
    customer = customer_code(name) if name else here.customer
    return Heard(
        tuple(
            Question(customer, sku, said.quantity, said.pack, said.wanted_on, no_day=said.no_day, typed=said.typed)
            for sku, _ in items
        ),
        tuple(note for _, note in items),
    )


def customer_code(name: str) -> str:
    """The code of the customer that is meant; what is not found, or stands for several, comes back as it is."""
    found = customers_like(name)
    return found.first[0][0] if found.count == 1 else name


@dataclass(frozen=True, slots=True)
class Meant:
    """Customers that a name may mean: codes and names of the first, and how many they are."""

    first: tuple[tuple[str, str], ...]
    count: int


def customers_like(name: str) -> Meant:
    """Customers that are meant: by code, else those whose name begins with it, else those that hold it. One query."""
    plain = name.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    rows = sql.fetch_all(
        """
        SELECT code, name, count(*) OVER () FROM (
            SELECT code, name, near, min(near) OVER () AS nearest FROM (
                SELECT code, name, CASE WHEN code = ANY(%(exact)s::text[]) THEN 0 WHEN name ILIKE %(starts)s THEN 1
                                        ELSE 2 END AS near
                FROM parties_party
                WHERE is_customer AND is_active
                  AND (code = ANY(%(exact)s::text[]) OR name ILIKE %(inside)s OR code LIKE %(starts_upper)s)
            ) AS x
        ) AS y
        WHERE near = nearest ORDER BY name, code LIMIT %(most)s
        """,
        {
            "exact": [name, name.upper()],
            "starts": f"{plain}%",
            "starts_upper": f"{plain.upper()}%",
            "inside": f"%{plain}%",
            "most": MOST_CUSTOMERS,
        },
    )
    return Meant(tuple((row[0], row[1]) for row in rows), rows[0][2] if rows else 0)
