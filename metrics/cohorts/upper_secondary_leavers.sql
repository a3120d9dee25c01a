-- One row per pupil and school year in which she left upper secondary school, with or without a diploma.
-- Years: upper_secondary_outcome 0; upper_secondary_years to 1
WITH outcomes AS (
    SELECT
        coalesce(identity.pupil, delivered.pupil) AS pupil,
        year(delivered.outcome_date) + CASE WHEN month(delivered.outcome_date) >= 7 THEN 1 ELSE 0 END AS spring,
        delivered.outcome_date,
        delivered.outcome,
        delivered.school_unit,
        delivered.home_municipality,
        delivered.sex
    FROM upper_secondary_outcome AS delivered
    LEFT JOIN pupil_identity AS identity
        ON identity.old_pupil = delivered.pupil
),
-- Nearly every pupil has one outcome a year; only the others need to be compared.
several AS (
    SELECT
        pupil,
        spring
    FROM outcomes
    GROUP BY
        pupil,
        spring
    HAVING count(*) > 1
),
left_in_year AS (
    SELECT
        pupil,
        spring,
        school_unit,
        home_municipality,
        sex,
        outcome IN ('diploma_vocational', 'diploma_preparatory') AS has_diploma
    FROM outcomes
    ANTI JOIN several USING (pupil, spring)
    UNION ALL
    SELECT
        pupil,
        spring,
        arg_max(school_unit, (outcome_date, outcome, school_unit)) AS school_unit,
        arg_max(home_municipality, (outcome_date, outcome, school_unit, home_municipality)) AS home_municipality,
        max(sex) AS sex,
        bool_or(outcome IN ('diploma_vocational', 'diploma_preparatory')) AS has_diploma
    FROM outcomes
    SEMI JOIN several USING (pupil, spring)
    GROUP BY
        pupil,
        spring
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
        max(years.spring) AS last_spring
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
        rows.status
    FROM after_upper_secondary AS rows
    LEFT JOIN pupil_identity AS identity
        ON identity.old_pupil = rows.pupil
),
followed AS (
    SELECT
        leavers.pupil,
        leavers.spring,
        min(statuses.status) FILTER (WHERE statuses.calendar_year = leavers.spring + 1) AS status_1,
        min(statuses.status) FILTER (WHERE statuses.calendar_year = leavers.spring + 2) AS status_2,
        min(statuses.status) FILTER (WHERE statuses.calendar_year = leavers.spring + 3) AS status_3,
        min(statuses.status) FILTER (WHERE statuses.calendar_year = leavers.spring + 5) AS status_5
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
    AND enrolled.spring = last_year.last_spring
LEFT JOIN followed
    ON followed.pupil = leavers.pupil
    AND followed.spring = leavers.spring
LEFT JOIN units_by_year AS units
    ON units.school_unit = leavers.school_unit
    AND units.school_year = leavers.school_year
LEFT JOIN school_models
    ON school_models.school_unit = leavers.school_unit
    AND school_models.school_year = leavers.school_year
