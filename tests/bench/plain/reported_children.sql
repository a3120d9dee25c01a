-- From report of concern to intervention: all reports of a child and year, and what followed on the first.
WITH reports AS (
    SELECT
        *, year(report_date) AS reported, coalesce(reporter, 'unknown') AS who,
        coalesce(observed_to, max(greatest(report_date, decision_date, investigation_end, intervention_start)) OVER (PARTITION BY municipality)) AS seen_to,
        min(report_date) OVER (PARTITION BY municipality) AS begins, min(report_date) OVER (PARTITION BY child) AS first_of_all,
        coalesce(investigation_start, decision_date) AS opened_on
    FROM support_chain
),
judged AS (
    SELECT
        *, report_date + 14 <= seen_to AS due, coalesce(decision_date - report_date <= 14, FALSE) AS in_time,
        coalesce(decision_date <= seen_to, FALSE) AND opened IS NOT NULL AS decided,
        report_date + INTERVAL 6 MONTH <= seen_to AS half_year, report_date + INTERVAL 12 MONTH <= seen_to AS whole_year,
        opened AND opened_on + INTERVAL 4 MONTH <= seen_to AS four_months,
        coalesce(investigation_end <= opened_on + INTERVAL 4 MONTH, FALSE) AS closed_in_time,
        coalesce(extended, FALSE) AS longer, coalesce(investigation_end <= seen_to, FALSE) AS closed,
        coalesce(intervention, 'undecided') AS given,
        row_number() OVER (PARTITION BY child, reported ORDER BY report_date, coalesce(report_number, 1), municipality) AS number,
        row_number() OVER (PARTITION BY child, reported, who = 'school' ORDER BY report_date, coalesce(report_number, 1), municipality) AS number_of_kind
    FROM reports
),
-- A report counts once more when anyone reports the child within twelve months, another day.
firsts AS (
    SELECT
        child, reported, number, who = 'school' AND number_of_kind = 1 AS first_of_school, four_months, closed_in_time, longer, closed, given, half_year, whole_year,
        EXISTS (
            SELECT 1 FROM support_chain AS later
            WHERE later.child = judged.child AND later.report_date > judged.report_date
                AND later.report_date <= judged.report_date + INTERVAL 12 MONTH AND later.report_date <= judged.seen_to
        ) AS again
    FROM judged
    WHERE number = 1 OR (who = 'school' AND number_of_kind = 1)
),
children AS (
    SELECT
        child, reported, min_by(municipality, number) AS home, min_by(stage, number) AS stage, max(sex) AS sex, count(*) AS reports,
        count(*) FILTER (who = 'school') AS from_school, count(*) FILTER (who = 'unknown') AS from_unknown,
        count(*) FILTER (due) AS due, count(*) FILTER (due AND in_time) AS due_in_time,
        count(*) FILTER (due AND who = 'school') AS school_due, count(*) FILTER (due AND in_time AND who = 'school') AS school_due_in_time,
        count(*) FILTER (decided) AS decided, count(*) FILTER (decided AND opened) AS opened,
        count(*) FILTER (decided AND who = 'school') AS school_decided, count(*) FILTER (decided AND opened AND who = 'school') AS school_opened,
        count(feedback_given) FILTER (decided AND who = 'school') AS feedback_known, count(*) FILTER (decided AND who = 'school' AND feedback_given) AS feedback_given,
        bool_or(report_date = first_of_all AND birth_year IS NOT NULL AND reported - year(begins) >= 2) AS first_ever,
        min_by(reported - birth_year, number) AS age
    FROM judged
    GROUP BY ALL
),
-- The term before the year's first report, of whoever is found at school.
before AS (
    SELECT judged.child, judged.reported, sum(valid + invalid) / sum(offered) + 1e-10 AS share
    FROM judged
    JOIN (
        SELECT DISTINCT child, coalesce(now_called.pupil, pairs.pupil) AS pupil
        FROM declared_join AS pairs LEFT JOIN now_called ON old_pupil = pairs.pupil
    ) AS found USING (child)
    JOIN pupil_terms ON pupil_terms.pupil = found.pupil
        AND pupil_terms.term = year(report_date) * 2 + CASE WHEN month(report_date) >= 7 THEN 1 ELSE 0 END - 1
    WHERE number = 1
    GROUP BY ALL
),
rows_of_children AS (
    SELECT
        before.share,
        children.*, linked.child IS NOT NULL AS linked, children.stage IN ('F-3', '4-6', '7-9') AS school_age, joined_since.municipality IS NOT NULL AND since <= make_date(children.reported, 12, 31) AS joined,
        f.four_months, f.closed_in_time, f.longer, f.closed, f.given, f.half_year, f.whole_year, f.again,
        coalesce(s.half_year, FALSE) AS school_half_year, coalesce(s.whole_year, FALSE) AS school_whole_year, s.given AS school_given, s.again AS school_again
    FROM children
    SEMI JOIN members ON members.code = children.home
    JOIN firsts AS f ON f.child = children.child AND f.reported = children.reported AND f.number = 1
    LEFT JOIN firsts AS s ON s.child = children.child AND s.reported = children.reported AND s.first_of_school
    LEFT JOIN (SELECT DISTINCT child FROM declared_join) AS linked ON linked.child = children.child
    LEFT JOIN joined_since ON joined_since.municipality = children.home
    LEFT JOIN before ON before.child = children.child AND before.reported = children.reported
)
SELECT
    CAST(reported AS VARCHAR) AS period, '' AS school_municipality, home AS home_municipality, '' AS provider, coalesce(stage, 'stage_unknown') AS stage,
    '' AS models, coalesce(sex, '') AS sex, 'foreign_background_unknown' AS foreign_background, 'parents_education_unknown' AS parents_education,
    'newly_arrived_unknown' AS newly_arrived,
    1 AS reports_per_child__denominator,
    1 AS reported_by_school__denominator,
    1 AS reporter_unknown__denominator,
    yes(due > 0) AS decision_within_14_days_all__denominator,
    yes(school_due > 0) AS decision_within_14_days_school__denominator,
    yes(decided > 0) AS investigation_opened_all__denominator,
    yes(school_decided > 0) AS investigation_opened_school__denominator,
    yes(feedback_known > 0) AS feedback_to_school__denominator,
    yes(four_months) AS investigation_closed_in_time__denominator, yes(four_months AND closed_in_time) AS investigation_closed_in_time__numerator,
    yes(four_months) AS investigation_extended__denominator, yes(four_months AND NOT closed_in_time AND longer) AS investigation_extended__numerator,
    yes(four_months) AS investigation_closed_late__denominator, yes(four_months AND NOT closed_in_time AND NOT longer AND closed) AS investigation_closed_late__numerator,
    yes(four_months) AS investigation_still_open__denominator, yes(four_months AND NOT closed_in_time AND NOT longer AND NOT closed) AS investigation_still_open__numerator,
    yes(half_year) AS led_to_intervention_all__denominator, yes(half_year AND given NOT IN ('none', 'undecided')) AS led_to_intervention_all__numerator,
    yes(school_half_year) AS led_to_intervention_school__denominator, yes(school_half_year AND school_given NOT IN ('none', 'undecided')) AS led_to_intervention_school__numerator,
    yes(half_year) AS intervention_none__denominator, yes(half_year AND given = 'none') AS intervention_none__numerator,
    yes(half_year) AS intervention_open_support__denominator, yes(half_year AND given = 'open_support') AS intervention_open_support__numerator,
    yes(half_year) AS intervention_structured_programme__denominator, yes(half_year AND given = 'structured_programme') AS intervention_structured_programme__numerator,
    yes(half_year) AS intervention_contact_person__denominator, yes(half_year AND given = 'contact_person') AS intervention_contact_person__numerator,
    yes(half_year) AS intervention_placement__denominator, yes(half_year AND given = 'placement') AS intervention_placement__numerator,
    yes(half_year) AS intervention_other__denominator, yes(half_year AND given = 'other') AS intervention_other__numerator,
    yes(half_year) AS intervention_undecided__denominator, yes(half_year AND given = 'undecided') AS intervention_undecided__numerator,
    yes(whole_year) AS reported_again_within_12_months_all__denominator, yes(whole_year AND again) AS reported_again_within_12_months_all__numerator,
    yes(school_whole_year) AS reported_again_within_12_months_school__denominator, yes(school_whole_year AND school_again) AS reported_again_within_12_months_school__numerator,
    yes(first_ever) AS age_at_first_report__denominator,
    yes(joined AND school_age) AS reported_children_found_in_school__denominator, yes(joined AND school_age AND linked) AS reported_children_found_in_school__numerator,
    yes(joined AND share IS NOT NULL) AS absence_10_before_report__denominator, yes(joined AND share >= 0.10) AS absence_10_before_report__numerator,
    yes(joined AND share IS NOT NULL) AS absence_20_before_report__denominator, yes(joined AND share >= 0.20) AS absence_20_before_report__numerator,
    yes(joined AND share IS NOT NULL) AS absence_30_before_report__denominator, yes(joined AND share >= 0.30) AS absence_30_before_report__numerator,
    yes(joined AND whole_year AND share >= 0.20) AS reported_again_after_absence_20__denominator, yes(joined AND whole_year AND share >= 0.20 AND again) AS reported_again_after_absence_20__numerator,
    yes(joined AND whole_year AND share < 0.20) AS reported_again_after_absence_under_20__denominator, yes(joined AND whole_year AND share < 0.20 AND again) AS reported_again_after_absence_under_20__numerator,
    count(*) AS contributors, '' AS school_first, '' AS school_last,
    sum(reports) AS reports_per_child__sum, sum(reports * reports) AS reports_per_child__sum_squares, max(reports) AS reports_per_child__largest,
    sum(from_school) AS reported_by_school__sum, sum(from_school * from_school) AS reported_by_school__sum_squares, max(from_school) AS reported_by_school__largest, sum(reports) AS reported_by_school__weight,
    sum(from_unknown) AS reporter_unknown__sum, sum(from_unknown * from_unknown) AS reporter_unknown__sum_squares, max(from_unknown) AS reporter_unknown__largest, sum(reports) AS reporter_unknown__weight,
    coalesce(sum(due_in_time), 0) AS decision_within_14_days_all__sum, coalesce(sum(due_in_time * due_in_time), 0) AS decision_within_14_days_all__sum_squares, coalesce(max(due_in_time), 0) AS decision_within_14_days_all__largest, coalesce(sum(due), 0) AS decision_within_14_days_all__weight,
    coalesce(sum(school_due_in_time), 0) AS decision_within_14_days_school__sum, coalesce(sum(school_due_in_time * school_due_in_time), 0) AS decision_within_14_days_school__sum_squares, coalesce(max(school_due_in_time), 0) AS decision_within_14_days_school__largest, coalesce(sum(school_due), 0) AS decision_within_14_days_school__weight,
    coalesce(sum(opened), 0) AS investigation_opened_all__sum, coalesce(sum(opened * opened), 0) AS investigation_opened_all__sum_squares, coalesce(max(opened), 0) AS investigation_opened_all__largest, coalesce(sum(decided), 0) AS investigation_opened_all__weight,
    coalesce(sum(school_opened), 0) AS investigation_opened_school__sum, coalesce(sum(school_opened * school_opened), 0) AS investigation_opened_school__sum_squares, coalesce(max(school_opened), 0) AS investigation_opened_school__largest, coalesce(sum(school_decided), 0) AS investigation_opened_school__weight,
    coalesce(sum(feedback_given), 0) AS feedback_to_school__sum, coalesce(sum(feedback_given * feedback_given), 0) AS feedback_to_school__sum_squares, coalesce(max(feedback_given), 0) AS feedback_to_school__largest, coalesce(sum(feedback_known), 0) AS feedback_to_school__weight,
    coalesce(sum(age) FILTER (first_ever), 0) AS age_at_first_report__sum, coalesce(sum(age * age) FILTER (first_ever), 0) AS age_at_first_report__sum_squares, coalesce(max(age) FILTER (first_ever), 0) AS age_at_first_report__largest
FROM rows_of_children
GROUP BY ALL
ORDER BY ALL
