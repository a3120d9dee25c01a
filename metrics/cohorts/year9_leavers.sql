-- One row per pupil and school year who got or should have got final grades in year 9 in the goal-related system.
WITH pupils AS (
    SELECT
        coalesce(identity.pupil, rows.pupil) AS pupil,
        rows.school_year,
        min(rows.school_unit) AS school_unit,
        any_value(rows.sex ORDER BY rows.school_unit) AS sex,
        any_value(rows.home_municipality ORDER BY rows.school_unit) AS home_municipality,
        any_value(rows.foreign_background ORDER BY rows.school_unit) AS foreign_background,
        any_value(rows.parents_education ORDER BY rows.school_unit) AS parents_education,
        any_value(rows.newly_arrived ORDER BY rows.school_unit) AS newly_arrived
    FROM year9_grades AS rows
    LEFT JOIN pupil_identity AS identity
        ON identity.old_pupil = rows.pupil
    WHERE coalesce(rows.grading_system, 'goal_related') = 'goal_related'
    GROUP BY
        coalesce(identity.pupil, rows.pupil),
        rows.school_year
),
written AS (
    SELECT
        pupil,
        school_year,
        -- Swedish and Swedish as a second language are one subject.
        CASE WHEN subject IN ('grade_sv', 'grade_sva') THEN 'grade_swedish' ELSE subject END AS subject,
        CASE grade WHEN 'A' THEN 20.0 WHEN 'B' THEN 17.5 WHEN 'C' THEN 15.0 WHEN 'D' THEN 12.5 WHEN 'E' THEN 10.0 ELSE 0.0 END AS points
    FROM year9_grades
    UNPIVOT (
        grade FOR subject IN (
            grade_bl, grade_en, grade_hkk, grade_idh, grade_ma, grade_m1, grade_m2, grade_ml, grade_mu, grade_no,
            grade_bi, grade_fy, grade_ke, grade_so, grade_ge, grade_hi, grade_re, grade_sh, grade_sl, grade_sv,
            grade_sva, grade_tk, grade_da, grade_tn
        )
    )
),
subjects AS (
    SELECT
        coalesce(identity.pupil, written.pupil) AS pupil,
        written.school_year,
        written.subject,
        max(written.points) AS points
    FROM written
    LEFT JOIN pupil_identity AS identity
        ON identity.old_pupil = written.pupil
    GROUP BY
        coalesce(identity.pupil, written.pupil),
        written.school_year,
        written.subject
),
results AS (
    SELECT
        pupil,
        school_year,
        count(*) FILTER (WHERE points > 0 AND subject IN ('grade_swedish', 'grade_en', 'grade_ma')) AS core_passes,
        count(*) FILTER (WHERE points > 0 AND subject NOT IN ('grade_swedish', 'grade_en', 'grade_ma')) AS other_passes,
        count(*) FILTER (WHERE points > 0 AND subject IN ('grade_ge', 'grade_hi', 'grade_re', 'grade_sh')) AS society_passes,
        count(*) FILTER (WHERE points > 0 AND subject IN ('grade_bi', 'grade_fy', 'grade_ke')) AS science_passes,
        count(*) FILTER (WHERE points > 0) AS passes,
        count(*) FILTER (WHERE points = 0) AS fails,
        list_sum(list_reverse_sort(list(points))[1:16]) AS merit_16,
        -- The seventeenth subject is the language choice and nothing else.
        coalesce(list_sum(list_reverse_sort(list(points) FILTER (WHERE subject <> 'grade_m1'))[1:16]), 0)
            + coalesce(max(points) FILTER (WHERE subject = 'grade_m1'), 0) AS merit_17
    FROM subjects
    GROUP BY
        pupil,
        school_year
)
SELECT
    pupils.pupil AS contributors,
    pupils.school_year AS period,
    pupils.school_unit,
    units.municipality AS school_municipality,
    coalesce(pupils.home_municipality, facts.home_municipality, '') AS home_municipality,
    units.provider,
    '7-9' AS stage,
    coalesce(school_models.models, '') AS models,
    coalesce(pupils.sex, facts.sex, '') AS sex,
    CASE coalesce(pupils.foreign_background, facts.foreign_background)
        WHEN TRUE THEN 'foreign'
        WHEN FALSE THEN 'swedish'
        ELSE 'foreign_background_unknown'
    END AS foreign_background,
    coalesce(pupils.parents_education, facts.parents_education, 'parents_education_unknown') AS parents_education,
    CASE coalesce(pupils.newly_arrived, facts.newly_arrived)
        WHEN TRUE THEN 'newly_arrived'
        WHEN FALSE THEN 'not_newly_arrived'
        ELSE 'newly_arrived_unknown'
    END AS newly_arrived,
    coalesce(results.core_passes, 0) AS core_passes,
    coalesce(results.other_passes, 0) AS other_passes,
    coalesce(results.society_passes, 0) AS society_passes,
    coalesce(results.science_passes, 0) AS science_passes,
    coalesce(results.passes, 0) AS passes,
    coalesce(results.fails, 0) AS fails,
    coalesce(results.merit_16, 0) AS merit_16,
    coalesce(results.merit_17, 0) AS merit_17
FROM pupils
JOIN units_by_year AS units
    ON units.school_unit = pupils.school_unit
    AND units.school_year = pupils.school_year
LEFT JOIN school_models
    ON school_models.school_unit = pupils.school_unit
    AND school_models.school_year = pupils.school_year
LEFT JOIN pupil_background AS facts
    ON facts.pupil = pupils.pupil
    AND facts.school_year = pupils.school_year
LEFT JOIN results
    ON results.pupil = pupils.pupil
    AND results.school_year = pupils.school_year
