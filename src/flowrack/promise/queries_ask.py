"""From a question to what the rules need: codes become rows, and everything that is wrong is named at once."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from flowrack.allocation.queries_sites import ask_company_rules, company_rules, company_rules_of
from flowrack.allocation.rules_sites import preferred
from flowrack.allocation.types_rules import RuleSet
from flowrack.catalog import queries as catalog
from flowrack.locations import queries as places
from flowrack.platform import sql
from flowrack.promise import queries, queries_asker, reasons, rules
from flowrack.promise.queries_asker import Asker
from flowrack.promise.queries_heard import Meant, customers_like
from flowrack.promise.rules_case import HORIZON_DAYS, Ask, Case, Substitute
from flowrack.promise.rules_options import Answer, Option
from flowrack.promise.rules_read import DAYS, TIME_WORDS
from flowrack.promise.types import AskRefused, Question
from flowrack.sales import queries_codes
from flowrack.sales.rules import whole_units
from flowrack.shared.errors import BadLine
from flowrack.shared.quantity import doubt

FEW = 4  # customers that are named where a name stands for several
NOBODY = Meant((), 0)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that makes sense: who asks, and what the rules are to answer."""

    question: Question
    who: Asker
    ask: Ask
    not_from: str = ""  # which sites no option counts, by the company's rules


@dataclass(frozen=True, slots=True)
class Answered:
    """A question, its case and its answer."""

    asked: Asked
    case: Case
    answer: Answer
    split_cost: Decimal = Decimal(0)  # of each site more that sends parts of an option, by the company's rules

    def left_out(self) -> list[str]:
        """What no option counts, so that nobody wonders."""
        found = reasons.left_out(self.case, self.asked.ask)
        return [*([self.asked.not_from] if self.asked.not_from else []), *found]

    def cost_of_split(self, option: Option) -> Decimal:
        """What it costs that several sites send an option: nothing from one."""
        return self.split_cost * max(len({part.site_id for part in option.parts}) - 1, 0)


def today_at(site_ids: frozenset[int], now: datetime) -> date:
    """The day by the clock that most of some sites ({0} = all) keep; the first by code decides between equals. One
    query."""
    zones = [site.timezone for site in places.sites() if {0, site.site_id} & site_ids]
    return now.astimezone(ZoneInfo(Counter(zones).most_common(1)[0][0])).date() if zones else now.date()


def understand(
    question: Question, now: datetime, *, site_ids: frozenset[int] = frozenset({0}), needs_customer: bool = False
) -> Asked:
    """What a question means. `site_ids` are those from which the person may promise ({0} = all). One message.

    Refuses with AskRefused, naming everything that is wrong.
    """
    code = question.item.strip()
    who, ours = _who_and_rules(question, site_ids)
    if who.item_id is None and code:
        who = _by_customer_code(who, code, question.pack)
    if who.item_id is None and code and not who.meanings:
        who = _by_barcode(who, code, question.pack)
    known = who.sites
    today = min((now.astimezone(ZoneInfo(zone)).date() for _, zone in known), default=now.date())
    bad = [
        *_customer_faults(question, who, needs_customer=needs_customer),
        *_day_faults(question, today),
    ]
    found = preferred(ours.sites, who.customer_id or 0, who.region) if ours is not None else None
    only = found if found is not None and found.is_only else None
    if only is not None:
        known = tuple(site for site in known if site[0] in only.sites)
    if not who.sites:
        bad.append(BadLine(0, "site", "There is no such site, or not for you.", "Choose one of your sites."))
    elif not known:
        said = f"By “{only.name if only else ''}” of the rules only sites send it that are not yours."
        bad.append(BadLine(0, "site", said, "Name one of your sites, or ask somebody who may promise from there."))
    units = _units(question, who, bad)
    if bad:
        many = f"{len(bad)} things" if len(bad) > 1 else "one thing"
        raise AskRefused(f"This cannot be answered: {many} to mend.", lines=bad)
    assert who.item_id is not None, "an unknown item was refused"
    ask = Ask(
        item_id=who.item_id,
        sku=who.sku,
        units=units,
        site_ids=tuple(site_id for site_id, _ in known),
        wanted_on=question.wanted_on,
        min_life_days=who.min_life_days,
        takes_parts=who.policy == "partial",
        takes_substitutes=who.takes_substitutes,
        substitutes=_substitutes(who),
        region=who.region,
        way=who.way,
    )
    told = f"other sites, for “{only.name}” of the rules sends it from no others" if only is not None else ""
    return Asked(question, who, ask, told)


def _who_and_rules(question: Question, site_ids: frozenset[int]) -> tuple[Asker, RuleSet | None]:
    """Who asks for what, and the company's rules by which only some sites send to a customer or his region; none where
    a person names the site, as it is with orders. One message."""
    customer, code = question.customer.strip(), question.item.strip()
    who = queries_asker.ask_who(customer, code, question.pack, question.site_id, site_ids)
    if question.site_id:
        return queries_asker.asker_of(sql.fetch_all(*who)), None
    found, ours = sql.fetch_together([who, ask_company_rules()])
    return queries_asker.asker_of(found), company_rules_of(ours).rules


