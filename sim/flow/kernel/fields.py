"""The tables of the compiled kernel: name -> kind. What they mean is in docs/model.md.

Kinds: ``i`` int32, ``f`` float64, ``b`` uint8, ``v`` vectors of WIDTH replications; then the number
of axes (a vector's own axis not counted). ``fixed`` tables are only read. ``int`` and ``float`` are
plain numbers. Letters in comments are sizes: S sites, F feeds, L lanes, U groups, V reserves, Y
feeds served by reserves, P projects, O offtakes, G rings, D draws, X sets of groups, K periods, Q
rows of the tape, n replications.
"""

from sim.flow.kernel.measures import GOODS_TALLIES, PATHS, TALLIES

# what `kind` holds (as sim.network.arrays has it)
MINE, REFINER, END_USER, RESERVE = range(4)

# what `row_kind` holds (as sim.shocks.tape has it)
ROW_AVAILABILITY, ROW_CAP, ROW_DAYS, ROW_HOLD, ROW_DEMAND, ROW_ANNOUNCED, ROW_OUTPUT = range(7)

_COUNTS = (
    *("n_site", "n_feed", "n_lane", "n_ring", "n_reserve", "n_project", "n_group", "n_set"),
    *("n_product", "n_pair", "n_maker", "n_cell"),
    *("n_path", "n_draw", "n_period", "n_replication", "n_batch"),
    "batch",  # replications side by side
    "pricing",  # 1: there are prices
    "answering",  # 1: somebody answers to them
    "responding",  # 1: demand answers to them
    "thrifty",  # 1: end users learn to do without what is dear
    "waking",  # 1: idle capacity wakes by price alone
    "bidding",  # 1: who pays more is served better
    "building",  # 1: projects come because prices rise
    "n_price",  # paths of prices
    "remembering",  # 1: keep what ships until the next period
    "keeping",  # 1: keep what is booked in every period
    "booking",  # 1: book goods by product and region of their buyers
    "adding",  # 1: add up what is asked for and sent by pair: goods are booked, or there are prices
    "tracing",  # 1: keep everything of every period
)
_NUMBERS = {
    **dict.fromkeys(_COUNTS, "int"),
    "step_days": "float",
    "short_from": "float",  # share of want from which on a period is short
    "ageing_days": "float",  # of scarcity, in which a price's elasticity doubles; inf: never
}

