-- One row per municipality of the school and term: how attendance was measured and counted there, and for how many.
-- Levels are compared only where the method is the same; a change of method is a break in the series.
SELECT
    school_municipality,
    period,
    term,
    arg_max(method, (pupils, method)) AS method,
    sum(pupils) AS pupils,
    count(*) AS methods
FROM (
    SELECT
        school_municipality,
        period,
        term,
        method,
        count(*) AS pupils
    FROM attendance_terms
    GROUP BY
        school_municipality,
        period,
        term,
        method
) AS counted
GROUP BY
    school_municipality,
    period,
    term
