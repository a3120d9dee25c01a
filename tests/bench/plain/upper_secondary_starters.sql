-- Completion: who was in year 1 for the first time on 15 October, and what came of it within three, four and five years.
WITH starts AS (SELECT pupil, min(spring) AS spring FROM enrolled WHERE study_year = 1 GROUP BY pupil),
results AS (
    SELECT
        coalesce(now_called.pupil, given.pupil) AS pupil,
        min(outcome_date) FILTER (outcome LIKE 'diploma%') AS diploma, min(outcome_date) FILTER (outcome = 'certificate_2500') AS certificate,
        min(outcome_date) FILTER (outcome IN ('certificate_less', 'left')) AS gone
    FROM upper_secondary_outcome AS given LEFT JOIN now_called ON old_pupil = given.pupil
    GROUP BY ALL
),
years AS (
    SELECT
        pupil, min(enrolled.spring) FILTER (kind IN ('national', 'ib')) - any_value(starts.spring) AS to_national,
        list(enrolled.spring - starts.spring) AS there
    FROM starts JOIN enrolled USING (pupil)
    GROUP BY pupil
),
diplomas_until AS (
    SELECT municipality, provider, max(year(outcome_date)) AS spring
    FROM upper_secondary_outcome
    JOIN school_in_year ON school_in_year.school_unit = upper_secondary_outcome.school_unit AND school_year = starting_year(year(outcome_date))
    WHERE outcome <> 'left' AND month(outcome_date) IN (4, 5, 6)
    GROUP BY ALL
),
enrolled_until AS (SELECT home_municipality, max(spring) AS spring FROM enrolled GROUP BY ALL),
pupils AS (
    SELECT
        starts.pupil, starts.spring, first.school_year, first.school_unit, schools.municipality, schools.provider, models_in_year.models, first.kind, there,
        coalesce(first.home_municipality, facts.home_municipality, '') AS home, coalesce(first.sex, facts.sex, '') AS sex,
        coalesce(first.foreign_background, facts.foreign_background) AS foreign_background,
        coalesce(first.parents_education, facts.parents_education) AS parents_education,
        coalesce(first.newly_arrived, facts.newly_arrived) AS newly_arrived,
        first.kind IN ('national', 'ib') AS nat, first.kind NOT IN ('national', 'ib', 'adapted') AS im, has_number, diploma, certificate, gone,
        coalesce(to_national BETWEEN 1 AND 5, FALSE) AS changes, to_national,
        coalesce(diplomas_until.spring - starts.spring + 1, 0) AS outcome_years, coalesce(enrolled_until.spring - starts.spring, 0) AS enrolment_years
    FROM starts
    JOIN enrolled AS first USING (pupil, spring)
    JOIN years USING (pupil)
    LEFT JOIN results USING (pupil)
    LEFT JOIN school_in_year AS schools ON schools.school_unit = first.school_unit AND schools.school_year = first.school_year
    LEFT JOIN models_in_year ON models_in_year.school_unit = first.school_unit AND models_in_year.school_year = first.school_year
    LEFT JOIN facts ON facts.pupil = starts.pupil AND facts.school_year = first.school_year
    LEFT JOIN diplomas_until ON diplomas_until.municipality = schools.municipality AND diplomas_until.provider = schools.provider
    LEFT JOIN enrolled_until ON enrolled_until.home_municipality = coalesce(first.home_municipality, schools.municipality)
),
seen AS (
    SELECT
        *, kind <> 'adapted' AS alla,
        -- Without a personal identity number at the start, and IB from the measurement of 2021, nobody is counted.
        has_number AND outcome_years >= 3 AND NOT (kind = 'ib' AND spring + 2 >= 2021) AS c3,
        has_number AND outcome_years >= 4 AND NOT (kind = 'ib' AND spring + 3 >= 2021) AS c4,
        has_number AND outcome_years >= 5 AND NOT (kind = 'ib' AND spring + 4 >= 2021) AS c5,
        coalesce(diploma <= make_date(spring + 2, 6, 30), FALSE) AS d3, coalesce(certificate <= make_date(spring + 2, 6, 30), FALSE) AS s3,
        coalesce(diploma <= make_date(spring + 3, 6, 30), FALSE) AS d4, coalesce(certificate <= make_date(spring + 3, 6, 30), FALSE) AS s4,
        coalesce(diploma <= make_date(spring + 4, 6, 30), FALSE) AS d5, coalesce(certificate <= make_date(spring + 4, 6, 30), FALSE) AS s5,
        list_contains(there, 4) AS there4, coalesce(gone <= make_date(spring + 3, 10, 15), FALSE) AS gone4
    FROM pupils SEMI JOIN members ON members.code = pupils.home
),
found AS (
    SELECT
        *,
        -- Found again so many years on: a result by then, still there that October, or known to have left.
        coalesce(least(diploma, certificate) <= make_date(spring, 6, 30), FALSE) OR list_contains(there, 1) OR coalesce(gone <= make_date(spring, 10, 15), FALSE) AS f1,
        coalesce(least(diploma, certificate) <= make_date(spring + 1, 6, 30), FALSE) OR list_contains(there, 2) OR coalesce(gone <= make_date(spring + 1, 10, 15), FALSE) AS f2,
        d3 OR s3 OR list_contains(there, 3) OR coalesce(gone <= make_date(spring + 2, 10, 15), FALSE) AS f3,
        d4 OR s4 OR there4 OR gone4 AS f4,
        d5 OR s5 OR list_contains(there, 5) OR coalesce(gone <= make_date(spring + 4, 10, 15), FALSE) AS f5,
        has_number AND im AND outcome_years >= 1 AND enrolment_years >= 1 AS i1, has_number AND im AND outcome_years >= 2 AND enrolment_years >= 2 AS i2,
        c4 AND alla AND enrolment_years >= 4 AS after4
    FROM seen
)
SELECT
    school_year AS period, coalesce(municipality, '') AS school_municipality, home AS home_municipality, coalesce(provider, '') AS provider,
    CASE WHEN nat THEN 'national_programme' WHEN im THEN 'introductory_programme' ELSE 'adapted' END AS stage, coalesce(models, '') AS models, sex,
    foreign_word(foreign_background) AS foreign_background, education_word(parents_education) AS parents_education, newly_word(newly_arrived) AS newly_arrived,
    yes(c3 AND alla) AS diploma_within_3_years_all__denominator, yes(c3 AND alla AND d3) AS diploma_within_3_years_all__numerator,
    yes(c4 AND alla) AS diploma_within_4_years_all__denominator, yes(c4 AND alla AND d4) AS diploma_within_4_years_all__numerator,
    yes(c5 AND alla) AS diploma_within_5_years_all__denominator, yes(c5 AND alla AND d5) AS diploma_within_5_years_all__numerator,
    yes(c3 AND nat) AS diploma_within_3_years_national__denominator, yes(c3 AND nat AND d3) AS diploma_within_3_years_national__numerator,
    yes(c4 AND nat) AS diploma_within_4_years_national__denominator, yes(c4 AND nat AND d4) AS diploma_within_4_years_national__numerator,
    yes(c5 AND nat) AS diploma_within_5_years_national__denominator, yes(c5 AND nat AND d5) AS diploma_within_5_years_national__numerator,
    yes(c3 AND im) AS diploma_within_3_years_introductory__denominator, yes(c3 AND im AND d3) AS diploma_within_3_years_introductory__numerator,
    yes(c4 AND im) AS diploma_within_4_years_introductory__denominator, yes(c4 AND im AND d4) AS diploma_within_4_years_introductory__numerator,
    yes(c5 AND im) AS diploma_within_5_years_introductory__denominator, yes(c5 AND im AND d5) AS diploma_within_5_years_introductory__numerator,
    yes(c3 AND alla) AS diploma_or_certificate_within_3_years_all__denominator, yes(c3 AND alla AND (d3 OR s3)) AS diploma_or_certificate_within_3_years_all__numerator,
    yes(c4 AND alla) AS diploma_or_certificate_within_4_years_all__denominator, yes(c4 AND alla AND (d4 OR s4)) AS diploma_or_certificate_within_4_years_all__numerator,
    yes(c5 AND alla) AS diploma_or_certificate_within_5_years_all__denominator, yes(c5 AND alla AND (d5 OR s5)) AS diploma_or_certificate_within_5_years_all__numerator,
    yes(c3 AND nat) AS diploma_or_certificate_within_3_years_national__denominator, yes(c3 AND nat AND (d3 OR s3)) AS diploma_or_certificate_within_3_years_national__numerator,
    yes(c4 AND nat) AS diploma_or_certificate_within_4_years_national__denominator, yes(c4 AND nat AND (d4 OR s4)) AS diploma_or_certificate_within_4_years_national__numerator,
    yes(c5 AND nat) AS diploma_or_certificate_within_5_years_national__denominator, yes(c5 AND nat AND (d5 OR s5)) AS diploma_or_certificate_within_5_years_national__numerator,
    yes(c3 AND im) AS diploma_or_certificate_within_3_years_introductory__denominator, yes(c3 AND im AND (d3 OR s3)) AS diploma_or_certificate_within_3_years_introductory__numerator,
    yes(c4 AND im) AS diploma_or_certificate_within_4_years_introductory__denominator, yes(c4 AND im AND (d4 OR s4)) AS diploma_or_certificate_within_4_years_introductory__numerator,
    yes(c5 AND im) AS diploma_or_certificate_within_5_years_introductory__denominator, yes(c5 AND im AND (d5 OR s5)) AS diploma_or_certificate_within_5_years_introductory__numerator,
    yes(im AND has_number AND enrolment_years >= 1) AS introductory_to_national_within_1_years__denominator, yes(im AND has_number AND enrolment_years >= 1 AND changes AND to_national <= 1) AS introductory_to_national_within_1_years__numerator,
    yes(im AND has_number AND enrolment_years >= 2) AS introductory_to_national_within_2_years__denominator, yes(im AND has_number AND enrolment_years >= 2 AND changes AND to_national <= 2) AS introductory_to_national_within_2_years__numerator,
    yes(im AND has_number AND enrolment_years >= 3) AS introductory_to_national_within_3_years__denominator, yes(im AND has_number AND enrolment_years >= 3 AND changes AND to_national <= 3) AS introductory_to_national_within_3_years__numerator,
    yes(im AND has_number AND enrolment_years >= 4) AS introductory_to_national_within_4_years__denominator, yes(im AND has_number AND enrolment_years >= 4 AND changes AND to_national <= 4) AS introductory_to_national_within_4_years__numerator,
    yes(im AND has_number AND enrolment_years >= 5) AS introductory_to_national_within_5_years__denominator, yes(im AND has_number AND enrolment_years >= 5 AND changes) AS introductory_to_national_within_5_years__numerator,
    yes(after4) AS after_four_years_diploma__denominator, yes(after4 AND d4) AS after_four_years_diploma__numerator,
    yes(after4) AS after_four_years_certificate__denominator, yes(after4 AND s4 AND NOT d4) AS after_four_years_certificate__numerator,
    yes(after4) AS after_four_years_still_enrolled__denominator, yes(after4 AND there4 AND NOT d4 AND NOT s4) AS after_four_years_still_enrolled__numerator,
    yes(after4) AS after_four_years_left__denominator, yes(after4 AND gone4 AND NOT there4 AND NOT d4 AND NOT s4) AS after_four_years_left__numerator,
    yes(after4) AS after_four_years_unknown__denominator, yes(after4 AND NOT f4) AS after_four_years_unknown__numerator,
    yes(c3 AND alla AND enrolment_years >= 3) AS found_after_3_years_all__denominator, yes(c3 AND alla AND enrolment_years >= 3 AND f3) AS found_after_3_years_all__numerator,
    yes(c5 AND alla AND enrolment_years >= 5) AS found_after_5_years_all__denominator, yes(c5 AND alla AND enrolment_years >= 5 AND f5) AS found_after_5_years_all__numerator,
    yes(i1) AS found_after_1_years_introductory__denominator, yes(i1 AND f1) AS found_after_1_years_introductory__numerator,
    yes(i2) AS found_after_2_years_introductory__denominator, yes(i2 AND f2) AS found_after_2_years_introductory__numerator,
    yes(c3 AND im AND enrolment_years >= 3) AS found_after_3_years_introductory__denominator, yes(c3 AND im AND enrolment_years >= 3 AND f3) AS found_after_3_years_introductory__numerator,
    yes(c4 AND im AND enrolment_years >= 4) AS found_after_4_years_introductory__denominator, yes(c4 AND im AND enrolment_years >= 4 AND f4) AS found_after_4_years_introductory__numerator,
    yes(c5 AND im AND enrolment_years >= 5) AS found_after_5_years_introductory__denominator, yes(c5 AND im AND enrolment_years >= 5 AND f5) AS found_after_5_years_introductory__numerator,
    count(*) AS contributors, min(school_unit) AS school_first, max(school_unit) AS school_last
FROM found
GROUP BY ALL
ORDER BY ALL
