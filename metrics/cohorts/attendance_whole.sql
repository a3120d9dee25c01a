-- One row per pupil and term of which only one row of attendance has been delivered: that row, as attendance_by_unit has it.
-- Years: attendance 0
SELECT
    delivered.pupil,
    delivered.school_unit,
    delivered.term,
    delivered.row_length,
    delivered.measure,
    delivered.counting_rule,
    delivered.stage,
    delivered.sex,
    delivered.home_municipality,
    delivered.first_day,
    delivered.last_day,
    delivered.offered,
    delivered.reported,
    delivered.attended,
    delivered.valid_absence,
    delivered.invalid_absence,
    FALSE AS in_parts
FROM (
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
        CAST(counting_rule AS ENUM ('all_registered', 'lateness_as_absence', 'unknown', 'unreported_as_present', 'whole_days')) AS counting_rule,
        stage,
        sex,
        home_municipality,
        start_date AS first_day,
        coalesce(end_date, start_date) AS last_day,
        offered,
        CASE WHEN measure = 'percent' THEN offered * reported / 100 ELSE reported END AS reported,
        CASE WHEN measure = 'percent' THEN offered * attended / 100 ELSE attended END AS attended,
        CASE WHEN measure = 'percent' THEN offered * valid_absence / 100 ELSE valid_absence END AS valid_absence,
        CASE WHEN measure = 'percent' THEN offered * invalid_absence / 100 ELSE invalid_absence END AS invalid_absence
    FROM attendance
    WHERE offered > 0
) AS delivered
ANTI JOIN attendance_in_parts AS parts
    ON parts.pupil = delivered.pupil
    AND parts.term = delivered.term
