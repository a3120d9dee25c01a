-- What several families need: who a pseudonym is now, where a school lies, which models it has, facts, enrolments, joins.
CREATE TEMP MACRO starting_year(spring) AS printf('%d/%02d', spring - 1, spring % 100);
CREATE TEMP MACRO spring_of(day) AS year(day) + CASE WHEN month(day) >= 7 THEN 1 ELSE 0 END;
CREATE TEMP MACRO foreign_word(flag) AS CASE WHEN flag THEN 'foreign' WHEN NOT flag THEN 'swedish' ELSE 'foreign_background_unknown' END;
CREATE TEMP MACRO newly_word(flag) AS CASE WHEN flag THEN 'newly_arrived' WHEN NOT flag THEN 'not_newly_arrived' ELSE 'newly_arrived_unknown' END;
CREATE TEMP MACRO education_word(code) AS coalesce(code, 'parents_education_unknown');
CREATE TEMP MACRO minutes_of(measure) AS CASE measure WHEN 'hours' THEN 60 WHEN 'lessons' THEN 60 WHEN 'days' THEN 300 ELSE 1 END;
CREATE TEMP MACRO yes(flag) AS CAST(coalesce(flag, FALSE) AS TINYINT);
-- Grades as digits in base 64, F the lowest, so that a sum of subjects tells how many have each: passes are all above the lowest.
CREATE TEMP MACRO digit_of(grade) AS 1 << 6 * strpos('EDCBA', grade);
CREATE TEMP MACRO passes_of(digits) AS (digits >> 6) % 63;
-- The sixteen best: 10 for a pass, and 2.5 for every step above E.
CREATE TEMP MACRO best_sixteen(digits) AS 10 * least((digits >> 6) % 63, 16) + 2.5 * (
    least((digits >> 12) % 63, 16) + least((digits >> 18) % 63, 16) + least((digits >> 24) % 63, 16) + least(digits >> 30, 16)
);

CREATE TEMP TABLE members (code VARCHAR);
INSERT INTO members VALUES
    ('1440'), ('1489'), ('1480'), ('1401'), ('1384'), ('1482'), ('1441'), ('1462'), ('1481'), ('1402'), ('1415'), ('1419'), ('1407');

CREATE TEMP TABLE now_called AS
WITH RECURSIVE followed AS (
    SELECT old_pupil, pupil, 1 AS steps FROM pupil_alias
    UNION ALL
    SELECT followed.old_pupil, next.pupil, steps + 1 FROM followed JOIN pupil_alias AS next ON next.old_pupil = followed.pupil WHERE steps < 10
)
SELECT old_pupil, max_by(pupil, steps) AS pupil FROM followed GROUP BY old_pupil;

CREATE TEMP TABLE school_in_year AS
SELECT school_unit, starting_year(spring) AS school_year, max_by(municipality, valid_from) AS municipality, max_by(provider, valid_from) AS provider
FROM school_units, range(1990, 2101) AS springs(spring)
WHERE valid_from <= make_date(spring, 6, 30) AND coalesce(valid_to, DATE '9999-12-31') >= make_date(spring - 1, 7, 1)
GROUP BY school_unit, spring;

-- A model is in place in a school year when it began by 30 September and had not ended before 31 May.
CREATE TEMP TABLE models_in_year AS
SELECT school_unit, starting_year(spring) AS school_year, string_agg(DISTINCT model_type, '|' ORDER BY model_type) AS models
FROM collaboration_register, range(1990, 2101) AS springs(spring)
WHERE started <= make_date(spring - 1, 9, 30) AND coalesce(ended, DATE '9999-12-31') >= make_date(spring, 5, 31)
GROUP BY school_unit, spring;

CREATE TEMP TABLE facts AS
SELECT
    coalesce(now_called.pupil, given.pupil) AS pupil, school_year, max(sex) AS sex, max(home_municipality) AS home_municipality,
    max(foreign_background) AS foreign_background, max(parents_education) AS parents_education,
    max(newly_arrived) AS newly_arrived, max(special_support) AS special_support
FROM background AS given LEFT JOIN now_called ON old_pupil = given.pupil
GROUP BY ALL;

-- Where each pupil was on 15 October; of several schools the one with the lowest code.
CREATE TEMP TABLE enrolled AS
SELECT
    coalesce(now_called.pupil, given.pupil) AS pupil, school_year, CAST(left(school_year, 4) AS INTEGER) + 1 AS spring,
    min(school_unit) AS school_unit,
    min_by(
        CASE
            WHEN school_form = 'adapted' THEN 'adapted'
            WHEN programme ILIKE 'IMV%' THEN 'choice'
            WHEN programme ILIKE 'IMY%' THEN 'vocational'
            WHEN programme ILIKE 'IMS%' THEN 'language'
            WHEN programme ILIKE 'IM%' THEN 'individual'
            WHEN programme ILIKE 'IB%' THEN 'ib'
            ELSE 'national'
        END,
        school_unit
    ) AS kind,
    min_by(study_year, school_unit) AS study_year, min_by(given.home_municipality, school_unit) AS home_municipality,
    max(given.sex) AS sex, bool_and(coalesce(has_personal_number, TRUE)) AS has_number, max(foreign_background) AS foreign_background,
    max(parents_education) AS parents_education, max(newly_arrived) AS newly_arrived
