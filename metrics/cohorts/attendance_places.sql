-- One row per home school unit and term that attendance has been delivered of: its period, municipality, provider and models.
-- Years: attendance_by_unit 0
SELECT
    delivered.school_unit,
    delivered.term,
    delivered.period,
    delivered.school_year,
    coalesce(units.municipality, '') AS municipality,
    coalesce(units.provider, '') AS provider,
    coalesce(school_models.models, '') AS models
FROM (
    SELECT DISTINCT
        school_unit,
        term,
        CASE WHEN term % 2 = 1 THEN 'HT ' ELSE 'VT ' END || CAST(term // 2 AS VARCHAR) AS period,
        printf('%d/%02d', term // 2 + term % 2 - 1, (term // 2 + term % 2) % 100) AS school_year
    FROM (SELECT DISTINCT school_unit, term FROM attendance_by_unit) AS found
) AS delivered
LEFT JOIN units_by_year AS units
    ON units.school_unit = delivered.school_unit
    AND units.school_year = delivered.school_year
LEFT JOIN school_models
    ON school_models.school_unit = delivered.school_unit
    AND school_models.school_year = delivered.school_year
