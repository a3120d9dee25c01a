-- One row per pupil and term with offered time, at the home school where she had most of it.
-- Years: attendance_by_unit 0; pupil_background 0
WITH minutes AS NOT MATERIALIZED (
    SELECT
        coalesce(identity.pupil, delivered.pupil) AS pupil,
        delivered.school_unit,
        delivered.term,
        delivered.row_length,
        delivered.measure || '/' || coalesce(delivered.counting_rule, 'unknown') AS method,
        delivered.stage,
        delivered.sex,
        delivered.home_municipality,
        delivered.first_day,
        delivered.last_day,
        -- Nominal lengths: they only weigh pupils together, a pupil's own share of absence does not depend on them.
        CASE delivered.measure WHEN 'hours' THEN 60 WHEN 'lessons' THEN 60 WHEN 'days' THEN 300 ELSE 1 END AS factor,
        delivered.offered,
        delivered.reported,
        delivered.attended,
        delivered.valid_absence,
        delivered.invalid_absence,
        delivered.in_parts
    FROM attendance_by_unit AS delivered
    LEFT JOIN pupil_identity AS identity
        ON identity.old_pupil = delivered.pupil
),
-- Nearly every pupil has one row a term; only the others need to be compared and added up.
several AS (
    SELECT
        pupil,
        term
    FROM minutes
    WHERE in_parts
    GROUP BY
        pupil,
        term
    HAVING count(*) > 1
),
compared AS (
    SELECT
        pupil,
        school_unit,
        term,
        method,
        stage,
        sex,
        home_municipality,
        first_day,
        last_day,
        offered * factor AS offered,
        reported * factor AS reported,
        attended * factor AS attended,
        valid_absence * factor AS valid_absence,
        invalid_absence * factor AS invalid_absence,
        row_number() OVER fullest AS place,
        first_value(first_day) OVER fullest AS main_first_day,
        first_value(last_day) OVER fullest AS main_last_day
    FROM minutes
    SEMI JOIN several USING (pupil, term)
    WHERE in_parts
    WINDOW fullest AS (
        PARTITION BY pupil, school_unit, term
        ORDER BY
            offered * factor DESC, row_length DESC, method, first_day, last_day,
            -- Two pseudonyms of one pupil can have as much: the order of rows decides nothing.
            attended, reported, valid_absence, invalid_absence, stage, sex, home_municipality
    )
),
-- Days, months and a whole term can have been delivered for the same time: what overlaps the fullest is left out.
by_unit AS (
    SELECT
        pupil,
        school_unit,
        term,
        min(method) AS method,
        max(stage) AS stage,
        max(sex) AS sex,
        max(home_municipality) AS home_municipality,
        sum(offered) AS offered,
        sum(reported) AS reported,
        sum(attended) AS attended,
        sum(valid_absence) AS valid_absence,
        sum(invalid_absence) AS invalid_absence
    FROM compared
    WHERE place = 1 OR last_day < main_first_day OR first_day > main_last_day
    GROUP BY
        pupil,
        school_unit,
        term
),
by_pupil AS (
    SELECT
        pupil,
        term,
        arg_max(school_unit, (offered, school_unit)) AS school_unit,
        arg_max(method, (offered, school_unit)) AS method,
        arg_max(stage, (offered, school_unit)) AS stage,
        max(sex) AS sex,
        arg_max(home_municipality, (offered, school_unit)) AS home_municipality,
        sum(offered) AS offered,
        sum(reported) AS reported,
        sum(attended) AS attended,
        sum(coalesce(valid_absence, 0) + coalesce(invalid_absence, 0)) AS absence,
        sum(coalesce(invalid_absence, 0)) AS unexcused
    FROM by_unit
    GROUP BY
        pupil,
        term
),
everyone AS (
    SELECT
        pupil,
        term,
        school_unit,
        method,
        stage,
        sex,
        home_municipality,
        offered * factor AS offered,
        reported * factor AS reported,
        attended * factor AS attended,
        coalesce(valid_absence * factor, 0) + coalesce(invalid_absence * factor, 0) AS absence,
        coalesce(invalid_absence * factor, 0) AS unexcused
    FROM (
        SELECT
            pupil, term, school_unit, method, stage, sex, home_municipality, factor,
            offered, reported, attended, valid_absence, invalid_absence
        FROM minutes
        WHERE NOT in_parts
        UNION ALL
        SELECT
            pupil, term, school_unit, method, stage, sex, home_municipality, factor,
            offered, reported, attended, valid_absence, invalid_absence
        FROM minutes
        ANTI JOIN several USING (pupil, term)
        WHERE in_parts
    ) AS single
    UNION ALL
    SELECT
        pupil,
        term,
        school_unit,
        method,
        stage,
        sex,
        home_municipality,
        offered,
        reported,
        attended,
        absence,
        unexcused
    FROM by_pupil
),
named AS (
    SELECT
        term,
        CASE WHEN term % 2 = 1 THEN 'HT ' ELSE 'VT ' END || CAST(term // 2 AS VARCHAR) AS period,
        printf('%d/%02d', term // 2 + term % 2 - 1, (term // 2 + term % 2) % 100) AS school_year
    FROM range(2 * 1990, 2 * 2101) AS terms(term)
),
participating AS (
    SELECT DISTINCT
        coalesce(identity.pupil, cases.pupil) AS pupil,
        unnest(range(
            year(cases.started) * 2 + CASE WHEN month(cases.started) >= 7 THEN 1 ELSE 0 END,
            CASE
                WHEN cases.ended IS NULL THEN year(cases.started) * 2 + 5
                ELSE year(cases.ended) * 2 + CASE WHEN month(cases.ended) >= 7 THEN 2 ELSE 1 END
            END
        )) AS term
    FROM model_participation AS cases
    LEFT JOIN pupil_identity AS identity
        ON identity.old_pupil = cases.pupil
)
SELECT
    dated.pupil AS contributors,
    named.period,
    dated.term,
    named.school_year,
    dated.school_unit,
    coalesce(places.municipality, '') AS school_municipality,
    coalesce(dated.home_municipality, facts.home_municipality, '') AS home_municipality,
    coalesce(places.provider, '') AS provider,
    coalesce(dated.stage, 'stage_unknown') AS stage,
    coalesce(places.models, '') AS models,
    coalesce(dated.sex, facts.sex, '') AS sex,
    -- Words as long as these, a million times over, are kept and compared as numbers.
    CAST(CASE facts.foreign_background
        WHEN TRUE THEN 'foreign'
        WHEN FALSE THEN 'swedish'
        ELSE 'foreign_background_unknown'
    END AS ENUM ('foreign', 'foreign_background_unknown', 'swedish')) AS foreign_background,
    CAST(coalesce(facts.parents_education, 'parents_education_unknown') AS ENUM (
        'compulsory', 'parents_education_unknown', 'post_secondary', 'upper_secondary'
    )) AS parents_education,
    CAST(CASE facts.newly_arrived
        WHEN TRUE THEN 'newly_arrived'
        WHEN FALSE THEN 'not_newly_arrived'
        ELSE 'newly_arrived_unknown'
    END AS ENUM ('newly_arrived', 'newly_arrived_unknown', 'not_newly_arrived')) AS newly_arrived,
    dated.method,
    dated.offered,
    dated.reported,
    dated.attended,
    dated.absence,
    dated.unexcused,
    participating.pupil IS NOT NULL AS participates
FROM everyone AS dated
JOIN named
    ON named.term = dated.term
LEFT JOIN (
    SELECT
        school_unit,
        term,
        municipality,
        provider,
        models
    FROM attendance_places
    WHERE municipality <> '' OR models <> ''
) AS places
    ON places.school_unit = dated.school_unit
    AND places.term = dated.term
LEFT JOIN pupil_background AS facts
    ON facts.pupil = dated.pupil
    AND facts.school_year = named.school_year
LEFT JOIN participating
    ON participating.pupil = dated.pupil
    AND participating.term = dated.term
