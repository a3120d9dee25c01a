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
delivered AS (
    SELECT
        coalesce(identity.pupil, rows.pupil) AS pupil,
        rows.school_year,
        -- Swedish, English and mathematics first, the four of society and the three of science, then the language choice.
        list_transform(
            [
                rows.grade_sv, rows.grade_sva, rows.grade_en, rows.grade_ma, rows.grade_ge, rows.grade_hi, rows.grade_re,
                rows.grade_sh, rows.grade_bi, rows.grade_fy, rows.grade_ke, rows.grade_m1, rows.grade_bl, rows.grade_hkk,
                rows.grade_idh, rows.grade_m2, rows.grade_ml, rows.grade_mu, rows.grade_no, rows.grade_so, rows.grade_sl,
                rows.grade_tk, rows.grade_da, rows.grade_tn
            ],
            lambda grade: CASE
                WHEN grade IS NULL THEN NULL
                WHEN grade = 'A' THEN 20.0
                WHEN grade = 'B' THEN 17.5
                WHEN grade = 'C' THEN 15.0
                WHEN grade = 'D' THEN 12.5
                WHEN grade = 'E' THEN 10.0
                ELSE 0.0
            END
        ) AS points
    FROM year9_grades AS rows
    LEFT JOIN pupil_identity AS identity
        ON identity.old_pupil = rows.pupil
    WHERE coalesce(rows.grading_system, 'goal_related') = 'goal_related'
),
-- Nearly every pupil has one row; of several, the best grade of each subject counts.
several AS (
    SELECT
        pupil,
        school_year
    FROM delivered
    GROUP BY
        pupil,
        school_year
    HAVING count(*) > 1
),
best AS (
    SELECT
        pupil,
        school_year,
        place,
        max(points[place]) AS points
    FROM delivered
    SEMI JOIN several USING (pupil, school_year)
    CROSS JOIN range(1, 25) AS places(place)
    GROUP BY
        pupil,
        school_year,
        place
),
graded AS (
    SELECT
        pupil,
        school_year,
        points
    FROM delivered
    ANTI JOIN several USING (pupil, school_year)
    UNION ALL
    SELECT
        pupil,
        school_year,
        list(points ORDER BY place) AS points
    FROM best
    GROUP BY
        pupil,
        school_year
),
-- Swedish and Swedish as a second language are one subject.
subjects AS (
    SELECT
        pupil,
        school_year,
        list_prepend(greatest(points[1], points[2]), points[3:]) AS points
    FROM graded
),
results AS (
    SELECT
        pupil,
        school_year,
        len(list_filter(points[1:3], lambda each: each > 0)) AS core_passes,
        len(list_filter(points[4:], lambda each: each > 0)) AS other_passes,
        len(list_filter(points[4:7], lambda each: each > 0)) AS society_passes,
        len(list_filter(points[8:10], lambda each: each > 0)) AS science_passes,
        len(list_filter(points, lambda each: each > 0)) AS passes,
        len(list_filter(points, lambda each: each = 0)) AS fails,
        list_sum(list_sort(points, 'DESC', 'NULLS LAST')[1:16]) AS merit_16,
        -- The seventeenth subject is the language choice and nothing else.
        coalesce(list_sum(list_sort(points[1:10] || points[12:], 'DESC', 'NULLS LAST')[1:16]), 0) + coalesce(points[11], 0) AS merit_17
    FROM subjects
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
