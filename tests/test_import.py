"""``shortfall import``: tables of sites and lanes to a network, and every mistake by its place."""

import datetime as dt

import numpy as np
import pytest
import yaml

import sim
from sim.base.errors import UserError
from sim.cli import main
from sim.network.compile import compile_network
from sim.network.load import read_network
from sim.tabular.columns import LANES, SITES, column_of, unit_in
from sim.tabular.frames import lane_records, network_from, site_records
from sim.tabular.network_of import network_data
from sim.tabular.numbers import plain_number, tonnes_a_year
from sim.tabular.read_table import read_table, table_from

SITES_CSV = """\
Site,Type,Product,Country,Capacity (kt/year),Demand (t/year)
pit,mine,ore,Australia,1,
pit_b,mine,ore,CHL,0.5,
smelter,plant,metal,China,,
smelter_b,plant,metal,Japan,,
motors,customer,,JPN,,500
cars,customer,,DEU,,400
"""
LANES_CSV = """\
from,to,share,lead time (days)
pit,smelter,70%,20
pit_b,smelter,30 %,
pit,smelter_b,1,
smelter,motors,0.5,
smelter_b,motors,0.5,
smelter,cars,1,30
"""


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def written(folder, **files):
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return [f"{name}.csv" for name in files]


def imported(names):
    tables = [read_table(n, SITES if n.startswith("site") else LANES) for n in names]
    return network_data(tables[0] if len(tables) > 1 else None, tables[-1])


def faults_of(folder, **files):
    """Return the lines that import says are wrong."""
    names = written(folder, **files)
    with pytest.raises(UserError) as caught:
        imported(names)
    return [str(f) for f in caught.value.faults]


# --- what comes out -----------------------------------------------------------------------------


def test_two_tables_make_a_network_that_runs(here, capsys):
    written(here, sites=SITES_CSV, lanes=LANES_CSV)
    assert main(["import", "sites.csv", "lanes.csv", "--to", "my.yaml"]) == 0
    network = read_network("my.yaml")
    assert {n: s.kind for n, s in network.sites.items()} == {
        "pit": "mine", "pit_b": "mine", "smelter": "refiner", "smelter_b": "refiner",
        "motors": "end_user", "cars": "end_user",
    }  # fmt: skip
    assert network.sites["pit"].capacity == 1000.0  # 1 kt
    assert network.sites["pit"].country == "AUS"
    assert network.sites["smelter"].feeds["ore"].lanes["pit"].share == pytest.approx(0.7)
    # makes 0.5 x 500 + 400 = 650 t; capacity is assumed as that / 0.9, and marked
    assert network.sites["smelter"].capacity == pytest.approx(650 / 0.9)
    assert network.sites["smelter"].sources == {"capacity": "assumed"}
    assert network.sites["cars"].feeds["metal"].lanes["smelter"].transit_days == 30
    assert network.sites["motors"].feeds["metal"].lanes["smelter_b"].transit_days == 3
    told = capsys.readouterr().err
    assert "cover of 30 days" in told
    assert "transit of 35 days: pit_b to smelter" in told
    written_scenario = main(["new", "scenario", "stop", "--network", "./my.yaml"])
    assert written_scenario == 0
    study = sim.load("./stop.yaml", {"run.replications": 8, "run.audit": 0})
    assert study.settings.scenario.hazards["outage"].effects["stop"].sites.site == "pit"


def test_one_list_of_flows_is_enough(here, capsys):
    written(here, flows="source,target,volume (kg/day)\npit,plant,2000\nplant,users,1000\n")
    assert main(["import", "flows.csv"]) == 0
    data = yaml.safe_load(capsys.readouterr().out)
    assert [s["kind"] for s in data["sites"].values()] == ["mine", "refiner", "end_user"]
    assert data["sites"]["users"]["demand"] == pytest.approx(365.0)
    feed = next(iter(data["sites"]["plant"]["feeds"].values()))
    assert feed["coefficient"] == pytest.approx(2.0)  # 2 t in for 1 t out


