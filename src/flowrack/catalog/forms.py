"""Forms of the catalogue's pages."""

from __future__ import annotations

from typing import Any

from django import forms

from flowrack.catalog.types import (
    HAZARD_CLASSES,
    Costing,
    CreateItem,
    ItemFields,
    Level,
    Pack,
    StorageClass,
    Temperature,
    Tracking,
    UpdateItem,
    Velocity,
)
from flowrack.platform.web.standins import readable


def _choices(words: Any) -> list[tuple[str, str]]:
    return [(str(word), str(word).replace("_", " ")) for word in words]


class ItemForm(forms.Form):
    """An item; packs beyond the base unit by factor and GTIN."""

    sku = forms.CharField(label="SKU", max_length=60)
    name = forms.CharField(max_length=240)
    description = forms.CharField(required=False, max_length=4000)
    family = forms.CharField(required=False, max_length=40)
    base_uom = forms.CharField(label="Base unit", max_length=20, initial="each")
    tracking = forms.ChoiceField(choices=_choices(Tracking))
    has_expiry = forms.BooleanField(label="Has expiry dates", required=False)
    shelf_life_days = forms.IntegerField(required=False, min_value=1)
    best_before_days = forms.IntegerField(required=False, min_value=0, help_text="Days before expiry.")
    removal_days = forms.IntegerField(required=False, min_value=0, help_text="Days before expiry.")
    alert_days = forms.IntegerField(required=False, min_value=0, help_text="Days before expiry.")
    costing = forms.ChoiceField(choices=_choices(Costing))
    standard_cost = forms.DecimalField(required=False, min_value=0, max_digits=20, decimal_places=6)
    list_price = forms.DecimalField(required=False, min_value=0, max_digits=20, decimal_places=6)
    storage_class = forms.ChoiceField(choices=_choices(StorageClass))
    hazard_class = forms.ChoiceField(required=False, choices=[("", "none"), *_choices(HAZARD_CLASSES)])
    hazard_division = forms.CharField(required=False, max_length=4, help_text="For example 2.1.")
    is_limited_quantity = forms.BooleanField(
        label="Limited quantity", required=False, help_text="Packed as limited quantity: more carriers take it."
    )
    temperature = forms.ChoiceField(choices=_choices(Temperature))
    velocity = forms.ChoiceField(choices=_choices(Velocity), initial="C")
    origin_country = forms.RegexField("^[A-Z]{2}$", label="Country of origin", required=False, help_text="Two letters.")
    hs_code = forms.RegexField(r"^\d{6,12}$", label="HS code", required=False, help_text="6 to 12 digits.")
    keep_upright = forms.BooleanField(label="This side up", required=False, help_text="Never packed on its side.")
    bears_g = forms.IntegerField(
        label="Bears at most, g",
        required=False,
        min_value=0,
        help_text="Weight that may stand on one unit in a carton. 0: nothing. Empty: any.",
    )
    steward = forms.CharField(
        required=False, max_length=80, help_text="Sign-in name of the person who keeps this item."
    )
    reorder_point = forms.IntegerField(required=False, min_value=0)
    order_up_to = forms.IntegerField(required=False, min_value=0)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for level in Level:
            if level != Level.EACH:
                self.fields[f"{level}_factor"] = forms.IntegerField(
                    label=f"Units in one {level}", required=False, min_value=1
                )
            self.fields[f"{level}_gtin"] = forms.CharField(label=f"GTIN of the {level}", required=False, max_length=14)

    @staticmethod
    def initial_of(sku: str, item: ItemFields, packs: list[Pack]) -> dict[str, Any]:
        """The form's values for a stored item."""
        values: dict[str, Any] = {"sku": sku, **{name: getattr(item, name) for name in item.__dataclass_fields__}}
        for pack in packs:
            values[f"{pack.level}_factor"] = pack.factor
            values[f"{pack.level}_gtin"] = pack.gtin
        return values

    def _item(self) -> ItemFields:
        data = readable(self)
        return ItemFields(**{name: data[name] for name in ItemFields.__dataclass_fields__})

    def _packs(self, known: list[Pack]) -> list[Pack]:
        """The packs with a factor; sizes of known packs are kept."""
        old, data = {pack.level: pack for pack in known}, readable(self)
        packs = []
        for level in Level:
            factor = 1 if level == Level.EACH else data[f"{level}_factor"]
            if factor is None:
                continue
            was = old.get(level, Pack(level, "", factor))
            packs.append(
                Pack(
                    level, was.name, factor, data[f"{level}_gtin"], was.length_mm, was.width_mm,
                    was.height_mm, was.weight_g, was.tie, was.high,
                )
            )  # fmt: skip
        return packs

    def to_create(self) -> CreateItem:
        """The request for a new item."""
        return CreateItem(readable(self)["sku"], self._item(), self._packs([]))

    def to_update(self, item_id: int, version: int, known: list[Pack]) -> UpdateItem:
        """The request for a changed item."""
        return UpdateItem(item_id, version, self._item(), self._packs(known))
