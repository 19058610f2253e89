"""The door of the lists by which orders are sorted."""

from __future__ import annotations

from flowrack.platform import sql
from flowrack.platform.runner import Context, command
from flowrack.sales.types_lists import CODE, LISTS, BadOrderCode, OrderCodeSet, SetOrderCode
from flowrack.shared.errors import BadLine
from flowrack.shared.refs import ref


@command(permission="sales.lists", result=OrderCodeSet)
def set_order_code(ctx: Context, req: SetOrderCode) -> OrderCodeSet:
    """Add a sales channel or an order type, name it otherwise, or take it out of use; orders that have it keep it.

    Refuses with BadOrderCode, naming every bad field.
    """
    code, name = req.code.strip().upper(), req.name.strip()
    bad = []
    if req.list not in LISTS:
        bad.append(BadLine(0, "list", f"There is no list “{req.list}”.", f"Use {' or '.join(LISTS)}."))
    if not CODE.match(code):
        said = f"“{req.code}” is no code."
        bad.append(BadLine(0, "code", said, "Use letters, digits, dot, dash, slash; 20 at most, no blanks."))
    if not name or len(name) > 60:
        bad.append(BadLine(0, "name", "A code needs a name of 60 characters at most.", "People read it in lists."))
    if bad:
        raise BadOrderCode(bad[0].message, lines=bad, fix=bad[0].fix)
    row_id = sql.fetch_value(
        """
        INSERT INTO sales_ordercode (list, code, name, is_active) VALUES (%s, %s, %s, %s)
        ON CONFLICT (list, code) DO UPDATE SET name = excluded.name, is_active = excluded.is_active RETURNING id
        """,
        (req.list, code, name, req.is_active),
    )
    ctx.subject = ref("sales.order_code", row_id)
    return OrderCodeSet(req.list, code)
