-- One row per municipality of the school and provider: the last spring whose diplomas have been delivered.
SELECT
    units.municipality,
    units.provider,
    max(year(outcomes.outcome_date)) AS last_spring
FROM upper_secondary_outcome AS outcomes
JOIN units_by_year AS units
    ON units.school_unit = outcomes.school_unit
    AND units.school_year = printf('%d/%02d', year(outcomes.outcome_date) - 1, year(outcomes.outcome_date) % 100)
WHERE month(outcomes.outcome_date) BETWEEN 4 AND 6
    AND outcomes.outcome <> 'left'
GROUP BY
    units.municipality,
    units.provider
