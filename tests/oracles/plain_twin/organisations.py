"""Who there is: four kinds of Mesa agents, the systems they belong to, the pairs and the ties between them.

Names of attributes are those of the fields in abm/model/state.py, which says what each is and in what unit.
"""

from __future__ import annotations

from types import SimpleNamespace

import mesa

from tests.oracles.plain_twin.draws import stable_id
from tests.oracles.plain_twin.ledger import Account

QUARTERS = 4


class System:
    """The place an ICB answers for: what its people need, what programmes can do, and the levers in force there."""

    def __init__(self, code: str) -> None:
        self.code = code
        self.levers = SimpleNamespace()
        self.icb: PlainICB
        self.providers: list[PlainProvider] = []
        self.councils: list[PlainCouncil] = []
        self.need = 1.0
        self.community_0 = self.community_1 = self.community_2 = self.community = 0.0
        self.prevention_0 = self.prevention_1 = self.prevention_2 = self.prevention = 0.0
        self.community_k = self.prevention_k = 0.0
        self.spent_comm = self.spent_prev = 0.0
        self.avoided = self.provider_cost = self.deficit = 0.0


class Organisation(mesa.Agent):
    """What all organisations have: a board, an account, ties and pairs."""

    nhs = False

    def __init__(self, model: mesa.Model, code: str, region: PlainRegion | None, system: System | None) -> None:
        super().__init__(model)
        self.code = code
        self.draw = stable_id(model.world.draw_names.get(code, code))
        self.region = region
        self.system = system
        self.account: Account = model.ledger.accounts[code]
        self.pairs: dict[str, list[Pair]] = {"commissioning": [], "pooling": [], "discharge": [], "collaborative": [], "oversight": []}
        self.ties: dict[tuple[str, str], Tie] = {}
        self.income = 0.0
        self.deficit = self.reported = self.stress = self.covered = 0.0
        self.felt_finance = self.felt_access = self.felt_purpose = 0.0
        self.money = self.load = self.motivation = self.bailout = self.horizon = 0.0
        self.effort_money = self.effort_lasting = 0.0
        self.received = self.disputes = self.stake_in = self.joint_in = self.saving = 0.0
        self.forced = self.visible = self.reviewed = False
        self.stop = 0
        self.tenure = 1


class PlainRegion(Organisation):
    """A region of NHS England."""


class PlainICB(Organisation):
    """An integrated care board."""

    nhs = True

    def __init__(self, model: mesa.Model, code: str, region: PlainRegion, system: System) -> None:
        super().__init__(model, code, region, system)
        self.allocation = self.start = self.last = self.running_base = self.running = 0.0
        self.community = self.prevention = self.pool = self.other_care = self.contracts = 0.0
        self.fenced = self.coverage = self.protected = self.displaced = self.displaced_0 = 0.0
        self.renewed = False
        self.final = self.carried = self.usual = self.programme_year = self.planned_year = 0.0
        self.clarity = self.authority = self.expected = self.respect = 0.0
        self.hurdle = 1.0
        self.initiative = self.capacity = self.convening = 0.0
        self.bypassed = self.unnoticed = self.coordinated = 0.0


class PlainProvider(Organisation):
    """An NHS provider."""

    nhs = True

    def __init__(self, model: mesa.Model, code: str, region: PlainRegion, system: System) -> None:
        super().__init__(model, code, region, system)
        self.direct = self.contract = self.base_cost = self.pressure = self.bed_value = 0.0
        self.unit_cost = self.need = self.demand = self.planned = self.served = self.scale = self.capacity = 1.0
        self.unmet = self.delayed = self.joint = self.joint_0 = self.joint_now = self.supply = self.grip = 0.0
        self.bypassed = self.notice = False


class PlainCouncil(Organisation):
    """An upper-tier council."""

    def __init__(self, model: mesa.Model, code: str, region: PlainRegion, system: System) -> None:
        super().__init__(model, code, region, system)
        self.funding = self.care_cost = self.health = self.health_paid = self.reserve_start = self.pooled = 0.0
        self.unit_cost = self.need = self.supply = self.plan = 1.0


class Pair:
    """A partnership of two, with the terms that hold between them this quarter."""

    __slots__ = (
        "a",
        "assurance",
        "audit",
        "b",
        "draw",
        "due",
        "flow",
        "follows",
        "gain_a",
        "gain_b",
        "kind",
        "known_stress",
        "local",
        "paid",
        "programme",
        "secured",
        "seen",
        "share_a",
        "share_b",
        "shift_a",
        "shift_b",
        "stake",
        "start",
        "system",
        "tie_a",
        "tie_b",
        "worth",
    )

    def __init__(self, kind: str, a: Organisation, b: Organisation, system: System, draw: int) -> None:
        self.kind, self.a, self.b, self.system, self.draw = kind, a, b, system, draw
        self.flow = self.due = self.stake = self.share_a = self.share_b = self.follows = self.paid = 0.0
        self.shift_a = self.shift_b = self.gain_a = self.gain_b = self.worth = self.secured = self.local = 0.0
        self.assurance = self.audit = self.seen = self.known_stress = self.programme = self.start = 0.0


class Tie:
    """How one organisation stands to another: what it remembers of it, what it did, and why."""

    __slots__ = (
        "act",
        "aspiration",
        "attract_alone",
        "attract_joint",
        "back",
        "bad",
        "belief",
        "cash_term",
        "chance",
        "draw",
        "fate_term",
        "good",
        "hurdle",
        "joint",
        "kind",
        "norm_term",
        "pair",
        "payoff",
        "prior",
        "source",
        "target",
        "trust",
        "value_term",
    )

    def __init__(self, pair: Pair, source: Organisation, target: Organisation, draw: int, prior: float, weight: float) -> None:
        self.pair, self.kind, self.source, self.target, self.draw, self.prior = pair, pair.kind, source, target, draw, prior
        self.good, self.bad = weight * prior, weight * (1 - prior)
        self.trust = self.belief = prior
        self.act, self.joint = "", False
        self.chance = self.hurdle = self.cash_term = self.value_term = self.norm_term = self.fate_term = 0.0
        self.attract_joint = self.attract_alone = self.aspiration = self.payoff = 0.0
        self.back: Tie
