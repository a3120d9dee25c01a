-- Year 9 in joined members: eligibility of pupils known to social services and of the others.
WITH pupils AS (
    SELECT
        counted.*, schools.municipality, schools.provider, models_in_year.models, facts.home_municipality AS fact_home, facts.sex AS fact_sex,
        facts.foreign_background AS fact_foreign, facts.parents_education AS fact_education, facts.newly_arrived AS fact_newly,
        coalesce(core AND other_passes >= 5, FALSE) AS eligible,
        coalesce(since <= make_date(counted.spring, 6, 30), FALSE) AS joined,
        coalesce(first_report <= make_date(counted.spring, 6, 30), FALSE) AS known
    FROM counted
    JOIN school_in_year AS schools USING (school_unit, school_year)
    JOIN members ON members.code = schools.municipality
    LEFT JOIN models_in_year USING (school_unit, school_year)
    LEFT JOIN facts USING (pupil, school_year)
    LEFT JOIN joined_since ON joined_since.municipality = schools.municipality
    LEFT JOIN first_reports ON first_reports.pupil = counted.pupil
)
SELECT
    school_year AS period, municipality AS school_municipality, coalesce(home_municipality, fact_home, '') AS home_municipality, provider,
    '7-9' AS stage, coalesce(models, '') AS models, coalesce(sex, fact_sex, '') AS sex, foreign_word(coalesce(foreign_background, fact_foreign)) AS foreign_background,
    education_word(coalesce(parents_education, fact_education)) AS parents_education, newly_word(coalesce(newly_arrived, fact_newly)) AS newly_arrived,
    yes(joined AND known) AS eligibility_known_to_social_services__denominator, yes(joined AND known AND eligible) AS eligibility_known_to_social_services__numerator,
    yes(joined AND NOT known) AS eligibility_not_known_to_social_services__denominator, yes(joined AND NOT known AND eligible) AS eligibility_not_known_to_social_services__numerator,
    count(*) AS contributors, min(school_unit) AS school_first, max(school_unit) AS school_last
FROM pupils
GROUP BY ALL
ORDER BY ALL
