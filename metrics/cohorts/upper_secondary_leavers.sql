-- One row per pupil and school year in which she left upper secondary school, with or without a diploma.
-- Years: upper_secondary_outcome 0; upper_secondary_years to 1
WITH left_in_year AS (
    SELECT
        coalesce(identity.pupil, outcomes.pupil) AS pupil,
        year(outcomes.outcome_date) + CASE WHEN month(outcomes.outcome_date) >= 7 THEN 1 ELSE 0 END AS spring,
        arg_max(outcomes.school_unit, (outcomes.outcome_date, outcomes.outcome, outcomes.school_unit)) AS school_unit,
        arg_max(
            outcomes.home_municipality,
            (outcomes.outcome_date, outcomes.outcome, outcomes.school_unit, outcomes.home_municipality)
        ) AS home_municipality,
        max(outcomes.sex) AS sex,
        bool_or(outcomes.outcome IN ('diploma_vocational', 'diploma_preparatory')) AS has_diploma
    FROM upper_secondary_outcome AS outcomes
    LEFT JOIN pupil_identity AS identity
        ON identity.old_pupil = outcomes.pupil
    GROUP BY
        coalesce(identity.pupil, outcomes.pupil),
        year(outcomes.outcome_date) + CASE WHEN month(outcomes.outcome_date) >= 7 THEN 1 ELSE 0 END
),
-- Who is back in school the next October has not left.
leavers AS (
    SELECT
        left_in_year.pupil,
        left_in_year.spring,
        printf('%d/%02d', left_in_year.spring - 1, left_in_year.spring % 100) AS school_year,
        left_in_year.school_unit,
        left_in_year.home_municipality,
        left_in_year.sex,
        left_in_year.has_diploma
    FROM left_in_year
    LEFT JOIN upper_secondary_years AS next_year
        ON next_year.pupil = left_in_year.pupil
        AND next_year.spring = left_in_year.spring + 1
    WHERE left_in_year.has_diploma OR next_year.pupil IS NULL
),
last_year AS (
    SELECT
        leavers.pupil,
        leavers.spring,
        arg_max(years.school_year, years.spring) AS school_year
    FROM leavers
    JOIN upper_secondary_years AS years
        ON years.pupil = leavers.pupil
        AND years.spring <= leavers.spring
    GROUP BY
        leavers.pupil,
        leavers.spring
),
statuses AS (
    SELECT
        coalesce(identity.pupil, rows.pupil) AS pupil,
        rows.calendar_year,
        min(rows.status) AS status
    FROM after_upper_secondary AS rows
    LEFT JOIN pupil_identity AS identity
        ON identity.old_pupil = rows.pupil
    GROUP BY
        coalesce(identity.pupil, rows.pupil),
        rows.calendar_year
),
followed AS (
    SELECT
        leavers.pupil,
        leavers.spring,
        max(statuses.status) FILTER (WHERE statuses.calendar_year = leavers.spring + 1) AS status_1,
        max(statuses.status) FILTER (WHERE statuses.calendar_year = leavers.spring + 2) AS status_2,
        max(statuses.status) FILTER (WHERE statuses.calendar_year = leavers.spring + 3) AS status_3,
        max(statuses.status) FILTER (WHERE statuses.calendar_year = leavers.spring + 5) AS status_5
    FROM leavers
    JOIN statuses
        ON statuses.pupil = leavers.pupil
    GROUP BY
        leavers.pupil,
        leavers.spring
)
SELECT
    leavers.pupil AS contributors,
    leavers.school_year AS period,
    leavers.school_unit,
    coalesce(units.municipality, '') AS school_municipality,
    coalesce(enrolled.home_municipality, leavers.home_municipality, '') AS home_municipality,
    coalesce(units.provider, '') AS provider,
    CASE
        WHEN enrolled.programme_type IS NULL OR enrolled.programme_type IN ('national', 'international_baccalaureate')
            THEN 'national_programme'
        WHEN enrolled.programme_type = 'adapted' THEN 'adapted'
        ELSE 'introductory_programme'
    END AS stage,
    coalesce(school_models.models, '') AS models,
    coalesce(enrolled.sex, leavers.sex, '') AS sex,
    CASE enrolled.foreign_background
        WHEN TRUE THEN 'foreign'
        WHEN FALSE THEN 'swedish'
        ELSE 'foreign_background_unknown'
    END AS foreign_background,
    coalesce(enrolled.parents_education, 'parents_education_unknown') AS parents_education,
    CASE enrolled.newly_arrived
        WHEN TRUE THEN 'newly_arrived'
        WHEN FALSE THEN 'not_newly_arrived'
        ELSE 'newly_arrived_unknown'
    END AS newly_arrived,
    leavers.has_diploma,
    coalesce((SELECT max(rows.calendar_year) FROM after_upper_secondary AS rows), 0) - leavers.spring AS followed_years,
    followed.status_1,
    followed.status_2,
    followed.status_3,
    followed.status_5
FROM leavers
LEFT JOIN last_year
    ON last_year.pupil = leavers.pupil
    AND last_year.spring = leavers.spring
LEFT JOIN upper_secondary_years AS enrolled
    ON enrolled.pupil = leavers.pupil
    AND enrolled.school_year = last_year.school_year
LEFT JOIN followed
    ON followed.pupil = leavers.pupil
    AND followed.spring = leavers.spring
LEFT JOIN units_by_year AS units
    ON units.school_unit = leavers.school_unit
    AND units.school_year = leavers.school_year
LEFT JOIN school_models
    ON school_models.school_unit = leavers.school_unit
    AND school_models.school_year = leavers.school_year
