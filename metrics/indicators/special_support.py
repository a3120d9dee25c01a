"""Pupils with special support at school who also have an intervention from social services, where that may be joined."""

from __future__ import annotations

from metrics.indicators.pupil_select import declared, select, total, within

FACTS = """
pupil school_year home_municipality special_support
p1    2023/24     1419              yes
p2    2023/24     1419              yes
p3    2023/24     1419              yes
p4    2023/24     1419              yes
p5    2023/24     1419              no
p6    2023/24     1419              yes
x1    2023/24     1440              yes
"""
CHAIN = """
child municipality report_date intervention intervention_start intervention_end observed_to
c1    1419         2022-09-01  open_support 2022-10-01         .                2024-06-30
c2    1419         2022-09-01  open_support 2022-10-01         2023-06-30       2024-06-30
c3    1419         2024-03-01  placement    2024-06-30         .                2024-06-30
c5    1419         2023-09-01  open_support 2023-10-01         .                2024-06-30
c6    1419         2023-09-01  none         .                  .                2024-06-30
"""
JOIN = """
pupil child
p1    c1
p2    c2
p3    c3
p5    c5
p6    c6
"""
COVERED, BOTH = "covered", "intervention"
NUMERATOR, DENOMINATOR = within(COVERED, BOTH)

INDICATORS = (
    declared(
        tables={"background": FACTS, "support_chain": CHAIN, "declared_join": JOIN},
        expected=total("2023/24", 2, 5, perspective="home") + "2023/24 | 1440 | 0 | 0\n",
        explanation=(
            "Fem i Tjörn har särskilt stöd. p1:s insats pågår och p3:s börjar läsårets sista dag; p2:s slutade "
            "dagen före läsåret och p6 fick ingen. p5 har ingen. I Ale finns ingen samkörning."
        ),
        name="special_support_with_intervention",
        title="Elever med särskilt stöd som också har en insats från socialtjänsten",
        short_title="Särskilt stöd och insats",
        question="Hur många av eleverna med särskilt stöd i skolan har samtidigt en insats från socialtjänsten?",
        why_it_matters=(
            "Barn som får stöd från båda håll vinner mest på att stödet planeras gemensamt. Måttet visar hur många det "
            "gäller, inte om stödet fungerar."
        ),
        numerator_label="av dem, elever med en pågående insats från socialtjänsten någon dag under läsåret",
        denominator_label="elever med särskilt stöd (åtgärdsprogram) under läsåret, i kommuner med samkörning eller egna antal",
        unit="share",
        polarity="no_judgement",
        sensitive="both",
        population="special_support_pupils",
        theme="Tidigt",
        perspective="home_municipality",
        period_kind="school_year",
        dimensions=("area",),
        sql=select("special_support_pupils", numerator=NUMERATOR, denominator=DENOMINATOR),
        extracts=("background", "support_chain"),
        order=705,
        needs_join=True,
        counts_own_join=True,
    ),
)
