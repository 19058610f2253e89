"""Compares the stage with the tables and brings them in line: one UPDATE and one INSERT for each target."""

from __future__ import annotations

from dataclasses import dataclass

from flowrack.platform import sql
from flowrack.platform.importing.definition import STAGE, Lookup, Mapped, Target
from flowrack.platform.importing.report import FieldChange, Problems

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


@dataclass(frozen=True, slots=True)
class Pair:
    """A column of a target and what the file gives for it, in SQL over the stage."""

    column: str
    name: str  # the file's column
    value: str
    is_given: str
    differs: str
    before: str  # the stored value as text


def look_up(lookup: Lookup) -> None:
    """Put the ids behind a column's codes into the stage."""
    sql.execute(
        f'UPDATE {STAGE} s SET "{lookup.into}" = t.id FROM {lookup.table} t'  # noqa: S608
        f' WHERE t."{lookup.match}" = s."{lookup.column}" AND {lookup.where}'
    )


def _pairs(mapped: Mapped, target: Target) -> list[Pair]:
    pairs = []
    for column, name in target.columns.items():
        if not mapped.has(name):
            continue
        lookup = mapped.definition.lookup(name)
        given = f's."{name}" IS NOT NULL'
        if lookup is None:
            value = f's."{name}"'
            differs = f't."{column}" IS DISTINCT FROM {value}'
            before = f't."{column}"::text'
        else:
            value = f's."{lookup.into}"'
            differs = f'({value} IS NULL OR t."{column}" IS DISTINCT FROM {value})'
            before = f'(SELECT l."{lookup.match}"::text FROM {lookup.table} l WHERE l.id = t."{column}")'  # noqa: S608
        pairs.append(Pair(column, name, value, given, differs, before))
    return pairs


def _differs(mapped: Mapped, target: Target) -> str:
    parts = [f"({pair.is_given} AND {pair.differs})" for pair in _pairs(mapped, target)]
    parts += [f't."{column}" IS DISTINCT FROM {value}' for column, value in target.always.items()]
    return "(" + (" OR ".join(parts) or "false") + ")"


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


def apply_rules(mapped: Mapped, problems: Problems) -> None:
    """Note the rows that break a rule of the definition, each row seen as it would be stored. One statement."""
    definition = mapped.definition
    if not definition.rules:
        return
    main = definition.targets[0]
    effective = []
    for column, name in main.columns.items():
        lookup = definition.lookup(name)
        value = f's."{name if lookup is None else lookup.into}"'
        default = definition.column(name).default
        effective.append(f'COALESCE({value}, CASE WHEN s.is_new THEN {default} ELSE t."{column}" END) AS "{column}"')
    broken = ", ".join(f"COALESCE({rule.when}, false)" for rule in definition.rules)
    rows = sql.fetch_all(
        f"""
        SELECT * FROM (
            SELECT e.row, ARRAY[{broken}] AS broken
            FROM (SELECT s.row, s.is_new, {", ".join(effective)}
                  FROM {STAGE} s LEFT JOIN {main.table} t ON {_same(main)} WHERE NOT s.bad) e
        ) found WHERE true = ANY(broken) ORDER BY row
        """  # noqa: S608
    )
    for row, flags in rows:
        for rule, is_broken in zip(definition.rules, flags, strict=True):
            if is_broken:
                problems.add(row, mapped.label(rule.column), "", rule.message, rule.fix)


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
    also = mapped.definition.also_changed
    if also:
        sql.execute(f"UPDATE {STAGE} s SET is_changed = true WHERE NOT s.bad AND {also}")  # noqa: S608
    return changes


def _field_changes(mapped: Mapped, target: Target, source: str, scope: str) -> list[FieldChange]:
    pairs = _pairs(mapped, target)
    if not pairs:
        return []
    parts = []
    for pair in pairs:
        differs = f"{pair.is_given} AND {pair.differs}"
        example = f'ARRAY[{pair.before}, s."{pair.name}"::text]'
        parts.append(
            f"count(*) FILTER (WHERE {differs}), (array_agg({example} ORDER BY s.row) FILTER (WHERE {differs}))[1:1]"
        )
    row = sql.fetch_one(f"SELECT {', '.join(parts)} FROM {source} WHERE {scope}")  # noqa: S608
    assert row is not None
    return [
        FieldChange(
            field=mapped.label(pair.name),
            count=row[2 * i],
            before=(row[2 * i + 1][0][0] or "")[:80],
            after=(row[2 * i + 1][0][1] or "")[:80],
        )
        for i, pair in enumerate(pairs)
        if row[2 * i]
    ]


def write(mapped: Mapped) -> None:
    """Bring the tables in line with the good rows of the stage."""
    for lookup in mapped.definition.lookups:
        if lookup.make and mapped.has(lookup.column):
            sql.execute(lookup.make.format(stage=STAGE))
            look_up(lookup)
    for statement in mapped.definition.before:
        sql.execute(statement.format(stage=STAGE))
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
    sets = [f'"{p.column}" = COALESCE({p.value}, t."{p.column}")' for p in _pairs(mapped, target)]
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
    for pair in _pairs(mapped, target):
        values[pair.column] = f"COALESCE({pair.value}, {definition.column(pair.name).default})"
    values.update(target.create)
    values.update(target.always)
    columns = ", ".join(f'"{column}"' for column in values)
    sql.execute(
        f"INSERT INTO {target.table} ({columns}) SELECT {', '.join(values.values())} FROM {STAGE} s"  # noqa: S608
        f" WHERE NOT s.bad AND {target.where}"
        f" AND NOT EXISTS (SELECT 1 FROM {target.table} t WHERE {_same(target)}) ORDER BY s.row"
    )
