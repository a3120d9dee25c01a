-- One row per child and calendar year with at least one report of concern: all reports, and what the first led to.
-- Years: reports_of_concern all
SELECT
    child AS contributors,
    period,
    '' AS school_unit,
    '' AS school_municipality,
    arg_min(municipality, place) AS home_municipality,
    '' AS provider,
    coalesce(arg_min(stage, place), 'stage_unknown') AS stage,
    '' AS models,
    coalesce(max(sex), '') AS sex,
    'foreign_background_unknown' AS foreign_background,
    'parents_education_unknown' AS parents_education,
    'newly_arrived_unknown' AS newly_arrived,
    count(*) AS reports,
    count(*) FILTER (WHERE reporter = 'school') AS school_reports,
    count(*) FILTER (WHERE reporter = 'unknown') AS unknown_reports,
    count(*) FILTER (WHERE decision_due) AS due,
    count(*) FILTER (WHERE decision_due AND decided_in_time) AS due_in_time,
    count(*) FILTER (WHERE decision_due AND reporter = 'school') AS school_due,
    count(*) FILTER (WHERE decision_due AND decided_in_time AND reporter = 'school') AS school_due_in_time,
    count(*) FILTER (WHERE decided) AS decided,
    count(*) FILTER (WHERE decided AND opened) AS opened,
    count(*) FILTER (WHERE decided AND reporter = 'school') AS school_decided,
    count(*) FILTER (WHERE decided AND opened AND reporter = 'school') AS school_opened,
    count(*) FILTER (WHERE decided AND reporter = 'school' AND feedback_given IS NOT NULL) AS feedback_known,
    count(*) FILTER (WHERE decided AND reporter = 'school' AND feedback_given) AS feedback_given,
    -- The first report of the year by anyone, and the first by a school: what each led to.
    max(investigation_state) FILTER (WHERE place = 1) AS investigation_state,
    bool_or(followed_six_months) FILTER (WHERE place = 1) AS followed_six_months,
    max(intervention) FILTER (WHERE place = 1) AS intervention,
    bool_or(followed_a_year) FILTER (WHERE place = 1) AS followed_a_year,
    bool_or(next_report IS NOT NULL AND next_report <= seen_to) FILTER (WHERE place = 1) AS reported_again,
    coalesce(bool_or(followed_six_months) FILTER (WHERE reporter = 'school' AND place_among_reporter = 1), FALSE) AS school_followed_six_months,
    max(intervention) FILTER (WHERE reporter = 'school' AND place_among_reporter = 1) AS school_intervention,
    coalesce(bool_or(followed_a_year) FILTER (WHERE reporter = 'school' AND place_among_reporter = 1), FALSE) AS school_followed_a_year,
    bool_or(next_report IS NOT NULL AND next_report <= seen_to) FILTER (WHERE reporter = 'school' AND place_among_reporter = 1) AS school_reported_again,
    -- A first report is only known to be the first where two whole years before it have been delivered.
    bool_or(first_report = report_date AND year(report_date) - year(municipality_begins) >= 2 AND birth_year IS NOT NULL) AS first_ever,
    arg_min(year(report_date) - birth_year, place) AS age
FROM reports_of_concern
GROUP BY
    child,
    period
