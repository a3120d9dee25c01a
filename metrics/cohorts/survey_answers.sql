-- One row per answer to a school's survey; answers are anonymous, so nobody is followed from year to year.
-- Years: school_survey 0
SELECT
    concat_ws('/', answers.school_unit, answers.school_year, answers.answer) AS contributors,
    answers.school_year AS period,
    answers.school_unit,
    units.municipality AS school_municipality,
    '' AS home_municipality,
    units.provider,
    answers.stage,
    coalesce(school_models.models, '') AS models,
    coalesce(answers.sex, '') AS sex,
    'foreign_background_unknown' AS foreign_background,
    'parents_education_unknown' AS parents_education,
    'newly_arrived_unknown' AS newly_arrived,
    answers.feels_safe,
    answers.study_peace
FROM school_survey AS answers
JOIN units_by_year AS units
    ON units.school_unit = answers.school_unit
    AND units.school_year = answers.school_year
LEFT JOIN school_models
    ON school_models.school_unit = answers.school_unit
    AND school_models.school_year = answers.school_year