def test_flows_are_balanced_to_what_makers_make_and_it_is_said(here):
    names = written(
        here,
        sites="site,output,demand\na,60,\nb,40,\nu,,50\nv,,50\n",
        lanes="from,to,flow\na,u,25\nb,u,25\na,v,25\nb,v,25\n",
    )
    tables = read_table(names[0], SITES), read_table(names[1], LANES)
    found = network_data(*tables)
    for user in ("u", "v"):
        (feed,) = found.data["sites"][user]["feeds"].values()
        assert feed["lanes"]["a"]["share"] == pytest.approx(0.6)
    assert any("balanced: 10 t/year" in note and "(10 %)" in note for note in found.notes)


def test_balanced_flows_carry_what_the_network_says(here):
    written(here, sites=SITES_CSV, lanes=LANES_CSV)
    found = network_data(read_table("sites.csv", SITES), read_table("lanes.csv", LANES))
    network = read_network(found.data)
    compiled = compile_network(network, start=dt.date(2026, 1, 1), n_period=1, step_days=365)
    made = dict(zip(compiled.labels.site, compiled.reference_out, strict=True))
    assert made["smelter"] == pytest.approx(650.0)
    assert made["pit"] == pytest.approx(0.7 * 650 + 250)


def test_shares_that_are_off_are_told_or_scaled(here):
    lanes = "from,to,share\na,u,0.5\nb,u,0.51\n"
    (line,) = faults_of(here, sites="site,demand\na,\nb,\nu,10\n", lanes=lanes)
    assert line.startswith("lanes.csv:3  column share: '101 %'") or "101 %" in line
    assert "lines 2, 3" in line
    assert "--scale" in line
    tables = read_table("sites.csv", SITES), read_table("lanes.csv", LANES)
    found = network_data(*tables, scale=True)
    (feed,) = found.data["sites"]["u"]["feeds"].values()
    assert feed["lanes"]["a"]["share"] == pytest.approx(0.5 / 1.01)
    assert any("summed to 101 %" in note for note in found.notes)


def test_semicolons_a_bom_and_decimal_commas(here):
    text = "\ufefffrom;to;flow\nmine a;users;1.234,5\n"
    (here / "f.csv").write_text(text, encoding="utf-8")
    table = read_table("f.csv", LANES)
    assert network_data(None, table).data["sites"]["users"]["demand"] == 1234.5
    assert "semicolons part the columns" in table.notes[0]


def test_baci_trade_with_codes(here):
    written(
        here,
        baci="t,i,j,k,v,q\n2023,180,156,810520,1,100\n2023,156,392,810520,1,50\n",
        codes="country_code,country_iso3\n180,COD\n156,CHN\n392,JPN\n",
    )
    assert main(["import", "baci.csv", "--codes", "codes.csv", "--to", "co.yaml"]) == 0
    network = read_network("co.yaml")
    assert network.sites["CHN imports"].demand == 100
    assert network.sites["COD exports"].country == "COD"


def test_comtrade_takes_what_importers_report_in_kg(here):
    written(
        here,
        ct="refYear,reporterISO,flowCode,partnerISO,cmdCode,netWgt\n"
        "2023,JPN,M,CHN,810520,5000\n2023,CHN,X,JPN,810520,9000\n",
    )
    assert main(["import", "ct.csv", "--to", "co.yaml"]) == 0
    assert read_network("co.yaml").sites["JPN imports"].demand == 5.0


# --- data frames and graphs ---------------------------------------------------------------------


