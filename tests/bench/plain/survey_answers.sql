-- Safety and study peace: anonymous answers, of those who answered the question.
SELECT
    school_year AS period, municipality AS school_municipality, '' AS home_municipality, provider, stage, coalesce(models, '') AS models, coalesce(sex, '') AS sex,
    'foreign_background_unknown' AS foreign_background, 'parents_education_unknown' AS parents_education, 'newly_arrived_unknown' AS newly_arrived,
    yes(feels_safe <> 'unknown') AS feels_safe__denominator, yes(feels_safe IN ('agree_fully', 'agree_mostly')) AS feels_safe__numerator,
    yes(study_peace <> 'unknown') AS study_peace__denominator, yes(study_peace IN ('agree_fully', 'agree_mostly')) AS study_peace__numerator,
    count(*) AS contributors, min(school_unit) AS school_first, max(school_unit) AS school_last
FROM school_survey
JOIN school_in_year USING (school_unit, school_year)
SEMI JOIN members ON members.code = school_in_year.municipality
LEFT JOIN models_in_year USING (school_unit, school_year)
GROUP BY ALL
ORDER BY ALL
