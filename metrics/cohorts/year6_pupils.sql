-- One row per pupil and school year with grades in year 6: passes and failures.
WITH written AS (
    SELECT
        coalesce(identity.pupil, long.pupil) AS pupil,
        long.school_year,
        CASE WHEN long.subject IN ('grade_sv', 'grade_sva') THEN 'grade_swedish' ELSE long.subject END AS subject,
        long.grade IN ('A', 'B', 'C', 'D', 'E') AS passed
    FROM (
        SELECT
            pupil,
            school_year,
            subject,
            grade
        FROM year6_grades
        UNPIVOT (
            grade FOR subject IN (
                grade_bl, grade_en, grade_hkk, grade_idh, grade_ma, grade_m1, grade_ml, grade_mu, grade_no, grade_bi,
                grade_fy, grade_ke, grade_so, grade_ge, grade_hi, grade_re, grade_sh, grade_sl, grade_sv, grade_sva,
                grade_tk, grade_tn
            )
        )
    ) AS long
    LEFT JOIN pupil_identity AS identity
        ON identity.old_pupil = long.pupil
),
results AS (
    SELECT
        pupil,
        school_year,
        count(DISTINCT subject) FILTER (WHERE passed) AS passes,
        count(DISTINCT subject) AS subjects,
        count(DISTINCT subject) FILTER (WHERE passed AND subject IN ('grade_swedish', 'grade_en', 'grade_ma')) AS core_passes
    FROM written
    GROUP BY
        pupil,
        school_year
),
pupils AS (
    SELECT
        coalesce(identity.pupil, rows.pupil) AS pupil,
        rows.school_year,
        min(rows.school_unit) AS school_unit,
        max(rows.sex) AS sex,
        any_value(rows.home_municipality ORDER BY rows.school_unit) AS home_municipality,
        any_value(rows.foreign_background ORDER BY rows.school_unit) AS foreign_background,
        any_value(rows.parents_education ORDER BY rows.school_unit) AS parents_education,
        any_value(rows.newly_arrived ORDER BY rows.school_unit) AS newly_arrived
    FROM year6_grades AS rows
    LEFT JOIN pupil_identity AS identity
        ON identity.old_pupil = rows.pupil
    GROUP BY
        coalesce(identity.pupil, rows.pupil),
        rows.school_year
)
SELECT
    pupils.pupil AS contributors,
    pupils.school_year AS period,
    pupils.school_unit,
    coalesce(units.municipality, '') AS school_municipality,
    coalesce(pupils.home_municipality, facts.home_municipality, '') AS home_municipality,
    coalesce(units.provider, '') AS provider,
    '4-6' AS stage,
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
    coalesce(results.passes, 0) AS passes,
    coalesce(results.subjects, 0) AS subjects,
    coalesce(results.core_passes, 0) AS core_passes
FROM pupils
LEFT JOIN results
    ON results.pupil = pupils.pupil
    AND results.school_year = pupils.school_year
LEFT JOIN units_by_year AS units
    ON units.school_unit = pupils.school_unit
    AND units.school_year = pupils.school_year
LEFT JOIN school_models
    ON school_models.school_unit = pupils.school_unit
    AND school_models.school_year = pupils.school_year
LEFT JOIN pupil_background AS facts
    ON facts.pupil = pupils.pupil
    AND facts.school_year = pupils.school_year
