-- The municipal activity responsibility (KAA): how each registered young person stood at the end of the school year.
WITH registered AS (
    SELECT
        coalesce(now_called.pupil, given.pupil) AS pupil, school_year, max_by(home_municipality, registered) AS home, max(sex) AS sex,
        bool_or(deregistered IS NULL) AS still_there, max_by(coalesce(reason, 'other'), deregistered) AS last_reason,
        bool_or(took_part) AS took_part, count(took_part) > 0 AS participation_known
    FROM activity_responsibility AS given LEFT JOIN now_called ON old_pupil = given.pupil
    GROUP BY ALL
)
SELECT
    school_year AS period, '' AS school_municipality, home AS home_municipality, '' AS provider, 'all' AS stage, '' AS models,
    coalesce(registered.sex, facts.sex, '') AS sex, foreign_word(foreign_background) AS foreign_background,
    education_word(parents_education) AS parents_education, newly_word(newly_arrived) AS newly_arrived,
    1 AS activity_left_for_national_programme__denominator, yes(NOT still_there AND last_reason = 'national_programme') AS activity_left_for_national_programme__numerator,
    1 AS activity_left_moved__denominator, yes(NOT still_there AND last_reason = 'moved') AS activity_left_moved__numerator,
    yes(participation_known) AS activity_took_part__denominator, yes(took_part) AS activity_took_part__numerator,
    count(*) AS contributors, '' AS school_first, '' AS school_last
FROM registered
SEMI JOIN members ON members.code = registered.home
LEFT JOIN facts USING (pupil, school_year)
GROUP BY ALL
ORDER BY ALL
