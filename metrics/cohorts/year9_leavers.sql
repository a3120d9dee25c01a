-- One row per pupil and school year who got or should have got final grades in year 9 in the goal-related system.
-- Years: year9_grades 0; pupil_background 0
WITH delivered AS (
    SELECT
        coalesce(identity.pupil, rows.pupil) AS pupil,
        rows.school_year,
        rows.school_unit,
        rows.sex,
        rows.home_municipality,
        rows.foreign_background,
        rows.parents_education,
        rows.newly_arrived,
        -- A grade is a digit in base 64: the lowest is not passed, then E, and so on to A. Grades then add up to how many
        -- there are of each, and the best of several is the largest. Swedish and Swedish as a second language are one subject.
        greatest(1 << 6 * strpos('EDCBA', rows.grade_sv), 1 << 6 * strpos('EDCBA', rows.grade_sva)) AS sv,
        1 << 6 * strpos('EDCBA', rows.grade_en) AS en,
        1 << 6 * strpos('EDCBA', rows.grade_ma) AS ma,
        1 << 6 * strpos('EDCBA', rows.grade_ge) AS ge,
        1 << 6 * strpos('EDCBA', rows.grade_hi) AS hi,
        1 << 6 * strpos('EDCBA', rows.grade_re) AS re,
        1 << 6 * strpos('EDCBA', rows.grade_sh) AS sh,
        1 << 6 * strpos('EDCBA', rows.grade_bi) AS bi,
        1 << 6 * strpos('EDCBA', rows.grade_fy) AS fy,
        1 << 6 * strpos('EDCBA', rows.grade_ke) AS ke,
        1 << 6 * strpos('EDCBA', rows.grade_bl) AS bl,
        1 << 6 * strpos('EDCBA', rows.grade_hkk) AS hkk,
        1 << 6 * strpos('EDCBA', rows.grade_idh) AS idh,
        1 << 6 * strpos('EDCBA', rows.grade_m2) AS m2,
        1 << 6 * strpos('EDCBA', rows.grade_ml) AS ml,
        1 << 6 * strpos('EDCBA', rows.grade_mu) AS mu,
        1 << 6 * strpos('EDCBA', rows.grade_no) AS no,
        1 << 6 * strpos('EDCBA', rows.grade_so) AS so,
        1 << 6 * strpos('EDCBA', rows.grade_sl) AS sl,
        1 << 6 * strpos('EDCBA', rows.grade_tk) AS tk,
        1 << 6 * strpos('EDCBA', rows.grade_da) AS da,
        1 << 6 * strpos('EDCBA', rows.grade_tn) AS tn,
        1 << 6 * strpos('EDCBA', rows.grade_m1) AS m1
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
graded AS (
    SELECT
        pupil,
        school_year,
        school_unit,
        sex,
        home_municipality,
        foreign_background,
        parents_education,
        newly_arrived,
        sv,
        en,
        ma,
        ge,
        hi,
        re,
        sh,
        bi,
        fy,
        ke,
        bl,
        hkk,
        idh,
        m2,
        ml,
        mu,
        no,
        so,
        sl,
        tk,
        da,
        tn,
        m1
    FROM delivered
    ANTI JOIN several USING (pupil, school_year)
    UNION ALL
    SELECT
        pupil,
        school_year,
        min(school_unit) AS school_unit,
        any_value(sex ORDER BY school_unit, sex) AS sex,
        any_value(home_municipality ORDER BY school_unit, home_municipality) AS home_municipality,
        any_value(foreign_background ORDER BY school_unit, foreign_background) AS foreign_background,
        any_value(parents_education ORDER BY school_unit, parents_education) AS parents_education,
        any_value(newly_arrived ORDER BY school_unit, newly_arrived) AS newly_arrived,
        max(sv) AS sv,
        max(en) AS en,
        max(ma) AS ma,
        max(ge) AS ge,
        max(hi) AS hi,
        max(re) AS re,
        max(sh) AS sh,
        max(bi) AS bi,
        max(fy) AS fy,
        max(ke) AS ke,
        max(bl) AS bl,
        max(hkk) AS hkk,
        max(idh) AS idh,
        max(m2) AS m2,
        max(ml) AS ml,
        max(mu) AS mu,
        max(no) AS no,
        max(so) AS so,
        max(sl) AS sl,
        max(tk) AS tk,
        max(da) AS da,
        max(tn) AS tn,
        max(m1) AS m1
    FROM delivered
    SEMI JOIN several USING (pupil, school_year)
    GROUP BY
        pupil,
        school_year
),
tallied AS (
    SELECT
        pupil,
        school_year,
        school_unit,
        sex,
        home_municipality,
        foreign_background,
        parents_education,
        newly_arrived,
        coalesce(sv, 0) + coalesce(en, 0) + coalesce(ma, 0) AS core,
        coalesce(ge, 0) + coalesce(hi, 0) + coalesce(re, 0) + coalesce(sh, 0) AS society,
        coalesce(bi, 0) + coalesce(fy, 0) + coalesce(ke, 0) AS science,
        coalesce(bl, 0) + coalesce(hkk, 0) + coalesce(idh, 0) + coalesce(m2, 0) + coalesce(ml, 0) + coalesce(mu, 0)
            + coalesce(no, 0) + coalesce(so, 0) + coalesce(sl, 0) + coalesce(tk, 0) + coalesce(da, 0) + coalesce(tn, 0) AS further,
        coalesce(m1, 0) AS choice
    FROM graded
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
        core,
        society,
        science,
        choice,
        core + society + science + further AS others,
        core + society + science + further + choice AS subjects
    FROM tallied
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
    -- All digits together are the remainder at 63; those above the lowest are passes.
    (pupils.core >> 6) % 63 AS core_passes,
    ((pupils.subjects - pupils.core) >> 6) % 63 AS other_passes,
    (pupils.society >> 6) % 63 AS society_passes,
    (pupils.science >> 6) % 63 AS science_passes,
    (pupils.subjects >> 6) % 63 AS passes,
    pupils.subjects % 64 AS fails,
    -- The sixteen best: each counts 10 as a pass, and 2.5 for every step that it reaches.
    10 * least((pupils.subjects >> 6) % 63, 16)
        + 2.5 * (
            least((pupils.subjects >> 12) % 63, 16) + least((pupils.subjects >> 18) % 63, 16)
            + least((pupils.subjects >> 24) % 63, 16) + least(pupils.subjects >> 30, 16)
        ) AS merit_16,
    -- The seventeenth subject is the language choice and nothing else.
    10 * (least((pupils.others >> 6) % 63, 16) + (pupils.choice >> 6) % 63)
        + 2.5 * (
            least((pupils.others >> 12) % 63, 16) + least((pupils.others >> 18) % 63, 16)
            + least((pupils.others >> 24) % 63, 16) + least(pupils.others >> 30, 16)
            + (pupils.choice >> 12) % 63 + (pupils.choice >> 18) % 63 + (pupils.choice >> 24) % 63 + (pupils.choice >> 30)
        ) AS merit_17
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
