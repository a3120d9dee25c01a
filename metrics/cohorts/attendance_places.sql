-- One row per school unit and term of a school year in which its code is valid or it has a model: where, whose, which models.
SELECT
    school_unit,
    2 * CAST(substr(school_year, 1, 4) AS BIGINT) + terms.later AS term,
    coalesce(units.municipality, '') AS municipality,
    coalesce(units.provider, '') AS provider,
    coalesce(school_models.models, '') AS models
FROM units_by_year AS units
FULL JOIN school_models USING (school_unit, school_year)
CROSS JOIN (VALUES (1), (2)) AS terms(later)
