-- One row per pupil who started upper secondary school: her first 15 October in year 1, and what came of it.
-- Years: upper_secondary_years to 5; upper_secondary_outcome to 5; pupil_background 0; enrolment_reach reach; outcome_reach reach
WITH enrolled AS (
    SELECT
        pupil,
        min(spring) FILTER (WHERE study_year = 1) AS spring,
        min(spring) FILTER (WHERE programme_type IN ('national', 'international_baccalaureate')) AS national_spring,
        -- A bit per spring from 1990, the first that a delivery may have, with her there on 15 October before.
        bit_or(CAST(1 AS BIGINT) << (spring - 1990)) AS springs
    FROM upper_secondary_years
    GROUP BY
        pupil
),
starts AS (
    SELECT
        pupil,
        spring,
        national_spring - spring AS years_to_national,
        CAST((springs >> (spring - 1990)) & 63 AS INTEGER) AS enrolled_after
    FROM enrolled
    WHERE spring IS NOT NULL
),
results AS (
    SELECT
        coalesce(identity.pupil, outcomes.pupil) AS pupil,
        min(outcomes.outcome_date) FILTER (WHERE outcomes.outcome IN ('diploma_vocational', 'diploma_preparatory')) AS diploma,
        min(outcomes.outcome_date) FILTER (WHERE outcomes.outcome = 'certificate_2500') AS certificate,
        min(outcomes.outcome_date) FILTER (WHERE outcomes.outcome IN ('certificate_less', 'left')) AS left_without
    FROM upper_secondary_outcome AS outcomes
    LEFT JOIN pupil_identity AS identity
        ON identity.old_pupil = outcomes.pupil
    GROUP BY
        coalesce(identity.pupil, outcomes.pupil)
)
SELECT
    starts.pupil AS contributors,
    first_year.school_year AS period,
    first_year.school_unit,
    coalesce(units.municipality, '') AS school_municipality,
    coalesce(first_year.home_municipality, facts.home_municipality, '') AS home_municipality,
    coalesce(units.provider, '') AS provider,
    CASE
        WHEN first_year.programme_type IN ('national', 'international_baccalaureate') THEN 'national_programme'
        WHEN first_year.programme_type = 'adapted' THEN 'adapted'
        ELSE 'introductory_programme'
    END AS stage,
    coalesce(school_models.models, '') AS models,
    coalesce(first_year.sex, facts.sex, '') AS sex,
    CASE coalesce(first_year.foreign_background, facts.foreign_background)
        WHEN TRUE THEN 'foreign'
        WHEN FALSE THEN 'swedish'
        ELSE 'foreign_background_unknown'
    END AS foreign_background,
    coalesce(first_year.parents_education, facts.parents_education, 'parents_education_unknown') AS parents_education,
    CASE coalesce(first_year.newly_arrived, facts.newly_arrived)
        WHEN TRUE THEN 'newly_arrived'
        WHEN FALSE THEN 'not_newly_arrived'
        ELSE 'newly_arrived_unknown'
    END AS newly_arrived,
    starts.spring,
    first_year.programme_type,
    first_year.has_personal_number,
    -- Within how many years: a result counts to 30 June, and who has left is seen on 15 October.
    year(results.diploma) + CASE WHEN month(results.diploma) >= 7 THEN 2 ELSE 1 END - starts.spring AS diploma_years,
    year(results.certificate) + CASE WHEN month(results.certificate) >= 7 THEN 2 ELSE 1 END - starts.spring AS certificate_years,
    year(results.left_without)
        + CASE WHEN month(results.left_without) * 100 + day(results.left_without) > 1015 THEN 2 ELSE 1 END
        - starts.spring AS left_years,
    starts.years_to_national,
    outcome_reach.last_spring - starts.spring + 1 AS outcome_years,
    enrolment_reach.last_spring - starts.spring AS enrolment_years,
    -- A bit per year after the start, up to five, in which she was still there on 15 October.
    starts.enrolled_after
FROM starts
JOIN upper_secondary_years AS first_year
    ON first_year.pupil = starts.pupil
    AND first_year.spring = starts.spring
LEFT JOIN results
    ON results.pupil = starts.pupil
LEFT JOIN units_by_year AS units
    ON units.school_unit = first_year.school_unit
    AND units.school_year = first_year.school_year
LEFT JOIN outcome_reach
    ON outcome_reach.municipality = units.municipality
    AND outcome_reach.provider = units.provider
LEFT JOIN enrolment_reach
    ON enrolment_reach.home_municipality = coalesce(first_year.home_municipality, units.municipality)
LEFT JOIN school_models
    ON school_models.school_unit = first_year.school_unit
    AND school_models.school_year = first_year.school_year
LEFT JOIN pupil_background AS facts
    ON facts.pupil = starts.pupil
    AND facts.school_year = first_year.school_year
