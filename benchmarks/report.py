"""The numbers of a run as Markdown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Json = dict[str, Any]
Cell = Callable[[Json], str]
PLACES = ("first", "middle", "deep")
PAGES = tuple(f"page, {place}" for place in PLACES)
SITE_PAGES = tuple(f"page of one site, {place}" for place in PLACES)
OURS, BARE = "ours", "ours without hiredis"


def markdown(results: Json) -> str:
    depths = results["depths"]
    tables = [_table(depths, title, rows) for title, rows in _sections(depths)]
    return "\n\n".join([*tables, *(_search(at) for at in depths if "rq" in at)])


def _sections(depths: list[Json]) -> list[tuple[str, list[tuple[str, Cell]]]]:
    sections = [
        ("Job Console: snapshot", _against_floor("snapshot")),
        ("Job Console: page of 20", _against_floor(*PAGES)),
        ("Job Console: what else may happen", _others()),
        ("rq-dashboard", _peer("rq-dashboard", ("queues", ["queues"]), ("page of 20", ["page, first", "page, deep"]))),
    ]
    built_in = all("built-in" in at for at in depths)
    if built_in:
        sections.append(("RQ Job list", _peer("built-in", ("`get_list`", [*PAGES]), ("`get_count`", ["count"]))))
    if all("one call" in at for at in depths):
        sections.append(("one call of the command line", _one_call(depths[0])))
    return [*sections, ("ratios", _ratios(built_in)), ("memory, and the run", _memory(built_in))]


def _against_floor(*names: str) -> list[tuple[str, Cell]]:
    return [
        (_title("median", names), lambda at: _medians(at[OURS], names)),
        ("99th percentile", lambda at: _ms(max(at[OURS][name]["p99_ms"] for name in names))),
        ("floor: median", lambda at: _join(_ms(at[OURS][name]["floor_ms"]) for name in names)),
        ("times the floor", lambda at: _join(f"{_over(at[OURS][name], 'floor_ms'):.1f}" for name in names)),
        *_costs(OURS, names),
        ("median without hiredis", lambda at: _medians(at[BARE], names)),
    ]


def _others() -> list[tuple[str, Cell]]:
    survey, due = "snapshot, with survey", "page, look due"
    return [
        ("snapshot with a slice of the survey (every 2 s)", lambda at: _both(at[OURS][survey])),
        *_costs(OURS, (survey,)),
        ("snapshot that another viewer caused", lambda at: _both(at[OURS]["snapshot, shared"])),
        ("page whose jobs were looked at before", lambda at: _both(at[OURS]["page, again"])),
        ("page when nobody has looked for 2 s: with all that", lambda at: _both(at[OURS][due])),
        *_costs(OURS, (due,)),
        (_title("page for a viewer of one site", SITE_PAGES), lambda at: _medians(at[OURS], SITE_PAGES)),
        *_costs(OURS, SITE_PAGES),
    ]


def _peer(who: str, *parts: tuple[str, list[str]]) -> list[tuple[str, Cell]]:
    rows: list[tuple[str, Cell]] = []
    for title, names in parts:
        rows.append((_title(title, names), lambda at, names=names: _medians(at[who], names)))
        rows += _costs(who, names)
    return rows


def _costs(who: str, names: tuple[str, ...] | list[str]) -> list[tuple[str, Cell]]:
    return [
        ("… round trips", lambda at: _same(f"{at[who][name]['round_trips']:.0f}" for name in names)),
        ("… commands sent / run, with those in scripts", lambda at: _same(_commands(at[who][name]) for name in names)),
        ("… slowest command: usually / worst", lambda at: _slowest([at[who][name] for name in names])),
    ]


def _one_call(shallowest: Json) -> list[tuple[str, Cell]]:
    """From the start of the process to its end; without what it takes to start, beside the shallowest and `rq info`."""

    def beyond(at: Json, name: str) -> float:
        return float(at["one call"][name]["median_ms"] - at["one call"]["start"]["median_ms"])

    rows: list[tuple[str, Cell]] = [
        ("`job-console --version`: the start", lambda at: _ms(_call(at, "start")["median_ms"])),
        ("… of a processor", lambda at: _ms(_call(at, "start")["processor_ms"])),
    ]
    for name in ("warnings", "snapshot", "warnings --deep", "rq info"):
        rows += [
            (f"`{name}`", lambda at, name=name: _ms(_call(at, name)["median_ms"])),
            ("… of a processor", lambda at, name=name: _ms(_call(at, name)["processor_ms"])),
            ("… commands run / slowest", lambda at, name=name: _ran(_call(at, name))),
        ]
    for name in ("warnings", "snapshot"):
        rows += [
            (
                f"`{name}` ÷ itself at {shallowest['depth']:,}",
                lambda at, name=name: f"{_call(at, name)['median_ms'] / _call(shallowest, name)['median_ms']:.1f}",
            ),
            ("… without the start, ms", lambda at, name=name: f"{beyond(at, name):.0f}"),
        ]
    return [
        *rows,
        (
            "`warnings` ÷ `rq info`",
            lambda at: f"{_call(at, 'warnings')['median_ms'] / _call(at, 'rq info')['median_ms']:.1f}",
        ),
    ]


def _call(at: Json, name: str) -> Json:
    found: Json = at["one call"][name]
    return found


def _ran(row: Json) -> str:
    return f"{row['ran']:,.0f} / {_ms(row['slowest_ms'])}"


def _ratios(built_in: bool) -> list[tuple[str, Cell]]:
    def ratio(who: str, theirs: str, ours: str) -> Cell:
        return lambda at: f"{at[who][theirs]['median_ms'] / at[OURS][ours]['median_ms']:.1f}"

    rows = [
        ("rq-dashboard's queues ÷ our snapshot", ratio("rq-dashboard", "queues", "snapshot")),
        ("rq-dashboard's page ÷ ours", ratio("rq-dashboard", PAGES[0], PAGES[0])),
    ]
    if built_in:
        rows += [
            ("`get_list` ÷ our page", ratio("built-in", PAGES[0], PAGES[0])),
            ("… whose jobs were looked at before", ratio("built-in", PAGES[0], "page, again")),
            ("`get_list` ÷ our page for a viewer of one site", ratio("built-in", PAGES[0], SITE_PAGES[0])),
            ("… and both deep", ratio("built-in", PAGES[2], SITE_PAGES[2])),
        ]
    return rows


def _memory(built_in: bool) -> list[tuple[str, Cell]]:
    processes = [OURS, "rq-dashboard", *(["built-in"] if built_in else [])]
    return [
        ("server", lambda at: f"{at['server_mb']:,.0f} MB"),
        *((f"{who}: process, of it since its start", lambda at, who=who: _process(at[who])) for who in processes),
        ("filled in", lambda at: f"{at['fill_s']:.1f} s"),
        ("load of the machine at the end", lambda at: f"{at['load']:.1f}"),
    ]


def _table(depths: list[Json], title: str, rows: list[tuple[str, Cell]]) -> str:
    lines = [_line([f"**{title}**", *(f"{at['depth']:,}" for at in depths)]), _line(["---", *["---:"] * len(depths)])]
    return "\n".join([*lines, *(_line([name, *(cell(at) for at in depths)]) for name, cell in rows)])


def _search(at: Json) -> str:
    lines = [
        _line([f"**search in {at['depth']:,} jobs**", "hits", "first hits", "all", "slices", "slowest command"]),
        _line(["---", "---:", "---:", "---:", "---:", "---:"]),
    ]
    for who in (OURS, BARE):
        lines += [_searched(f"{who}: `{method}`", row) for method, row in at[who]["search"].items()]
    lines += [_searched(f"{who}: `fetch_many`, `kwargs`", at[who]) for who in ("rq", "rq without hiredis")]
    for ours, theirs in ((OURS, "rq"), (BARE, "rq without hiredis")):
        wanted = next(iter(at[ours]["search"].values()))
        ratios = [f"{at[theirs][key] / wanted[key]:.1f}" for key in ("first_ms", "total_ms")]
        lines.append(_line([f"{theirs} ÷ {ours}", "", *ratios, "", ""]))
    return "\n".join(lines)


def _searched(name: str, row: Json) -> str:
    cells = [_ms(row["first_ms"]), _ms(row["total_ms"]), str(row.get("slices", "")), _ms(row["slowest_ms"])]
    return _line([name, f"{row['hits']:,}", *cells])


def _title(title: str, names: tuple[str, ...] | list[str]) -> str:
    places = [name.rpartition(", ")[2] for name in names]
    return f"{title}: {' · '.join(places)}" if len(names) > 1 else title


def _medians(rows: Json, names: tuple[str, ...] | list[str]) -> str:
    return _join(_ms(rows[name]["median_ms"]) for name in names)


def _both(row: Json) -> str:
    return f"{_ms(row['median_ms'])}, p99 {_ms(row['p99_ms'])}"


def _over(row: Json, lower: str) -> float:
    return float(row["median_ms"] / row[lower])


def _commands(row: Json) -> str:
    return f"{row['commands']:.0f} / {row['ran']:.0f}"


def _slowest(rows: list[Json]) -> str:
    worst = max(rows, key=lambda row: row["slowest_ms"])
    usual = max(row["slowest_usual_ms"] for row in rows)
    return f"{_ms(usual)} / {_ms(worst['slowest_ms'])} {worst['slowest'].partition(' ')[0]}"


def _process(row: Json) -> str:
    return f"{row['rss_mb']:.0f} MB, {row['grown_mb']:.0f} MB"


def _join(cells: Any) -> str:
    return " · ".join(cells)


def _same(cells: Any) -> str:
    cells = list(cells)
    return cells[0] if len(set(cells)) == 1 else _join(cells)


def _ms(value: float) -> str:
    return f"{value:,.0f} ms" if value >= 100 else f"{value:.1f} ms" if value >= 1 else f"{value:.2f} ms"


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"
