-- Year 6: the core subjects, and every subject a pupil has had a grade in.
WITH grades AS (
    SELECT
        coalesce(now_called.pupil, given.pupil) AS pupil, school_year, min(school_unit) AS school_unit, max(sex) AS sex,
        min_by(home_municipality, (school_unit, home_municipality)) AS home_municipality, min_by(foreign_background, (school_unit, foreign_background)) AS foreign_background,
        min_by(parents_education, (school_unit, parents_education)) AS parents_education, min_by(newly_arrived, (school_unit, newly_arrived)) AS newly_arrived,
        max(greatest(digit_of(grade_sv), digit_of(grade_sva))) AS sv, max(digit_of(grade_en)) AS en, max(digit_of(grade_ma)) AS ma,
        max(digit_of(grade_bl)) AS bl, max(digit_of(grade_hkk)) AS hkk, max(digit_of(grade_idh)) AS idh, max(digit_of(grade_m1)) AS m1,
        max(digit_of(grade_ml)) AS ml, max(digit_of(grade_mu)) AS mu, max(digit_of(grade_no)) AS nature, max(digit_of(grade_bi)) AS bi,
        max(digit_of(grade_fy)) AS fy, max(digit_of(grade_ke)) AS ke, max(digit_of(grade_so)) AS society, max(digit_of(grade_ge)) AS ge,
        max(digit_of(grade_hi)) AS hi, max(digit_of(grade_re)) AS re, max(digit_of(grade_sh)) AS sh, max(digit_of(grade_sl)) AS sl,
        max(digit_of(grade_tk)) AS tk, max(digit_of(grade_tn)) AS tn
    FROM year6_grades AS given LEFT JOIN now_called ON old_pupil = given.pupil
    GROUP BY ALL
),
pupils AS (
    SELECT
        grades.*, coalesce(schools.municipality, '') AS municipality, coalesce(schools.provider, '') AS provider, models_in_year.models,
        coalesce(grades.home_municipality, facts.home_municipality, '') AS home, coalesce(grades.sex, facts.sex, '') AS known_sex,
        coalesce(grades.foreign_background, facts.foreign_background) AS known_foreign,
        coalesce(grades.parents_education, facts.parents_education) AS known_education, coalesce(grades.newly_arrived, facts.newly_arrived) AS known_newly,
        least(sv, en, ma, bl, hkk, idh, m1, ml, mu, nature, bi, fy, ke, society, ge, hi, re, sh, sl, tk, tn) AS worst
    FROM grades
    LEFT JOIN school_in_year AS schools USING (school_unit, school_year)
    LEFT JOIN models_in_year USING (school_unit, school_year)
    LEFT JOIN facts USING (pupil, school_year)
    SEMI JOIN members ON members.code = schools.municipality
)
SELECT
    school_year AS period, municipality AS school_municipality, home AS home_municipality, provider, '4-6' AS stage, coalesce(models, '') AS models,
    known_sex AS sex, foreign_word(known_foreign) AS foreign_background, education_word(known_education) AS parents_education,
    newly_word(known_newly) AS newly_arrived,
    1 AS year6_core_passed__denominator, yes(sv > 1 AND en > 1 AND ma > 1) AS year6_core_passed__numerator,
    1 AS year6_all_passed__denominator, yes(worst > 1) AS year6_all_passed__numerator,
    count(*) AS contributors, min(school_unit) AS school_first, max(school_unit) AS school_last
FROM pupils
GROUP BY ALL
ORDER BY ALL
