-- One row per school unit and school year with at least one model: the set of model types in place all that year.
WITH years AS (
    SELECT
        spring,
        printf('%d/%02d', spring - 1, spring % 100) AS school_year
    FROM range(1990, 2101) AS springs(spring)
)
SELECT
    register.school_unit,
    years.school_year,
    array_to_string(list_sort(list_distinct(list(register.model_type))), '|') AS models
FROM collaboration_register AS register
JOIN years
    ON register.started <= make_date(years.spring - 1, 9, 30)
    AND (register.ended IS NULL OR register.ended >= make_date(years.spring, 5, 31))
GROUP BY
    register.school_unit,
    years.school_year
