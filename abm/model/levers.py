"""What a policy maker sets. Each lever is declared once here; its value may change over time and differ by area.

A lever acts only through money, information, board attention, pay-offs, authority, capacity and the chance that a
relation continues (the emergence rule): no phase may link a lever to an act, and `decide` may not read one.
"""

from __future__ import annotations

from abm.model.declaration import Declaration, Declarations

REGIMES = ("with_and_through", "informal", "formal")
CONVENORS = ("icb", "partnership", "none")

# fmt: off
LEVERS = Declarations(
    "lever",
    [
        # ---- oversight ------------------------------------------------------------------------------------------------------
        Declaration(
            "finance_share", 0.6, "share of review questions",
            "Share of the oversight conversation that is about in-year money",
            "EVIDENCE §12 P15 (judgement); NHS Confederation State of ICSs 2023/24 (almost all talk is of finance)",
            "assumption", "oversight", plausible=(0.2, 0.95),
        ),
        Declaration(
            "oversight_intensity", 0.5, "share of quarters with a review",
            "How often, and so how hard, regions review each organisation",
            "No data on this, assumption; NHS Oversight Framework 2025/26 reviews quarterly",
            "assumption", "oversight", plausible=(0.2, 0.9),
        ),
        Declaration(
            "priorities", 18, "headline measures",
            "Number of national priorities that a review may ask about",
            "NHS Confederation count: 133 (2023/24), 18 (2025/26), 15 (2026/27 on)",
            "evidence", "oversight", bounds=(0, 200), plausible=(5, 133), integer=True,
        ),
        Declaration(
            "audit", 0.1, "chance a quarter",
            "Chance that a misreported position or a shifted cost is audited and put right",
            "EVIDENCE §12 P20 (judgement)",
            "assumption", "oversight", plausible=(0.0, 0.5),
        ),
        Declaration(
            "local_accountability", 0.2, "weight, 0 to 1",
            "Weight of local scrutiny (councils, patients) on lasting local purposes",
            "No data on this, assumption; claims C018, C024",
            "assumption", "oversight", plausible=(0.0, 0.8),
        ),
        # ---- bypass ---------------------------------------------------------------------------------------------------------
        Declaration(
            "bypass_regime", "informal", "regime",
            "What a region's direct contact with a provider is: made with and through the ICB, informal, or a formal line",
            "NHS Confederation State of ICSs 2023/24 (quotes of informal contact; 'with and through' in one region)",
            "assumption", "bypass", choices=REGIMES,
        ),
        Declaration(
            "bypass_rate", 0.15, "chance a quarter and provider",
            "Chance that a region deals with a provider over its ICB's head",
            "EVIDENCE §12 P33: 0.05 (with and through) to 0.35 (informal); between the two",
            "assumption", "bypass", plausible=(0.0, 0.8),
        ),
        Declaration(
            "bypass_notice", 0.3, "chance",
            "Chance that the ICB is told of a direct contact, and why",
            "EVIDENCE §12 P34 (judgement)",
            "assumption", "bypass",
        ),
        # ---- ring-fencing ---------------------------------------------------------------------------------------------------
        Declaration(
            "fence_share", 0.10, "share of allocation",
            "Share of an ICB's programme allocation that arrives earmarked",
            "EVIDENCE §12 P37 (judgement)",
            "assumption", "ring-fence", bounds=(0.0, 0.6), plausible=(0.0, 0.3),
        ),
        Declaration(
            "fence_floor", 0.5, "share of earmarked money",
            "Share of earmarked money that must reach its purpose whatever happens",
            "No data on this, assumption; the public health grant kept its use and lost its size",
            "assumption", "ring-fence",
        ),
        Declaration(
            "fence_restriction", 0.6, "share, 0 to 1",
            "How narrowly the use is prescribed: 0 any local use, 1 exactly as named",
            "No data on this, assumption",
            "assumption", "ring-fence",
        ),
        Declaration(
            "fence_recurrence", 0.5, "chance a year",
            "Chance that earmarked money comes again next year",
            "No data on this, assumption; claim C035 (pilots)",
            "assumption", "ring-fence",
        ),
        Declaration(
            "fence_pots", 12, "pots per ICB",
            "Number of pots that the earmarked money is split into",
            "EVIDENCE §12 P37 (judgement)",
            "assumption", "ring-fence", bounds=(0, 80), plausible=(1, 40), integer=True,
        ),
        # ---- settlement and mandate -----------------------------------------------------------------------------------------
        Declaration(
            "settlement_years", 1, "years",
            "Length of the funding settlement",
            "NHS England: one-year allocations to 2025/26, multi-year from 2026/27",
            "evidence", "settlement", bounds=(1, 10), plausible=(1, 5), integer=True,
        ),
        Declaration(
            "guidance_lateness", 2, "months into the year",
            "Months of the financial year that pass before plans are final",
            "NAO 2024: planning guidance late each year since 2017; 2024/25 guidance two working days ahead",
            "evidence", "settlement", bounds=(0, 9), plausible=(0, 6),
        ),
        Declaration(
            "mandate_clarity", 0.5, "0 to 1",
            "How clear the ICB's role is as written: partner, payer or overseer",
            "Distilled Post and King's Fund essays; no measure, assumption",
            "assumption", "settlement",
        ),
        Declaration(
            "mandate_stability", 0.7, "0 to 1",
            "How far a mandate outlives a reorganisation or a new direction",
            "No data on this, assumption",
            "assumption", "settlement",
        ),
        Declaration(
            "reorganisation", 0.15, "chance a year",
            "Chance that the structure is reorganised",
            "Reorganisations of 2006, 2013, 2022 and 2025-27 (EVIDENCE §8)",
            "evidence", "settlement", plausible=(0.0, 0.3),
        ),
        Declaration(
            "running_cost_cut", 0.3, "share",
            "Cut to ICB running costs from their 2023/24 level",
            "NHS England: 30 per cent by 2025/26, about 50 per cent from 2025/26",
            "evidence", "settlement", bounds=(0.0, 0.9), plausible=(0.0, 0.5),
        ),
        Declaration(
            "deficit_support", 0.6, "share of a deficit",
            "Share of a year-end deficit that the centre covers",
            "NHS England: 2.2bn deficit support in 2025/26 (about 1.2 per cent of allocations)",
            "calibrated", "settlement", plausible=(0.0, 1.0),
        ),
        # ---- how partners work together -------------------------------------------------------------------------------------
        Declaration(
            "convenor", "icb", "who",
            "Who brings partners together: the ICB, a partnership body, or nobody",
            "King's Fund on the 'model ICB'",
            "evidence", "partnership", choices=CONVENORS,
        ),
        Declaration(
            "delegation", 0.4, "share, 0 to 1",
            "Share of joint decisions that are made at place",
            "State of ICSs 2023/24: 47 per cent say decisions are devolved; fitted to that",
            "calibrated", "partnership",
        ),
        Declaration(
            "activity_share", 0.5, "share of payment",
            "Share of a provider's contract that moves with activity",
            "EVIDENCE §12 P45 (judgement)",
            "assumption", "partnership",
        ),
        Declaration(
            "gain_share", 0.3, "share, 0 to 1",
            "Share of a joint gain that is split evenly whatever pocket it lands in",
            "EVIDENCE §12 P44 (judgement)",
            "assumption", "partnership",
        ),
        Declaration(
            "transparency", 0.4, "chance",
            "Open book: chance that partners see the true cause of a bad act",
            "EVIDENCE §12 P06 (judgement)",
            "assumption", "partnership",
        ),
        Declaration(
            "compact", 0.0, "0 to 1",
            "Behavioural compact: how far a broken act is forgiven by agreement",
            "State of ICSs 2023/24 (Staffordshire snapshot, claim C100); size is an assumption",
            "assumption", "partnership",
        ),
        Declaration(
            "risk_pooling", 0.0, "share, 0 to 1",
            "Share of a member's deficit that members in surplus cover at year end",
            "Claim C010 (shared risk); size is an assumption",
            "assumption", "partnership",
        ),
        # ---- growth ---------------------------------------------------------------------------------------------------------
        Declaration(
            "allocation_growth", 0.028, "a year, real",
            "Real growth of NHS allocations",
            "Spending Review 2025: day-to-day NHS spending grows by 3.0 per cent a year in real terms to 2028/29; long-run lower",
            "assumption", "growth", bounds=(-0.1, 0.15), plausible=(0.01, 0.045),
        ),
        Declaration(
            "social_care_growth", 0.028, "a year, real",
            "Real growth of councils' funding for social care and public health",
            "No settled figure, assumption; councils' core spending power fell 27 per cent from 2010/11 to 2023/24",
            "assumption", "growth", bounds=(-0.1, 0.15), plausible=(0.0, 0.05),
        ),
        Declaration(
            "capital_growth", 0.025, "a year, real",
            "Real growth of the capital stock (beds, equipment) open to providers",
            "No data on this, assumption; State of ICSs 2023/24 asks for more",
            "assumption", "growth", bounds=(-0.1, 0.15), plausible=(0.0, 0.05),
        ),
    ],
)
# fmt: on
