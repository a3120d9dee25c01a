-- One row per pupil and school year with grades in year 6: passes and failures.
-- Years: year6_grades 0; pupil_background 0
WITH written AS (
    SELECT
        coalesce(identity.pupil, rows.pupil) AS pupil,
        rows.school_year,
        rows.school_unit,
        rows.sex,
        rows.home_municipality,
        rows.foreign_background,
        rows.parents_education,
        rows.newly_arrived,
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
        CASE WHEN strpos('ABCDE', rows.grade_sv) > 0 OR strpos('ABCDE', rows.grade_sva) > 0 THEN 1 ELSE 0 END
            + CASE WHEN strpos('ABCDE', rows.grade_en) > 0 THEN 2 ELSE 0 END
            + CASE WHEN strpos('ABCDE', rows.grade_ma) > 0 THEN 4 ELSE 0 END
            + CASE WHEN strpos('ABCDE', rows.grade_bl) > 0 THEN 8 ELSE 0 END
            + CASE WHEN strpos('ABCDE', rows.grade_hkk) > 0 THEN 16 ELSE 0 END
            + CASE WHEN strpos('ABCDE', rows.grade_idh) > 0 THEN 32 ELSE 0 END
            + CASE WHEN strpos('ABCDE', rows.grade_m1) > 0 THEN 64 ELSE 0 END
            + CASE WHEN strpos('ABCDE', rows.grade_ml) > 0 THEN 128 ELSE 0 END
            + CASE WHEN strpos('ABCDE', rows.grade_mu) > 0 THEN 256 ELSE 0 END
            + CASE WHEN strpos('ABCDE', rows.grade_no) > 0 THEN 512 ELSE 0 END
            + CASE WHEN strpos('ABCDE', rows.grade_bi) > 0 THEN 1024 ELSE 0 END
            + CASE WHEN strpos('ABCDE', rows.grade_fy) > 0 THEN 2048 ELSE 0 END
            + CASE WHEN strpos('ABCDE', rows.grade_ke) > 0 THEN 4096 ELSE 0 END
            + CASE WHEN strpos('ABCDE', rows.grade_so) > 0 THEN 8192 ELSE 0 END
            + CASE WHEN strpos('ABCDE', rows.grade_ge) > 0 THEN 16384 ELSE 0 END
            + CASE WHEN strpos('ABCDE', rows.grade_hi) > 0 THEN 32768 ELSE 0 END
            + CASE WHEN strpos('ABCDE', rows.grade_re) > 0 THEN 65536 ELSE 0 END
            + CASE WHEN strpos('ABCDE', rows.grade_sh) > 0 THEN 131072 ELSE 0 END
            + CASE WHEN strpos('ABCDE', rows.grade_sl) > 0 THEN 262144 ELSE 0 END
            + CASE WHEN strpos('ABCDE', rows.grade_tk) > 0 THEN 524288 ELSE 0 END
            + CASE WHEN strpos('ABCDE', rows.grade_tn) > 0 THEN 1048576 ELSE 0 END AS passed
    FROM year6_grades AS rows
    LEFT JOIN pupil_identity AS identity
        ON identity.old_pupil = rows.pupil
),
-- Nearly every pupil has one row; of several, what any of them says is graded and passed.
several AS (
    SELECT
        pupil,
        school_year
    FROM written
    GROUP BY
        pupil,
        school_year
    HAVING count(*) > 1
),
pupils AS (
    SELECT
        pupil,
        school_year,
        school_unit,
        sex,
        home_municipality,
        foreign_background,
        parents_education,
        newly_arrived,
        passed,
        graded
    FROM written
    ANTI JOIN several USING (pupil, school_year)
    UNION ALL
    SELECT
        pupil,
        school_year,
        min(school_unit) AS school_unit,
        max(sex) AS sex,
        any_value(home_municipality ORDER BY school_unit, home_municipality) AS home_municipality,
        any_value(foreign_background ORDER BY school_unit, foreign_background) AS foreign_background,
        any_value(parents_education ORDER BY school_unit, parents_education) AS parents_education,
        any_value(newly_arrived ORDER BY school_unit, newly_arrived) AS newly_arrived,
        bit_or(passed) AS passed,
        bit_or(graded) AS graded
    FROM written
    SEMI JOIN several USING (pupil, school_year)
    GROUP BY
        pupil,
        school_year
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
    CAST(bit_count(pupils.passed) AS BIGINT) AS passes,
    CAST(bit_count(pupils.graded) AS BIGINT) AS subjects,
    CAST(bit_count(pupils.passed & 7) AS BIGINT) AS core_passes
FROM pupils
LEFT JOIN units_by_year AS units
    ON units.school_unit = pupils.school_unit
    AND units.school_year = pupils.school_year
LEFT JOIN school_models
    ON school_models.school_unit = pupils.school_unit
    AND school_models.school_year = pupils.school_year
LEFT JOIN pupil_background AS facts
    ON facts.pupil = pupils.pupil
    AND facts.school_year = pupils.school_year