FROM upper_secondary_enrolment AS given LEFT JOIN now_called ON old_pupil = given.pupil
GROUP BY ALL;

-- Joined members speak of pupils from their first report on.
CREATE TEMP TABLE joined_since AS
SELECT municipality, min(report_date) AS since FROM support_chain SEMI JOIN joined_members USING (municipality) GROUP BY municipality;

CREATE TEMP TABLE first_reports AS
SELECT coalesce(now_called.pupil, pairs.pupil) AS pupil, min(report_date) AS first_report
FROM declared_join AS pairs JOIN support_chain USING (child) LEFT JOIN now_called ON old_pupil = pairs.pupil
GROUP BY ALL;

-- Every pupil's term once, at the home school where most time was offered; days, months and terms never twice, nor what was
-- delivered at the same time under an old pseudonym and the new one.
CREATE TEMP TABLE pupil_terms AS
WITH delivered AS (
    SELECT
        coalesce(now_called.pupil, given.pupil) AS pupil, given.pupil AS delivered_as, coalesce(home_school_unit, school_unit) AS school_unit,
        year(start_date) * 2 + CASE WHEN month(start_date) >= 7 THEN 1 ELSE 0 END AS term,
        CASE
            WHEN coalesce(end_date, start_date) = start_date THEN 'day' WHEN end_date - start_date < 8 THEN 'week'
            WHEN end_date - start_date < 32 THEN 'month' ELSE 'term'
        END AS length,
        coalesce(measure, 'minutes') AS measure,
        any_value(stage) AS stage, any_value(sex) AS sex, any_value(home_municipality) AS home_municipality,
        min(start_date) AS first_day, max(coalesce(end_date, start_date)) AS last_day,
        sum(offered * minutes_of(measure)) AS offered,
        sum(reported * minutes_of(measure) * CASE WHEN measure = 'percent' THEN offered / 100 ELSE 1 END) AS reported,
        sum(attended * minutes_of(measure) * CASE WHEN measure = 'percent' THEN offered / 100 ELSE 1 END) AS attended,
        sum(valid_absence * minutes_of(measure) * CASE WHEN measure = 'percent' THEN offered / 100 ELSE 1 END) AS valid,
        sum(invalid_absence * minutes_of(measure) * CASE WHEN measure = 'percent' THEN offered / 100 ELSE 1 END) AS invalid
    FROM attendance AS given LEFT JOIN now_called ON old_pupil = given.pupil
    WHERE offered > 0
    GROUP BY ALL
),
repeated AS (SELECT pupil, term FROM delivered GROUP BY ALL HAVING count(*) > 1),
apart AS (
    SELECT pupil, school_unit, term, max(stage) AS stage, max(sex) AS sex, max(home_municipality) AS home_municipality, sum(offered) AS offered, sum(reported) AS reported, sum(attended) AS attended, sum(valid) AS valid, sum(invalid) AS invalid
    FROM (
        SELECT *, row_number() OVER most AS place, first_value(first_day) OVER most AS most_from, first_value(last_day) OVER most AS most_to
        FROM delivered SEMI JOIN repeated USING (pupil, term)
        WINDOW most AS (
            PARTITION BY pupil, school_unit, term
            ORDER BY offered DESC, list_position(['day', 'week', 'month', 'term'], length) DESC, measure
        )
    )
    WHERE place = 1 OR last_day < most_from OR first_day > most_to
    GROUP BY ALL
)
SELECT pupil, term, school_unit, stage, sex, home_municipality, offered, reported, attended, coalesce(valid, 0) AS valid, coalesce(invalid, 0) AS invalid
FROM delivered ANTI JOIN repeated USING (pupil, term)
UNION ALL
SELECT
    pupil, term, max_by(school_unit, (offered, school_unit)), max_by(stage, (offered, school_unit)), max(sex),
    max_by(home_municipality, (offered, school_unit)), sum(offered), sum(reported), sum(attended), sum(coalesce(valid, 0)), sum(coalesce(invalid, 0))
FROM apart
GROUP BY pupil, term;