def test_a_network_goes_to_rows_and_back():
    network = network_from(
        [{"site": "pit", "kind": "mine", "product": "ore", "country": "AUS", "capacity": 500},
         {"site": "plant", "product": "metal", "country": "CHN", "capacity": 500},
         {"site": "users", "country": "JPN", "demand": 365.0, "sector": "motors"}],
        [{"from": "pit", "to": "plant", "share": 1, "coefficient": 1.2, "lead time": 20},
         {"from": "plant", "to": "users", "share": 1, "cover_days": 45, "lead time": 10}],
    )  # fmt: skip
    again = network_from(site_records(network), lane_records(network))
    assert without_sources(again) == without_sources(network)  # rows say no more what was assumed


def without_sources(network):
    def bare(value):
        if isinstance(value, dict):
            return {k: bare(v) for k, v in value.items() if k != "sources"}
        return value

    return bare(network.model_dump()["sites"])


def test_pandas_and_networkx_both_ways():
    pd = pytest.importorskip("pandas")
    nx = pytest.importorskip("networkx")
    from sim.tabular.frames import to_frames, to_networkx

    frame = pd.DataFrame({"from": ["pit"], "to": ["users"], "flow": [365.0], "transit": [np.nan]})
    network = network_from(frame)
    assert network_from(*to_frames(network)).sites["users"].demand == 365.0
    graph = to_networkx(network)
    assert isinstance(graph, nx.DiGraph)
    assert network_from(graph).sites["users"].demand == 365.0


# --- bad input, all at once ---------------------------------------------------------------------

BAD = [
    ("from,to,share\npit,usrs,1\n", "lanes.csv:2  column to: 'usrs', no such site; did you mean"),
    ("from,to,share\npit,users,1\npit,users,1\n", "lanes.csv:3  column from: 'pit', the same lane"),
    ("from,to,share\npit,users,x\n", "lanes.csv:2  column share: 'x', must be a number"),
    ('from,to,flow\npit,users,"1,234"\n', "can be read as 1234 and as 1.234"),
    ("from,to,flow\npit,users,-3\n", "lanes.csv:2  column flow: '-3', must be 0 or more"),
    ("from,to,share\npit,pit,1\n", "must not buy from itself"),
    ("from,to,share\npit,users,140 %\n", "lanes.csv:2  column share: '140 %', must be a share"),
    ("from,to,share\npit,users,1,9\n", "lanes.csv:2  row: has more cells than the header (3)"),
    ("from,,share\npit,users,1\n", "lanes.csv:1  column 2: has cells but no name"),
    ("from,source,share\npit,pit,1\n", "lanes.csv:1  column source: means the same as 'from'"),
    ("share\n1\n", "column from: there is none"),
    ("", "the table is empty"),
]


@pytest.mark.parametrize(("lanes", "expected"), BAD)
def test_a_mistake_is_told_by_file_row_and_column(here, lanes, expected):
    told = faults_of(here, sites="site,kind,demand\npit,mine,\nusers,user,5\n", lanes=lanes)
    assert any(expected in line for line in told), told


def test_two_units_for_one_good(here):
    told = faults_of(here, lanes="from,to,flow,unit\na,u,5,t\nb,u,5,pieces\n")
    assert told == ["lanes.csv:3  column unit: 'pieces', good is counted in t in lanes.csv:2; one "
                    "unit a good"]  # fmt: skip


def test_a_ring_is_told_at_a_lane_that_closes_it(here):
    told = faults_of(here, lanes="from,to,flow\na,b,1\nb,c,1\nc,b,1\nc,u,1\n")
    assert told == ["lanes.csv:4  row: 'b -> c -> b', a site must not depend on itself through its "
                    "suppliers: break the ring"]  # fmt: skip


def test_all_mistakes_of_both_tables_at_once(here):
    told = faults_of(
        here,
        sites="site,country,capacity\npit,Atlantis,x\nusers,JPN,\n",
        lanes="from,to,share\npit,usrs,1\npit,users,2\n",
    )
    assert {line.split("  ")[0] for line in told} >= {"sites.csv:2", "lanes.csv:2", "lanes.csv:3"}


