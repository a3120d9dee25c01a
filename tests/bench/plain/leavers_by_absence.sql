-- Year 9 by absence in year 8 (years 7-9, the school year before) and year 6 (years 4-6, three before). Unknown is with the lowest.
WITH yearly AS (
    SELECT pupil, term // 2 + term % 2 AS spring, coalesce(stage, 'stage_unknown') AS stage, sum(valid + invalid) / sum(offered) + 1e-10 AS share
    FROM pupil_terms
    GROUP BY ALL
),
pupils AS (
    SELECT
        counted.*, schools.municipality, schools.provider, models_in_year.models, facts.home_municipality AS fact_home, facts.sex AS fact_sex,
        facts.foreign_background AS fact_foreign, facts.parents_education AS fact_education, facts.newly_arrived AS fact_newly,
        coalesce(core AND other_passes >= 5, FALSE) AS eligible,
        before.share AS year8, earlier.share AS year6,
        max(before.share) OVER same_year IS NOT NULL AS told8,
        max(earlier.share) OVER same_year IS NOT NULL AS told6
    FROM counted
    JOIN school_in_year AS schools USING (school_unit, school_year)
    JOIN members ON members.code = schools.municipality
    LEFT JOIN models_in_year USING (school_unit, school_year)
    LEFT JOIN facts USING (pupil, school_year)
    LEFT JOIN yearly AS before ON before.pupil = counted.pupil AND before.spring = counted.spring - 1 AND before.stage = '7-9'
    LEFT JOIN yearly AS earlier ON earlier.pupil = counted.pupil AND earlier.spring = counted.spring - 3 AND earlier.stage = '4-6'
    WINDOW same_year AS (PARTITION BY counted.spring)
)
SELECT
    school_year AS period, municipality AS school_municipality, coalesce(home_municipality, fact_home, '') AS home_municipality, provider,
    '7-9' AS stage, coalesce(models, '') AS models, coalesce(sex, fact_sex, '') AS sex, foreign_word(coalesce(foreign_background, fact_foreign)) AS foreign_background,
    education_word(coalesce(parents_education, fact_education)) AS parents_education, newly_word(coalesce(newly_arrived, fact_newly)) AS newly_arrived,
    yes(told8 AND NOT coalesce(year8 >= 0.10, FALSE)) AS eligible_after_year8_absence_under_10__denominator, yes(told8 AND NOT coalesce(year8 >= 0.10, FALSE) AND eligible) AS eligible_after_year8_absence_under_10__numerator,
    yes(year8 >= 0.10 AND year8 < 0.20) AS eligible_after_year8_absence_10_to_20__denominator, yes(year8 >= 0.10 AND year8 < 0.20 AND eligible) AS eligible_after_year8_absence_10_to_20__numerator,
    yes(year8 >= 0.20) AS eligible_after_year8_absence_20__denominator, yes(year8 >= 0.20 AND eligible) AS eligible_after_year8_absence_20__numerator,
    yes(told6 AND NOT coalesce(year6 >= 0.10, FALSE)) AS eligible_after_year6_absence_under_10__denominator, yes(told6 AND NOT coalesce(year6 >= 0.10, FALSE) AND eligible) AS eligible_after_year6_absence_under_10__numerator,
    yes(year6 >= 0.10) AS eligible_after_year6_absence_10__denominator, yes(year6 >= 0.10 AND eligible) AS eligible_after_year6_absence_10__numerator,
    yes(told8) AS year8_absence_found__denominator, yes(told8 AND year8 IS NOT NULL) AS year8_absence_found__numerator,
    yes(told6) AS year6_absence_found__denominator, yes(told6 AND year6 IS NOT NULL) AS year6_absence_found__numerator,
    count(*) AS contributors, min(school_unit) AS school_first, max(school_unit) AS school_last
FROM pupils
GROUP BY ALL
ORDER BY ALL
