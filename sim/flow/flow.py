from typing import NamedTuple, Any
class FlowTrace(NamedTuple):
    stock: Any
    position: Any
    ordered: Any
    shipped: Any
    arrived: Any
    run_rate: Any
class Flow(NamedTuple):
    want: Any
    shortfall: Any
    spared: Any
    destroyed: Any
    released: Any
    trace: Any
