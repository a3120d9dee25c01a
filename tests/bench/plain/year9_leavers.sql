-- Year 9: eligibility, merit value and the autumn after.
WITH registered AS (
    SELECT coalesce(now_called.pupil, given.pupil) AS pupil, school_year, bool_and(coalesce(reason = 'moved', FALSE)) AS moved
    FROM activity_responsibility AS given LEFT JOIN now_called ON old_pupil = given.pupil
    WHERE registered <= make_date(CAST(left(school_year, 4) AS INTEGER), 12, 31)
        AND (coalesce(deregistered, DATE '9999-12-31') >= make_date(CAST(left(school_year, 4) AS INTEGER), 10, 15) OR reason = 'moved')
    GROUP BY ALL
),
told AS (SELECT DISTINCT home_municipality, spring FROM enrolled),
pupils AS (
    SELECT
        counted.*, schools.municipality, schools.provider, models_in_year.models, facts.home_municipality AS fact_home, facts.sex AS fact_sex,
        facts.foreign_background AS fact_foreign, facts.parents_education AS fact_education, facts.newly_arrived AS fact_newly,
        passes_of(without_choice + language_choice) > 0 AS any_passed, (without_choice + language_choice) % 64 > 0 AS any_failed,
        best_sixteen(without_choice + language_choice) AS merit_16,
        best_sixteen(without_choice) + best_sixteen(language_choice) AS merit_17,
        told.spring IS NOT NULL AS seen,
        CASE
            WHEN enrolled.kind = 'ib' THEN 'national'
            WHEN enrolled.kind IS NOT NULL THEN enrolled.kind
            WHEN registered.moved THEN 'moved'
            WHEN registered.pupil IS NOT NULL THEN 'kaa'
            ELSE 'unknown'
        END AS next
    FROM counted
    JOIN school_in_year AS schools USING (school_unit, school_year)
    JOIN members ON members.code = schools.municipality
    LEFT JOIN models_in_year USING (school_unit, school_year)
    LEFT JOIN facts USING (pupil, school_year)
    LEFT JOIN enrolled ON enrolled.pupil = counted.pupil AND enrolled.spring = counted.spring + 1
    LEFT JOIN registered ON registered.pupil = counted.pupil AND registered.school_year = starting_year(counted.spring + 1)
    LEFT JOIN told ON told.home_municipality = schools.municipality AND told.spring = counted.spring + 1
)
SELECT
    school_year AS period, municipality AS school_municipality, coalesce(home_municipality, fact_home, '') AS home_municipality, provider,
    '7-9' AS stage, coalesce(models, '') AS models, coalesce(sex, fact_sex, '') AS sex, foreign_word(coalesce(foreign_background, fact_foreign)) AS foreign_background,
    education_word(coalesce(parents_education, fact_education)) AS parents_education, newly_word(coalesce(newly_arrived, fact_newly)) AS newly_arrived,
    1 AS eligibility_vocational__denominator, yes(core AND other_passes >= 5) AS eligibility_vocational__numerator,
    1 AS eligibility_arts__denominator, yes(core AND other_passes >= 9) AS eligibility_arts__numerator,
    1 AS eligibility_social_sciences__denominator, yes(core AND all_society AND other_passes >= 4 + 5) AS eligibility_social_sciences__numerator,
    1 AS eligibility_science_technology__denominator, yes(core AND all_science AND other_passes >= 3 + 6) AS eligibility_science_technology__numerator,
    1 AS all_subjects_passed__denominator, yes(any_passed AND NOT any_failed) AS all_subjects_passed__numerator,
    yes(any_passed) AS merit_value_16__denominator,
    yes(any_passed) AS merit_value_17__denominator,
    yes(seen) AS next_step_national__denominator, yes(seen AND next = 'national') AS next_step_national__numerator,
    yes(seen) AS next_step_choice__denominator, yes(seen AND next = 'choice') AS next_step_choice__numerator,
    yes(seen) AS next_step_vocational__denominator, yes(seen AND next = 'vocational') AS next_step_vocational__numerator,
    yes(seen) AS next_step_individual__denominator, yes(seen AND next = 'individual') AS next_step_individual__numerator,
    yes(seen) AS next_step_language__denominator, yes(seen AND next = 'language') AS next_step_language__numerator,
    yes(seen) AS next_step_adapted__denominator, yes(seen AND next = 'adapted') AS next_step_adapted__numerator,
    yes(seen) AS next_step_activity_responsibility__denominator, yes(seen AND next = 'kaa') AS next_step_activity_responsibility__numerator,
    yes(seen) AS next_step_moved__denominator, yes(seen AND next = 'moved') AS next_step_moved__numerator,
    yes(seen) AS next_step_unknown__denominator, yes(seen AND next = 'unknown') AS next_step_unknown__numerator,
    count(*) AS contributors, min(school_unit) AS school_first, max(school_unit) AS school_last,
    coalesce(sum(merit_16) FILTER (any_passed), 0) AS merit_value_16__sum, coalesce(sum(merit_16 * merit_16) FILTER (any_passed), 0) AS merit_value_16__sum_squares, coalesce(max(merit_16) FILTER (any_passed), 0) AS merit_value_16__largest,
    coalesce(sum(merit_17) FILTER (any_passed), 0) AS merit_value_17__sum, coalesce(sum(merit_17 * merit_17) FILTER (any_passed), 0) AS merit_value_17__sum_squares, coalesce(max(merit_17) FILTER (any_passed), 0) AS merit_value_17__largest
FROM pupils
GROUP BY ALL
ORDER BY ALL
