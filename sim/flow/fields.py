"""Names of the rows of the packed tables that the compiled kernel works on.

numba's compile time grows with the number of arrays a function takes (a NamedTuple of fifty arrays
took 109 s of compilation, these tables 12 s), so the kernel reads few tables with named rows:
``feed[STOCK, f, r]`` instead of ``state.stock[f, r]``.
"""

# what row KIND holds (as sim.network.arrays has it)
MINE, REFINER, END_USER, RESERVE = range(4)

# site table, int: (rows, S + 1); FEEDS and LANES are CSR offsets
KIND, FEEDS, LANES, CLASSES, CAPACITY_PATH, DEMAND_PATH, GROUP, PRICED = range(8)
# site table, float: (rows, S)
RAMP_SHARE, SUB_DELAY, SUB_SHARE, DEMAND_E, SUPPLY_E, PRICE_GAIN = range(6)
# feed table, int: (rows, F + 1); FEED_LANES is a CSR offset into lane row OF_FEED
FEED_LANES, FEED_SITE = range(2)
# feed table, float: (rows, F)
COEFFICIENT, ADJUST, PRECAUTION, COST_SHARE = range(4)
# lane table, int: (rows, L); OF_FEED lists the lanes feed by feed; a lane's pipeline is the rows
# PIPE .. PIPE + SLOTS - 1 of the pipe table, and period k is its row PIPE + k % SLOTS
LANE_FEED, TRANSIT, LANE_CLASS, OF_FEED, PIPE, SLOTS = range(6)
# lane table, float: (rows, L)
BASE_SHARE, SPOT, QUALIFY = range(3)
# reserve tables: int (rows, V + 1), SERVES is a CSR offset; float (rows, V)
RESERVE_FEED, SERVES = range(2)
MAX_RATE, TRIGGER = range(2)
# project tables: int (rows, P + 1), OFFTAKES is a CSR offset; float (rows, P)
PROJECT_SITE, OFFTAKES = range(2)
PROJECT_CAPACITY, PROJECT_RAMP = range(2)

# batch: sites (rows, S, R)
(
    NAMEPLATE,
    BASE_DEMAND,
    SLACK,
    SUB_LIMIT,  # as drawn
    CAPACITY,
    REF_OUT,
    RUN_RATE,
    WANT,
    SHORT,  # worked out, carried
    SUBSTITUTION,
    SPARED,
    STRESS,
    RESPONSE,
    AVAILABILITY,
    FACTOR,
) = range(15)
N_SITE_ROWS = 15
# batch: feeds (rows, F, R)
(COVER, REROUTING, LEARN, STOCK, POSITION, REF_USE, LEAD, AT_TARGET, SCARCITY, ANNOUNCED, TAKEN) = (
    range(11)
)
N_FEED_ROWS = 11
# batch: lanes (rows, L, R)
(SHARE, REF_LANE, ORDER, COUNTED, SHIPPED, ARRIVED, RELIABILITY, QUALIFIED, CAP, FREE) = range(10)
N_LANE_ROWS = 10
# batch: reserves (rows, V, R)
RESERVE_SIZE, ACTIVATION = range(2)
# what is booked (rows, K, U, R)
B_WANT, B_SHORTFALL, B_SPARED, B_DESTROYED = range(4)
# flags of lanes (rows, L), 1 or 0, over all replications of the batch: is any of them delayed, held
# or capped in this period; are all of them fully trusted (reliability 1); was all shipped in full.
# They let the kernel pass over work that would change no bit.
DELAYED, HELD, CAPPED, TRUSTED, FULL = range(5)
