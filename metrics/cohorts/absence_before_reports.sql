-- One row per child and calendar year whom a declared join finds at school in the term before the year's first report:
-- offered and absent minutes in that term. Empty without a join.
-- Years: reports_of_concern all; attendance_terms 0
WITH linked AS (
    SELECT DISTINCT
        pairs.child,
        coalesce(identity.pupil, pairs.pupil) AS pupil
    FROM declared_join AS pairs
    LEFT JOIN pupil_identity AS identity
        ON identity.old_pupil = pairs.pupil
),
firsts AS (
    SELECT
        child,
        period,
        year(report_date) * 2 + CASE WHEN month(report_date) >= 7 THEN 1 ELSE 0 END - 1 AS term
    FROM reports_of_concern
    WHERE place = 1
)
SELECT
    firsts.child,
    firsts.period AS reported_year,
    sum(measured.offered) AS offered,
    sum(measured.absence) AS absence
FROM firsts
JOIN linked
    ON linked.child = firsts.child
JOIN attendance_terms AS measured
    ON measured.contributors = linked.pupil
    AND measured.term = firsts.term
GROUP BY
    firsts.child,
    firsts.period
