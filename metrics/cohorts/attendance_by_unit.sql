-- One row per pupil, home school unit, term, row length and measure: delivered time added up, free of models.
-- The only statement that reads every delivered row of attendance, so it joins nothing. Of several codes the last in the
-- alphabet, so that the order of rows decides nothing; first letters tell them apart, and are compared as numbers.
-- Years: attendance 0
SELECT
    pupil,
    coalesce(home_school_unit, school_unit) AS school_unit,
    year(start_date) * 2 + CASE WHEN month(start_date) >= 7 THEN 1 ELSE 0 END AS term,
    CASE
        WHEN end_date IS NULL OR end_date = start_date THEN 1
        WHEN end_date - start_date < 8 THEN 2
        WHEN end_date - start_date < 32 THEN 3
        ELSE 4
    END AS row_length,
    coalesce(measure, 'minutes') AS measure,
    max(CAST(counting_rule AS ENUM ('all_registered', 'lateness_as_absence', 'unknown', 'unreported_as_present', 'whole_days'))) AS counting_rule,
    CASE max(CAST(ascii(stage) AS UTINYINT))
        WHEN ascii('4-6') THEN '4-6'
        WHEN ascii('7-9') THEN '7-9'
        WHEN ascii('F-3') THEN 'F-3'
    END AS stage,
    CASE max(CAST(ascii(sex) AS UTINYINT))
        WHEN ascii('boys') THEN 'boys'
        WHEN ascii('girls') THEN 'girls'
    END AS sex,
    max(home_municipality) AS home_municipality,
    min(start_date) AS first_day,
    max(coalesce(end_date, start_date)) AS last_day,
    sum(offered) AS offered,
    sum(CASE WHEN measure = 'percent' THEN offered * reported / 100 ELSE reported END) AS reported,
    sum(CASE WHEN measure = 'percent' THEN offered * attended / 100 ELSE attended END) AS attended,
    sum(CASE WHEN measure = 'percent' THEN offered * valid_absence / 100 ELSE valid_absence END) AS valid_absence,
    sum(CASE WHEN measure = 'percent' THEN offered * invalid_absence / 100 ELSE invalid_absence END) AS invalid_absence,
    -- Whether the pupil's term may have other rows here.
    TRUE AS in_parts
FROM attendance
WHERE offered > 0
GROUP BY
    pupil,
    coalesce(home_school_unit, school_unit),
    year(start_date) * 2 + CASE WHEN month(start_date) >= 7 THEN 1 ELSE 0 END,
    CASE
        WHEN end_date IS NULL OR end_date = start_date THEN 1
        WHEN end_date - start_date < 8 THEN 2
        WHEN end_date - start_date < 32 THEN 3
        ELSE 4
    END,
    coalesce(measure, 'minutes')