def test_a_capacity_below_what_is_sold_is_told_at_its_row(here):
    told = faults_of(here, sites="site,capacity,demand\npit,5,\nu,,10\n", lanes="from,to\npit,u\n")
    assert told == ["sites.csv:2  column capacity: '5', pit sells 10 t in a normal year"]


def test_nothing_is_written_where_something_is_wrong(here):
    written(here, lanes="from,to,share\npit,users,x\n")
    assert main(["import", "lanes.csv", "--to", "my.yaml"]) == 2
    assert not (here / "my.yaml").exists()


def test_a_file_that_is_there_is_not_replaced(here):
    written(here, lanes="from,to,flow\npit,users,5\n")
    (here / "my.yaml").write_text("mine", encoding="utf-8")
    assert main(["import", "lanes.csv", "--to", "my.yaml"]) == 2
    assert (here / "my.yaml").read_text(encoding="utf-8") == "mine"
    assert main(["import", "lanes.csv", "--to", "my.yaml", "--overwrite"]) == 0
    assert read_network("my.yaml").sites["users"].demand == 5


def test_excel_merged_cells_are_told(here):
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (["from", "to", "flow"], ["pit", "users", 5], ["pit", "cars", 6]):
        sheet.append(row)
    book.save("flows.xlsx")
    table = read_table("flows.xlsx", LANES)
    assert network_data(None, table).data["sites"]["cars"]["demand"] == 6
    sheet.merge_cells("A2:A3")
    book.save("flows.xlsx")
    with pytest.raises(UserError, match=r"flows.xlsx:2  cells A2:A3: are merged"):
        read_table("flows.xlsx", LANES)


# --- words and numbers --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "column"),
    [("Lead Time (days)", "transit_days"), ("lead-time", "transit_days"), ("Volume", "flow"),
     ("SOURCE", "supplier"), ("target_id", "buyer"), ("flow_t_per_year", "flow"), ("colour", None)],
)  # fmt: skip
def test_usual_names_of_columns(header, column):
    assert column_of(header, LANES) == column


@pytest.mark.parametrize(
    ("text", "mark", "value"),
    [("1 234,5", ",", 1234.5), ("1.234.567", ",", 1234567.0), ("1,234.5", ".", 1234.5),
     ("2e3", ".", 2000.0), ("-4", ".", -4.0), ("1'000", ".", 1000.0)],
)  # fmt: skip
def test_numbers_as_people_write_them(text, mark, value):
    assert plain_number(text, mark) == value


@pytest.mark.parametrize("text", ["1,23", "1,2345", "12,34,567", "nan", "inf", "1_000", "0x1f", ""])
def test_what_is_no_number(text):
    with pytest.raises(ValueError, match="number"):
        plain_number(text, ".")


def test_units():
    assert unit_in("Capacity [kt/year]") == "kt/year"
    assert tonnes_a_year("kg/month") == pytest.approx(0.012)
    assert tonnes_a_year("pieces") is None


def test_rows_at_hand_are_read_like_a_file():
    table = table_from([{"from": "a", "to": "u", "flow": 5.0, "note": None}], LANES, "rows")
    assert table.rows[0].text("flow") == "5.0"


# --- what tables of others taught -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "unit", "days"),
    [("lead time (weeks)", "weeks", 14.0), ("transit_hours", "hours", 2 / 24),
     ("lead time [months]", "months", 2 * 365 / 12), ("leadTime", "", 2.0)],
)  # fmt: skip
def test_times_are_read_in_the_unit_of_their_header(here, header, unit, days):
    assert unit_in(header) == unit
    names = written(here, flows=f"from,to,flow,{header}\na,u,5,2\n")
    (feed,) = imported(names).data["sites"]["u"]["feeds"].values()
    assert feed["lanes"]["a"]["transit_days"] == pytest.approx(days)


