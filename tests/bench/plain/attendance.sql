-- Attendance: every pupil's term once, its thresholds and minutes, and what models the school has.
WITH met AS (
    SELECT DISTINCT
        coalesce(now_called.pupil, given.pupil) AS pupil,
        unnest(range(
            year(started) * 2 + CASE WHEN month(started) >= 7 THEN 1 ELSE 0 END,
            coalesce(year(ended) * 2 + CASE WHEN month(ended) >= 7 THEN 2 ELSE 1 END, year(started) * 2 + 5)
        )) AS term
    FROM model_participation AS given LEFT JOIN now_called ON old_pupil = given.pupil
),
-- A model's posts are shared by all pupils of its schools, wherever they live.
posts AS (
    SELECT school_unit, term, sum(posts / pupils_of_instance) AS posts_each
    FROM (
        SELECT
            school_unit, term, max(coalesce(filled_posts, planned_posts)) OVER (PARTITION BY instance, municipality, term) AS posts,
            sum(pupils) OVER (PARTITION BY instance, municipality, term) AS pupils_of_instance
        FROM collaboration_register
        JOIN (SELECT school_unit, term, count(*) AS pupils FROM pupil_terms GROUP BY ALL) USING (school_unit)
        WHERE started <= make_date(term // 2 + term % 2 - 1, 9, 30)
            AND coalesce(ended, DATE '9999-12-31') >= make_date(term // 2 + term % 2, 5, 31)
    )
    GROUP BY ALL
),
pupils AS (
    SELECT placed_terms.*, met.pupil IS NOT NULL AS meets, coalesce(posts_each, 0) AS posts_each
    FROM placed_terms
    LEFT JOIN met USING (pupil, term)
    LEFT JOIN posts USING (school_unit, term)
)
SELECT
    period, school_municipality, home_municipality, provider, stage, models, sex, foreign_background, parents_education, newly_arrived,
    count(*) AS contributors,
    count(*) AS absence_10__d, count(*) FILTER (share >= 0.10) AS absence_10__n,
    count(*) AS absence_15__d, count(*) FILTER (share >= 0.15) AS absence_15__n,
    count(*) AS absence_20__d, count(*) FILTER (share >= 0.20) AS absence_20__n,
    count(*) AS absence_30__d, count(*) FILTER (share >= 0.30) AS absence_30__n,
    count(*) AS absence_50__d, count(*) FILTER (share >= 0.50) AS absence_50__n,
    count(*) AS unexcused_absence_5__d, count(*) FILTER (unexcused >= 0.05) AS unexcused_absence_5__n,
    count(*) AS unexcused_absence_10__d, count(*) FILTER (unexcused >= 0.10) AS unexcused_absence_10__n,
    count(*) AS unexcused_absence_20__d, count(*) FILTER (unexcused >= 0.20) AS unexcused_absence_20__n,
    count(*) AS absence_time__d, sum(absent) AS absence_time__n, sum(offered) AS absence_time__w,
    count(attended) AS attendance_time__d, sum(attended) AS attendance_time__n, sum(offered) FILTER (attended IS NOT NULL) AS attendance_time__w,
    count(reported) AS reporting_rate__d, sum(reported) AS reporting_rate__n, sum(offered) FILTER (reported IS NOT NULL) AS reporting_rate__w,
    count(*) AS covered_by_model__d, count(*) FILTER (models <> '') AS covered_by_model__n,
    count(*) FILTER (models <> '' AND share >= 0.20) AS target_group_reached__d,
    count(*) FILTER (models <> '' AND share >= 0.20 AND meets) AS target_group_reached__n,
    count(*) AS staff_per_1000__d, sum(posts_each) AS staff_per_1000__n, count(*) AS staff_per_1000__w
FROM pupils
GROUP BY ALL
