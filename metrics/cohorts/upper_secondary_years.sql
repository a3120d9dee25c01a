-- One row per pupil and school year in upper secondary school on 15 October: programme, study year and school.
-- Years: upper_secondary_enrolment 0
WITH enrolled AS (
    SELECT
        coalesce(identity.pupil, rows.pupil) AS pupil,
        rows.school_year,
        CAST(substr(rows.school_year, 1, 4) AS INTEGER) + 1 AS spring,
        rows.school_unit,
        CASE
            WHEN rows.school_form = 'adapted' THEN 'adapted'
            WHEN upper(rows.programme) LIKE 'IMV%' THEN 'choice'
            WHEN upper(rows.programme) LIKE 'IMY%' THEN 'vocational'
            WHEN upper(rows.programme) LIKE 'IMS%' THEN 'language'
            WHEN upper(rows.programme) LIKE 'IM%' THEN 'individual'
            WHEN upper(rows.programme) LIKE 'IB%' THEN 'international_baccalaureate'
            ELSE 'national'
        END AS programme_type,
        rows.study_year,
        rows.home_municipality,
        rows.sex,
        coalesce(rows.has_personal_number, TRUE) AS has_personal_number,
        rows.foreign_background,
        rows.parents_education,
        rows.newly_arrived
    FROM upper_secondary_enrolment AS rows
    LEFT JOIN pupil_identity AS identity
        ON identity.old_pupil = rows.pupil
),
-- Nearly every pupil has one row a year; only the others need to be compared.
several AS (
    SELECT
        pupil,
        school_year
    FROM enrolled
    GROUP BY
        pupil,
        school_year
    HAVING count(*) > 1
)
SELECT
    pupil,
    school_year,
    spring,
    school_unit,
    programme_type,
    study_year,
    home_municipality,
    sex,
    has_personal_number,
    foreign_background,
    parents_education,
    newly_arrived
FROM enrolled
ANTI JOIN several USING (pupil, school_year)
UNION ALL
SELECT
    pupil,
    school_year,
    any_value(spring) AS spring,
    min(school_unit) AS school_unit,
    arg_min(programme_type, (school_unit, programme_type, study_year, home_municipality)) AS programme_type,
    arg_min(study_year, (school_unit, programme_type, study_year, home_municipality)) AS study_year,
    arg_min(home_municipality, (school_unit, programme_type, study_year, home_municipality)) AS home_municipality,
    max(sex) AS sex,
    bool_and(has_personal_number) AS has_personal_number,
    max(foreign_background) AS foreign_background,
    max(parents_education) AS parents_education,
    max(newly_arrived) AS newly_arrived
FROM enrolled
SEMI JOIN several USING (pupil, school_year)
GROUP BY
    pupil,
    school_year
