-- What several families need: who a pseudonym is now, where a school lies, which models it has, facts, enrolments, joins.
CREATE TEMP MACRO starting_year(spring) AS printf('%d/%02d', spring - 1, spring % 100);
CREATE TEMP MACRO spring_of(day) AS year(day) + CASE WHEN month(day) >= 7 THEN 1 ELSE 0 END;
CREATE TEMP MACRO foreign_word(flag) AS CASE WHEN flag THEN 'foreign' WHEN NOT flag THEN 'swedish' ELSE 'foreign_background_unknown' END;
CREATE TEMP MACRO newly_word(flag) AS CASE WHEN flag THEN 'newly_arrived' WHEN NOT flag THEN 'not_newly_arrived' ELSE 'newly_arrived_unknown' END;
CREATE TEMP MACRO education_word(code) AS coalesce(code, 'parents_education_unknown');
CREATE TEMP MACRO minutes_of(measure) AS CASE measure WHEN 'hours' THEN 60 WHEN 'lessons' THEN 60 WHEN 'days' THEN 300 ELSE 1 END;
CREATE TEMP MACRO points_of(grade) AS CASE grade WHEN 'A' THEN 20 WHEN 'B' THEN 17.5 WHEN 'C' THEN 15 WHEN 'D' THEN 12.5 WHEN 'E' THEN 10 ELSE CASE WHEN grade IS NOT NULL THEN 0 END END;

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