def test_a_time_in_no_unit_of_time_is_told(here):
    told = faults_of(here, lanes="from,to,flow,lead time (km)\na,u,5,2\n")
    assert told == ["lanes.csv:1  column lead time (km): km, must be a time: hours, days, weeks, "
                    "months, years"]  # fmt: skip


@pytest.mark.parametrize(
    ("header", "good", "a_year"),
    [("demand (pieces/day)", "pieces", 3650.0), ("demand (USD per month)", "usd", 120.0),
     ("demand per week", "t", 10 * 365 / 7), ("avgDemand (kt/year)", "t", 10_000.0)],
)  # fmt: skip
def test_rates_in_other_units_keep_their_period(here, header, good, a_year):
    names = written(here, sites=f"site,{header}\na,\nu,10\n", lanes="from,to\na,u\n")
    data = imported(names).data
    assert data["sites"]["u"]["demand"] == pytest.approx(a_year)
    assert {p["unit"] for p in data["products"].values()} == {good}


def test_a_stock_is_a_cover_by_what_is_used_a_day(here):
    lanes = "from,to,stock (kg)\na,b,2000\nb,u,\n"
    names = written(here, sites="site,demand,inventory (days)\na,,\nb,,\nu,365,9\n", lanes=lanes)
    sites = imported(names).data["sites"]
    assert sites["b"]["feeds"]["good"]["cover_days"] == pytest.approx(2.0)  # 2 t at 1 t a day
    assert sites["u"]["feeds"]["good"]["cover_days"] == 9.0


def test_a_stock_of_several_inputs_is_asked_about(here):
    told = faults_of(
        here,
        sites="site,product,stock,demand\na,x,,\nb,y,,\nu,,7,5\n",
        lanes="from,to\na,u\nb,u\n",
    )
    assert told == ["sites.csv:4  column stock: 7.0, u buys x and y: say the stock of each in the "
                    "table of lanes"]  # fmt: skip


def test_ids_name_sites_and_names_are_their_titles(here):
    names = written(here, sites="ID,name,demand\n1,Pit,\n2,Users,5\n", lanes="from,to\n1,2\n")
    assert imported(names).data["sites"]["1"]["title"] == "Pit"


def test_a_maker_with_a_demand_of_its_own_is_told(here):
    told = faults_of(here, sites="site,demand\na,\nb,3\nu,5\n", lanes="from,to\na,b\nb,u\n")
    assert "sites.csv:3  column demand: 3.0, b sells to others: give its own customers" in told[0]


def test_the_kind_of_a_supplier_follows_from_its_lanes(here):
    names = written(
        here,
        sites="site,type,demand\na,supplier,\nb,supplier,\nu,retailer,5\n",
        lanes="from,to\na,b\nb,u\n",
    )
    kinds = [s["kind"] for s in imported(names).data["sites"].values()]
    assert kinds == ["mine", "refiner", "end_user"]


def test_a_second_source_and_time_in_a_site(here):
    names = written(
        here,
        sites="site,processing time (weeks),demand\na,1,\nb,,\nu,2,5\n",
        lanes="from,to,share,spot,time to switch (months),transit\na,u,1,,,3\nb,u,0,1,6,4\n",
    )
    found = imported(names)
    (feed,) = found.data["sites"]["u"]["feeds"].values()
    assert feed["lanes"]["a"]["transit_days"] == 17.0
    assert feed["lanes"]["b"]["qualification_days"] == pytest.approx(182.5)
    assert "not used: time in a site that buys nothing: a" in found.notes


def test_the_two_tables_may_come_in_either_order(here):
    written(here, sites=SITES_CSV, lanes=LANES_CSV)
    assert main(["import", "lanes.csv", "sites.csv", "--to", "b.yaml"]) == 0
    assert main(["import", "sites.csv", "lanes.csv", "--to", "a.yaml"]) == 0
    first, second = read_network("a.yaml"), read_network("b.yaml")
    assert (first.title, second.title) == ("A", "B")
    assert first.sites == second.sites
