-- One row per school unit and school year in which its code is valid: municipality and provider on 15 October.
WITH years AS (
    SELECT
        spring,
        printf('%d/%02d', spring - 1, spring % 100) AS school_year
    FROM range(1990, 2101) AS springs(spring)
)
SELECT
    units.school_unit,
    years.school_year,
    any_value(units.municipality ORDER BY units.valid_from DESC) AS municipality,
    any_value(units.provider ORDER BY units.valid_from DESC) AS provider
FROM school_units AS units
JOIN years
    ON units.valid_from <= make_date(years.spring, 6, 30)
    AND (units.valid_to IS NULL OR units.valid_to >= make_date(years.spring - 1, 7, 1))
GROUP BY
    units.school_unit,
    years.school_year
