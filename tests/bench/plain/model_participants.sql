-- The work of the models: the first case a pupil has in a school year, from signal to contact and from contact to completed.
WITH cases AS (
    SELECT given.* REPLACE (coalesce(now_called.pupil, given.pupil) AS pupil), spring_of(started) AS spring
    FROM model_participation AS given LEFT JOIN now_called ON old_pupil = given.pupil
),
seen AS (
    SELECT
        cases.*, starting_year(spring) AS school_year, coalesce(schools.municipality, '') AS municipality, coalesce(schools.provider, '') AS provider,
        coalesce(observed_to, max(greatest(started, first_contact, ended)) OVER (PARTITION BY coalesce(schools.municipality, ''))) AS seen_to,
        row_number() OVER (PARTITION BY pupil, spring ORDER BY started, instance, home_school_unit) AS number
    FROM cases
    LEFT JOIN school_in_year AS schools ON schools.school_unit = cases.home_school_unit AND schools.school_year = starting_year(cases.spring)
),
pupils AS (
    SELECT
        seen.*, models_in_year.models, coalesce(seen.home_municipality, facts.home_municipality, '') AS home, coalesce(seen.sex, facts.sex, '') AS known_sex,
        coalesce(seen.foreign_background, facts.foreign_background) AS known_foreign,
        coalesce(seen.parents_education, facts.parents_education) AS known_education, coalesce(seen.newly_arrived, facts.newly_arrived) AS known_newly,
        signal_date <= coalesce(first_contact, seen_to) AS signalled, seen_to - signal_date AS signal_seen,
        coalesce(first_contact <= seen_to AND first_contact <= coalesce(ended, first_contact), FALSE) AS met,
        first_contact - signal_date AS wait, seen_to - first_contact AS contact_seen, ended - first_contact AS support_days,
        coalesce(ended <= seen_to AND end_reason = 'completed', FALSE) AS completed
    FROM seen
    SEMI JOIN members ON members.code = seen.municipality
    LEFT JOIN models_in_year ON models_in_year.school_unit = seen.home_school_unit AND models_in_year.school_year = seen.school_year
    LEFT JOIN facts ON facts.pupil = seen.pupil AND facts.school_year = seen.school_year
    WHERE number = 1
)
SELECT
    school_year AS period, municipality AS school_municipality, home AS home_municipality, provider, coalesce(stage, 'stage_unknown') AS stage,
    coalesce(models, '') AS models, known_sex AS sex, foreign_word(known_foreign) AS foreign_background,
    education_word(known_education) AS parents_education, newly_word(known_newly) AS newly_arrived,
    yes(signalled AND signal_seen >= 14) AS first_contact_within_14_days__denominator, yes(signalled AND signal_seen >= 14 AND met AND wait <= 14) AS first_contact_within_14_days__numerator,
    yes(signalled AND signal_seen >= 30) AS first_contact_within_30_days__denominator, yes(signalled AND signal_seen >= 30 AND met AND wait <= 30) AS first_contact_within_30_days__numerator,
    yes(signalled AND signal_seen >= 90) AS first_contact_within_90_days__denominator, yes(signalled AND signal_seen >= 90 AND met AND wait <= 90) AS first_contact_within_90_days__numerator,
    yes(met AND contact_seen >= 182) AS support_completed_within_182_days__denominator, yes(met AND contact_seen >= 182 AND completed AND support_days <= 182) AS support_completed_within_182_days__numerator,
    yes(met AND contact_seen >= 365) AS support_completed_within_365_days__denominator, yes(met AND contact_seen >= 365 AND completed AND support_days <= 365) AS support_completed_within_365_days__numerator,
    count(*) AS contributors, min(home_school_unit) AS school_first, max(home_school_unit) AS school_last
FROM pupils
GROUP BY ALL
ORDER BY ALL
