-- One row per municipality of the school and provider: the last spring whose diplomas have been delivered.
WITH schools AS (
    SELECT
        school_unit,
        year(outcome_date) AS spring
    FROM upper_secondary_outcome
    WHERE month(outcome_date) BETWEEN 4 AND 6
        AND outcome <> 'left'
    GROUP BY
        school_unit,
        year(outcome_date)
)
SELECT
    units.municipality,
    units.provider,
    max(schools.spring) AS last_spring
FROM schools
JOIN units_by_year AS units
    ON units.school_unit = schools.school_unit
    AND units.school_year = printf('%d/%02d', schools.spring - 1, schools.spring % 100)
GROUP BY
    units.municipality,
    units.provider
