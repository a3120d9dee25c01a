-- One row per pupil who left year 9: where she was the autumn after, in exactly one state.
-- Years: year9_leavers 0; upper_secondary_years 1; activity_responsibility 1; enrolment_delivered 1
WITH leavers AS (
    SELECT
        contributors,
        period,
        school_municipality,
        CAST(substr(period, 1, 4) AS INTEGER) + 1 AS spring
    FROM year9_leavers
),
registered AS (
    SELECT
        coalesce(identity.pupil, rows.pupil) AS pupil,
        rows.school_year,
        bool_and(coalesce(rows.reason = 'moved', FALSE)) AS moved
    FROM activity_responsibility AS rows
    LEFT JOIN pupil_identity AS identity
        ON identity.old_pupil = rows.pupil
    WHERE rows.registered <= make_date(CAST(substr(rows.school_year, 1, 4) AS INTEGER), 12, 31)
        AND (rows.deregistered IS NULL OR rows.deregistered >= make_date(CAST(substr(rows.school_year, 1, 4) AS INTEGER), 10, 15) OR rows.reason = 'moved')
    GROUP BY
        coalesce(identity.pupil, rows.pupil),
        rows.school_year
)
SELECT
    leavers.contributors,
    leavers.period,
    CASE
        WHEN enrolled.programme_type = 'international_baccalaureate' THEN 'national'
        WHEN enrolled.programme_type IS NOT NULL THEN enrolled.programme_type
        WHEN registered.moved THEN 'moved'
        WHEN registered.pupil IS NOT NULL THEN 'activity_responsibility'
        ELSE 'unknown'
    END AS next_step,
    CASE WHEN enrolment_delivered.spring IS NOT NULL THEN 1 ELSE 0 END AS observed
FROM leavers
LEFT JOIN upper_secondary_years AS enrolled
    ON enrolled.pupil = leavers.contributors
    AND enrolled.spring = leavers.spring + 1
LEFT JOIN registered
    ON registered.pupil = leavers.contributors
    AND registered.school_year = printf('%d/%02d', leavers.spring, (leavers.spring + 1) % 100)
LEFT JOIN enrolment_delivered
    ON enrolment_delivered.home_municipality = leavers.school_municipality
    AND enrolment_delivered.spring = leavers.spring + 1
