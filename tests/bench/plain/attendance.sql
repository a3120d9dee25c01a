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
    1 AS absence_10__denominator, yes(share >= 0.10) AS absence_10__numerator,
    1 AS absence_15__denominator, yes(share >= 0.15) AS absence_15__numerator,
    1 AS absence_20__denominator, yes(share >= 0.20) AS absence_20__numerator,
    1 AS absence_30__denominator, yes(share >= 0.30) AS absence_30__numerator,
    1 AS absence_50__denominator, yes(share >= 0.50) AS absence_50__numerator,
    1 AS unexcused_absence_5__denominator, yes(unexcused >= 0.05) AS unexcused_absence_5__numerator,
    1 AS unexcused_absence_10__denominator, yes(unexcused >= 0.10) AS unexcused_absence_10__numerator,
    1 AS unexcused_absence_20__denominator, yes(unexcused >= 0.20) AS unexcused_absence_20__numerator,
    1 AS absence_time__denominator,
    yes(attended IS NOT NULL) AS attendance_time__denominator,
    yes(reported IS NOT NULL) AS reporting_rate__denominator,
    1 AS covered_by_model__denominator, yes(models <> '') AS covered_by_model__numerator,
    yes(models <> '' AND share >= 0.20) AS target_group_reached__denominator, yes(models <> '' AND share >= 0.20 AND meets) AS target_group_reached__numerator,
    1 AS staff_per_1000__denominator,
    count(*) AS contributors, min(school_unit) AS school_first, max(school_unit) AS school_last,
    sum(absent) AS absence_time__sum, sum(absent * absent) AS absence_time__sum_squares, max(absent) AS absence_time__largest, sum(offered) AS absence_time__weight,
    coalesce(sum(attended), 0) AS attendance_time__sum, coalesce(sum(attended * attended), 0) AS attendance_time__sum_squares, coalesce(max(attended), 0) AS attendance_time__largest, coalesce(sum(offered) FILTER (attended IS NOT NULL), 0) AS attendance_time__weight,
    coalesce(sum(reported), 0) AS reporting_rate__sum, coalesce(sum(reported * reported), 0) AS reporting_rate__sum_squares, coalesce(max(reported), 0) AS reporting_rate__largest, coalesce(sum(offered) FILTER (reported IS NOT NULL), 0) AS reporting_rate__weight,
    sum(posts_each) AS staff_per_1000__sum, sum(posts_each * posts_each) AS staff_per_1000__sum_squares, max(posts_each) AS staff_per_1000__largest, count(*) AS staff_per_1000__weight
FROM pupils
GROUP BY ALL
ORDER BY ALL
