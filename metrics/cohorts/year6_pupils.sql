-- One row per pupil and school year with grades in year 6: passes and failures.
WITH written AS (
    SELECT
        coalesce(identity.pupil, rows.pupil) AS pupil,
        rows.school_year,
        -- A bit per subject; Swedish and Swedish as a second language share theirs, the three core subjects come first.
        CASE WHEN rows.grade_sv IS NOT NULL OR rows.grade_sva IS NOT NULL THEN 1 ELSE 0 END
            + CASE WHEN rows.grade_en IS NOT NULL THEN 2 ELSE 0 END
            + CASE WHEN rows.grade_ma IS NOT NULL THEN 4 ELSE 0 END
            + CASE WHEN rows.grade_bl IS NOT NULL THEN 8 ELSE 0 END
            + CASE WHEN rows.grade_hkk IS NOT NULL THEN 16 ELSE 0 END
            + CASE WHEN rows.grade_idh IS NOT NULL THEN 32 ELSE 0 END
            + CASE WHEN rows.grade_m1 IS NOT NULL THEN 64 ELSE 0 END
            + CASE WHEN rows.grade_ml IS NOT NULL THEN 128 ELSE 0 END
            + CASE WHEN rows.grade_mu IS NOT NULL THEN 256 ELSE 0 END
            + CASE WHEN rows.grade_no IS NOT NULL THEN 512 ELSE 0 END
            + CASE WHEN rows.grade_bi IS NOT NULL THEN 1024 ELSE 0 END
            + CASE WHEN rows.grade_fy IS NOT NULL THEN 2048 ELSE 0 END
            + CASE WHEN rows.grade_ke IS NOT NULL THEN 4096 ELSE 0 END
            + CASE WHEN rows.grade_so IS NOT NULL THEN 8192 ELSE 0 END
            + CASE WHEN rows.grade_ge IS NOT NULL THEN 16384 ELSE 0 END
            + CASE WHEN rows.grade_hi IS NOT NULL THEN 32768 ELSE 0 END
            + CASE WHEN rows.grade_re IS NOT NULL THEN 65536 ELSE 0 END
            + CASE WHEN rows.grade_sh IS NOT NULL THEN 131072 ELSE 0 END
            + CASE WHEN rows.grade_sl IS NOT NULL THEN 262144 ELSE 0 END
            + CASE WHEN rows.grade_tk IS NOT NULL THEN 524288 ELSE 0 END
            + CASE WHEN rows.grade_tn IS NOT NULL THEN 1048576 ELSE 0 END AS graded,
        CASE WHEN rows.grade_sv IN ('A', 'B', 'C', 'D', 'E') OR rows.grade_sva IN ('A', 'B', 'C', 'D', 'E') THEN 1 ELSE 0 END
            + CASE WHEN rows.grade_en IN ('A', 'B', 'C', 'D', 'E') THEN 2 ELSE 0 END
            + CASE WHEN rows.grade_ma IN ('A', 'B', 'C', 'D', 'E') THEN 4 ELSE 0 END
            + CASE WHEN rows.grade_bl IN ('A', 'B', 'C', 'D', 'E') THEN 8 ELSE 0 END
            + CASE WHEN rows.grade_hkk IN ('A', 'B', 'C', 'D', 'E') THEN 16 ELSE 0 END
            + CASE WHEN rows.grade_idh IN ('A', 'B', 'C', 'D', 'E') THEN 32 ELSE 0 END
            + CASE WHEN rows.grade_m1 IN ('A', 'B', 'C', 'D', 'E') THEN 64 ELSE 0 END
            + CASE WHEN rows.grade_ml IN ('A', 'B', 'C', 'D', 'E') THEN 128 ELSE 0 END
            + CASE WHEN rows.grade_mu IN ('A', 'B', 'C', 'D', 'E') THEN 256 ELSE 0 END
            + CASE WHEN rows.grade_no IN ('A', 'B', 'C', 'D', 'E') THEN 512 ELSE 0 END
            + CASE WHEN rows.grade_bi IN ('A', 'B', 'C', 'D', 'E') THEN 1024 ELSE 0 END
            + CASE WHEN rows.grade_fy IN ('A', 'B', 'C', 'D', 'E') THEN 2048 ELSE 0 END
            + CASE WHEN rows.grade_ke IN ('A', 'B', 'C', 'D', 'E') THEN 4096 ELSE 0 END
            + CASE WHEN rows.grade_so IN ('A', 'B', 'C', 'D', 'E') THEN 8192 ELSE 0 END
            + CASE WHEN rows.grade_ge IN ('A', 'B', 'C', 'D', 'E') THEN 16384 ELSE 0 END
            + CASE WHEN rows.grade_hi IN ('A', 'B', 'C', 'D', 'E') THEN 32768 ELSE 0 END
            + CASE WHEN rows.grade_re IN ('A', 'B', 'C', 'D', 'E') THEN 65536 ELSE 0 END
            + CASE WHEN rows.grade_sh IN ('A', 'B', 'C', 'D', 'E') THEN 131072 ELSE 0 END
            + CASE WHEN rows.grade_sl IN ('A', 'B', 'C', 'D', 'E') THEN 262144 ELSE 0 END
            + CASE WHEN rows.grade_tk IN ('A', 'B', 'C', 'D', 'E') THEN 524288 ELSE 0 END
            + CASE WHEN rows.grade_tn IN ('A', 'B', 'C', 'D', 'E') THEN 1048576 ELSE 0 END AS passed
    FROM year6_grades AS rows
    LEFT JOIN pupil_identity AS identity
        ON identity.old_pupil = rows.pupil
),
results AS (
    SELECT
        pupil,
        school_year,
        CAST(bit_count(bit_or(passed)) AS BIGINT) AS passes,
        CAST(bit_count(bit_or(graded)) AS BIGINT) AS subjects,
        CAST(bit_count(bit_or(passed) & 7) AS BIGINT) AS core_passes
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
