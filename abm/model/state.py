"""What a run remembers: one table of records per kind of organisation, per tie, per system, and the clock.

Every field is declared here with its unit. A table is a NumPy record array, so a phase reads like its rule
(`tie.trust`, `provider.unit_cost`) both compiled and in plain Python, and a column (`state.ties["trust"]`) is an
ordinary array. GBP k means thousands of pounds in first-year prices. Row numbers (`org`, `system`, ...) are internal;
outside the model everything goes by organisation id.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from abm.model.ledger import Books

QUARTERS = 4  # in a year
ROUNDING = 1e-9  # a deficit smaller than this share of income is none

_KINDS = {"f": np.float64, "i": np.int64, "u": np.uint64}
FIELDS: dict[str, str] = {}

# Each line: name, type (f number, i whole number, u 64-bit id), unit, meaning.
FIELDS["clock"] = """
key            u  id                the run's key for draws
quarter        i  quarters          quarters since the start; 0 is the first (April to June)
first          i  quarters          quarter that the first row of `tallies` holds
season         i  0 to 3            quarter of the financial year
cost_surprise  f  share of cost     this year's national cost surprise
reorganised    i  flag              a reorganisation struck some system this quarter
"""
FIELDS["orgs"] = """
kind           i  index             kind of organisation (network.ORGANISATION_KINDS)
row            i  row               row in the table of its kind
region         i  row               region
system         i  row               home system; -1 for a region
draw           u  id                stable id for draws
income         f  GBP k a year      this year's income, that ratios are taken of
deficit        f  share of income   forecast deficit of the year (negative: surplus), before any support
reported       f  share of income   the deficit that reports show
stress         f  0 to 1            pressure that the board feels from its own deficit
felt_finance   f  0 to 1            in-year money in recent reviews, as remembered (intensity times share)
felt_access    f  0 to 1            targets other than money in recent reviews, as remembered
felt_purpose   f  0 to 1            lasting purposes in recent reviews and local scrutiny, as remembered
money          f  0 to 1            board attention to in-year money, w
load           f  0 to 1            management time taken by oversight, pots, priorities, disputes, replanning
motivation     f  pay-off           intrinsic motivation for lasting work, m
effort_money   f  effort            effort on in-year money (efficiency)
effort_lasting f  share             share of the lasting programme that effort still carries
bailout        f  probability       believed chance of a year-end top-up
horizon        f  a year            shadow of the future: chance-weighted worth of next year
received       f  0 to 1            share of partners' recent acts towards it that were collaborative
disputes       f  ties              ties on which both sides policed each other last quarter
stake_in       f  GBP k a year      stakes of the acts towards it this quarter
joint_in       f  GBP k a year      the part of them that was acted on jointly
saving         f  GBP k a quarter   cost avoided through joint work, against the start
forced         i  flag              circumstances forced its hand this quarter (an order, a notice, a cost surprise)
visible        i  flag              and partners were told
reviewed       i  flag              reviewed this quarter
covered        f  share             part of its last year's deficit that its system's risk pool covered
stop           i  quarters          quarters left under a section 114 notice
tenure         i  quarters          quarters since its leader came
"""
FIELDS["regions"] = """
org            i  row               row in orgs
"""
FIELDS["icbs"] = """
org            i  row               row in orgs
allocation     f  GBP k a year      programme allocation in force
last           f  GBP k a year      programme allocation of the year before
first          i  row               first of its home providers in `members`
last_one       i  row               one past the last of them
contracts      f  GBP k a year      contracts of its home providers at the start
other_care     f  GBP k a year      primary care, prescribing, independent sector and all other care at the start
start          f  GBP k a year      programme allocation at the start
running_base   f  GBP k a year      running costs before any cut
running        f  GBP k a year      running costs after the cut
pool           f  GBP k a year      its contribution to pooled funds at the start
fenced         f  GBP k a year      earmarked money, if it came again this year
extra          f  GBP k a year      what this year's contracts ask for to take in deficits
coverage       f  share             share of its lasting programmes that arrives earmarked this year
protected      f  share             share of its lasting programmes that cannot be put to another use
displaced      f  share             own programme money that earmarked money has displaced
displaced_0    f  share             the same at the start
renewed        i  flag              this year's earmarked money came again
final          f  share             share of this quarter that runs under a final plan
community      f  GBP k a year      planned community programmes
prevention     f  GBP k a year      planned prevention programmes
carried        f  GBP k             programme money deferred to the next quarter
usual          f  share             share of planned programmes that is usually carried out, as boards remember it
spent          f  GBP k             lasting programme money spent this quarter
spent_prev     f  GBP k             the prevention part of it
programme_year f  GBP k             lasting programme money spent this year
planned_year   f  GBP k             lasting programme money planned this year
clarity        f  0 to 1            how clear its role looks to partners
hurdle         f  ratio             how many times its cost joint work with it must promise, its role being unclear
authority      f  0 to 1            authority with partners, A
expected       f  probability       bypass it has come to expect, E
initiative     f  0 to 1            convening initiative it therefore takes, e
capacity       f  0 to 1            convening capacity its running costs and load leave
coordinated    f  0 to 1            how far this quarter's reviews brought partners together
convening      f  0 to 1            convening strength of the quarter
bypassed       f  share             share of its contracts whose provider was dealt with over its head this quarter
unnoticed      f  share             the part of that of which it was not told
respect        f  0 to 1            share of partners' acts towards it that were collaborative this quarter
oversight      i  row               tie from it to its region (the other way is the tie beside it); -1 if there is none
"""
FIELDS["providers"] = """
org            i  row               row in orgs
sector         i  index             network.PROVIDER_KINDS
hospital       i  flag              counts as hospital care (acute, specialist, mixed)
beds           f  beds              beds available
direct         f  GBP k a year      income that does not come from ICBs
contract       f  GBP k a year      contracts with ICBs at the start
base_cost      f  GBP k a year      cost of the first year
pressure       f  a year            growth of its unit cost before efficiency
unit_cost      f  index             cost per activity, 1 at the start
need           f  index             need of the people it serves before avoided demand
demand         f  index             demand for its care, 1 at the start
planned        f  index             care that this year's contracts foresee
served         f  index             care given, 1 at the start
scale          f  index             size that its fixed costs are fitted to
capacity       f  index             care its beds and equipment allow, 1 at the start
unmet          f  share             share of demand not served, smoothed over a year
delayed        f  share of beds     beds taken up by delayed discharges
joint_0        f  share             share of its discharges handled jointly before the start
joint          f  share             share of its discharges handled jointly, smoothed over a year
joint_now      f  share             the same, this quarter
supply         f  index             care supply of the councils it discharges to
bypassed       i  flag              its region dealt with it directly this quarter
notice         i  flag              and its ICB was told
bed_value      f  GBP k a year      worth of the beds blocked at the start
grip           f  share a year      cost being taken out by its region's grip
oversight      i  row               tie from it to its region; -1 if there is none
"""
FIELDS["councils"] = """
org            i  row               row in orgs
funding        f  GBP k a year      funding for social care and public health
care_cost      f  GBP k a year      cost of the first year's social care
health         f  GBP k a year      planned public health spend
health_paid    f  GBP k             public health money spent this quarter
unit_cost      f  index             cost per care, 1 at the start
need           f  index             need for social care, 1 at the start
supply         f  share             care given, of what is needed; 1 at the start
plan           f  share             the same, as this year's budget plans it
reserve_start  f  GBP k             reserves at the start
pooled         f  GBP k             pooled money received this quarter
"""
FIELDS["systems"] = """
population     f  people            residents
need           f  index             need, 1 at the start
community_0    f  index             community capability at the start
prevention_0   f  index             prevention at the start
community      f  index             community capability: lagged share of planned programmes carried out
prevention     f  index             prevention built up: the same for prevention
community_1    f  index             community programmes under way, first stage of three
community_2    f  index             second stage
prevention_1   f  index             prevention under way, first stage of three
prevention_2   f  index             second stage
avoided        f  share             share of demand avoided, against the start
provider_cost  f  GBP k a year      cost of its home providers at the start (what programmes can save)
prevention_k   f  GBP k a year      prevention programmes at the start (ICB and councils)
community_k    f  GBP k a year      community programmes at the start
spent_comm     f  GBP k             effective community spend this quarter
spent_prev     f  GBP k             effective prevention spend this quarter
deficit        f  share             forecast deficit of the ICB and its providers, of the allocation
"""
FIELDS["pairs"] = """
kind           i  index             network.TIE_KINDS
a              i  row               first organisation
b              i  row               second organisation
system         i  row               system whose convenor and terms apply
draw           u  id                stable id for draws
flow           f  GBP k a year      business between the two at the start
due            f  GBP k a year      the part of it that the ICB pays (commissioning, pooling)
stake          f  GBP k a year      the part that they can work on together or fight over
share_a        f  0 to 1            share of a's business of this kind
share_b        f  0 to 1            share of b's business of this kind
follows        f  share             part of the contract that follows activity
shift_a        f  share of stake    cost that a can shift to b when b works jointly
shift_b        f  share of stake    cost that b can shift to a when a works jointly
gain_a         f  share             a's share of the joint gain
gain_b         f  share             b's share of the joint gain
worth          f  share             worth left to the joint gain after misfit of earmarked money
secured        f  probability       chance that the joint commitment cannot be withdrawn
local          f  share             share of its decisions made at place
assurance      f  probability       lift in belief from convening
audit          f  chance            chance that a shifted cost is found and put right
seen           f  chance            chance that the true cause of a bad act is seen
known_stress   f  0 to 1            stress that both are under and know of
paid           f  GBP k             paid under the contract so far this year
programme      f  0 to 1            maturity of joint work
start          f  0 to 1            maturity of joint work at the start
"""
FIELDS["ties"] = """
source         i  row               the organisation that acts
target         i  row               the organisation it acts towards
pair           i  row               partnership; the tie the other way is the row beside this one
kind           i  index             network.TIE_KINDS
draw           u  id                stable id for draws
good           f  evidence          remembered kept acts of the target
bad            f  evidence          remembered broken acts of the target, weighted
trust          f  0 to 1            good / (good + bad)
belief         f  0 to 1            believed chance that the target collaborates
act            i  index             act chosen (acts.ACTS)
joint          i  flag              it acts jointly
chance         f  0 to 1            chance that it would be
hurdle         f  share of stake    upfront cost as it looks from here
cash_term      f  pay-off           in-year money for working jointly, as weighed
value_term     f  pay-off           lasting value for working jointly, as weighed
norm_term      f  pay-off           pull of the norm
fate_term      f  pay-off           worth of joint action under shared stress
attract_joint  f  pay-off           learned pay-off of acting jointly (reinforcement)
attract_alone  f  pay-off           learned pay-off of not (reinforcement)
aspiration     f  pay-off           pay-off it has come to expect (conditional cooperation)
payoff         f  pay-off           pay-off of the quarter as felt
"""


def record_type(table: str) -> np.dtype:
    """The NumPy record type of a table of `FIELDS`."""
    lines = (line.split(maxsplit=2) for line in FIELDS[table].strip().splitlines())
    return np.dtype([(name, _KINDS[kind]) for name, kind, _ in lines], align=True)


def records(table: str, rows: int) -> np.ndarray:
    """`rows` zeroed records of a table."""
    return np.zeros(rows, dtype=record_type(table)).view(np.recarray)


class State(NamedTuple):
    """All that changes in a run, as the phases see it."""

    clock: np.ndarray
    params: np.ndarray
    policy: np.ndarray
    orgs: np.ndarray
    regions: np.ndarray
    icbs: np.ndarray
    providers: np.ndarray
    councils: np.ndarray
    systems: np.ndarray
    pairs: np.ndarray
    ties: np.ndarray
    members: np.ndarray
    books: Books
    tallies: np.ndarray