# names as in sim.network.arrays.Chain unless said otherwise
_NETWORK = {
    **dict.fromkeys(("kind", "feed_ptr", "out_ptr", "n_class"), "i1 fixed"),  # S
    **dict.fromkeys(("capacity_path", "demand_path", "group"), "i1 fixed"),  # S
    "firm": "i1 fixed",  # S: 1 where it is one of several cohorts of an end user
    "capacity_moves": "i1 fixed",  # S: growth or a project changes its capacity
    **dict.fromkeys(("sub_delay_days", "sub_share"), "f1 fixed"),  # S
    **dict.fromkeys(("lane_ptr", "feed_site"), "i1 fixed"),  # F
    "contracted": "i1 fixed",  # F: an offtake names one of its lanes
    "served": "i1 fixed",  # F: by a reserve
    "spotted": "i1 fixed",  # F: one of its lanes is a spot lane
    **dict.fromkeys(("coefficient", "adjust_gain"), "f1 fixed"),  # F
    **dict.fromkeys(("supplier", "lane_feed", "lane_of", "transit", "lane_class"), "i1 fixed"),  # L
    **dict.fromkeys(("base_share", "spot", "qualify_step"), "f1 fixed"),  # L
    "home": "i1 fixed",  # L
    "ring": "i1 fixed",  # L: a lane's ring, and its first row in `pipe`: see stocks.py
    "lane_pipe": "i1 fixed",
    "abreast": "i1 fixed",  # S: 1 where its lanes lie side by side in one ring
    **dict.fromkeys(("ring_slots", "ring_transit", "ring_size"), "i1 fixed"),  # G
    "path": "f2 fixed",  # (paths, K)
    **dict.fromkeys(("reserve_feed", "serve_ptr"), "i1 fixed"),  # V
    **dict.fromkeys(("reserve_max", "trigger", "build_pace", "refill_pace"), "f1 fixed"),  # V
    "reserve_buys": "i1 fixed",  # V
    "reserve_start": "f1 fixed",  # V
    "reserve_aim": "f2 fixed",  # (V, K)
    "serve_feed": "i1 fixed",  # Y
    "serve_share": "f1 fixed",  # Y
    **dict.fromkeys(("project_site", "offtake_ptr"), "i1 fixed"),  # P
    **dict.fromkeys(("project_capacity", "project_ramp_days"), "f1 fixed"),  # P
    "offtake_lane": "i1 fixed",  # O
    "offtake_share": "f1 fixed",  # O
    # what may be drawn, as the network has it
    **dict.fromkeys(("nameplate_0", "demand_0", "slack_0", "sub_limit_0"), "f1 fixed"),  # S
    **dict.fromkeys(("ramp_share_0", "home_weight_0"), "f1 fixed"),  # S
    **dict.fromkeys(("cover_0", "rerouting_0", "learn_0", "precaution_0"), "f1 fixed"),  # F
    **dict.fromkeys(("reserve_stock_0", "activation_days_0"), "f1 fixed"),  # V
    **dict.fromkeys(("set_ptr", "set_group"), "i1 fixed"),  # X
    # value added (loss.py): what may be drawn, and 1 where an end user states it
    **dict.fromkeys(("dependence_0", "value_of_input_share_0", "elasticity_0"), "f1 fixed"),  # S
    **dict.fromkeys(("elasticity_later_0", "buffer_days_0", "recapture_0"), "f1 fixed"),  # S
    **dict.fromkeys(("network_share_0", "backward_linkage"), "f1 fixed"),  # S
    "losing": "i1 fixed",  # S
    # names as in sim.flow.cells.Cells: C cells, their members, and the cells of a set
    **dict.fromkeys(("cell_ptr", "cell_site", "cell_group", "cell_largest"), "i1 fixed"),
    **dict.fromkeys(("cell_within", "set_cell_ptr", "set_cell"), "i1 fixed"),
    **dict.fromkeys(("cell_step_usd", "cell_usd", "cell_share"), "f1 fixed"),
    # names as in sim.flow.goods.Goods: products, then pairs, then makers
    **dict.fromkeys(("product_ptr", "pair_ptr", "pair_feed"), "i1 fixed"),
    **dict.fromkeys(("pair_of", "maker_ptr", "maker_site"), "i1 fixed"),
}

# names as in sim.flow.market.Market unless said otherwise; G products, Q pairs
_MARKET = {
    "pair_product": "i1 fixed",  # Q
    "made_of": "i1 fixed",  # F: maker
    "input_share_0": "f1 fixed",  # F
    "bill_each": "f1 fixed",  # F: value_usd_per_t, 0 where not known
    **dict.fromkeys(("made_ptr", "made_by"), "i1 fixed"),  # G, and the sites that make a product
    **dict.fromkeys(("source", "source_ptr"), "i1 fixed"),  # L, G
    "outside": "f1 fixed",  # Q
    "price_drawn": "f2 fixed",  # (4 x G, n)
    "row_news": "f1 fixed",  # rows of the tape: sim.flow.news.news_of
    "asks": "i1 fixed",  # S
    "good_part": "f1 fixed",  # F
    "answer_drawn": "f2 fixed",  # (RESPONSE_NUMBERS, n)
    # names as in sim.flow.prospects: P
    "looks_at": "i1 fixed",
    **dict.fromkeys(("planned", "floor", "floor_since", "floor_until"), "f1 fixed"),
    "project_power": "f2 fixed",  # (1, n)
    **dict.fromkeys(("wanted_drawn", "lead_drawn"), "f2 fixed"),  # (P, n)
    # lanes to each pair on which a control of the tape acts, in the pair's order
    **dict.fromkeys(("watched_ptr", "watched"), "i1 fixed"),
    # T trades, a supplier and a pair that it serves: those of a pair by supplier; their lanes
    **dict.fromkeys(("trade_ptr", "trade_supplier", "trade_source"), "i1 fixed"),
    **dict.fromkeys(("trade_lane_ptr", "trade_lane"), "i1 fixed"),
    # batch
    **dict.fromkeys(("users_use", "users_normal", "users_flow"), "v1"),  # Q
    **dict.fromkeys(("belief", "news", "missing", "lost", "opened"), "v1"),  # Q
    "price_number": "v1",  # 4 x G
    "scarce_days": "v1",  # 2 x G: of the open pool, then of the cut one
    **dict.fromkeys(("price", "price_over", "price_peak", "price_above"), "v1"),  # paths
    **dict.fromkeys(("input_share", "behind", "usual_behind"), "v1"),  # F
    "trade": "v1",  # T: reference flow
    "dearer": "v1",  # S
    "good_share": "v1",  # F: of an end user's feed in the price of its good
    "bid": "v1",  # Q: weight of its buyers by their price
    "usual": "v1",  # Q: mean price of a year
    **dict.fromkeys(("wanted", "lead"), "v1"),  # P: price that brings it, and days from then on
    "power_of_odds": "v1",  # 1
    "answer_number": "v1",  # RESPONSE_NUMBERS
    "moved": "i1",  # S: 1 where the response of an end user is not 1
    **dict.fromkeys(("controlled", "told"), "v1"),  # L: how many rows of controls act; news
    "barring": "v1",  # sources: how many rows of controls act on their lanes
    "troubled": "i1",  # Q: 1 where something is believed to be lost in some replication
    # G: 1 where a price is not 1; rows of controls that act on it; 1 where who controls has changed
    **dict.fromkeys(("hot", "barred", "turned"), "i1"),
    "stirring": "i1",  # Q: what controls of its lanes did (controls.py)
    # results
    "out_price": "v1",  # 3 x paths
    "kept_price": "v1",  # K x paths
}

