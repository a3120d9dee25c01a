-- One row per pseudonym and term of which more than one row of attendance has been delivered, or whose pupil has had others.
-- Years: attendance 0
WITH delivered AS (
    SELECT
        pupil,
        year(start_date) * 2 + CASE WHEN month(start_date) >= 7 THEN 1 ELSE 0 END AS term
    FROM attendance
    WHERE offered > 0
)
SELECT
    pupil,
    term
FROM delivered
GROUP BY
    pupil,
    term
HAVING count(*) > 1
UNION
SELECT
    delivered.pupil,
    delivered.term
FROM delivered
SEMI JOIN (
    SELECT old_pupil AS pupil
    FROM pupil_identity
    UNION ALL
    SELECT pupil
    FROM pupil_identity
) AS renamed USING (pupil)