-- The same with period, school and facts, read by two families.
CREATE TEMP TABLE places AS
WITH named AS (
    SELECT
        term, CASE WHEN term % 2 = 1 THEN 'HT ' ELSE 'VT ' END || (term // 2) AS period, starting_year(term // 2 + term % 2) AS school_year,
        CASE WHEN term % 2 = 1 THEN make_date(term // 2, 12, 31) ELSE make_date(term // 2, 6, 30) END AS last_day
    FROM (SELECT DISTINCT term FROM pupil_terms)
)
SELECT school_unit, term, period, last_day, school_year, municipality, provider, coalesce(models, '') AS models
FROM (SELECT DISTINCT school_unit, term FROM pupil_terms)
JOIN named USING (term)
JOIN school_in_year USING (school_unit, school_year)
JOIN members ON members.code = municipality
LEFT JOIN models_in_year USING (school_unit, school_year);

CREATE TEMP TABLE placed_terms AS
SELECT
    pupil, term, school_unit, period, last_day, municipality AS school_municipality,
    coalesce(pupil_terms.home_municipality, facts.home_municipality, '') AS home_municipality, provider, coalesce(stage, 'stage_unknown') AS stage,
    models, coalesce(pupil_terms.sex, facts.sex, '') AS sex, foreign_word(foreign_background) AS foreign_background,
    education_word(parents_education) AS parents_education, newly_word(newly_arrived) AS newly_arrived, offered, reported, attended,
    valid + invalid AS absent,
    -- A pupil on the limit has reached it, whatever the last decimal of a sum of fractions says.
    (valid + invalid) / offered + 1e-10 AS share, invalid / offered + 1e-10 AS unexcused
FROM pupil_terms
JOIN places USING (school_unit, term)
LEFT JOIN facts USING (pupil, school_year);

-- Final grades of year 9: each subject's best, and what is passed.
CREATE TEMP TABLE counted AS
WITH grades AS (
    SELECT
        coalesce(now_called.pupil, given.pupil) AS pupil, school_year, min(school_unit) AS school_unit,
        min_by(sex, school_unit) AS sex, min_by(home_municipality, school_unit) AS home_municipality,
        min_by(foreign_background, school_unit) AS foreign_background, min_by(parents_education, school_unit) AS parents_education,
        min_by(newly_arrived, school_unit) AS newly_arrived,
        max(greatest(digit_of(grade_sv), digit_of(grade_sva))) AS sv, max(digit_of(grade_en)) AS en, max(digit_of(grade_ma)) AS ma,
        max(digit_of(grade_ge)) AS ge, max(digit_of(grade_hi)) AS hi, max(digit_of(grade_re)) AS re, max(digit_of(grade_sh)) AS sh,
        max(digit_of(grade_bi)) AS bi, max(digit_of(grade_fy)) AS fy, max(digit_of(grade_ke)) AS ke, max(digit_of(grade_m1)) AS m1,
        max(digit_of(grade_m2)) AS m2, max(digit_of(grade_bl)) AS bl, max(digit_of(grade_hkk)) AS hkk, max(digit_of(grade_idh)) AS idh,
        max(digit_of(grade_ml)) AS ml, max(digit_of(grade_mu)) AS mu, max(digit_of(grade_no)) AS nature, max(digit_of(grade_so)) AS society,
        max(digit_of(grade_sl)) AS sl, max(digit_of(grade_tk)) AS tk, max(digit_of(grade_da)) AS da, max(digit_of(grade_tn)) AS tn
    FROM year9_grades AS given LEFT JOIN now_called ON old_pupil = given.pupil
    WHERE coalesce(grading_system, 'goal_related') = 'goal_related'
    GROUP BY ALL
),
tallied AS (
    SELECT
        pupil, school_year, school_unit, sex, home_municipality, foreign_background, parents_education, newly_arrived,
        CAST(left(school_year, 4) AS INTEGER) + 1 AS spring,
        coalesce(sv, 0) + coalesce(en, 0) + coalesce(ma, 0) AS core_grades,
        coalesce(ge, 0) + coalesce(hi, 0) + coalesce(re, 0) + coalesce(sh, 0) AS society_grades,
        coalesce(bi, 0) + coalesce(fy, 0) + coalesce(ke, 0) AS science_grades,
        coalesce(m2, 0) + coalesce(bl, 0) + coalesce(hkk, 0) + coalesce(idh, 0) + coalesce(ml, 0) + coalesce(mu, 0) + coalesce(nature, 0)
            + coalesce(society, 0) + coalesce(sl, 0) + coalesce(tk, 0) + coalesce(da, 0) + coalesce(tn, 0) AS further_grades,
        coalesce(m1, 0) AS language_choice
    FROM grades
)
SELECT
    pupil, school_year, school_unit, sex, home_municipality, foreign_background, parents_education, newly_arrived, spring, language_choice,
    passes_of(core_grades) = 3 AS core, passes_of(society_grades) = 4 AS all_society, passes_of(science_grades) = 3 AS all_science,
    core_grades + society_grades + science_grades + further_grades AS without_choice,
    passes_of(society_grades + science_grades + further_grades + language_choice) AS other_passes
FROM tallied;