_TAPE = {
    **dict.fromkeys(("draw_key", "draw_ptr", "draw_index"), "i1 fixed"),  # D
    "drawn": "f2 fixed",  # (D, n)
    "project_start_days": "f2 fixed",  # (P, n)
    **dict.fromkeys(("row_ptr", "row_kind", "row_effect", "point_ptr"), "i1 fixed"),  # Q
    **dict.fromkeys(("point_day", "point_value"), "f1 fixed"),
    **dict.fromkeys(("target_ptr", "target"), "i1 fixed"),
    # rows of a batch: B, those of the batch that has most
    "first_row": "i1",  # 1: the batch's first row of the tape
    "mean": "f1",  # B: what a row does in this period, and whether it is idle, steady or moving
    "course": "i1",
    "due": "i2",  # (K, WIDTH): the first of the rows that are read in a period; -1: none
    "later": "i1",  # B: the next of them
    "acting": "i1",  # B: a replication's rows that are not idle, in row order
    "n_acting": "i1",  # WIDTH: how many
    "struck": "i2",  # (7, max(S, L)): rows of the batch that act, by kind and target
    "rows_on": "i2",  # (7 x max(S, L), WIDTH): the same of each replication
    "moving": "i2",  # (7, max(S, L)): rows of a replication that move
    "picked": "i1",  # B
    "cuts": "f1",  # days at which rows bend
}

