-- After upper secondary school: work or study one, two, three and five years on. Who is back the next October has not left.
WITH ends AS (
    SELECT
        coalesce(now_called.pupil, given.pupil) AS pupil, spring_of(outcome_date) AS spring, max_by(school_unit, (outcome_date, outcome, school_unit)) AS school_unit,
        max_by(home_municipality, (outcome_date, outcome, school_unit)) AS home_municipality, max(sex) AS sex, bool_or(outcome LIKE 'diploma%') AS diploma
    FROM upper_secondary_outcome AS given LEFT JOIN now_called ON old_pupil = given.pupil
    GROUP BY ALL
),
leavers AS (
    SELECT ends.* FROM ends LEFT JOIN enrolled AS again ON again.pupil = ends.pupil AND again.spring = ends.spring + 1
    WHERE diploma OR again.pupil IS NULL
),
statuses AS (
    SELECT coalesce(now_called.pupil, given.pupil) AS pupil, calendar_year, min(status) AS status
    FROM after_upper_secondary AS given LEFT JOIN now_called ON old_pupil = given.pupil
    GROUP BY ALL
),
followed AS (
    SELECT
        pupil, spring, max(status) FILTER (calendar_year = spring + 1) AS s1, max(status) FILTER (calendar_year = spring + 2) AS s2,
        max(status) FILTER (calendar_year = spring + 3) AS s3, max(status) FILTER (calendar_year = spring + 5) AS s5
    FROM leavers JOIN statuses USING (pupil)
    GROUP BY ALL
),
pupils AS (
    SELECT
        leavers.*, last.kind, s1, s2, s3, s5, starting_year(leavers.spring) AS school_year, schools.municipality, schools.provider, models_in_year.models,
        coalesce(last.home_municipality, leavers.home_municipality, '') AS home, coalesce(last.sex, leavers.sex, '') AS known_sex,
        last.foreign_background, last.parents_education, last.newly_arrived,
        (SELECT max(calendar_year) FROM after_upper_secondary) - leavers.spring AS years,
        coalesce(last.kind, 'national') <> 'adapted' AS ordinary
    FROM leavers
    ASOF LEFT JOIN enrolled AS last ON last.pupil = leavers.pupil AND last.spring <= leavers.spring
    LEFT JOIN followed ON followed.pupil = leavers.pupil AND followed.spring = leavers.spring
    LEFT JOIN school_in_year AS schools ON schools.school_unit = leavers.school_unit AND schools.school_year = starting_year(leavers.spring)
    LEFT JOIN models_in_year ON models_in_year.school_unit = leavers.school_unit AND models_in_year.school_year = starting_year(leavers.spring)
)
SELECT
    school_year AS period, coalesce(municipality, '') AS school_municipality, home AS home_municipality, coalesce(provider, '') AS provider,
    CASE WHEN coalesce(kind, 'national') IN ('national', 'ib') THEN 'national_programme' WHEN kind = 'adapted' THEN 'adapted' ELSE 'introductory_programme' END AS stage,
    coalesce(models, '') AS models, known_sex AS sex, foreign_word(foreign_background) AS foreign_background,
    education_word(parents_education) AS parents_education, newly_word(newly_arrived) AS newly_arrived,
    yes(ordinary AND years >= 1 AND diploma AND s1 <> 'not_resident') AS work_or_study_after_1_years_with_diploma__denominator, yes(ordinary AND years >= 1 AND diploma AND s1 IN ('working', 'studying', 'working_and_studying')) AS work_or_study_after_1_years_with_diploma__numerator,
    yes(ordinary AND years >= 2 AND diploma AND s2 <> 'not_resident') AS work_or_study_after_2_years_with_diploma__denominator, yes(ordinary AND years >= 2 AND diploma AND s2 IN ('working', 'studying', 'working_and_studying')) AS work_or_study_after_2_years_with_diploma__numerator,
    yes(ordinary AND years >= 3 AND diploma AND s3 <> 'not_resident') AS work_or_study_after_3_years_with_diploma__denominator, yes(ordinary AND years >= 3 AND diploma AND s3 IN ('working', 'studying', 'working_and_studying')) AS work_or_study_after_3_years_with_diploma__numerator,
    yes(ordinary AND years >= 5 AND diploma AND s5 <> 'not_resident') AS work_or_study_after_5_years_with_diploma__denominator, yes(ordinary AND years >= 5 AND diploma AND s5 IN ('working', 'studying', 'working_and_studying')) AS work_or_study_after_5_years_with_diploma__numerator,
    yes(ordinary AND years >= 1 AND NOT diploma AND s1 <> 'not_resident') AS work_or_study_after_1_years_without_diploma__denominator, yes(ordinary AND years >= 1 AND NOT diploma AND s1 IN ('working', 'studying', 'working_and_studying')) AS work_or_study_after_1_years_without_diploma__numerator,
    yes(ordinary AND years >= 2 AND NOT diploma AND s2 <> 'not_resident') AS work_or_study_after_2_years_without_diploma__denominator, yes(ordinary AND years >= 2 AND NOT diploma AND s2 IN ('working', 'studying', 'working_and_studying')) AS work_or_study_after_2_years_without_diploma__numerator,
    yes(ordinary AND years >= 3 AND NOT diploma AND s3 <> 'not_resident') AS work_or_study_after_3_years_without_diploma__denominator, yes(ordinary AND years >= 3 AND NOT diploma AND s3 IN ('working', 'studying', 'working_and_studying')) AS work_or_study_after_3_years_without_diploma__numerator,
    yes(ordinary AND years >= 5 AND NOT diploma AND s5 <> 'not_resident') AS work_or_study_after_5_years_without_diploma__denominator, yes(ordinary AND years >= 5 AND NOT diploma AND s5 IN ('working', 'studying', 'working_and_studying')) AS work_or_study_after_5_years_without_diploma__numerator,
    yes(ordinary AND years >= 2) AS two_years_after_work__denominator, yes(ordinary AND years >= 2 AND s2 = 'working') AS two_years_after_work__numerator,
    yes(ordinary AND years >= 2) AS two_years_after_study__denominator, yes(ordinary AND years >= 2 AND s2 = 'studying') AS two_years_after_study__numerator,
    yes(ordinary AND years >= 2) AS two_years_after_work_and_study__denominator, yes(ordinary AND years >= 2 AND s2 = 'working_and_studying') AS two_years_after_work_and_study__numerator,
    yes(ordinary AND years >= 2) AS two_years_after_neither__denominator, yes(ordinary AND years >= 2 AND s2 = 'neither') AS two_years_after_neither__numerator,
    yes(ordinary AND years >= 2) AS two_years_after_unknown__denominator, yes(ordinary AND years >= 2 AND (s2 IS NULL OR s2 = 'not_resident')) AS two_years_after_unknown__numerator,
    yes(ordinary AND years >= 1) AS status_known_after_1_years__denominator, yes(ordinary AND years >= 1 AND s1 IS NOT NULL) AS status_known_after_1_years__numerator,
    yes(ordinary AND years >= 2) AS status_known_after_2_years__denominator, yes(ordinary AND years >= 2 AND s2 IS NOT NULL) AS status_known_after_2_years__numerator,
    yes(ordinary AND years >= 3) AS status_known_after_3_years__denominator, yes(ordinary AND years >= 3 AND s3 IS NOT NULL) AS status_known_after_3_years__numerator,
    yes(ordinary AND years >= 5) AS status_known_after_5_years__denominator, yes(ordinary AND years >= 5 AND s5 IS NOT NULL) AS status_known_after_5_years__numerator,
    count(*) AS contributors, min(school_unit) AS school_first, max(school_unit) AS school_last
FROM pupils SEMI JOIN members ON members.code = pupils.home
GROUP BY ALL
ORDER BY ALL
