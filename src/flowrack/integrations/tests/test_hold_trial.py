"""try-hold-rules: a slip in a history is held, by what was known the night before."""

from __future__ import annotations

from pathlib import Path

from flowrack.integrations.orders.trial import in_words, try_rules
from flowrack.sales.rules_holds import SHIPPED

HEAD = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"


def row(document: str, units: int, day: int, customer: str) -> str:
    return f"{document},84347,ROTATING ANGELS,{units},2010-11-{day:02} 11:36:00,1.69,{customer},United Kingdom\n"


def test_a_slip_is_held_and_said_to_be_taken_back_while_ordinary_lines_pass(tmp_path: Path):
    plain = "".join(row(f"5300{n:02}", 6, 1 + n // 10, "17000") for n in range(20))
    slip = row("530715", 9_360, 4, "15838") + row("530716", 480, 4, "15839")
    back = row("C536757", -9_360, 9, "15838")
    path = tmp_path / "history.csv"
    path.write_text(HEAD + plain + slip + back)
    trial = try_rules(path, SHIPPED)
    assert (trial.lines, trial.judged, trial.large, trial.large_held) == (22, 2, 1, 1)
    [held] = trial.held
    assert (held.document, held.units, trial.taken_back(held)) == ("530715", 9_360, True)
    assert "1 lines of 1 orders held; 1 of them were taken back in full later, the others are 0.00 in" in in_words(
        trial
    )