_BATCH = {
    **dict.fromkeys(("nameplate", "demand", "slack", "sub_limit"), "v1"),  # S, as drawn
    **dict.fromkeys(("ramp_share", "home_weight"), "v1"),  # S, as drawn
    **dict.fromkeys(("capacity", "ref_out", "ordered", "run_rate", "want", "short"), "v1"),  # S
    **dict.fromkeys(("substituted", "spared", "stress_days", "response"), "v1"),  # S
    **dict.fromkeys(("availability", "yielding", "factor"), "v1"),  # S
    "halted": "v1",  # S: 1 where it has stopped in some period
    **dict.fromkeys(("cover", "rerouting", "learn", "precaution"), "v1"),  # F, as drawn
    **dict.fromkeys(("stock", "position", "ref_use", "at_target"), "v1"),  # F
    **dict.fromkeys(("announced", "taken"), "v1"),  # F
    # F: where no lane is delayed: mean transit, and use x (cover + that)
    **dict.fromkeys(("usual_lead", "target_stock"), "v1"),
    "dust": "v1",  # F: less is nothing
    **dict.fromkeys(("share", "order", "shipped", "arrived"), "v1"),  # L
    "counted": "v1",  # the lanes of one site
    **dict.fromkeys(("reliability", "qualified", "cap", "free"), "v1"),  # L
    "delay": "v1",  # L: periods
    "pipe": "v1",
    "parcel": "v1",  # 1: what ships late, while it is handed out
    # of a class of lanes that is served in part: the parts of what is usual and of what is ordered
    # on top; where it is weighed, the level and the part of the rest
    **dict.fromkeys(("part_usual", "part_more", "level", "part_rest", "weighed"), "v1"),
    "weighing": "i1",  # 1 where a class is weighed in some replication
    **dict.fromkeys(("ring_due", "ring_later", "ring_sent"), "i1"),  # G
    **dict.fromkeys(("reserve_stock", "activation_days", "given", "given_sum"), "v1"),  # V
    # V: the most that it has had so far; its position before it buys, and what it has bought
    **dict.fromkeys(("highest", "held_before", "bought", "bought_sum"), "v1"),
    "low_days": "v1",  # Y
    **dict.fromkeys(("start_day", "progress"), "v1"),  # P
    "advances": "i1",  # P: 1 where its progress differs from the period before
    # 1 where reference flows differ from the period before
    **dict.fromkeys(("site_moves", "feed_moves"), "i1"),  # S, F
    # flags and counts over the batch, by which the kernel passes over what would change no bit
    "doubted": "i1",  # L: 1 where some replication does not trust it fully
    "doubtful": "i1",  # F: how many of its lanes are doubted
    "delayed": "i1",  # F: rows that delay its lanes
    "cautious": "i1",  # F: 1 where somebody stocks up before a control
    "ramps": "i1",  # S: 1 where some run rate does not move at once
    "weighs": "i1",  # S: 1 where buyers at home weigh more than others
    "reroutes": "i1",  # F: 1 where somebody orders again what it expects to miss
    "summed": "i1",  # L: 1 where its pipeline keeps sums
    "stirred": "i1",  # S: how many of its lanes are summed
    "limited": "i1",  # S: rows that cap its lanes
    "sparing": "i1",  # S: 1 where somebody can substitute
    # value added: as drawn, then what an end user has of its buffer, and its first short period
    **dict.fromkeys(("dependence", "value_of_input_share", "elasticity"), "v1"),  # S
    **dict.fromkeys(("elasticity_later", "buffer_days", "recapture", "network_share"), "v1"),  # S
    **dict.fromkeys(("buffer", "first_short"), "v1"),  # S
    "idle": "v1",  # 3: what one end user's output lacks, its elasticity, what it loses
    # C: shares lost in the period at hand; lost over the horizon; of the shortage under way:
    # what it has lost, and its periods
    **dict.fromkeys(("cell_risked", "cell_missed", "cell_at_risk", "cell_lost"), "v1"),
    **dict.fromkeys(("cell_run", "cell_spell"), "v1"),
    # books of a period and their sums over the horizon, one after the other: book x U
    **dict.fromkeys(("book", "book_sum"), "v1"),
    **dict.fromkeys(TALLIES, "v1"),  # X: what is kept of the periods as they pass
    # X: of the shortage under way: its periods, its length if it ended now, the part of its first
    # period that was missed, and the share missed in the period before
    **dict.fromkeys(("spell", "spell_length", "spell_head", "share_before"), "v1"),
    # goods: of a feed what it asks for and what is sent to it, of a site what it makes
    **dict.fromkeys(("asked", "sent", "made"), "v1"),
    # of a pair their sums, its reference use and stock, and what is kept of the periods
    **dict.fromkeys(("pair_use", "pair_stock", "pair_asked", "pair_sent"), "v1"),
    **dict.fromkeys(("cover_days", "delivery_share", *GOODS_TALLIES), "v1"),
    **dict.fromkeys(("reserve_days", "least_reserve"), "v1"),  # V
}

_RESULTS = {
    "stop": "b1",
    # B batches: item (row x B + batch)
    "out_sum": "v1",  # book x X
    "out_tally": "v1",  # tally x X
    **dict.fromkeys(("out_released", "out_bought"), "v1"),  # V
    "out_loss": "v1",  # loss x X
    # every period of all groups and reserves (book x K x U, K x V each); none unless `keeping`
    "kept_book": "v1",
    **dict.fromkeys(("kept_released", "kept_bought"), "v1"),
    "out_goods": "v1",  # tally x pairs
    "out_reserve_days": "v1",  # V
    **{f"kept_{path.name}": "v1" for path in PATHS},  # K x pairs, makers or reserves
    # every period of all feeds, lanes and sites (K x F ..); none unless `tracing`
    **dict.fromkeys(("kept_stock", "kept_position", "kept_ordered", "kept_shipped"), "v1"),
    **dict.fromkeys(("kept_arrived", "kept_run_rate"), "v1"),
}

FIELDS = {**_NUMBERS, **_NETWORK, **_MARKET, **_TAPE, **_BATCH, **_RESULTS}
