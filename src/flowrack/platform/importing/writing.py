"""Compares the stage with the tables and brings them in line: one UPDATE and one INSERT for each target."""

from __future__ import annotations

from flowrack.platform import sql
from flowrack.platform.importing.definition import STAGE, Mapped, Target
from flowrack.platform.importing.report import FieldChange

# Every name in these statements comes from a stage's definition, never from a file: only values do, through COPY.


def taking_part(mapped: Mapped) -> list[Target]:
    """The targets of which the file has a column; the first one always."""
    targets = mapped.definition.targets
    return [
        t
        for i, t in enumerate(targets)
        if i == 0
        or any(mapped.has(name) for name in (t.needs or t.columns.values()))
        or (not t.needs and not t.columns)
    ]


def _same(target: Target) -> str:
    return " AND ".join(f't."{column}" = {value}' for column, value in target.key.items())


def _given(mapped: Mapped, target: Target) -> list[tuple[str, str]]:
    """(target column, stage column) of the columns that the file has."""
    return [(column, name) for column, name in target.columns.items() if mapped.has(name)]


def _differs(mapped: Mapped, target: Target) -> str:
    pairs = [f'(s."{name}" IS NOT NULL AND t."{column}" IS DISTINCT FROM s."{name}")' for column, name in _given(mapped, target)]
    pairs += [f't."{column}" IS DISTINCT FROM {value}' for column, value in target.always.items()]
    return "(" + (" OR ".join(pairs) or "false") + ")"


def find_targets(mapped: Mapped) -> None:
    """Put the ids of known rows into the stage; note which rows are new."""
    for number, target in enumerate(taking_part(mapped)):
        if target.id_into:
            sql.execute(
                f'UPDATE {STAGE} s SET "{target.id_into}" = t.id FROM {target.table} t WHERE {_same(target)}'  # noqa: S608
            )
        if number == 0:
            exists = f"SELECT 1 FROM {target.table} t WHERE {_same(target)}"  # noqa: S608
            sql.execute(f"UPDATE {STAGE} s SET is_new = true WHERE NOT EXISTS ({exists})")  # noqa: S608


def compare(mapped: Mapped) -> list[FieldChange]:
    """Mark the rows that change something; how many values of each field change, with an example."""
    changes: list[FieldChange] = []
    for number, target in enumerate(taking_part(mapped)):
        scope = f"NOT s.bad AND NOT s.is_new AND {target.where}"
        source = f"{STAGE} s JOIN {target.table} t ON {_same(target)}"
        sql.execute(
            f"UPDATE {STAGE} s SET is_changed = true FROM {target.table} t"  # noqa: S608
            f" WHERE {_same(target)} AND {scope} AND {_differs(mapped, target)}"
        )
        if number > 0:
            sql.execute(
                f"UPDATE {STAGE} s SET is_changed = true WHERE {scope}"  # noqa: S608
                f" AND NOT EXISTS (SELECT 1 FROM {target.table} t WHERE {_same(target)})"
            )
        changes += _field_changes(mapped, target, source, scope)
    return changes


def _field_changes(mapped: Mapped, target: Target, source: str, scope: str) -> list[FieldChange]:
    given = _given(mapped, target)
    if not given:
        return []
    parts = []
    for column, name in given:
        differs = f's."{name}" IS NOT NULL AND t."{column}" IS DISTINCT FROM s."{name}"'
        parts.append(
            f"count(*) FILTER (WHERE {differs}),"
            f" (array_agg(ARRAY[t.\"{column}\"::text, s.\"{name}\"::text] ORDER BY s.row) FILTER (WHERE {differs}))[1:1]"
        )
    row = sql.fetch_one(f"SELECT {', '.join(parts)} FROM {source} WHERE {scope}")  # noqa: S608
    assert row is not None
    return [
        FieldChange(
            field=mapped.label(name),
            count=row[2 * i],
            before=(row[2 * i + 1][0][0] or "")[:80],
            after=(row[2 * i + 1][0][1] or "")[:80],
        )
        for i, (_, name) in enumerate(given)
        if row[2 * i]
    ]


def write(mapped: Mapped) -> None:
    """Bring the tables in line with the good rows of the stage."""
    for target in taking_part(mapped):
        _update(mapped, target)
        _insert(mapped, target)
        if target.id_into:
            sql.execute(
                f'UPDATE {STAGE} s SET "{target.id_into}" = t.id FROM {target.table} t'  # noqa: S608
                f' WHERE s."{target.id_into}" IS NULL AND NOT s.bad AND {_same(target)}'
            )
    for statement in mapped.definition.finish:
        sql.execute(statement.format(stage=STAGE))


def _update(mapped: Mapped, target: Target) -> None:
    sets = [f'"{column}" = COALESCE(s."{name}", t."{column}")' for column, name in _given(mapped, target)]
    sets += [f'"{column}" = {value}' for column, value in target.always.items()]
    if not sets:
        return
    if target.versioned:
        sets += ["version = t.version + 1", "updated_at = now()"]
    sql.execute(
        f"UPDATE {target.table} t SET {', '.join(sets)} FROM {STAGE} s"  # noqa: S608
        f" WHERE {_same(target)} AND NOT s.bad AND {target.where} AND {_differs(mapped, target)}"
    )


def _insert(mapped: Mapped, target: Target) -> None:
    definition = mapped.definition
    values = dict(target.key)
    for column, name in _given(mapped, target):
        values[column] = f'COALESCE(s."{name}", {definition.column(name).default})'
    values.update(target.create)
    values.update(target.always)
    columns = ", ".join(f'"{column}"' for column in values)
    sql.execute(
        f"INSERT INTO {target.table} ({columns}) SELECT {', '.join(values.values())} FROM {STAGE} s"  # noqa: S608
        f" WHERE NOT s.bad AND {target.where}"
        f" AND NOT EXISTS (SELECT 1 FROM {target.table} t WHERE {_same(target)}) ORDER BY s.row"
    )
