-- One row per earlier pseudonym of a pupil: the pseudonym that the pupil has now.
WITH RECURSIVE steps AS (
    SELECT
        old_pupil,
        pupil,
        1 AS step
    FROM pupil_alias
    UNION ALL
    SELECT
        steps.old_pupil,
        later.pupil,
        steps.step + 1 AS step
    FROM steps
    JOIN pupil_alias AS later
        ON later.old_pupil = steps.pupil
        AND steps.step < 10
)
SELECT
    old_pupil,
    arg_max(pupil, step) AS pupil
FROM steps
GROUP BY
    old_pupil