def _by_customer_code(who: Asker, code: str, pack: str) -> Asker:
    """A second look for a code that is no SKU: the customer's own number of an item, or of a pack of it."""
    meant = queries_codes.items_of(who.customer_code, [code]).get(code) if who.customer_id is not None else None
    return queries_asker.with_item(who, meant.sku, meant.factor if not pack.strip() else 0) if meant else who


def _by_barcode(who: Asker, code: str, pack: str) -> Asker:
    """A third look for a code that is no SKU: a GTIN or barcode, whose pack gives the factor."""
    meant = catalog.find_codes([code])[code]
    if len(meant) == 1 and meant[0].kind == "item":
        return queries_asker.with_item(who, meant[0].sku, meant[0].factor if not pack.strip() else 0)
    if len(meant) > 1:
        return replace(who, meanings=", ".join(f"{one.sku} ({one.factor} units)" for one in meant))
    return who


def _customer_faults(question: Question, who: Asker, *, needs_customer: bool) -> list[BadLine]:
    code = question.customer.strip()
    if who.customer_id is None and (code or needs_customer):
        alike = customers_like(code) if code else NOBODY
        if alike.count > 1:
            names = ", ".join(f"{name} ({key})" for key, name in alike.first[:FEW])
            more = f" and {alike.count - FEW:,} more" if alike.count > FEW else ""
            return [BadLine(0, "customer", f"“{code}” may be {names}{more}.", "Choose one, or write his code.")]
        words = f"There is no customer “{code}”." if code else "For whom?"
        if TIME_WORDS & set(code.lower().split()):
            return [BadLine(0, "customer", f"“{code}” is neither a customer nor a day that is understood.", DAYS)]
        return [BadLine(0, "customer", words, "Check the code, or enter the customer first.")]
    return []


def _day_faults(question: Question, today: date) -> list[BadLine]:
    wanted_on = question.wanted_on
    if question.no_day:
        return [BadLine(0, "wanted_on", f"“{question.no_day}” is no day of the calendar.", DAYS)]
    if wanted_on is None:
        return []
    if wanted_on < today:
        return [BadLine(0, "wanted_on", f"{wanted_on:%a %d %b %Y} is past.", "Name today or a later day.")]
    if wanted_on > today + timedelta(days=HORIZON_DAYS):
        far = f"{wanted_on:%a %d %b %Y} is more than {HORIZON_DAYS} days ahead."
        return [BadLine(0, "wanted_on", far, "Name an earlier day.")]
    return []


def _units(question: Question, who: Asker, bad: list[BadLine]) -> int:
    """Base units of the question; what is wrong with item, pack or quantity is added to `bad`."""
    code = question.item.strip()
    if who.meanings:
        bad.append(BadLine(0, "item", f"“{code}” stands for several things: {who.meanings}.", "Use the SKU."))
    elif who.item_id is None:
        bad.append(BadLine(0, "item", f"There is no item “{code}”.", "Check the SKU or scan the article."))
    elif not who.is_active:
        bad.append(BadLine(0, "item", f"{who.sku} is not sold any more.", "Ask for its substitute."))
    factor = who.factor or 1
    if who.item_id is not None and not who.factor:
        packs = ", ".join(who.packs) or "none"
        bad.append(BadLine(0, "pack", f"{who.sku} has no pack “{question.pack}”.", f"Its packs: {packs}."))
    in_doubt = doubt(0, "quantity", question.typed)
    if in_doubt:
        bad += in_doubt
        return 0
    units = whole_units(line_no=0, quantity=question.quantity, factor=factor, pack=question.pack)
    if isinstance(units, BadLine):
        bad.append(units)
        return 0
    return units


def _substitutes(who: Asker) -> tuple[Substitute, ...]:
    """What may stand for the item; a customer who has not agreed once and for all is asked, whatever the item says."""
    return tuple(Substitute(*one, not who.takes_substitutes) for one in who.substitutes)


def answered(asked: Asked, now: datetime) -> Answered:
    """The answer to a question as things stand now. Three queries; one more where several sites would send it."""
    case = queries.case_of([asked.ask], now)
    answer = rules.answer(case, asked.ask)
    is_split = any(len({part.site_id for part in one.parts}) > 1 for one in answer.options)
    return Answered(asked, case, answer, company_rules().rules.sites.split_cost if is_split else Decimal(0))


def needs_more_than_stock(asked: Asked) -> bool:
    """Whether free stock alone cannot settle a question: too little is there, or a substitute may be needed. It decides
    whether the pair is locked for one alone."""
    return bool(asked.who.substitutes) or asked.who.most_free < asked.ask.units
